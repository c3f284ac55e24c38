"""Schedules in words, and what a clock on the wall means when it is put forward or back."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from counterfoil.core.schedules import LAST_DAY, Every, UsualSchedule, moment_of, usual, words_of

DUBLIN, APIA, HOWE = ZoneInfo("Europe/Dublin"), ZoneInfo("Pacific/Apia"), ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 6 * * *", "every day at 06:00"),
        ("30 18 * * 1", "every Monday at 18:30"),
        ("0 0 * * 7", "every Sunday at 00:00"),
        ("5 6 1 * *", "every month on day 1 at 06:05"),
        ("0 6 L * *", "every month on the last day at 06:00"),
        ("0 6 15 1,4,7,10 *", "in January, April, July and October on day 15 at 06:00"),
        ("*/5 * * * *", "by cron: */5 * * * *"),
        ("0 6 1 * 1", "by cron: 0 6 1 * 1"),
        ("0 6 * 1,4,7,10 *", "by cron: 0 6 * 1,4,7,10 *"),
        ("", ""),
    ],
)
def test_a_schedule_in_words(cron: str, words: str) -> None:
    assert words_of(cron) == words


@pytest.mark.parametrize("every", list(Every))
@pytest.mark.parametrize("day", [1, 31, LAST_DAY])
def test_a_usual_schedule_is_read_as_it_is_written(every: Every, day: int) -> None:
    monthly = every in (Every.MONTH, Every.QUARTER)
    schedule = UsualSchedule(every, 6, 30, weekday=3 if every is Every.WEEK else 1, day=day if monthly else 1)
    assert usual(schedule.cron) == schedule


@pytest.mark.parametrize(
    ("wall", "zone", "moment"),
    [
        ("2026-01-01T06:00", DUBLIN, "2026-01-01T06:00"),
        ("2026-07-01T06:00", DUBLIN, "2026-07-01T05:00"),
        # On 29 March 2026 the clocks of Dublin go from 01:00 to 02:00: 01:30 is due at 02:00, as is 02:00 itself.
        ("2026-03-29T00:59", DUBLIN, "2026-03-29T00:59"),
        ("2026-03-29T01:00", DUBLIN, "2026-03-29T01:00"),
        ("2026-03-29T01:30", DUBLIN, "2026-03-29T01:00"),
        ("2026-03-29T02:00", DUBLIN, "2026-03-29T01:00"),
        # On 25 October 2026 they go from 02:00 back to 01:00: 01:30 happens twice and is due the first time.
        ("2026-10-25T01:30", DUBLIN, "2026-10-25T00:30"),
        ("2026-10-25T02:00", DUBLIN, "2026-10-25T02:00"),
        # Lord Howe moves by half an hour; Samoa left 30 December 2011 out altogether.
        ("2026-10-04T02:15", HOWE, "2026-10-03T15:30"),
        ("2011-12-30T06:00", APIA, "2011-12-30T10:00"),
    ],
)
def test_the_moment_that_a_clock_on_the_wall_means(wall: str, zone: ZoneInfo, moment: str) -> None:
    found = moment_of(datetime.fromisoformat(wall), zone=zone)
    assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)
