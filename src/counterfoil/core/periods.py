"""Half-open date ranges, the grid of charge periods from an anchor, and bill dates (billing-rules 1 and 2).

Every date is a civil date and every range is half-open: `first_day` is in it, `end` is not. `None` is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


class OpenRange(ValueError):
    """The range is open, so it has no such day or length. Give it a start and an end first."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """The days from *start* up to, not including, *end*; None is open on that side."""

    start: date | None
    end: date | None

    def __contains__(self, day: date) -> bool:
        """Return whether *day* lies in the range."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

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
            raise OpenRange(OpenRange.__doc__)
        return max((self.end - self.start).days, 0)

    @property
    def first_day(self) -> date:
        """The first day in the range. Raises `OpenRange` if its start is open."""
        if self.start is None:
            raise OpenRange(OpenRange.__doc__)
        return self.start

    @property
    def last_day(self) -> date:
        """The last day in the range, the day before its end. Raises `OpenRange` if its end is open."""
        if self.end is None:
            raise OpenRange(OpenRange.__doc__)
        return self.end - ONE_DAY
