"""How the share of a period was counted, in words: by which policy, which days or months (billing-rules 3)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from counterfoil.core.periods import DateRange, DayCount, PartCharging
from counterfoil.core.sentences import sentence


def share_in_days(fraction: Fraction, *, grid: DateRange, part_charging: str, day_count: str) -> str:
    """Return *fraction* of *grid* over what it was counted in: `18/30` for 18 of 30 days, `2/3` for 2 of 3 months.

    1 for all of it; in its lowest terms where it is no whole number of them, as after days counted month by month.
    """
    if fraction == 1:
        return "1"
    whole = _counted_in(grid, part_charging=part_charging, day_count=day_count)
    served = fraction * whole
    return f"{served.numerator}/{whole}" if served.denominator == 1 else str(fraction)


def _counted_in(grid: DateRange, *, part_charging: str, day_count: str) -> int:
    """Return how many days, or months where these are shared out, the share of *grid* is counted in."""
    months = _months_between(grid.first_day, grid.ends_before)
    if part_charging == PartCharging.MONTHLY.value or (day_count == DayCount.BY_MONTH.value and months > 1):
        return months
    if day_count == DayCount.THIRTY_360.value:
        return max(_ordinal(grid.ends_before) - _ordinal(grid.first_day), 1)
    return grid.days


def counted(
    *, period: DateRange, grid: DateRange, fraction: Fraction, part_charging: str, day_count: str
) -> str:
    """Return how *fraction*, the share of *grid* that *period* costs, came about: "17 of 31 days".

    *part_charging* and *day_count* are those the line was rated by, empty where they were not kept.
    """
    if period == grid:
        return sentence("the whole period")
    if not part_charging:
        return sentence(
            "{days} of {whole} days; the policy was not kept with the line",
            days=period.days,
            whole=grid.days,
        )
    if part_charging == PartCharging.WHOLE.value:
        return sentence("a part is billed in full")
    if part_charging == PartCharging.MONTHLY.value:
        return _by_months(grid, fraction)
    return _by_days(period, grid, fraction, day_count=day_count)


def _by_months(grid: DateRange, fraction: Fraction) -> str:
    months = _months_between(grid.first_day, grid.ends_before)
    served = fraction * months
    if served.denominator != 1:
        return sentence("{fraction} of {months} months", fraction=fraction, months=months)
    return sentence(
        "{served} of {months} months, those with at least one day served", served=served, months=months
    )


def _by_days(period: DateRange, grid: DateRange, fraction: Fraction, *, day_count: str) -> str:
    days = sentence("{days} of {whole} days", days=period.days, whole=grid.days)
    if day_count == DayCount.BY_MONTH.value:
        parts = list(_of_each_month(period))
        sums = " + ".join(f"{served}/{length}" for served, length in parts)
        months = _months_between(grid.first_day, grid.ends_before)
        share = sum((Fraction(*part) for part in parts), start=Fraction(0)) / months
        if share != fraction:
            return sentence("month by month, {added}", added=_added(days))
        if months > 1:
            return sentence("month by month: {sums}, ÷ {months} months", sums=sums, months=months)
        return sentence("month by month: {sums}", sums=sums)
    if day_count == DayCount.THIRTY_360.value:
        served, whole = _ordinal(period.ends_before), _ordinal(grid.ends_before)
        served, whole = served - _ordinal(period.first_day), whole - _ordinal(grid.first_day)
        text = sentence(
            "30/360: {served} of {whole} days, each month counting 30", served=served, whole=whole
        )
        return (
            text if Fraction(served, whole) == fraction else sentence("30/360, {added}", added=_added(days))
        )
    return days if Fraction(period.days, grid.days) == fraction else _added(days)


def _added(days: str) -> str:
    return sentence("what {days} add to those billed before", days=days)


def _of_each_month(period: DateRange) -> Iterator[tuple[int, int]]:
    """Yield, for each calendar month that *period* touches, the days in it and the days it has."""
    day = period.first_day
    while day < period.ends_before:
        length = monthrange(day.year, day.month)[1]
        next_month = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        end = min(next_month, period.ends_before)
        yield (end - day).days, length
        day = end


def _months_between(first: date, ends_before: date) -> int:
    return max((ends_before.year - first.year) * 12 + ends_before.month - first.month, 1)


def _ordinal(day: date) -> int:
    """Return the days before *day* where every month has 30, the 31st being none of them."""
    return (day.year * 12 + day.month - 1) * 30 + day.day - 1
