"""A report on one thing, to be printed: what is known of a client, an activation, a work order (product C4).

It holds values, not texts: days, prices and words of the documents are written in the reader's language later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from counterfoil.core.document import DocumentLine, Party
from counterfoil.core.periods import DateRange


@dataclass(frozen=True, slots=True)
class Word:
    """One of the words that documents know, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Count:
    """A quantity in millionths, with its unit."""

    steps: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """A price of one unit in millionths of a currency's major unit."""

    steps: int
    currency: str


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount in minor units of a currency."""

    minor: int
    currency: str


Cell = str | date | DateRange | Word | Count | Price | Sum | None
"""What stands at one place of a report; None is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """Rows under *columns*, each the name of a word; the first column may hold remarks on lines of their own.

    *more* rows are not listed.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is known on *day* of the thing called *name*, which is a *kind*, the name of a word.

    *seller* is whose it is, *buyer* whom it is about; *facts* are pairs of the name of a word and a value. The rest is
    what every printed document has, and says nothing here.
    """

    kind: str
    name: str
    day: date
    seller: Party
    buyer: Party
    language: str
    currency: str
    about: str = ""
    facts: tuple[tuple[str, Cell], ...] = ()
    tables: tuple[ReportTable, ...] = ()

    number: str = ""
    purchase_order: str = ""
    gross_minor: int = 0
    is_draft: bool = False
    is_void: bool = False
    is_copy: bool = False
    is_credit_note: bool = False
    lines: tuple[DocumentLine, ...] = ()

    @property
    def reference(self) -> str:
        """What it is called where it cannot be printed."""
        return f"report-{self.name}"

    @property
    def invoice_date(self) -> date:
        """The day of the report, as of any document."""
        return self.day

    @property
    def due_date(self) -> date:
        """The day of the report: nothing is due by it."""
        return self.day
