"""Consolidated billing: what is queued, what is eligible, who falls short, and the next date (billing-rules 8).

Sales and service invoices of a customer, and credit notes of them, are gathered into one billing. Amounts are
gross, in minor units; credit notes are negative.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from counterfoil.core.document import DocumentType
from counterfoil.core.money import format_minor
from counterfoil.core.periods import Grid, Length
from counterfoil.core.refusals import Refusal, shown
from counterfoil.core.sentences import sentence

FIRST_SEQ = 10_001


class MinimumNotBelowLimit(Refusal):
    """The minimum of {minimum} is not below {limit}, under which invoices are consolidated by themselves, so
    nothing would ever be billed. Choose a smaller minimum or a larger limit.
    """


class AmountNotPositive(Refusal):
    """{amount} is no amount to compare a total with. Give one above 0.00, or leave it empty."""


class NextDateNeedsCycle(Refusal):
    """There is no cycle to roll a next date by. Choose a cycle, such as 1 month, for the customer first."""


class NotABillingNumber(Refusal):
    """{text} is not the number of a consolidated billing. Write B and a whole number, for example B10001."""


class Kind(StrEnum):
    """What is gathered: an invoice, or a credit note of one, by the invoice's type (8.1)."""

    SALES = "sales"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a customer's invoices are consolidated.

    *next_date* is N, None where the customer has none; *typed_date* is the N last typed by hand, from which cycles
    are counted (8.6). *minimum_minor* and *limit_minor*, which is X, are in the customer's *currency*; None: neither.
    Raises `AmountNotPositive`, and `MinimumNotBelowLimit` unless minimum < X (8.4).
    """

    is_used: bool = True
    currency: str
    cycle: Length | None = None
    next_date: date | None = None
    typed_date: date | None = None
    minimum_minor: int | None = None
    limit_minor: int | None = None
    takes_sales: bool = False
    takes_service: bool = False

    def __post_init__(self) -> None:
        """Refuse amounts by which nothing would ever be billed."""
        for minor in (self.minimum_minor, self.limit_minor):
            if minor is not None and minor <= 0:
                raise AmountNotPositive(amount=format_minor(minor, self.currency))
        both = self.minimum_minor is not None and self.limit_minor is not None
        if both and (self.minimum_minor or 0) >= (self.limit_minor or 0):
            raise MinimumNotBelowLimit(
                minimum=format_minor(self.minimum_minor or 0, self.currency),
                limit=format_minor(self.limit_minor or 0, self.currency),
            )

    def takes(self, kind: Kind) -> bool:
        """Return whether invoices of *kind* are consolidated unless somebody says otherwise."""
        return self.takes_sales if kind is Kind.SALES else self.takes_service

    def in_currency(self, currency: str) -> Settings:
        """Return what holds for invoices in *currency*: minimum and X only in the customer's own (8.4)."""
        if currency == self.currency:
            return self
        return replace(self, currency=currency, minimum_minor=None, limit_minor=None)


# Queued.


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Whether an invoice waits for a consolidated billing; *is_locked*: only a release takes it off (8.1)."""

    is_on: bool
    is_locked: bool = False


OFF = Flag(is_on=False)


def kind_of(document_type: DocumentType, *, credited: DocumentType | None) -> Kind | None:
    """Return the kind as which a document is gathered, None for one that never is (8.1).

    *credited* is the type of the invoice that a credit note is for.
    """
    what = credited if document_type is DocumentType.CREDIT_NOTE else document_type
    return Kind(what.value) if what in (DocumentType.SALES, DocumentType.SERVICE) else None


def flag_of_new(kind: Kind | None, *, settings: Settings | None, chosen: bool | None = None) -> Flag:
    """Return the flag of a new document of *kind* (8.1). *chosen* is what somebody chose while it was a draft.

    With X the flag of both kinds is on and locked, whatever was chosen.
    """
    if kind is None or settings is None or not settings.is_used:
        return OFF
    if settings.limit_minor is not None:
        return Flag(is_on=True, is_locked=True)
    return Flag(is_on=settings.takes(kind) if chosen is None else chosen)


# Eligible.


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """An issued document with its flag on that is in no live billing."""

    invoice: int
    customer: int
    branch: int
    currency: str
    kind: Kind
    invoice_date: date
    gross_minor: int


def is_eligible(queued: Queued, *, settings: Settings, cutoff: date) -> bool:
    """Return whether a batch with *cutoff* lists the document (8.3)."""
    if not settings.is_used or queued.invoice_date > cutoff:
        return False
    next_date = settings.next_date
    return next_date is None or (next_date <= cutoff and queued.invoice_date <= next_date)


@dataclass(frozen=True, slots=True)
class Group:
    """What one billing of a batch holds: a customer, a currency, and a branch if branching is on (8.4)."""

    customer: int
    currency: str
    branch: int | None


def group_of(queued: Queued, *, by_branch: bool) -> Group:
    """Return the billing that a batch gathers the document into (8.4)."""
    return Group(queued.customer, queued.currency, queued.branch if by_branch else None)


# Checked beforehand, and short of the minimum.


def why_unchecked(kind: Kind, *, queued_minor: int, settings: Settings, currency: str) -> str:
    """Return why documents of *kind* are listed unchecked, "" where they are checked beforehand (8.4).

    *queued_minor* is what all documents of that kind come to that the billing could hold. Without X, and in another
    currency than the customer's, all are checked.
    """
    limit = settings.in_currency(currency).limit_minor
    if limit is None:
        return ""
    if not settings.takes(kind):
        return sentence("{plural} of this customer are not consolidated automatically", plural=_PLURAL[kind])
    if queued_minor < limit:
        return ""
    total, most = format_minor(queued_minor, currency), format_minor(limit, currency)
    return sentence(
        "{plural} come to {currency} {total}, not below {currency} {most}",
        plural=_PLURAL[kind],
        currency=currency,
        total=total,
        most=most,
    )


_PLURAL = {Kind.SALES: sentence("sales invoices"), Kind.SERVICE: sentence("service invoices")}


def checked_beforehand(eligible: Iterable[Queued], *, settings: Settings, by_branch: bool) -> dict[int, str]:
    """Return for each of one customer's *eligible* documents why it is unchecked, "" if it is checked (8.4)."""
    listed = list(eligible)
    totals: dict[tuple[Group, Kind], int] = {}
    for one in listed:
        key = (group_of(one, by_branch=by_branch), one.kind)
        totals[key] = totals.get(key, 0) + one.gross_minor
    return {
        one.invoice: why_unchecked(
            one.kind,
            queued_minor=totals[group_of(one, by_branch=by_branch), one.kind],
            settings=settings,
            currency=one.currency,
        )
        for one in listed
    }


