"""Half-open date ranges, the grid of charge periods from an anchor, and bill dates (billing-rules 1 and 2).

Every date is a civil date and every range is half-open: `start` is in it, `end` is not. `None` is open.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from counterfoil.core.refusals import Refusal, shown

ONE_DAY = timedelta(days=1)
MONTHS_IN_YEAR = 12
DAYS_IN_WEEK = 7
LAST_ANCHOR_DAY = 31
LAST_ORDINAL = date.max.toordinal()

# The years a charge's dates may lie in; a boundary may lie beyond them, up to the calendar's end.
FIRST_YEAR, LAST_YEAR = 1900, 2200


class OpenRange(Refusal):
    """The range {range} is open, so it has no such day or length. Give it a start and an end first."""


class NotALength(Refusal):
    """{text} is not a charge period. Write a whole number and a unit: 1 month, 3 months, 1 year, 2 weeks."""


class NotAnAnchorDay(Refusal):
    """{day} is not a day of a month. Give a whole number from 1 to 31; 31 means the end of every month."""


class AnchorDayNeedsMonths(Refusal):
    """A charge period of {length} has no day of the month. Leave the day out, or use months or years."""


class DateOutOfRange(Refusal):
    """A date falls outside the years 1 to 9999. Check the start, the anchor, the length and the offset."""


class Unit(StrEnum):
    """What a charge period's length is counted in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class PartCharging(StrEnum):
    """What a partial period costs (billing-rules 3)."""

    NONE = "none"
    WHOLE = "whole"
    DAILY = "daily"
    MONTHLY = "monthly"


class DayCount(StrEnum):
    """How days are counted under `PartCharging.DAILY` (billing-rules 3)."""

    ACTUAL = "actual"
    BY_MONTH = "by_month"
    THIRTY_360 = "thirty_360"


class BillOn(StrEnum):
    """Which end of a service period its bill date is counted from (billing-rules 2.3)."""

    ADVANCE = "advance"
    ARREARS = "arrears"


@dataclass(frozen=True, slots=True)
class DateRange:
    """The days from *start* up to, not including, *end*; None is open on that side."""

    start: date | None
    end: date | None

    def __contains__(self, day: date) -> bool:
        """Return whether *day* lies in the range."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def __str__(self) -> str:
        """Return the range as "2026-01-01..2026-02-01", an open side as nothing."""
        return f"{self.start or ''}..{self.end or ''}"

    def contains(self, day: date) -> bool:
        """Return whether *day* lies in the range."""
        return day in self

    @property
    def is_open(self) -> bool:
        """Whether either side has no bound."""
        return self.start is None or self.end is None

    @property
    def is_empty(self) -> bool:
        """Whether the range holds no day at all: its end is on or before its start."""
        return self.start is not None and self.end is not None and self.end <= self.start

    def intersect(self, other: DateRange) -> DateRange:
        """Return the days in both ranges; it may be empty."""
        starts = [day for day in (self.start, other.start) if day is not None]
        ends = [day for day in (self.end, other.end) if day is not None]
        return DateRange(max(starts, default=None), min(ends, default=None))

    @property
    def days(self) -> int:
        """The number of days in the range, 0 if it is empty. Raises `OpenRange` if a side is open."""
        if self.start is None or self.end is None:
            raise OpenRange(range=self)
        return max((self.end - self.start).days, 0)

    @property
    def first_day(self) -> date:
        """The first day in the range. Raises `OpenRange` if its start is open."""
        if self.start is None:
            raise OpenRange(range=self)
        return self.start

    @property
    def ends_before(self) -> date:
        """The first day after the range. Raises `OpenRange` if its end is open."""
        if self.end is None:
            raise OpenRange(range=self)
        return self.end

    @property
    def last_day(self) -> date:
        """The last day in the range, the day before its end. Raises `OpenRange` if its end is open."""
        return self.ends_before - ONE_DAY


def merged(ranges: Iterable[DateRange]) -> list[DateRange]:
    """Return the same days as ranges in order that neither touch nor overlap; empty ones are gone."""
    joined: list[DateRange] = []
    for days in sorted((r for r in ranges if not r.is_empty), key=lambda r: r.start or date.min):
        last = joined[-1] if joined else None
        if last is None or (last.end is not None and days.start is not None and last.end < days.start):
            joined.append(days)
        elif last.end is not None and (days.end is None or last.end < days.end):
            joined[-1] = DateRange(last.start, days.end)
    return joined


def without(days: DateRange, removed: DateRange) -> list[DateRange]:
    """Return the days in *days* and not in *removed*: none, one or two ranges, in order."""
    if removed.is_empty or days.intersect(removed).is_empty:
        return [] if days.is_empty else [days]
    before = DateRange(days.start, removed.start) if removed.start is not None else None
    after = DateRange(removed.end, days.end) if removed.end is not None else None
    return [part for part in (before, after) if part is not None and not part.is_empty]


def intersection(some: Iterable[DateRange], others: Iterable[DateRange]) -> list[DateRange]:
    """Return the days that are in both, as ranges in order that do not touch."""
    other_days = list(others)
    return merged(days.intersect(other) for days in some for other in other_days)


def remainder(days: Iterable[DateRange], removed: Iterable[DateRange]) -> list[DateRange]:
    """Return the days in *days* and in none of *removed*, as ranges in order that do not touch."""
    left = merged(days)
    for gone in removed:
        left = [part for piece in left for part in without(piece, gone)]
    return left


@dataclass(frozen=True, slots=True)
class Length:
    """The length of a charge period: *count* days, weeks, months or years, at least one."""

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse a length below one."""
        if self.count < 1:
            raise NotALength(text=shown(self))

    def __str__(self) -> str:
        """Return the length as `parse` reads it: "1 month", "3 months"."""
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"

    @classmethod
    def parse(cls, text: str) -> Length:
        """Return the length that *text* writes: "1 month", "3 months". Raises `NotALength`."""
        match = _LENGTH.fullmatch(text.strip().lower())
        if match is None or int(match[1]) < 1:
            raise NotALength(text=shown(text))
        return cls(int(match[1]), Unit(match[2]))

    @property
    def months(self) -> int | None:
        """How many months it holds, or None if it is counted in days or weeks."""
        if self.unit is Unit.MONTH:
            return self.count
        return self.count * MONTHS_IN_YEAR if self.unit is Unit.YEAR else None

    @property
    def days(self) -> int | None:
        """How many days it holds, or None if it is counted in months or years."""
        if self.unit is Unit.DAY:
            return self.count
        return self.count * DAYS_IN_WEEK if self.unit is Unit.WEEK else None

    @property
    def counted(self) -> Length:
        """Return the same length counted in months or in days alone: a year is 12 months, a week 7 days."""
        if self.months is not None:
            return Length(self.months, Unit.MONTH)
        return Length(self.days or 1, Unit.DAY)


