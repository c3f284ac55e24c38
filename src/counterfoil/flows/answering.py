"""Answer a program once: the same idempotency key gets the same answer, and the work is done a single time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from counterfoil.core.refusals import Refusal
from counterfoil.records.organisation import actions
from counterfoil.records.organisation.models import ApiAnswer, ApiToken

KEPT_FOR = timedelta(days=7)


class KeyUsedOtherwise(Refusal):
    """This Idempotency-Key came with a different request before. Send a new key with a new request."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP status and a JSON text."""

    status: int
    body: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as far as repeating it matters. *key* is None when the program sent none."""

    token: ApiToken
    key: str | None
    method: str
    address: str
    body: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what was asked: two requests are the same if it is."""
        return hashlib.sha256(
            b"\n".join([self.method.encode(), self.address.encode(), self.body])
        ).hexdigest()


def answer_once(asked: Asked, *, act: Callable[[], Answer], now: datetime) -> Answer:
    """Return what *act* answers; done and remembered in one transaction, or not at all.

    A repetition gets the stored answer without *act*, and waits for the first if that is under way. Raises
    `KeyUsedOtherwise`, and what *act* raises: then nothing is stored and the key is free again.
    """
    with transaction.atomic():
        if asked.key is None:
            return act()
        kept, is_new = actions.keep_answer(_kept(asked, now=now))
        if not is_new:
            return _again(kept, asked=asked)
        answer = act()
        actions.complete_answer(kept, status=answer.status, body=answer.body)
        return answer


def answer_reading(asked: Asked, *, act: Callable[[], Answer], now: datetime) -> Answer:
    """Return what *act*, which stores nothing and opens its own snapshot, answers; remembered afterwards."""
    if asked.key is None:
        return act()
    known = ApiAnswer.objects.filter(token=asked.token, key=asked.key).first()
    if known:
        return _again(known, asked=asked)
    answer = act()
    with transaction.atomic():
        kept, _is_new = actions.keep_answer(_kept(asked, now=now, status=answer.status, body=answer.body))
    return _again(kept, asked=asked)


def forget_old_answers(*, now: datetime) -> int:
    """Forget the answers given longer ago than `KEPT_FOR` and return how many they were."""
    with transaction.atomic():
        return actions.forget_answers(answered_before=now - KEPT_FOR)


def _kept(asked: Asked, *, now: datetime, status: int = 0, body: str = "") -> ApiAnswer:
    return ApiAnswer(
        token=asked.token,
        key=asked.key,
        fingerprint=asked.fingerprint,
        status=status,
        body=body,
        answered_at=now,
    )


def _again(kept: ApiAnswer, *, asked: Asked) -> Answer:
    if kept.fingerprint != asked.fingerprint:
        raise KeyUsedOtherwise
    return Answer(status=kept.status, body=kept.body)
