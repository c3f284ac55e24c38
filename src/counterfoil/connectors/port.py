"""What every connection to another system can do, and how it says what went wrong.

A document reaches the other system at most once (billing-rules 12.6): it is looked up by our reference before
it is created a second time, and there is one sender per connection at a time, which the caller sees to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from counterfoil.core.document import Document
from counterfoil.core.refusals import Refusal


class TransientFailure(Refusal):
    """{system} could not be reached or was busy: {answer}. Nothing was created there; it is tried again later."""


class LostAnswer(Refusal):
    """{system} did not answer: {answer}. It is asked by reference whether it has the document before the next try."""


class Outcome(StrEnum):
    """What became of one document that was handed over."""

    CREATED = "created"
    EXISTED = "existed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What the other system made of one document; *detail* says why it refused and what to do."""

    reference: str
    outcome: Outcome
    external_number: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalDocument:
    """A document as the other system has it, amounts in minor units of *currency*."""

    reference: str
    external_number: str
    currency: str
    lines: int
    net_minor: int
    tax_minor: int
    gross_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTotal:
    """What the documents of one currency come to (billing-rules 12.5)."""

    currency: str
    documents: int
    lines: int
    net_minor: int
    tax_minor: int
    gross_minor: int


class Connector(Protocol):
    """Carries documents to one other system."""

    def find(self, references: Sequence[str]) -> dict[str, ExternalDocument]:
        """Return what the other system has of *references*, by reference; those it does not have are left out.

        Raises `TransientFailure`.
        """

    def send(self, documents: Sequence[Document]) -> list[Sent]:
        """Create each of *documents* unless it is there already, and say what became of each, in their order.

        Raises `TransientFailure` if certainly nothing was created, and `LostAnswer` if some may have been: then
        `find` tells. Calling it again with the same documents is always safe.
        """

    def close(self) -> None:
        """Let go of what is open."""


def control_totals(documents: Iterable[Document | ExternalDocument]) -> list[ControlTotal]:
    """Return what *documents* come to, by currency (billing-rules 12.5)."""
    sums: dict[str, list[int]] = {}
    for one in documents:
        lines = one.lines if isinstance(one, ExternalDocument) else len(one.lines)
        amounts = (1, lines, one.net_minor, one.tax_minor, one.gross_minor)
        before = sums.get(one.currency, [0] * len(amounts))
        sums[one.currency] = [left + right for left, right in zip(before, amounts, strict=True)]
    return [
        ControlTotal(
            currency=currency, documents=n, lines=lines, net_minor=net, tax_minor=tax, gross_minor=gross
        )
        for currency, (n, lines, net, tax, gross) in sorted(sums.items())
    ]
