"""The billing rules once more, slowly: day by day, in fractions, sharing no code with counterfoil.core.

Everything is a loop over single days or single months, so that it can be believed by reading it. Dates are
`datetime.date`, shares and amounts `Fraction`, options plain words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import floor

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """One charge: half-open dates, exact numbers."""

    count: int = 1
    unit: str = "month"
    anchor: date
    anchor_day: int | None = None
    starts_on: date
    ends_before: date
    part_charging: str = "daily"
    day_count: str = "actual"
    bill_on: str = "advance"
    offset: int = 0
    price: Fraction
    digits: int = 2
    billed_from: date | None = None
    billed_to: date | None = None
    given_up: tuple[tuple[date, date], ...] = ()
    commissioned: tuple[tuple[date, date], ...] | None = None


@dataclass(frozen=True)
class OracleLine:
    """A line owed; `amount` in whole minor units."""

    start: date
    end: date
    fraction: Fraction
    amount: int
    bill_date: date


def rounded(value: Fraction, *, half: str = "away") -> int:
    """Round by looking at the two whole numbers on either side (3.1)."""
    if value < 0:
        return -rounded(-value, half=half)
    below = floor(value)
    rest = value - below
    if rest > Fraction(1, 2) or (rest == Fraction(1, 2) and (half == "away" or below % 2 == 1)):
        return below + 1
    return below


def days(start: date, end: date) -> list[date]:
    """List every day of [start, end)."""
    found = []
    while start < end:
        found.append(start)
        start += ONE_DAY
    return found


def clipped(year: int, month: int, day: int) -> date:
    """Return the day of that month, or the last one it has (1.1)."""
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


def boundaries(
    *, count: int, unit: str, anchor: date, anchor_day: int | None, around: Iterable[date]
) -> list[date]:
    """List the grid's boundaries from before the first of *around* to after the last, walking from the anchor."""
    needed = list(around)
    first, last = min(needed), max(needed)
    found = {_at(0, count, unit, anchor, anchor_day)}
    k = 0
    while max(found) <= last:
        k += 1
        found.add(_at(k, count, unit, anchor, anchor_day))
    k = 0
    while min(found) > first:
        k -= 1
        found.add(_at(k, count, unit, anchor, anchor_day))
    return sorted(found)


def _at(k: int, count: int, unit: str, anchor: date, anchor_day: int | None) -> date:
    if unit in ("day", "week"):
        return anchor + timedelta(days=k * count * (7 if unit == "week" else 1))
    steps = k * count * (12 if unit == "year" else 1)
    year, month = anchor.year, anchor.month
    for _ in range(abs(steps)):
        month += 1 if steps > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    return clipped(year, month, anchor_day or anchor.day)


def share(terms: Terms, *, start: date, end: date, served: Iterable[date]) -> Fraction:
    """Return what the *served* days cost of the grid period [start, end), by the terms' policy (3)."""
    here = sorted(day for day in set(served) if start <= day < end)
    if not here:
        return Fraction(0)
    if len(here) == (end - start).days:
        return Fraction(1)
    if terms.part_charging == "none":
        return Fraction(0)
    if terms.part_charging == "whole":
        return Fraction(1)
    if terms.part_charging == "monthly":
        return _months_share(terms, start=start, end=end, served=here)
    if terms.day_count == "by_month":
        months = terms.count * (12 if terms.unit == "year" else 1)
        return min(sum(Fraction(1, _days_in_month(day)) for day in here) / months, Fraction(1))
    if terms.day_count == "thirty_360":
        return Fraction(sum(map(_weight, here)), sum(map(_weight, days(start, end))))
    return Fraction(len(here), (end - start).days)


def months_of(terms: Terms, *, start: date, end: date) -> list[tuple[date, date]]:
    """List the monthly sub-periods of the grid period [start, end)."""
    edges = boundaries(
        count=1, unit="month", anchor=terms.anchor, anchor_day=terms.anchor_day, around=[start, end]
    )
    return [(a, b) for a, b in pairwise(edges) if start <= a and b <= end]


def _months_share(terms: Terms, *, start: date, end: date, served: list[date]) -> Fraction:
    months = months_of(terms, start=start, end=end)
    touched = [month for month in months if any(month[0] <= day < month[1] for day in served)]
    return Fraction(len(touched), len(months))


def _days_in_month(day: date) -> int:
    return clipped(day.year, day.month, 31).day


def _weight(day: date) -> int:
    if day.day == 31:
        return 0
    if day.month == 2 and day.day == _days_in_month(day):
        return 30 - day.day + 1
    return 1


def cost(terms: Terms, fraction: Fraction) -> int:
    """Return the price of that share in minor units, rounded once (3.1)."""
    return rounded(terms.price * fraction * 10**terms.digits)


