"""Half-open ranges, the grid from an anchor, and bill dates (billing-rules 1 and 2.3)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.periods import (
    AnchorDayNeedsMonths,
    BillOn,
    DateOutOfRange,
    DateRange,
    Grid,
    Length,
    NotALength,
    NotAnAnchorDay,
    OpenRange,
    Unit,
    bill_date,
    intersection,
    merged,
    remainder,
    without,
)
from tests.core import oracle
from tests.core.strategies import DATES, grids

MONTHLY = Length(1, Unit.MONTH)
QUARTERLY = Length(3, Unit.MONTH)
YEARLY = Length(1, Unit.YEAR)


def days(start: str, end: str) -> DateRange:
    """Write a range the short way: days("2026-01-01", "2026-02-01")."""
    return DateRange(date.fromisoformat(start), date.fromisoformat(end))


def boundaries(grid: Grid, first: int, after: int) -> list[str]:
    return [grid.boundary(k).isoformat() for k in range(first, after)]


def test_1_2_the_31st_monthly_does_not_drift_to_the_28th() -> None:
    grid = Grid(MONTHLY, date(2026, 1, 31))
    assert boundaries(grid, 0, 4) == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert boundaries(grid, -3, 0) == ["2025-10-31", "2025-11-30", "2025-12-31"]


def test_1_2_29_february_yearly_is_the_28th_in_common_years_and_comes_back() -> None:
    grid = Grid(YEARLY, date(2024, 2, 29))
    assert boundaries(grid, 0, 5) == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]
    assert grid.boundary(-124) == date(1900, 2, 28)  # 1900 was no leap year
    assert grid.boundary(176) == date(2200, 2, 28)  # nor will 2200 be one
    assert grid.boundary(-24) == date(2000, 2, 29)


def test_1_2_anchor_day_31_is_the_end_of_the_month() -> None:
    grid = Grid(MONTHLY, date(2026, 2, 10), 31)
    assert boundaries(grid, -1, 3) == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]


def test_1_1_weeks_and_days_count_from_the_anchor() -> None:
    assert boundaries(Grid(Length(2, Unit.WEEK), date(2026, 1, 1)), -1, 2) == [
        "2025-12-18",
        "2026-01-01",
        "2026-01-15",
    ]
    assert boundaries(Grid(Length(30, Unit.DAY), date(2024, 2, 1)), 0, 2) == ["2024-02-01", "2024-03-02"]


@pytest.mark.parametrize("anchor_day", range(1, 32))
@pytest.mark.parametrize("length", [MONTHLY, QUARTERLY, Length(5, Unit.MONTH), YEARLY])
def test_1_1_every_anchor_day_over_three_centuries(length: Length, anchor_day: int) -> None:
    """Each boundary from 1900 to 2200 falls in the right month, on the anchor day or the month's last day."""
    grid = Grid(length, date(2000, 1, 15), anchor_day)
    months = length.months or 0
    for k in range(-1200 // months, 2400 // months + 1):
        year, month = divmod(2000 * 12 + k * months, 12)
        assert grid.boundary(k) == oracle.clipped(year, month + 1, anchor_day)


@given(grids(), DATES)
def test_1_3_the_period_found_for_a_day_holds_it_and_its_neighbours_do_not(grid: Grid, day: date) -> None:
    k = grid.index_of(day)
    assert day in grid.period(k)
    assert grid.period(k - 1).end == grid.period(k).start
    assert grid.period(k + 1).start == grid.period(k).end
    assert not grid.period(k).is_empty


@given(grids(near=date(2024, 1, 15)), st.dates(date(2020, 1, 1), date(2028, 12, 31)))
def test_1_1_boundaries_agree_with_the_oracles_walk(grid: Grid, day: date) -> None:
    walked = oracle.boundaries(
        count=grid.length.count,
        unit=str(grid.length.unit),
        anchor=grid.anchor,
        anchor_day=grid.anchor_day,
        around=[day, day + timedelta(days=800)],
    )
    first = grid.index_of(walked[0])
    assert [grid.boundary(first + number) for number in range(len(walked))] == walked


@given(grids(near=date(2024, 1, 15)))
def test_1_3_periods_tile_the_calendar(grid: Grid) -> None:
    periods = [
        grid.period(k) for k in range(grid.index_of(date(2023, 1, 1)), grid.index_of(date(2025, 12, 31)))
    ]
    assert all(earlier.end == later.start for earlier, later in pairwise(periods))
    assert sum(period.days for period in periods) == (periods[-1].ends_before - periods[0].first_day).days


def test_1_4_quarterly_from_10_january_with_billing_day_1_begins_on_1_february() -> None:
    grid = Grid.for_billing_day(length=QUARTERLY, billing_day=1, starts_on=date(2026, 1, 10))
    assert boundaries(grid, -1, 2) == ["2025-11-01", "2026-02-01", "2026-05-01"]


@pytest.mark.parametrize(
    ("starts_on", "billing_day", "anchor"),
    [
        ("2026-01-10", 10, "2026-01-10"),  # the start itself is the billing day
        ("2026-01-10", 9, "2026-02-09"),
        ("2026-02-10", 31, "2026-02-28"),  # clipped by 1.1
        ("2026-01-31", 30, "2026-02-28"),
        ("2026-02-28", 31, "2026-02-28"),
        ("2026-12-20", 5, "2027-01-05"),
        ("2024-02-29", 29, "2024-02-29"),
    ],
)
def test_1_4_the_anchor_is_the_first_billing_day_on_or_after_the_start(
    starts_on: str, billing_day: int, anchor: str
) -> None:
    grid = Grid.for_billing_day(
        length=MONTHLY, billing_day=billing_day, starts_on=date.fromisoformat(starts_on)
    )
    assert (grid.anchor.isoformat(), grid.anchor_day) == (anchor, billing_day)


@given(DATES, st.integers(1, 31), st.sampled_from([MONTHLY, QUARTERLY, YEARLY]))
def test_1_4_no_billing_day_lies_between_start_and_anchor(
    starts_on: date, billing_day: int, length: Length
) -> None:
    grid = Grid.for_billing_day(length=length, billing_day=billing_day, starts_on=starts_on)
    assert grid.boundary(0) == grid.anchor >= starts_on
    skipped = oracle.days(starts_on, grid.anchor)
    assert not [day for day in skipped if day == oracle.clipped(day.year, day.month, billing_day)]


def test_1_an_anchor_day_needs_months() -> None:
    with pytest.raises(AnchorDayNeedsMonths, match="A charge period of 2 weeks has no day of the month"):
        Grid(Length(2, Unit.WEEK), date(2026, 1, 1), 5)
    with pytest.raises(AnchorDayNeedsMonths):
        Grid.for_billing_day(length=Length(30, Unit.DAY), billing_day=5, starts_on=date(2026, 1, 1))


@pytest.mark.parametrize("anchor_day", [0, 32, -1])
def test_1_an_anchor_day_is_one_of_1_to_31(anchor_day: int) -> None:
    with pytest.raises(NotAnAnchorDay, match=f"{anchor_day} is not a day of a month"):
        Grid(MONTHLY, date(2026, 1, 1), anchor_day)


def test_1_a_boundary_beyond_the_calendar_is_refused_in_words() -> None:
    for grid, k in (
        (Grid(MONTHLY, date(2026, 1, 31)), 12 * 8000),
        (Grid(MONTHLY, date(2026, 1, 31)), -12 * 3000),
        (Grid(Length(999_999, Unit.YEAR), date(2026, 1, 1)), 1),
        (Grid(Length(999_999, Unit.DAY), date(2026, 1, 1)), 10**30),
    ):
        with pytest.raises(DateOutOfRange, match="A date falls outside the years 1 to 9999"):
            grid.boundary(k)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1 month", "1 month"),
        ("3 months", "3 months"),
        ("1 year", "1 year"),
        ("2 weeks", "2 weeks"),
        (" 30  Days ", "30 days"),
        ("1 days", "1 day"),
    ],
)
def test_1_lengths_are_read_as_people_write_them(text: str, written: str) -> None:
    assert str(Length.parse(text)) == written


