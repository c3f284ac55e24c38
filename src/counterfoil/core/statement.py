"""A statement of account: what a customer was invoiced and credited, and what of it is open, by due date (product D1).

Payments are not known here. What was credited is taken off the invoice that it credits; a credit beyond that stays
open, negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from counterfoil.core.document import DocumentLine, DocumentType, Party

AGES = (("age_not_due", 0), ("age_30", 30), ("age_60", 60), ("age_90", 90), ("age_more", None))
"""Every age by name, with the most days overdue that it covers; None: all that are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementEntry:
    """A document as a statement lists it. A credit note's amounts are negative; *credits* is the number it credits."""

    number: str
    document_type: DocumentType
    dated: date
    due_on: date
    gross_minor: int
    credits: str = ""
    open_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What stood open on *day* in one currency; *entries* are those dated from *since* on, None for all.

    *before_minor* is what was open of documents dated earlier. `ages` cover all that is open.
    """

    day: date
    since: date | None
    currency: str
    seller: Party
    buyer: Party
    language: str
    before_minor: int
    entries: tuple[StatementEntry, ...]
    ages: tuple[tuple[str, int], ...]

    reference: str = "statement"
    number: str = ""
    purchase_order: str = ""
    is_draft: bool = False
    is_void: bool = False
    is_copy: bool = False
    is_credit_note: bool = False
    lines: tuple[DocumentLine, ...] = ()

    @property
    def invoice_date(self) -> date:
        """The day of the statement, as of any document."""
        return self.day

    @property
    def due_date(self) -> date:
        """The day of the statement: it sets no day of its own."""
        return self.day

    @property
    def gross_minor(self) -> int:
        """What is open."""
        return self.before_minor + sum(entry.open_minor for entry in self.entries)


def with_open(entries: Sequence[StatementEntry]) -> list[StatementEntry]:
    """Return *entries*, each with what is open of it: credits are taken off their invoices, as far as these go."""
    open_of = {entry.number: entry.gross_minor for entry in entries}
    for entry in entries:
        if entry.credits in open_of:
            taken = min(-entry.gross_minor, max(open_of[entry.credits], 0))
            open_of[entry.credits] -= taken
            open_of[entry.number] += taken
    return [replace(entry, open_minor=open_of[entry.number]) for entry in entries]


def ages_of(entries: Sequence[StatementEntry], *, day: date) -> tuple[tuple[str, int], ...]:
    """Return what is open of *entries* by how long it is overdue on *day*, every age in its order."""
    ages = dict.fromkeys((name for name, _most in AGES), 0)
    for entry in entries:
        late = (day - entry.due_on).days
        name = next(name for name, most in AGES if most is None or late <= most)
        ages[name] += entry.open_minor
    return tuple(ages.items())
