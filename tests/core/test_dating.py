"""The days that a definition's rules mean."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.core.dating import DayBase, DayRule, NotADayRule, parse_day_rule
from counterfoil.core.periods import DateOutOfRange

TODAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", date(2026, 1, 31)),
        ("today + 1 day", date(2026, 2, 1)),
        ("today - 31 days", date(2025, 12, 31)),
        ("first of last month", date(2025, 12, 1)),
        ("last of last month", date(2025, 12, 31)),
        ("first of this month", date(2026, 1, 1)),
        ("last of this month", date(2026, 1, 31)),
        ("first of next month", date(2026, 2, 1)),
        ("last of next month", date(2026, 2, 28)),  # 31 January has no 31 February to land on
        ("First  of next month-3 days", date(2026, 1, 29)),
        ("first of next month + 14", date(2026, 2, 15)),
    ],
)
def test_a_rule_means_a_day(text: str, day: date) -> None:
    assert parse_day_rule(text).day(today=TODAY) == day


def test_the_last_of_next_month_is_the_29th_in_a_leap_year() -> None:
    assert parse_day_rule("last of next month").day(today=date(2028, 1, 5)) == date(2028, 2, 29)


def test_an_invoice_may_be_dated_from_the_cut_off() -> None:
    rule = parse_day_rule("cut-off - 1 day", knows_cutoff=True)
    assert rule.day(today=TODAY, cutoff=date(2026, 2, 1)) == date(2026, 1, 31)
    with pytest.raises(NotADayRule):
        rule.day(today=TODAY)


@pytest.mark.parametrize("base", list(DayBase))
@pytest.mark.parametrize("days", [-366, -2, -1, 0, 1, 30])
def test_a_rule_is_read_as_it_is_written(base: DayBase, days: int) -> None:
    rule = DayRule(base=base, days=days)
    assert parse_day_rule(str(rule), knows_cutoff=True) == rule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "today + 367",
        "today + ",
        "+ 3 days",
        "today 3",
        "first",
        "cut-off",
        "today + １ day",
        "x" * 999,
    ],
)
def test_what_says_no_day_is_refused(text: str) -> None:
    with pytest.raises(
        NotADayRule, match=r"says no day. Write one of: today, first of last month, .*- 3 days\."
    ):
        parse_day_rule(text)


def test_a_day_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(DateOutOfRange):
        parse_day_rule("today + 366 days").day(today=date(9999, 12, 1))