@pytest.mark.parametrize(
    "text", ["", "month", "0 months", "-1 month", "1.5 months", "3 moons", "3months", "٣ days"]
)
def test_1_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(NotALength, match="is not a charge period"):
        Length.parse(text)


def test_1_a_length_below_one_cannot_exist() -> None:
    with pytest.raises(NotALength, match="'0 months' is not a charge period"):
        Length(0, Unit.MONTH)


@pytest.mark.parametrize(
    ("bill_on", "offset", "billed"),
    [
        (BillOn.ADVANCE, 0, "2026-01-01"),
        (BillOn.ARREARS, 0, "2026-02-01"),  # the first day after service
        (BillOn.ADVANCE, -14, "2025-12-18"),  # bill 14 days early
        (BillOn.ARREARS, 5, "2026-02-06"),
        (BillOn.ARREARS, -1, "2026-01-31"),
    ],
)
def test_2_3_bill_dates(bill_on: BillOn, offset: int, billed: str) -> None:
    assert bill_date(days("2026-01-01", "2026-02-01"), bill_on, offset) == date.fromisoformat(billed)


def test_2_3_a_bill_date_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(DateOutOfRange):
        bill_date(days("2026-01-01", "2026-02-01"), BillOn.ADVANCE, 10**9)


def test_a_range_is_half_open() -> None:
    january = days("2026-01-01", "2026-02-01")
    assert date(2026, 1, 1) in january
    assert january.contains(date(2026, 1, 31))
    assert date(2026, 2, 1) not in january
    assert (january.first_day, january.last_day, january.days) == (date(2026, 1, 1), date(2026, 1, 31), 31)
    assert days("2026-02-01", "2026-01-01").is_empty
    assert days("2026-02-01", "2026-01-01").days == 0


