"""What a recurring charge owes: its service periods that are due and not billed yet (billing-rules 2 and 3).

A charge's *billed span* is the days its live lines cover or have passed over. Every day of service outside the
span is owed; within one grid period the pieces are priced cumulatively, so they add up to what the period would
have cost in one piece (billing-rules 3.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from counterfoil.core.money import Rounding, amount_of
from counterfoil.core.periods import (
    BillOn,
    DateRange,
    DayCount,
    Grid,
    PartCharging,
    bill_date,
    merged,
    without,
)
from counterfoil.core.proration import WHOLE, ZERO, fraction_of_pieces
from counterfoil.core.refusals import Refusal


class OpenChargeNeedsCutOff(Refusal):
    """A charge without an end owes lines for ever. Give the date through which to bill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledPart:
    """What the live lines of grid period *k* come to, net of the credits that followed its dates."""

    k: int
    net_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One recurring charge, as far as the arithmetic needs it.

    *unit_price_steps* is the price of one whole charge period. *billed* is the billed span, None if nothing is
    billed. *billed_parts* says what the span's days cost where that is known; a grid period not named there cost
    what it costs at this price. *commissioned* limits service to those days (2.1); None does not limit it.
    *grid_since* is the first day of the present grid where it replaced another (1.5): days before it were billed
    by the other grid, and no period of this one counts them.
    """

    quantity_steps: int
    unit_price_steps: int
    currency: str
    grid: Grid
    starts_on: date
    ends_before: date | None = None
    part_charging: PartCharging = PartCharging.DAILY
    day_count: DayCount = DayCount.ACTUAL
    bill_on: BillOn = BillOn.ADVANCE
    offset: int = 0
    billed: DateRange | None = None
    billed_parts: tuple[BilledPart, ...] = ()
    commissioned: tuple[DateRange, ...] | None = None
    grid_since: date | None = None
    rounding: Rounding = Rounding.HALF_AWAY

    def cost_of(self, fraction: Fraction) -> int:
        """Return quantity × unit price × *fraction* in minor units, rounded once (billing-rules 3.1)."""
        return amount_of(
            quantity_steps=self.quantity_steps,
            unit_price_steps=self.unit_price_steps,
            fraction=fraction,
            currency=self.currency,
            rounding=self.rounding,
        )

    def share_of(self, k: int, pieces: Sequence[DateRange]) -> Fraction:
        """Return the share of grid period *k* that *pieces* together cost under the charge's own policy."""
        return fraction_of_pieces(
            grid=self.grid,
            k=k,
            pieces=pieces,
            part_charging=self.part_charging,
            day_count=self.day_count,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line owed: the days *period* of grid period *k*, their share of its price, and what they cost."""

    k: int
    period: DateRange
    fraction: Fraction
    net_minor: int
    bill_date: date


def served_runs(charge: Charge) -> list[DateRange]:
    """Return the days of service as ranges in order: start to end, while commissioned (billing-rules 2.1)."""
    whole = DateRange(charge.starts_on, charge.ends_before)
    if charge.commissioned is None:
        return merged([whole])
    return merged(interval.intersect(whole) for interval in charge.commissioned)


def owed_lines(charge: Charge, *, through: date | None) -> list[Line]:
    """Return every line due on or before *through*, oldest first, each period its own line (billing-rules 2.4).

    A part that costs nothing by its policy gives no line; one whose price is 0 does (3.2). None for *through*
    bills to the end. Raises `OpenChargeNeedsCutOff`, and `DateOutOfRange` beyond the calendar.
    """
    return list(iter_owed_lines(charge, through=through))


def iter_owed_lines(charge: Charge, *, through: date | None) -> Iterator[Line]:
    """Yield what `owed_lines` returns, one line at a time."""
    runs = served_runs(charge)
    if through is None and runs and runs[-1].end is None:
        raise OpenChargeNeedsCutOff
    if _is_torn(charge, runs, through=through):
        return
    priced = _Priced(charge, runs)
    for k, piece, service in _owed_pieces(charge, runs):
        due = bill_date(service, charge.bill_on, charge.offset)
        if through is not None and due > through:
            return
        fraction, net_minor = priced.next_piece(k, piece)
        if fraction != 0 or net_minor != 0:
            yield Line(k=k, period=piece, fraction=fraction, net_minor=net_minor, bill_date=due)


def _is_torn(charge: Charge, runs: Sequence[DateRange], *, through: date | None) -> bool:
    """Return whether days before the billed span are owed of which the last are not due yet.

    The span is one range: the due ones, stored alone, would carry it over days that are not billed. They wait.
    """
    if through is None or charge.billed is None or charge.billed.is_empty:
        return False
    span = charge.billed
    services = [
        service
        for _, piece, service in _owed_pieces(charge, runs, until=span.first_day)
        if piece.ends_before <= span.first_day
    ]
    dues = [bill_date(service, charge.bill_on, charge.offset) for service in services]
    return bool(dues) and min(dues) <= through < max(dues)


def span_after(charge: Charge, lines: Sequence[Line]) -> DateRange | None:
    """Return the billed span once *lines* are stored (billing-rules 2.5).

    Parts that gave no line are passed when a later line is stored; one after the last line leaves the span, so
    it is owed again should the charge run on (billing-rules 3, `none`).
    """
    if not lines:
        return charge.billed
    stored_to = max(line.period.ends_before for line in lines)
    owed_from = [run.first_day for run in served_runs(charge)]
    if charge.billed is None or charge.billed.is_empty:
        return DateRange(min(owed_from), stored_to)
    billed_to = max(charge.billed.ends_before, stored_to)
    return DateRange(min(charge.billed.first_day, *owed_from), billed_to)


def past_periods(lines: Sequence[Line], *, cut_off: date) -> int:
    """Return how many of the owed *lines* are for periods that ended on or before *cut_off* (billing-rules 2.7)."""
    return sum(line.period.ends_before <= cut_off for line in lines)


def _owed_pieces(
    charge: Charge, runs: Sequence[DateRange], *, until: date | None = None
) -> Iterator[tuple[int, DateRange, DateRange]]:
    """Yield each piece of service outside the billed span, oldest first.

    With it come the number of its grid period and the whole service period it is part of (2.2): that one's
    bill date is the piece's too. *until* stops at pieces that begin on that day or later.
    """
    span = charge.billed or DateRange(charge.starts_on, charge.starts_on)
    for run in runs:
        for owed in without(run, span):
            k = charge.grid.index_of(owed.first_day)
            start = owed.first_day
            while (owed.end is None or start < owed.end) and (until is None or start < until):
                period = charge.grid.period(k)
                service = run.intersect(period)
                piece = owed.intersect(period)
                yield k, piece, service
                k, start = k + 1, period.ends_before


class _Priced:
    """Prices pieces cumulatively within a grid period: what all cost together less what was billed (3.4)."""

    def __init__(self, charge: Charge, runs: Sequence[DateRange]) -> None:
        self._charge = charge
        self._runs = runs
        self._known = {part.k: part.net_minor for part in charge.billed_parts}
        self._k: int | None = None
        self._pieces: list[DateRange] = []
        self._share = ZERO
        self._net_minor = 0

    def next_piece(self, k: int, piece: DateRange) -> tuple[Fraction, int]:
        """Return the share and the amount that *piece* adds to grid period *k*."""
        if k != self._k:
            self._open(k)
        charge = self._charge
        self._pieces.append(piece)
        share = charge.share_of(k, self._pieces)
        added = share - self._share if self._share else share
        is_unbilled_part = charge.part_charging is PartCharging.NONE and share != WHOLE
        net_minor = 0 if is_unbilled_part else _not_backwards(charge, charge.cost_of(share) - self._net_minor)
        self._share = share
        self._net_minor += net_minor
        return added, net_minor

    def _open(self, k: int) -> None:
        charge = self._charge
        self._k, self._pieces = k, list(self._billed_in(k))
        self._share = charge.share_of(k, self._pieces) if self._pieces else ZERO
        at_this_price = charge.cost_of(self._share) if self._pieces else 0
        self._net_minor = self._known.get(k, at_this_price)

    def _billed_in(self, k: int) -> Iterator[DateRange]:
        charge = self._charge
        if charge.billed is None:
            return
        counted = charge.billed.intersect(DateRange(charge.grid_since, None)).intersect(charge.grid.period(k))
        days = [] if counted.is_empty else [counted]
        # Days between two runs of service were passed over, not billed.
        for earlier, later in pairwise(self._runs):
            pause = DateRange(earlier.end, later.start)
            days = [rest for piece in days for rest in without(piece, pause)]
        yield from days


def _not_backwards(charge: Charge, net_minor: int) -> int:
    """Return *net_minor*, or 0 where it would give money back: credits do that, with their own documents."""
    upwards = charge.quantity_steps * charge.unit_price_steps >= 0
    return max(net_minor, 0) if upwards else min(net_minor, 0)
