"""What share of a charge period is billed (billing-rules 3)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.periods import DateRange, DayCount, Grid, Length, PartCharging
from counterfoil.core.proration import PolicyNeedsMonths, fraction_of_pieces, fraction_served
from counterfoil.core.recurring import Charge
from tests.core import oracle
from tests.core.strategies import charges, oracle_terms
from tests.core.test_periods import MONTHLY, QUARTERLY, YEARLY, days


def share(
    grid: Grid,
    served: DateRange,
    *,
    part_charging: PartCharging = PartCharging.DAILY,
    day_count: DayCount = DayCount.ACTUAL,
) -> Fraction:
    """Return the share of the grid period that holds the first day of *served*."""
    return fraction_served(
        grid=grid,
        k=grid.index_of(served.first_day),
        served=served,
        part_charging=part_charging,
        day_count=day_count,
    )


CALENDAR_MONTHS = Grid(MONTHLY, date(2026, 1, 1))
CALENDAR_QUARTERS = Grid(QUARTERLY, date(2026, 1, 1))


def test_3_the_published_worked_examples() -> None:
    monthly = Grid.for_billing_day(length=MONTHLY, billing_day=13, starts_on=date(2011, 2, 1))
    assert share(monthly, days("2011-02-01", "2011-02-13")) == Fraction(12, 31)  # 13 Jan–13 Feb has 31 days
    quarterly = Grid.for_billing_day(length=QUARTERLY, billing_day=15, starts_on=date(2011, 1, 1))
    assert share(quarterly, days("2011-01-01", "2011-01-15")) == Fraction(14, 92)  # 15 Oct–15 Jan
    assert share(quarterly, days("2011-04-15", "2011-04-27")) == Fraction(12, 91)  # 15 Apr–15 Jul


@pytest.mark.parametrize("part_charging", PartCharging)
@pytest.mark.parametrize("day_count", DayCount)
@pytest.mark.parametrize("grid", [CALENDAR_MONTHS, CALENDAR_QUARTERS, Grid(YEARLY, date(2024, 2, 29))])
def test_3_2_a_full_period_is_1_under_every_policy(
    part_charging: PartCharging, day_count: DayCount, grid: Grid
) -> None:
    whole = grid.period(3)
    assert share(grid, whole, part_charging=part_charging, day_count=day_count) == 1
    longer = DateRange(whole.first_day, None)
    assert share(grid, longer, part_charging=part_charging, day_count=day_count) == 1


def test_3_none_bills_no_part_and_whole_bills_it_in_full() -> None:
    part = days("2026-01-15", "2026-02-01")
    assert share(CALENDAR_MONTHS, part, part_charging=PartCharging.NONE) == 0
    assert share(CALENDAR_MONTHS, part, part_charging=PartCharging.WHOLE) == 1
    assert share(CALENDAR_MONTHS, part, part_charging=PartCharging.DAILY) == Fraction(17, 31)


@pytest.mark.parametrize("part_charging", PartCharging)
def test_3_no_day_is_no_share(part_charging: PartCharging) -> None:
    outside = fraction_served(
        grid=CALENDAR_MONTHS,
        k=0,
        served=days("2026-02-01", "2026-03-01"),
        part_charging=part_charging,
        day_count=DayCount.ACTUAL,
    )
    assert outside == 0


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-01-15", "2026-04-01", Fraction(1)),  # 3/3: January holds a served day
        ("2026-02-15", "2026-04-01", Fraction(2, 3)),
        ("2026-01-01", "2026-02-02", Fraction(2, 3)),  # one day of February counts as February
        ("2026-01-01", "2026-02-01", Fraction(1, 3)),
        ("2026-02-15", "2026-02-16", Fraction(1, 3)),
    ],
)
def test_3_monthly_counts_months_that_hold_a_served_day(start: str, end: str, expected: Fraction) -> None:
    assert share(CALENDAR_QUARTERS, days(start, end), part_charging=PartCharging.MONTHLY) == expected


def test_3_monthly_sub_periods_follow_the_anchor_day_not_the_calendar() -> None:
    """Quarter 31 Jan–30 Apr with anchor day 31: the months begin 31 Jan, 28 Feb, 31 Mar."""
    grid = Grid(QUARTERLY, date(2026, 1, 31))
    assert [month.first_day.isoformat() for month in grid.months_of(0)] == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
    ]
    until_27_february = days("2026-01-31", "2026-02-28")
    assert share(grid, until_27_february, part_charging=PartCharging.MONTHLY) == Fraction(1, 3)
    until_28_february = days("2026-01-31", "2026-03-01")
    assert share(grid, until_28_february, part_charging=PartCharging.MONTHLY) == Fraction(2, 3)


def test_3_a_year_has_twelve_months() -> None:
    grid = Grid(YEARLY, date(2026, 1, 1))
    assert share(grid, days("2026-01-20", "2026-03-02"), part_charging=PartCharging.MONTHLY) == Fraction(
        3, 12
    )


def test_3_by_month_weighs_each_day_by_its_own_month() -> None:
    """25 Jan–3 Feb inclusive of a monthly period is 7/31 + 3/28, not 10/31."""
    grid = Grid(MONTHLY, date(2026, 1, 20))
    served = days("2026-01-25", "2026-02-04")
    assert share(grid, served, day_count=DayCount.BY_MONTH) == Fraction(7, 31) + Fraction(3, 28)


def test_3_by_month_partial_at_both_ends_of_a_quarter() -> None:
    """15 Jan–10 Mar inclusive of the first quarter: (17/31 + 28/28 + 10/31) ÷ 3."""
    served = days("2026-01-15", "2026-03-11")
    expected = (Fraction(17, 31) + 1 + Fraction(10, 31)) / 3
    assert share(CALENDAR_QUARTERS, served, day_count=DayCount.BY_MONTH) == expected


def test_3_by_month_never_exceeds_a_whole_period() -> None:
    """29 Jan–28 Feb 2026 (grid period 28 Jan–28 Feb), 30 of its 31 days: 3/31 + 27/28 = 1.06…, so 1."""
    grid = Grid(MONTHLY, date(2026, 1, 28))
    assert Fraction(3, 31) + Fraction(27, 28) > 1
    assert share(grid, days("2026-01-29", "2026-02-28"), day_count=DayCount.BY_MONTH) == 1


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-01-31", "2026-02-01", Fraction(0)),  # the 31st weighs nothing
        ("2026-01-15", "2026-02-01", Fraction(16, 30)),  # 15th to 30th
        ("2026-02-28", "2026-03-01", Fraction(3, 30)),  # 30 − 28 + 1
        ("2024-02-29", "2024-03-01", Fraction(2, 30)),  # 30 − 29 + 1
        ("2024-02-28", "2024-02-29", Fraction(1, 30)),  # not the last of February
        ("2026-02-01", "2026-02-15", Fraction(14, 30)),
        ("2026-04-10", "2026-05-01", Fraction(21, 30)),
    ],
)
def test_3_thirty_360_weighs_every_month_alike(start: str, end: str, expected: Fraction) -> None:
    assert share(CALENDAR_MONTHS, days(start, end), day_count=DayCount.THIRTY_360) == expected


def test_3_thirty_360_partial_at_both_ends() -> None:
    """Monthly from the 20th: 25 Jan–10 Feb inclusive weighs 6 (25th–30th) + 10; 20 Jan–20 Feb weighs 30."""
    grid = Grid(MONTHLY, date(2026, 1, 20))
    assert share(grid, days("2026-01-25", "2026-02-11"), day_count=DayCount.THIRTY_360) == Fraction(16, 30)
    # 20 Feb–20 Mar weighs 8 + 3 + 19 = 30; the 28th weighs 3 and 1–4 March 4.
    assert share(grid, days("2026-02-28", "2026-03-05"), day_count=DayCount.THIRTY_360) == Fraction(7, 30)


def test_3_thirty_360_of_a_period_counted_in_days() -> None:
    """30–31 January as a period of two days weighs 1 + 0."""
    grid = Grid(Length.parse("2 days"), date(2026, 1, 30))
    assert share(grid, days("2026-01-30", "2026-01-31"), day_count=DayCount.THIRTY_360) == 1
    assert share(grid, days("2026-01-31", "2026-02-01"), day_count=DayCount.THIRTY_360) == 0


@pytest.mark.parametrize(
    ("part_charging", "day_count", "named"),
    [
        (PartCharging.MONTHLY, DayCount.ACTUAL, "monthly"),
        (PartCharging.DAILY, DayCount.BY_MONTH, "by_month"),
    ],
)
def test_3_months_cannot_be_counted_in_weeks(
    part_charging: PartCharging, day_count: DayCount, named: str
) -> None:
    grid = Grid(Length.parse("2 weeks"), date(2026, 1, 1))
    with pytest.raises(PolicyNeedsMonths, match=f"{named} cannot share out a charge period of 2 weeks"):
        share(grid, days("2026-01-01", "2026-01-05"), part_charging=part_charging, day_count=day_count)


def test_3_the_day_count_matters_to_daily_alone() -> None:
    grid = Grid(Length.parse("2 weeks"), date(2026, 1, 1))
    part = days("2026-01-01", "2026-01-05")
    assert share(grid, part, part_charging=PartCharging.WHOLE, day_count=DayCount.BY_MONTH) == 1


@given(charges(), st.data())
def test_3_any_pieces_of_a_period_agree_with_the_oracle(charge: Charge, data: st.DataObject) -> None:
    grid, k = charge.grid, charge.grid.index_of(charge.starts_on)
    period = grid.period(k)
    edges = st.integers(-3, period.days + 3).map(lambda number: period.first_day + timedelta(days=number))
    pieces = data.draw(st.lists(st.builds(DateRange, edges, edges), max_size=3))
    found = fraction_of_pieces(
        grid=grid, k=k, pieces=pieces, part_charging=charge.part_charging, day_count=charge.day_count
    )
    served = [day for piece in pieces for day in oracle.days(piece.first_day, piece.ends_before)]
    expected = oracle.share(
        oracle_terms(charge), start=period.first_day, end=period.ends_before, served=served
    )
    assert found == expected
    assert 0 <= found <= 1