def served_days(terms: Terms) -> list[date]:
    """List the days of service: start to end, while commissioned (2.1)."""
    all_days = days(terms.starts_on, terms.ends_before)
    if terms.commissioned is None:
        return all_days
    return [day for day in all_days if any(a <= day < b for a, b in terms.commissioned)]


def runs(some_days: Iterable[date]) -> list[tuple[date, date]]:
    """Join days that follow each other into half-open ranges."""
    joined: list[tuple[date, date]] = []
    for day in sorted(some_days):
        if joined and joined[-1][1] == day:
            joined[-1] = (joined[-1][0], day + ONE_DAY)
        else:
            joined.append((day, day + ONE_DAY))
    return joined


def owed(terms: Terms, *, through: date | None = None) -> list[OracleLine]:
    """Return the lines due by *through*: each unbilled piece of each service period, oldest first (2.2–2.4, 3.4)."""
    served = served_days(terms)
    if not served:
        return []
    is_billed: set[date] = set()
    if terms.billed_from is not None and terms.billed_to is not None:
        span = set(days(terms.billed_from, terms.billed_to))
        pauses = set(days(served[0], served[-1])) - set(served)
        is_billed = span - pauses - {day for a, b in terms.given_up for day in days(a, b)}
    edges = boundaries(
        count=terms.count, unit=terms.unit, anchor=terms.anchor, anchor_day=terms.anchor_day, around=served
    )
    lines: list[OracleLine] = []
    dues_before_span = set()
    for start, end in pairwise(edges):
        lines += _owed_of_period(terms, start, end, served=served, is_billed=is_billed)
        for service in runs(day for day in served if start <= day < end):
            if terms.billed_from is not None and service[0] < terms.billed_from:
                counted_from = service[0] if terms.bill_on == "advance" else service[1]
                dues_before_span.add(counted_from + timedelta(days=terms.offset))
    # Days before the span are billed together: in part they would carry it over days that are not billed (2.5).
    if through is not None and {due <= through for due in dues_before_span} == {True, False}:
        return []
    return [line for line in lines if through is None or line.bill_date <= through]


def _owed_of_period(
    terms: Terms, start: date, end: date, *, served: list[date], is_billed: set[date]
) -> list[OracleLine]:
    lines = []
    so_far = {day for day in is_billed if start <= day < end}
    for service in runs(day for day in served if start <= day < end):
        counted_from = service[0] if terms.bill_on == "advance" else service[1]
        for piece in runs(day for day in days(*service) if day not in is_billed):
            together = so_far | set(days(*piece))
            before, after = (share(terms, start=start, end=end, served=part) for part in (so_far, together))
            so_far = together
            if after != before:
                amount = cost(terms, after) - cost(terms, before)
                due = counted_from + timedelta(days=terms.offset)
                lines.append(OracleLine(*piece, after - before, amount, due))
    return lines


def credited(terms: Terms, *, billed_to: date, ends_before: date, basis: str) -> list[OracleLine]:
    """Return the credits when a charge billed to *billed_to* ends at *ends_before*, oldest line first (6.2, 6.3)."""
    found = []
    edges = boundaries(
        count=terms.count,
        unit=terms.unit,
        anchor=terms.anchor,
        anchor_day=terms.anchor_day,
        around=[terms.starts_on, billed_to],
    )
    for line in owed(replace(terms, ends_before=billed_to)):
        start, end = next(period for period in pairwise(edges) if period[0] <= line.start < period[1])
        unserved = [day for day in days(line.start, line.end) if day >= ends_before]
        if not unserved:
            continue
        kept = [day for day in days(line.start, line.end) if day < ends_before]
        if basis == "daily":
            policy = "daily" if terms.part_charging == "none" else terms.part_charging
            would_be = share(replace(terms, part_charging=policy), start=start, end=end, served=kept)
        else:
            would_be = _monthly_off(terms, line, start=start, end=end, kept=kept)
        given_back = line.fraction - would_be
        if given_back > 0:
            amount = cost(terms, would_be) - line.amount
            found.append(OracleLine(unserved[0], line.end, given_back, amount, ends_before))
    return found


def _monthly_off(terms: Terms, line: OracleLine, *, start: date, end: date, kept: list[date]) -> Fraction:
    months = months_of(terms, start=start, end=end) if terms.unit in ("month", "year") else []
    if len(months) <= 1:
        return line.fraction
    gone = 0
    for month_start, month_end in months:
        billed_here = [day for day in days(month_start, month_end) if line.start <= day < line.end]
        whole_month_billed = bool(billed_here)
        if terms.part_charging == "daily":
            whole_month_billed = len(billed_here) == (month_end - month_start).days
        if whole_month_billed and not any(day in kept for day in days(month_start, month_end)):
            gone += 1
    return max(line.fraction - Fraction(gone, len(months)), Fraction(0))
