"""Requests with an idempotency key: done once, answered the same however often they are sent."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from ninja import Schema

from counterfoil.api.auth import token_of
from counterfoil.api.errors import WrongValue
from counterfoil.clock import now
from counterfoil.flows.answering import Answer, Asked, answer_once, answer_reading

HEADER = "Idempotency-Key"
LONGEST_KEY = 255


class WrongKey(WrongValue):
    """The Idempotency-Key is empty, too long or not plain ASCII. Send at most 255 characters, such as a UUID."""


def once(request: HttpRequest, act: Callable[[], Schema], *, status: int = 200) -> HttpResponse:
    """Answer with what *act* returns; it is done and remembered in one transaction, or not at all."""
    answer = answer_once(_asked(request), act=lambda: _answer(act(), status=status), now=now())
    return _response(answer)


def once_reading(request: HttpRequest, act: Callable[[], Schema]) -> HttpResponse:
    """Answer with what *act*, which stores nothing, returns; remembered when a key was sent."""
    answer = answer_reading(_asked(request), act=lambda: _answer(act(), status=200), now=now())
    return _response(answer)


def _asked(request: HttpRequest) -> Asked:
    key = request.headers.get(HEADER)
    if key is not None and not (key.isascii() and key.isprintable() and 1 <= len(key) <= LONGEST_KEY):
        raise WrongKey
    return Asked(
        token=token_of(request),
        key=key,
        method=str(request.method),
        address=request.get_full_path(),
        body=request.body,
    )


def _answer(shape: Schema, *, status: int) -> Answer:
    return Answer(status=status, body=shape.model_dump_json())


def _response(answer: Answer) -> HttpResponse:
    return HttpResponse(answer.body, status=answer.status, content_type="application/json; charset=utf-8")
