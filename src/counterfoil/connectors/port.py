"""The port: what Counterfoil asks of any other system that takes documents, in five verbs.

A document reaches the other system at most once (billing-rules 12.6). Our reference, unique for ever, is the key:
what is there under it is never created again, and after a lost answer it is looked up first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from counterfoil.core.document import Document
from counterfoil.core.refusals import Refusal


class PermanentRefusal(Refusal):
    """The other system refused the document: {reason}. Correct what it names, then deliver again."""


class TransientFailure(Refusal):
    """The other system cannot do it now: {reason}. Nothing arrived; it is tried again later."""


class LostAnswer(Refusal):
    """The answer was lost: {reason}. The document is looked up by its reference before it is sent again."""


DeliveryError = PermanentRefusal | TransientFailure | LostAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a connector can do, for whoever calls it.

    *batch_size*: the most documents one `send` should be given. *request_limit_seconds*: how long the other side may
    go on working on a request whose answer was lost; only after that does `find` tell for certain.
    *gives_numbers*: whether the other system makes its own document number (billing-rules 7.4).
    """

    batch_size: int
    request_limit_seconds: int
    gives_numbers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalDocument:
    """A document as the other system knows it: its identifier and number there, and a link if it has pages."""

    reference: str
    external_id: str
    number: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one document: either where it is now, or why it is not there or not known to be.

    *was_there* says that an earlier attempt had brought it; nothing was created this time.
    """

    reference: str
    external: ExternalDocument | None = None
    error: DeliveryError | None = None
    was_there: bool = False

    def __post_init__(self) -> None:
        """Hold exactly one of the two."""
        assert (self.external is None) != (self.error is None), "an outcome is a document or an error"  # noqa: S101

    @property
    def is_delivered(self) -> bool:
        """Whether the document is in the other system."""
        return self.external is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTotals:
    """How many documents and lines, and their sums in minor units, in one currency (billing-rules 12.5)."""

    documents: int = 0
    lines: int = 0
    net_minor: int = 0
    tax_minor: int = 0
    gross_minor: int = 0

    def __add__(self, other: ControlTotals) -> ControlTotals:
        """Return the totals of both together."""
        return ControlTotals(
            documents=self.documents + other.documents,
            lines=self.lines + other.lines,
            net_minor=self.net_minor + other.net_minor,
            tax_minor=self.tax_minor + other.tax_minor,
            gross_minor=self.gross_minor + other.gross_minor,
        )


def control_totals(documents: Iterable[Document]) -> dict[str, ControlTotals]:
    """Return the control totals of *documents* by currency; credit notes count negative."""
    totals: dict[str, ControlTotals] = {}
    for document in documents:
        one = ControlTotals(
            documents=1,
            lines=len(document.lines),
            net_minor=document.net_minor,
            tax_minor=document.tax_minor,
            gross_minor=document.gross_minor,
        )
        totals[document.currency] = totals.get(document.currency, ControlTotals()) + one
    return totals


class Connector(Protocol):
    """Another system. One sender at a time calls it; every verb may be called again after a crash.

    `find` and `totals` raise `TransientFailure` when the other system cannot be asked, and `PermanentRefusal` when what
    it holds cannot be read; `send` raises neither, it says so in each outcome.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this connector can do."""

    def find(self, *, references: Sequence[str]) -> dict[str, ExternalDocument]:
        """Return those of *references* that are there, by reference. Asks the other system, never a memory of it."""

    def send(self, *, documents: Sequence[Document]) -> list[Outcome]:
        """Bring each document there unless it is there already; return one outcome each, in their order."""

    def totals(self, *, references: Collection[str]) -> dict[str, ControlTotals]:
        """Return what the other system holds of *references*, by currency, read back from it (billing-rules 12.5)."""

    def finish(self) -> None:
        """Say that all documents of this hand-over were sent, for systems that take them together."""

    def close(self) -> None:
        """Let connections and files go. What was not finished can be continued."""

    def __enter__(self) -> Self:
        """Return the connector itself."""

    def __exit__(self, *_: object) -> None:
        """Close it."""
