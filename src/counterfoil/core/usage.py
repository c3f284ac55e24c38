"""What usage costs: units between readings, rounded up, then allowance, tiers and minimum (billing-rules 4.4).

Readings, units and unit prices are whole millionths (`*_steps`). A counter's *stand* is what it counted since its
first reading began, so that it never jumps back where the counter begins again at 0.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from counterfoil.core.money import STEPS, Rounding, minor_digits, round_fraction, round_ratio
from counterfoil.core.periods import DateRange

ZERO = Fraction(0)


class TierMode(StrEnum):
    """Whether each tier prices its own units, or the tier reached prices all of them."""

    GRADUATED = "graduated"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """From that many units over the allowance on, a unit costs *unit_price*; reaching it costs *fee* once."""

    from_units_steps: int = 0
    unit_price_steps: int
    fee_steps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """How units are priced; allowance, tier bounds and minimum are those of a whole charge period.

    *tiers* are in the order of their bounds. Units below the first bound cost nothing.
    """

    mode: TierMode = TierMode.GRADUATED
    unit_step_steps: int = STEPS
    allowance_steps: int = 0
    minimum_steps: int = 0
    tiers: tuple[Tier, ...] = ()


@dataclass(frozen=True, slots=True)
class TierCost:
    """What one tier that is reached prices: its bound in this period, its units and what they cost, fee included."""

    from_units: Fraction
    units: Fraction
    unit_price_steps: int
    fee_steps: int
    cost: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCost:
    """What the units of a period cost; `cost` is exact, in the currency's major unit, and not below `minimum`."""

    billed_units_steps: int
    free_units: Fraction
    tiers: tuple[TierCost, ...]
    minimum: Fraction
    cost: Fraction

    @property
    def is_minimum(self) -> bool:
        """Whether the minimum is more than the units came to."""
        return sum((tier.cost for tier in self.tiers), ZERO) < self.minimum

    def net_minor(self, *, currency: str, rounding: Rounding = Rounding.HALF_AWAY) -> int:
        """Return the cost in minor units of *currency*, rounded once as a whole (3.1)."""
        return round_fraction(self.cost * 10 ** minor_digits(currency), rounding=rounding)