def test_an_open_range_has_no_length_and_says_so() -> None:
    running = DateRange(date(2026, 1, 1), None)
    assert date(9999, 12, 31) in running
    assert running.is_open
    assert not running.is_empty
    with pytest.raises(OpenRange, match=r"The range 2026-01-01\.\. is open"):
        _ = running.last_day
    with pytest.raises(OpenRange):
        _ = running.days
    with pytest.raises(OpenRange):
        _ = DateRange(None, date(2026, 1, 1)).first_day


EDGES = st.none() | st.dates(date(2026, 1, 1), date(2026, 2, 10))
RANGES = st.builds(DateRange, EDGES, EDGES)
WINDOW = oracle.days(date(2025, 12, 25), date(2026, 2, 20))


def held(ranges: list[DateRange]) -> list[date]:
    return [day for day in WINDOW if any(day in some for some in ranges)]


@given(st.lists(RANGES, max_size=4), st.lists(RANGES, max_size=4))
def test_sets_of_days_hold_the_days_they_should(some: list[DateRange], others: list[DateRange]) -> None:
    assert held(merged(some)) == held(some)
    assert held(intersection(some, others)) == [day for day in held(some) if day in held(others)]
    assert held(remainder(some, others)) == [day for day in held(some) if day not in held(others)]
    for joined in (merged(some), intersection(some, others), remainder(some, others)):
        assert not any(one.is_empty for one in joined)
        assert all(
            one.end is not None and two.start is not None and one.end < two.start
            for one, two in pairwise(joined)
        )


@given(RANGES, RANGES)
def test_taking_days_away_leaves_the_others(whole: DateRange, removed: DateRange) -> None:
    assert held(without(whole, removed)) == [day for day in held([whole]) if day not in held([removed])]
