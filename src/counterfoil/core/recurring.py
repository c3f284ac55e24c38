"""What a recurring charge owes: its service periods that are due and not billed yet (billing-rules 2 and 3).

A charge's *billed span* is the days its live lines cover or have passed over. Every day of service outside the
span is owed, and every one within it that a credit gave up and no line has billed since (2.5, decision 0051). Within
one grid period the pieces are priced cumulatively, so they add up to what the period would have cost in one piece
(billing-rules 3.4).
"""

from __future__ import annotations

import itertools
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
    remainder,
    without,
)
from counterfoil.core.price_history import PriceStep, step_on
from counterfoil.core.proration import WHOLE, fraction_of_pieces
from counterfoil.core.refusals import Refusal


class OpenChargeNeedsCutOff(Refusal):
    """A charge without an end owes lines for ever. Give the date through which to bill."""


class NoPriceInForce(Refusal):
    """No level sets a unit price on {day}. Add a price change valid from that day or before."""


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
    what it costs at this price. *given_up* are ranges within the span whose days credits took off their lines, and
    that no newer line bills: they are owed where they are served again. *commissioned* limits service to those days
    (2.1); None does not limit it. *grid_since* is the first day of the present grid where it replaced another (1.5):
    days before it were billed by the other grid, and no period of this one counts them. *prices*, where not empty,
    says the price in force through time (4.2, 4.3) instead of *unit_price_steps*; *split_on_price_change* splits
    service periods by it.
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
    given_up: tuple[DateRange, ...] = ()
    commissioned: tuple[DateRange, ...] | None = None
    grid_since: date | None = None
    rounding: Rounding = Rounding.HALF_AWAY
    prices: tuple[PriceStep, ...] = ()
    split_on_price_change: bool = False

    def price_on(self, day: date) -> int:
        """Return the unit price in force on *day* (billing-rules 4.2). Raises `NoPriceInForce`."""
        price = (
            self.prices[step_on(self.prices, day)].unit_price_steps if self.prices else self.unit_price_steps
        )
        if price is None:
            raise NoPriceInForce(day=day)
        return price

    def cost_of(self, fraction: Fraction, *, unit_price_steps: int | None = None) -> int:
        """Return quantity × unit price × *fraction* in minor units, rounded once (billing-rules 3.1)."""
        return amount_of(
            quantity_steps=self.quantity_steps,
            unit_price_steps=self.unit_price_steps if unit_price_steps is None else unit_price_steps,
            fraction=fraction,
            currency=self.currency,
            rounding=self.rounding,
        )

    def share_of(
        self, k: int, pieces: Sequence[DateRange], *, part_charging: PartCharging | None = None
    ) -> Fraction:
        """Return the share of grid period *k* that *pieces* together cost, under the charge's own policy if None."""
        return fraction_of_pieces(
            grid=self.grid,
            k=k,
            pieces=pieces,
            part_charging=part_charging or self.part_charging,
            day_count=self.day_count,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line owed: the days *period* of grid period *k*, their share of its price, and what they cost.

    *unit_price_steps* and *part_charging* are what it was rated by. *goes_on* says that a price change split it
    from the next line, which is of the same service period (4.2).
    """

    k: int
    period: DateRange
    fraction: Fraction
    net_minor: int
    bill_date: date
    unit_price_steps: int
    part_charging: PartCharging
    goes_on: bool = False


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
        for line in priced.lines(k, piece, service=service, due=due):
            if line.fraction != 0 or line.net_minor != 0:
                yield line


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
    """Return how many of the owed *lines* are for periods that ended on or before *cut_off* (billing-rules 2.7).

    A period split by price changes counts once, when its last line has ended.
    """
    return sum(line.period.ends_before <= cut_off and not line.goes_on for line in lines)


def _owed_pieces(
    charge: Charge, runs: Sequence[DateRange], *, until: date | None = None
) -> Iterator[tuple[int, DateRange, DateRange]]:
    """Yield each piece of service outside the billed span, or given up within it, oldest first.

    With it come the number of its grid period and the whole service period it is part of (2.2): that one's
    bill date is the piece's too. *until* stops at pieces that begin on that day or later.
    """
    span = charge.billed or DateRange(charge.starts_on, charge.starts_on)
    for run in runs:
        given_up = (run.intersect(days) for days in charge.given_up)
        ranges = [*without(run, span), *(days for days in given_up if not days.is_empty)]
        for owed in sorted(ranges, key=lambda days: days.first_day):
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
        self._added_minor = 0

    def lines(self, k: int, piece: DateRange, *, service: DateRange, due: date) -> Iterator[Line]:
        """Yield the line of *piece* of *service* in grid period *k*; several, where price changes split it."""
        if k != self._k:
            self._k, self._pieces, self._added_minor = k, list(self._billed_in(k)), 0
        splits = self._splits(k, piece, service)
        edges = [service.first_day, *splits, service.ends_before]
        parts = [
            (price_days, piece.intersect(price_days))
            for price_days in itertools.starmap(DateRange, pairwise(edges))
        ]
        served = [(price_days, part) for price_days, part in parts if not part.is_empty]
        for price_days, part in served:
            yield self._line(
                k, part, price_days=price_days, is_split=bool(splits), due=due, goes_on=part.end != piece.end
            )

    def _line(
        self, k: int, part: DateRange, *, price_days: DateRange, is_split: bool, due: date, goes_on: bool
    ) -> Line:
        """Return the line of *part*: within a split period the pieces at one price are cumulated, else all."""
        charge = self._charge
        price = charge.price_on(price_days.first_day)
        policy = PartCharging.DAILY if is_split else charge.part_charging
        earlier = [piece.intersect(price_days) for piece in self._pieces] if is_split else self._pieces
        earlier = [piece for piece in earlier if not piece.is_empty]
        before = charge.share_of(k, earlier, part_charging=policy)
        together = charge.share_of(k, [*earlier, part], part_charging=policy)
        cost_before = charge.cost_of(before, unit_price_steps=price)
        if k in self._known and not is_split:
            cost_before = self._known[k] + self._added_minor
        is_unbilled_part = policy is PartCharging.NONE and together != WHOLE
        added = charge.cost_of(together, unit_price_steps=price) - cost_before
        net_minor = 0 if is_unbilled_part else _not_backwards(charge.quantity_steps * price, added)
        self._pieces.append(part)
        self._added_minor += net_minor
        return Line(
            k=k,
            period=part,
            fraction=together - before,
            net_minor=net_minor,
            bill_date=due,
            unit_price_steps=price,
            part_charging=policy,
            goes_on=goes_on,
        )

    def _splits(self, k: int, piece: DateRange, service: DateRange) -> list[date]:
        """Return the days within *service* on which its price changes, if they split it (billing-rules 4.2).

        Parts not charged by days are split where the whole service period is billed at once and alone in its
        grid period: else one would be billed twice under `whole` (3.4), or at all under `none`.
        """
        charge = self._charge
        if not charge.split_on_price_change:
            return []
        days = [
            step.valid_from
            for earlier, step in pairwise(charge.prices)
            if step.unit_price_steps != earlier.unit_price_steps
            and service.first_day < step.valid_from < service.ends_before
        ]
        if charge.part_charging is PartCharging.DAILY:
            return days
        period = charge.grid.period(k)
        is_alone = sum(not run.intersect(period).is_empty for run in self._runs) == 1
        is_billed_part = charge.part_charging is not PartCharging.NONE or service == period
        return days if piece == service and not self._pieces and is_alone and is_billed_part else []

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
        yield from remainder(days, charge.given_up)


def _not_backwards(full_price: int, net_minor: int) -> int:
    """Return *net_minor*, or 0 where it would give money back: credits do that, with their own documents."""
    return max(net_minor, 0) if full_price >= 0 else min(net_minor, 0)
