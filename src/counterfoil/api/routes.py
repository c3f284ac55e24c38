"""How a route is declared: its scope and roles, its answers, the errors it may give, and the limit of requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.throttling import SimpleRateThrottle

from counterfoil.api.auth import BearerToken, Need, token_of
from counterfoil.api.errors import Problem

ERRORS = (400, 401, 403, 404, 405, 409, 422, 429, 500)
MOST_REQUESTS = "600/m"
KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "The same key with the same request is answered the same and done once; kept for a week.",
}

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class RequestsOfAToken(SimpleRateThrottle):
    """Lets a token through so many times a minute, in each process of the web server."""

    scope = "token"

    def get_cache_key(self, request: HttpRequest) -> str:
        """Return the name under which the token's requests are counted."""
        return f"api-requests-{token_of(request).pk}"


LIMIT = RequestsOfAToken(MOST_REQUESTS)


def reads(
    router: Router, path: str, *, need: Need, answer: Any, extra: dict[str, Any] | None = None
) -> Decorator:
    """Declare a GET route that answers with an *answer*."""
    return _route(router.get, path, need=need, answers={200: answer}, extra=extra or {})


def does(
    router: Router,
    path: str,
    *,
    need: Need,
    answer: Any,
    status: int = 200,
    also: Mapping[int, Any] | None = None,
) -> Decorator:
    """Declare a POST route; it takes an idempotency key and answers *status* with an *answer*.

    *also* are further answers by their status.
    """
    answers = {status: answer, **(also or {})}
    return _route(router.post, path, need=need, answers=answers, extra={"parameters": [KEY_PARAMETER]})


def changes(router: Router, path: str, *, need: Need, answer: Any) -> Decorator:
    """Declare a PATCH route, which changes what is sent and answers with all of it; it takes a key as `does`."""
    return _route(router.patch, path, need=need, answers={200: answer}, extra={"parameters": [KEY_PARAMETER]})


def _route(
    method: Callable[..., Decorator], path: str, *, need: Need, answers: dict[int, Any], extra: dict[str, Any]
) -> Decorator:
    roles = sorted(role.value for role in need.roles)
    return method(
        path,
        auth=BearerToken(need),
        throttle=LIMIT,
        response={**answers, **dict.fromkeys(ERRORS, Problem)},
        openapi_extra={"x-scope": need.scope, "x-roles": roles, **extra},
    )
