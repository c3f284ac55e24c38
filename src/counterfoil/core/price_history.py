"""Which price is in force on a day: dated prices of every level, and escalation (billing-rules 4.2 and 4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from counterfoil.core.money import (
    LARGEST_UNIT_PRICE_STEPS,
    PERCENT_STEPS,
    format_steps,
    format_unit_price,
    round_ratio,
)
from counterfoil.core.periods import DateOutOfRange, Grid, Length, Unit
from counterfoil.core.pricing import Level

SINCE_EVER = date.min
"""The day the price stored with an object itself is valid from."""

STEPS_EXPLAINED = 12
"""So many of the latest escalations a line tells."""


class PriceStep(NamedTuple):
    """From *valid_from* on a unit price is in force, until the next step; None: no level sets one.

    *set_by* is the level it was set by, and *set_from* the day that level's price is valid from, as set by hand;
    *times* counts the escalations since.
    """

    valid_from: date
    unit_price_steps: int | None
    set_by: Level | None
    set_from: date = SINCE_EVER
    times: int = 0


class DatedPrice(NamedTuple):
    """A price set by hand: from *valid_from* on; None leaves the price to the next level."""

    valid_from: date
    unit_price_steps: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelPrices:
    """What one level says of the price: *unit_price_steps* until the first of *changes*, which are in order."""

    level: Level
    unit_price_steps: int | None = None
    changes: tuple[DatedPrice, ...] = ()

    def on(self, day: date) -> DatedPrice:
        """Return the level's price on *day*, with the day it is valid from."""
        begun = [change for change in self.changes if change.valid_from <= day]
        return begun[-1] if begun else DatedPrice(SINCE_EVER, self.unit_price_steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """How a price grows by itself: by *rate_steps* (percent in millionths), rounded to *step_steps* (4.3).

    Either every *every_periods* periods, or on *on_date* and, where *yearly*, on that day of each later year.
    """

    rate_steps: int
    step_steps: int
    every_periods: int | None = None
    on_date: date | None = None
    yearly: bool = False

    def next_price(self, unit_price_steps: int) -> int:
        """Return price × (1 + rate), rounded once to a whole number of steps, half away from zero (4.3).

        10.00 at 3.25 % to 0.05 is 10.325, so 10.35.
        """
        grown = unit_price_steps * (PERCENT_STEPS + self.rate_steps)
        return round_ratio(grown, PERCENT_STEPS * self.step_steps) * self.step_steps

    def dates(self, *, grid: Grid, since: date) -> Iterator[date]:
        """Yield the days after *since* on which the price grows, to the calendar's end.

        Periods are counted from the first boundary of *grid* on or after *since* (4.3).
        """
        if self.every_periods is not None:
            first = grid.index_of(since)
            first += grid.boundary(first) < since
            yield from _boundaries(grid, first=first + self.every_periods, every=self.every_periods)
        elif self.on_date is not None and self.yearly:
            years = Grid(Length(1, Unit.YEAR), self.on_date)
            yield from _boundaries(years, first=max(years.index_of(since) + 1, 0), every=1)
        elif self.on_date is not None and self.on_date > since:
            yield self.on_date


def price_steps(levels: Sequence[LevelPrices]) -> list[PriceStep]:
    """Return the price in force through time: each level's dated price, the strongest level that sets one (4.2).

    *levels* are the override chain, the strongest first. A change of a level that another one overrules gives
    no step.
    """
    days = sorted({SINCE_EVER, *(change.valid_from for level in levels for change in level.changes)})
    steps: list[PriceStep] = []
    for day in days:
        step = _in_force(levels, day)
        if not steps or (steps[-1].set_by, steps[-1].set_from) != (step.set_by, step.set_from):
            steps.append(step)
    return steps


def escalated(
    steps: Sequence[PriceStep], *, escalation: Escalation, grid: Grid, starts_on: date, through: date
) -> list[PriceStep]:
    """Return *steps*, set by hand, with the escalations up to *through* between them (billing-rules 4.3).

    Each step restarts the escalation: it counts from that day, or from the charge's start, *starts_on*, where
    that is later. On the day a price is set by hand it does not grow. Growth ends beyond the largest unit price.
    """
    found: list[PriceStep] = []
    for number, by_hand in enumerate(steps):
        found.append(by_hand)
        ends_before = steps[number + 1].valid_from if number + 1 < len(steps) else None
        price = by_hand.unit_price_steps
        since = max(by_hand.valid_from, starts_on)
        if price is None or (ends_before is not None and ends_before <= since):
            continue
        for times, day in enumerate(escalation.dates(grid=grid, since=since), start=1):
            if day > through or (ends_before is not None and day >= ends_before):
                break
            price = escalation.next_price(price)
            found.append(by_hand._replace(valid_from=day, unit_price_steps=price, times=times))
            if is_beyond(price):
                break
    return found


def step_on(steps: Sequence[PriceStep], day: date) -> int:
    """Return the index of the step in force on *day*."""
    return sum(step.valid_from <= day for step in steps) - 1


def is_beyond(unit_price_steps: int) -> bool:
    """Return whether a unit price is larger than one may be."""
    return not -LARGEST_UNIT_PRICE_STEPS <= unit_price_steps <= LARGEST_UNIT_PRICE_STEPS


def explained(
    steps: Sequence[PriceStep], index: int, *, escalation: Escalation, starts_on: date, currency: str
) -> dict[str, object]:
    """Return what tells how the price of step *index* grew: from which price, since when, and its latest steps.

    Amounts are decimals as text, dates ISO. Empty for a price that did not grow. *since* is the day the price
    was set, or the charge's start where that is later.
    """
    step = steps[index]
    if not step.times:
        return {}
    by_hand = steps[index - step.times]
    told = steps[max(index - step.times, index - STEPS_EXPLAINED) + 1 : index + 1]
    return {
        "escalated": {
            "from": format_unit_price(by_hand.unit_price_steps or 0, currency),
            "since": max(by_hand.valid_from, starts_on).isoformat(),
            "rate": format_steps(escalation.rate_steps),
            "step": format_steps(escalation.step_steps),
            "times": step.times,
            "steps": [
                {
                    "on": one.valid_from.isoformat(),
                    "price": format_unit_price(one.unit_price_steps or 0, currency),
                }
                for one in told
            ],
        }
    }


def _in_force(levels: Sequence[LevelPrices], day: date) -> PriceStep:
    for level in levels:
        dated = level.on(day)
        if dated.unit_price_steps is not None:
            return PriceStep(day, dated.unit_price_steps, level.level, dated.valid_from)
    return PriceStep(day, None, None)


def _boundaries(grid: Grid, *, first: int, every: int) -> Iterator[date]:
    k = first
    while True:
        try:
            yield grid.boundary(k)
        except DateOutOfRange:
            return
        k += every
