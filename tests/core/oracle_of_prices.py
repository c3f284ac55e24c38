"""Prices by date once more, slowly and in fractions, sharing no code with counterfoil.core (4.2, 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from tests.core.oracle import boundaries, clipped, rounded

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Growth:
    """How a price grows, in exact numbers: every n periods, or on a date (each year)."""

    rate: Fraction
    step: Fraction
    every: int | None = None
    on_date: date | None = None
    yearly: bool = False


def by_hand(levels: list[tuple[Fraction | None, dict[date, Fraction | None]]], day: date) -> object:
    """Return which price holds on *day*: its level's number, the day it was set (None: ever), and the price."""
    for number, (base, dated) in enumerate(levels):
        found: tuple[date | None, Fraction | None] = (None, base)
        for valid_from in sorted(dated):
            if valid_from <= day:
                found = (valid_from, dated[valid_from])
        if found[1] is not None:
            return number, *found
    return None


def price_on(
    levels: list[tuple[Fraction | None, dict[date, Fraction | None]]],
    growth: Growth,
    day: date,
    *,
    starts_on: date,
    grid: dict[str, object],
) -> Fraction | None:
    """Return the price in force on *day*, walking every day from the charge's start or an earlier change."""
    # Before the start nothing grows, so it is enough to know what holds on the day itself or on the start.
    current = by_hand(levels, min(day, starts_on))
    if day < starts_on:
        return None if current is None else current[2]  # type: ignore[index]
    price = None if current is None else current[2]  # type: ignore[index]
    since, walked = starts_on, starts_on
    edges = boundaries(**grid, around=[starts_on, day])  # type: ignore[arg-type]
    while walked < day:
        walked += ONE_DAY
        now = by_hand(levels, walked)
        if now != current:
            current, since = now, walked
            price = None if now is None else now[2]  # type: ignore[index]
        elif price is not None and _grows(growth, walked, since=since, edges=edges):
            price = _to_step(price * (1 + growth.rate), growth.step)
    return price


def _grows(growth: Growth, day: date, *, since: date, edges: list[date]) -> bool:
    if growth.every is not None:
        counted = [edge for edge in edges if since <= edge]
        return day in counted and counted.index(day) > 0 and counted.index(day) % growth.every == 0
    assert growth.on_date is not None
    if not growth.yearly:
        return day == growth.on_date
    return day >= growth.on_date and day == clipped(day.year, growth.on_date.month, growth.on_date.day)


def _to_step(price: Fraction, step: Fraction) -> Fraction:
    return rounded(price / step) * step