def short_minor(selected_minor: int, *, settings: Settings, currency: str) -> int:
    """Return by how much a selection falls short of the customer's minimum; 0 where it suffices (8.4)."""
    minimum = settings.in_currency(currency).minimum_minor
    return 0 if minimum is None else max(minimum - selected_minor, 0)


def short_text(selected_minor: int, *, settings: Settings, currency: str) -> str:
    """Return in words that a selection falls short of the minimum; "" where it does not (8.4)."""
    short = short_minor(selected_minor, settings=settings, currency=currency)
    if not short:
        return ""
    minimum = format_minor(settings.minimum_minor or 0, currency)
    return sentence(
        "{currency} {short} short of the minimum of {currency} {minimum}: carried to the next cycle",
        currency=currency,
        short=format_minor(short, currency),
        minimum=minimum,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """What of one group is chosen: its documents, what they come to, and what it lacks of the minimum (8.4)."""

    group: Group
    invoices: tuple[int, ...]
    total_minor: int
    short_minor: int

    @property
    def is_billed(self) -> bool:
        """Return whether there is something to bill, and enough of it; equal to the minimum suffices."""
        return bool(self.invoices) and not self.short_minor


def gathered(
    chosen: Iterable[Queued], *, settings: Mapping[int, Settings], by_branch: bool
) -> list[Gathering]:
    """Return the *chosen* documents as the billings a batch would make, in the order they come (8.4).

    Those that fall short are among them: no billing is made, and all of theirs stay eligible.
    """
    groups: dict[Group, list[Queued]] = {}
    for one in chosen:
        groups.setdefault(group_of(one, by_branch=by_branch), []).append(one)
    return [
        Gathering(
            group=group,
            invoices=tuple(one.invoice for one in members),
            total_minor=sum(one.gross_minor for one in members),
            short_minor=short_minor(
                sum(one.gross_minor for one in members),
                settings=settings[group.customer],
                currency=group.currency,
            ),
        )
        for group, members in groups.items()
    ]


# Dates.


def billing_date(*, given: date, uses_next_date: bool, settings: Settings) -> date:
    """Return the date of a batch's billing: *given*, or the customer's N where asked for and set (8.5)."""
    return settings.next_date if uses_next_date and settings.next_date is not None else given


def first_date(*, settings: Settings, today: date) -> date:
    """Return the date that a billing made by hand has unless another is typed: N, else *today* (8.7)."""
    return settings.next_date or today


def is_due_to_roll(settings: Settings, *, cutoff: date) -> bool:
    """Return whether a roll is offered to the customer: it has N and a cycle, and N ≤ *cutoff* (8.6)."""
    return (
        settings.is_used
        and settings.cycle is not None
        and settings.next_date is not None
        and settings.next_date <= cutoff
    )


def rolled(settings: Settings) -> date:
    """Return the next date one cycle on, counted from the one last typed by hand (8.6).

    31 Jan, 28 Feb, 31 Mar. Raises `NextDateNeedsCycle`, and `DateOutOfRange` at the end of the calendar.
    """
    if settings.cycle is None or settings.next_date is None:
        raise NextDateNeedsCycle
    grid = Grid(settings.cycle, settings.typed_date or settings.next_date)
    return grid.boundary(grid.index_of(settings.next_date) + 1)


# Numbers.


def billing_number(*, seq: int, revision: int) -> str:
    """Return the number of a consolidated billing: B10001-0 (7.3)."""
    return f"B{seq}-{revision}"


_TYPED = re.compile(r"[Bb]?([1-9][0-9]{0,11})(?:-0)?", re.ASCII)


def parse_number(text: str) -> int:
    """Return the sequence of a number typed for a new billing: B10001, 10001 or B10001-0.

    Raises `NotABillingNumber`.
    """
    match = _TYPED.fullmatch(text.strip())
    if match is None:
        raise NotABillingNumber(text=shown(text))
    return int(match[1])


def next_seqs(*, after: int, count: int, taken: Collection[int]) -> Sequence[int]:
    """Return the next *count* sequences from *after* on, none of which is *taken*: somebody typed those (8.7)."""
    found: list[int] = []
    used, seq = set(taken), after
    while len(found) < count:
        if seq not in used:
            found.append(seq)
        seq += 1
    return found