_LENGTH = re.compile(r"([0-9]{1,6}) +(day|week|month|year)s?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Grid:
    """Where charge periods begin: every boundary is computed from *anchor*, never from another (1.1).

    *anchor_day* (1–31, months and years only) is the day of the month every boundary falls on, clipped to the
    month's last; None is the anchor's own day. Raises `NotAnAnchorDay` and `AnchorDayNeedsMonths`.
    """

    length: Length
    anchor: date
    anchor_day: int | None = None

    def __post_init__(self) -> None:
        """Refuse an anchor day that no month has, or one where there are no months."""
        if self.anchor_day is None:
            return
        if self.length.months is None:
            raise AnchorDayNeedsMonths(length=self.length)
        if not 1 <= self.anchor_day <= LAST_ANCHOR_DAY:
            raise NotAnAnchorDay(day=self.anchor_day)

    @classmethod
    def for_billing_day(cls, *, length: Length, billing_day: int, starts_on: date) -> Grid:
        """Return the grid of a charge billed on a fixed day of the month (billing-rules 1.4).

        Its anchor is the first date on or after *starts_on* whose day is *billing_day*, clipped by 1.1.
        """
        grid = cls(length=Length(1, Unit.MONTH), anchor=starts_on, anchor_day=billing_day)
        if length.months is None:
            raise AnchorDayNeedsMonths(length=length)
        anchor = grid.boundary(0) if grid.boundary(0) >= starts_on else grid.boundary(1)
        return cls(length=length, anchor=anchor, anchor_day=billing_day)

    def boundary(self, k: int) -> date:
        """Return the first day of period *k*, any whole number (billing-rules 1.1).

        Raises `DateOutOfRange` beyond the years 1 to 9999.
        """
        if self.length.months is None:
            return day_of_ordinal(self.anchor.toordinal() + k * (self.length.days or 0))
        return _day_of_month(_month_number(self.anchor) + k * self.length.months, self.day_of_month)

    def index_of(self, day: date) -> int:
        """Return the number of the period that holds *day*, without walking there (billing-rules 1.3)."""
        if self.length.months is None:
            return (day.toordinal() - self.anchor.toordinal()) // (self.length.days or 1)
        k, months_in = divmod(_month_number(day) - _month_number(self.anchor), self.length.months)
        starts_later = months_in == 0 and day.day < min(self.day_of_month, _days_in_month_of(day))
        return k - starts_later

    def period(self, k: int) -> DateRange:
        """Return the days of period *k*."""
        return DateRange(self.boundary(k), self.boundary(k + 1))

    @property
    def day_of_month(self) -> int:
        """The day every boundary falls on where the month is long enough."""
        return self.anchor_day or self.anchor.day

    def months_of(self, k: int) -> list[DateRange]:
        """Return the monthly sub-periods of period *k*, with the same anchor day; none for days and weeks."""
        months = self.length.months or 0
        by_month = Grid(Length(1, Unit.MONTH), self.anchor, self.day_of_month)
        return [by_month.period(k * months + month) for month in range(months)]


def bill_date(period: DateRange, bill_on: BillOn, offset: int) -> date:
    """Return the day service *period* is billed: its start or end, *offset* days on (billing-rules 2.3).

    In arrears with offset 0 it is the first day after the service. Raises `DateOutOfRange`.
    """
    counted_from = period.first_day if bill_on is BillOn.ADVANCE else period.ends_before
    return day_of_ordinal(counted_from.toordinal() + offset)


def day_of_ordinal(ordinal: int) -> date:
    """Return the day with that proleptic ordinal. Raises `DateOutOfRange`."""
    if not 1 <= ordinal <= LAST_ORDINAL:
        raise DateOutOfRange
    return date.fromordinal(ordinal)


def _month_number(day: date) -> int:
    return day.year * MONTHS_IN_YEAR + day.month - 1


def _day_of_month(month_number: int, anchor_day: int) -> date:
    year, month = month_number // MONTHS_IN_YEAR, month_number % MONTHS_IN_YEAR + 1
    if not date.min.year <= year <= date.max.year:
        raise DateOutOfRange
    return date(year, month, min(anchor_day, monthrange(year, month)[1]))


def _days_in_month_of(day: date) -> int:
    return monthrange(day.year, day.month)[1]
