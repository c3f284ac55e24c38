"""When a schedule is due, by the clock on the wall: its words, and the moments that a wall clock's times mean.

A schedule is five fields as cron writes them: minute, hour, day of the month, month, weekday. The usual ones have
a form that people choose and words that they read; all others are what they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from counterfoil.core.sentences import sentence

LAST_DAY = 0
"""The day of the month that stands for its last one."""
WEEKDAYS = (
    sentence("Sunday"),
    sentence("Monday"),
    sentence("Tuesday"),
    sentence("Wednesday"),
    sentence("Thursday"),
    sentence("Friday"),
    sentence("Saturday"),
)
"""By their number in cron."""


class Every(StrEnum):
    """How often the usual schedules are due."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


_MONTHS = {Every.MONTH: "*", Every.QUARTER: "1,4,7,10"}


@dataclass(frozen=True, slots=True)
class UsualSchedule:
    """Every day, week, month or quarter at a time; on a *weekday* as cron counts, or a *day*, `LAST_DAY` for the last.

    A day that a month does not have is not due in that month, as with cron.
    """

    every: Every
    hour: int
    minute: int
    weekday: int = 1
    day: int = 1

    @property
    def cron(self) -> str:
        """Return its five fields."""
        time = f"{self.minute} {self.hour}"
        if self.every is Every.DAY:
            return f"{time} * * *"
        if self.every is Every.WEEK:
            return f"{time} * * {self.weekday}"
        return f"{time} {self.day or 'L'} {_MONTHS[self.every]} *"

    @property
    def words(self) -> str:
        """Return it as people say it: "every month on day 1 at 06:00"."""
        time = f"{self.hour:02}:{self.minute:02}"
        if self.every is Every.DAY:
            return sentence("every day at {time}", time=time)
        if self.every is Every.WEEK:
            return sentence("every {weekday} at {time}", weekday=WEEKDAYS[self.weekday], time=time)
        if self.every is Every.MONTH and self.day == LAST_DAY:
            return sentence("every month on the last day at {time}", time=time)
        if self.every is Every.MONTH:
            return sentence("every month on day {day} at {time}", day=self.day, time=time)
        if self.day == LAST_DAY:
            return sentence("in January, April, July and October on the last day at {time}", time=time)
        return sentence("in January, April, July and October on day {day} at {time}", day=self.day, time=time)


_USUAL = re.compile(
    r"(?P<minute>[0-9]{1,2}) (?P<hour>[0-9]{1,2}) (?P<day>\*|L|[0-9]{1,2})"
    r" (?P<months>\*|1,4,7,10) (?P<weekday>\*|[0-7])",
    re.ASCII,
)


def usual(cron: str) -> UsualSchedule | None:
    """Return the usual schedule that the five fields *cron* write; None where they are none of those."""
    match = _USUAL.fullmatch(" ".join(cron.split()))
    if match is None:
        return None
    hour, minute = int(match["hour"]), int(match["minute"])
    if match["weekday"] != "*":
        is_weekly = match["day"] == match["months"] == "*"
        weekday = int(match["weekday"]) % 7
        return UsualSchedule(Every.WEEK, hour, minute, weekday=weekday) if is_weekly else None
    if match["day"] == "*":
        return UsualSchedule(Every.DAY, hour, minute) if match["months"] == "*" else None
    every = Every.MONTH if match["months"] == "*" else Every.QUARTER
    day = LAST_DAY if match["day"] == "L" else int(match["day"])
    return UsualSchedule(every, hour, minute, day=day)


def words_of(cron: str) -> str:
    """Return what *cron* says: in words where it is usual, else its fields; "" where there is no schedule."""
    found = usual(cron)
    return found.words if found else cron and sentence("by cron: {cron}", cron=cron)


def moment_of(wall: datetime, *, zone: tzinfo) -> datetime:
    """Return the moment, in UTC, at which a clock in *zone* shows *wall*, which names no zone itself.

    A time that happens twice, when clocks go back, means its first moment. A time that does not exist, when they go
    forward, means the first moment after the gap.
    """
    there = wall.replace(tzinfo=zone, fold=0)
    moment = there.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    earliest, latest = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment
    offset_after = latest.astimezone(zone).utcoffset()
    while latest - earliest > timedelta(seconds=1):
        middle = (earliest + (latest - earliest) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset_after:
            latest = middle
        else:
            earliest = middle
    return latest