def cost_of_usage(*, units_steps: int, tariff: Tariff, fraction: Fraction) -> UsageCost:
    """Return what *units_steps* cost in a period that is *fraction* of a whole one (billing-rules 4.4).

    Units are rounded up to the tariff's step; allowance, bounds and minimum are multiplied by *fraction*. A tier is
    reached where the units over the allowance are at least its bound, so one that begins at 0 always is: its fee is
    a base price. Fees are not multiplied.
    """
    billed_units_steps = -(-units_steps // tariff.unit_step_steps) * tariff.unit_step_steps
    billed_units = Fraction(billed_units_steps, STEPS)
    free_units = min(billed_units, fraction * tariff.allowance_steps / STEPS)
    over = billed_units - free_units
    bounds = [fraction * tier.from_units_steps / STEPS for tier in tariff.tiers]
    reached = [(tier, bound) for tier, bound in zip(tariff.tiers, bounds, strict=True) if bound <= over]
    if tariff.mode is TierMode.VOLUME:
        priced = [_tier_cost(tier, bound, units=over) for tier, bound in reached[-1:]]
    else:
        ends = [*(bound for _, bound in reached), over][1:]
        priced = [
            _tier_cost(tier, bound, units=end - bound)
            for (tier, bound), end in zip(reached, ends, strict=True)
        ]
    minimum = fraction * tariff.minimum_steps / STEPS
    return UsageCost(
        billed_units_steps=billed_units_steps,
        free_units=free_units,
        tiers=tuple(priced),
        minimum=minimum,
        cost=max(sum((tier.cost for tier in priced), ZERO), minimum),
    )


def _tier_cost(tier: Tier, bound: Fraction, *, units: Fraction) -> TierCost:
    cost = (units * tier.unit_price_steps + tier.fee_steps) / STEPS
    return TierCost(bound, units, tier.unit_price_steps, tier.fee_steps, cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a counter showed on the morning of a day."""

    read_on: date
    value_steps: int
    is_estimate: bool = False


@dataclass(frozen=True, slots=True)
class Stand:
    """What a counter stood at on a period's edge, from which day that is taken, and whether it is an estimate."""

    value_steps: int
    read_on: date
    is_estimate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """The units of one period: from `start`, or what is billed up to if that differs, to `end`.

    *billed_to_steps* is the stand up to which is billed afterwards; the next period begins there.
    """

    units_steps: int
    start: Stand | None
    end: Stand
    billed_to_steps: int


@dataclass(frozen=True, slots=True)
class NoUse:
    """Why the units of a period are not known: no reading for *day*, or the counter *goes_back* before it."""

    day: date
    goes_back: bool = False


class Meter:
    """A counter and its readings (billing-rules 4.4).

    *digits* set: it begins again at 0 after so many whole digits. A reading within *tolerance_days* of an edge
    counts as taken on it, the nearest first, of two equally near the earlier. Where there is none, one that *may
    be estimated* is: in a straight line between the readings around, or going on as between the last two.
    """

    def __init__(
        self,
        readings: Sequence[Reading],
        *,
        digits: int | None = None,
        tolerance_days: int = 0,
        may_be_estimated: bool = False,
    ) -> None:
        """Take the *readings* in any order, at most one a day."""
        self._readings = sorted(readings, key=lambda reading: reading.read_on)
        self._days = [reading.read_on for reading in self._readings]
        self._digits = digits
        self._tolerance_days = tolerance_days
        self._may_be_estimated = may_be_estimated
        self._stands = self._unrolled()

    @property
    def turns_over_at(self) -> int | None:
        """The number of steps after which the counter begins again at 0, or None."""
        return None if self._digits is None else 10**self._digits * STEPS

    def _unrolled(self) -> list[int]:
        stands, added, before = [], 0, 0
        for reading in self._readings:
            if reading.value_steps < before:
                added += self.turns_over_at or 0
            stands.append(reading.value_steps + added)
            before = reading.value_steps
        return stands

    def stand_at(self, day: date) -> Stand | None:
        """Return what the counter stood at on the morning of *day*; None: neither read nor to be estimated."""
        after = bisect_right(self._days, day)
        near = [at for at in (after - 1, after) if 0 <= at < len(self._days) and self._is_near(at, day)]
        if near:
            at = min(near, key=lambda at: abs((self._days[at] - day).days))
            reading = self._readings[at]
            return Stand(self._stands[at], reading.read_on, reading.is_estimate)
        # Between two readings by these; after the last by the last two.
        right = min(after, len(self._days) - 1)
        if not self._may_be_estimated or right < 1 or after == 0:
            return None
        return Stand(self._in_line(right - 1, right, day), day, is_estimate=True)

    def _is_near(self, at: int, day: date) -> bool:
        return abs((self._days[at] - day).days) <= self._tolerance_days

    def _in_line(self, left: int, right: int, day: date) -> int:
        """Return the stand on the line through two readings, rounded as a whole to millionths, as a reading is."""
        days = (self._days[right] - self._days[left]).days
        gone = (day - self._days[left]).days
        return round_ratio(self._stands[left] * (days - gone) + self._stands[right] * gone, days)

    def uses(
        self, periods: Sequence[DateRange], *, billed_value_steps: int | None = None
    ) -> list[Use | NoUse]:
        """Return the use of each of *periods*, oldest first, up to the first that is not known.

        *billed_value_steps* is the counter's value up to which the days before the first are billed. Where it was
        an estimate, or the reading has been corrected since, the first period takes up the difference. What was
        billed too much comes off the periods after it; units are never negative.
        """
        found: list[Use | NoUse] = []
        billed: int | None = None
        reached: date | None = None
        for period in periods:
            start, end = self.stand_at(period.first_day), self.stand_at(period.ends_before)
            if reached is None and billed_value_steps is not None:
                billed = self._stand_of(billed_value_steps, near=start)
            elif reached != period.start:
                billed = None
            use = _use(period, start=start, end=end, billed=billed)
            found.append(use)
            if isinstance(use, NoUse):
                return found
            billed, reached = use.billed_to_steps, period.end
        return found

    def _stand_of(self, value_steps: int, *, near: Stand | None) -> int:
        """Return the stand at which the counter shows *value_steps*: of those the one nearest to *near*."""
        turns_over_at = self.turns_over_at
        if turns_over_at is None or near is None:
            return value_steps
        turns = round_ratio(near.value_steps - value_steps, turns_over_at)
        return value_steps + turns * turns_over_at


def _use(period: DateRange, *, start: Stand | None, end: Stand | None, billed: int | None) -> Use | NoUse:
    if billed is None:
        if start is None:
            return NoUse(period.first_day)
        billed = start.value_steps
    if end is None:
        return NoUse(period.ends_before)
    if start is not None and end.value_steps < start.value_steps:
        return NoUse(period.ends_before, goes_back=True)
    billed_to_steps = max(billed, end.value_steps)
    return Use(units_steps=billed_to_steps - billed, start=start, end=end, billed_to_steps=billed_to_steps)
