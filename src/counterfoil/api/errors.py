"""Errors as problem details (RFC 9457): a stable code, a sentence, and nothing about our inside."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from counterfoil.core.numbering import NotANumberPattern
from counterfoil.core.refusals import Refusal
from counterfoil.flows import defining
from counterfoil.flows.admitting import ValuesAreWrong
from counterfoil.flows.answering import KeyUsedOtherwise
from counterfoil.flows.auditing import UnknownField, UnknownKind
from counterfoil.flows.billing.requesting import DefinitionIsOff, NoSuchDefinition, NotBilledYet
from counterfoil.flows.billing.review import ReasonMissing
from counterfoil.flows.grouping_customers import WrongGroup
from counterfoil.flows.organising import WrongBranch
from counterfoil.flows.people import WrongPerson
from counterfoil.records.organisation.queries import NoSuchBranch, NoSuchUser, UnknownRole

logger = logging.getLogger("counterfoil.api")

MEDIA_TYPE = "application/problem+json"
View = Callable[..., HttpResponse]


class WrongValue(Refusal):
    """Something that was sent cannot be used. Correct it and send it again."""


# Refusals of what was sent; every other refusal is of what is stored as it now is.
OF_VALUES = (
    WrongValue,
    KeyUsedOtherwise,
    NoSuchDefinition,
    DefinitionIsOff,
    NotBilledYet,
    ReasonMissing,
    WrongPerson,
    WrongBranch,
    NoSuchBranch,
    UnknownRole,
    WrongGroup,
    NotANumberPattern,
    UnknownKind,
    UnknownField,
    NoSuchUser,
    *defining.OF_VALUES,
)


class FieldProblem(Schema):
    """One wrong value: where it was, such as `body.cutoff`, and what is wrong with it."""

    field: str
    message: str


class Problem(Schema):
    """What went wrong, as RFC 9457 writes it; *type* is stable, *detail* is for people."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


class NotAllowed(Exception):
    """The token may not do this: {reason}."""

    def __init__(self, *, reason: str, scope: str) -> None:
        self.scope = scope
        super().__init__(str(self.__doc__).format(reason=reason))


DETAILS = {
    400: ("bad-request", "The request cannot be read. Send JSON in UTF-8, of at most 5 MB."),
    401: ("unauthorised", "A valid token is needed. Send the header Authorization: Bearer and your token."),
    404: ("not-found", "There is nothing here that you may see. Check the address."),
    405: (
        "method-not-allowed",
        "This address does not take that method. The header Allow lists those it does.",
    ),
    422: ("invalid", "Some values cannot be used. The list of errors says which and why."),
    429: ("too-many-requests", "Too many requests. Wait as many seconds as the header Retry-After says."),
    500: (
        "internal",
        "Something went wrong here. Quote the header X-Request-ID to whoever runs this server.",
    ),
}


def problem(
    status: int, *, code: str = "", detail: str = "", errors: list[dict[str, str]] | None = None
) -> HttpResponse:
    """Return a problem as an answer; what is not given is what is always said of that *status*."""
    usual_code, usual_detail = DETAILS.get(status, ("error", "The request failed."))
    body: dict[str, Any] = {
        "type": f"urn:counterfoil:problem:{code or usual_code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or usual_detail,
    }
    if errors:
        body["errors"] = errors
    return HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE)


def handle_errors(api: NinjaAPI) -> None:
    """Have every error of *api* answered by a problem."""
    api.add_exception_handler(Refusal, _refusal)
    api.add_exception_handler(ValuesAreWrong, _wrong_values)
    api.add_exception_handler(NotAllowed, _not_allowed)
    api.add_exception_handler(AuthenticationError, _unknown)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(Throttled, lambda _request, _error: problem(429))
    api.add_exception_handler(HttpError, lambda _request, error: problem(error.status_code))
    api.add_exception_handler(Http404, lambda _request, _error: problem(404))
    api.add_exception_handler(SuspiciousOperation, lambda _request, _error: problem(400))
    api.add_exception_handler(UnreadablePostError, lambda _request, _error: problem(400))
    api.add_exception_handler(Exception, _bug)


def with_problems(view: View) -> View:
    """Return *view* with problems for wrong methods and unknown addresses; no answer is kept on the way."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            return problem(404)
        response.headers.setdefault("Cache-Control", "no-store")
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        refused = problem(405)
        refused["Allow"] = ", ".join(sorted(response["Allow"].split(", ")))
        return refused

    return answered


def code_of(error: Exception) -> str:
    """Return the stable code of a kind of error: `RunNotInReview` is run-not-in-review."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__).lower()


def _refusal(_request: HttpRequest, error: Refusal) -> HttpResponse:
    status = 422 if isinstance(error, OF_VALUES) else 409
    return problem(status, code=code_of(error), detail=str(error))


def _wrong_values(_request: HttpRequest, error: ValuesAreWrong) -> HttpResponse:
    problems = [
        {"field": f"body.{name}" if name else "body", "message": told}
        for name, told in error.problems.items()
    ]
    return problem(422, errors=problems)


def _not_allowed(_request: HttpRequest, error: NotAllowed) -> HttpResponse:
    refused = problem(403, code="forbidden", detail=str(error))
    refused["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{error.scope}"'
    return refused


def _unknown(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    refused = problem(401)
    refused["WWW-Authenticate"] = "Bearer"
    return refused


def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [
        {"field": ".".join(str(part) for part in _place(one["loc"])), "message": one["msg"]}
        for one in error.errors
    ]
    return problem(422, errors=errors)


def _place(location: tuple[Any, ...]) -> list[Any]:
    """Return where a value is, without the name that our function has for the body."""
    source, *path = location
    return [source, *(path[1:] if source == "body" and len(path) > 1 else path)]


def _bug(_request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("the API failed", exc_info=error)
    return problem(500)
