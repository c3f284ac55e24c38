"""What a recurring charge owes (billing-rules 2 and 3.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.money import parse_steps
from counterfoil.core.periods import BillOn, DateOutOfRange, DateRange, DayCount, Grid, PartCharging
from counterfoil.core.recurring import (
    BilledPart,
    Charge,
    Line,
    OpenChargeNeedsCutOff,
    owed_lines,
    past_periods,
    served_runs,
    span_after,
)
from tests.core import oracle
from tests.core.strategies import charges, charges_with_days_given_up, oracle_terms
from tests.core.test_periods import MONTHLY, QUARTERLY, YEARLY, days


def charge_of(price: str = "30.00", *, starts_on: str = "2026-01-01", **changes: Any) -> Charge:
    """Return a monthly charge on the calendar's months unless *changes* say otherwise."""
    values: dict[str, Any] = {
        "quantity_steps": parse_steps("1"),
        "unit_price_steps": parse_steps(price),
        "currency": "EUR",
        "grid": Grid(MONTHLY, date(2026, 1, 1)),
        "starts_on": date.fromisoformat(starts_on),
    }
    return Charge(**{**values, **changes})


def told(lines: list[Line]) -> list[tuple[str, str, int]]:
    """Return lines as (period, share, minor units)."""
    return [(str(line.period), str(line.fraction), line.net_minor) for line in lines]


def due(lines: list[Line]) -> list[str]:
    return [line.bill_date.isoformat() for line in lines]


def test_2_2_partial_at_both_ends() -> None:
    charge = charge_of("31.00", starts_on="2026-01-15", ends_before=date(2026, 3, 11))
    assert told(owed_lines(charge, through=None)) == [
        ("2026-01-15..2026-02-01", "17/31", 1700),  # 31.00 × 17/31
        ("2026-02-01..2026-03-01", "1", 3100),
        ("2026-03-01..2026-03-11", "10/31", 1000),
    ]


def test_2_2_partial_at_both_ends_of_one_period() -> None:
    charge = charge_of("31.00", starts_on="2026-01-10", ends_before=date(2026, 1, 20))
    assert told(owed_lines(charge, through=None)) == [("2026-01-10..2026-01-20", "10/31", 1000)]


def test_2_4_every_period_due_by_the_cut_off_is_its_own_line() -> None:
    charge = charge_of()
    assert due(owed_lines(charge, through=date(2026, 3, 31))) == ["2026-01-01", "2026-02-01", "2026-03-01"]
    assert len(owed_lines(charge, through=date(2026, 4, 1))) == 4  # due on the cut-off itself
    assert owed_lines(charge, through=date(2025, 12, 31)) == []


def test_2_3_arrears_and_offsets() -> None:
    charge = charge_of(starts_on="2026-01-15", ends_before=date(2026, 3, 11), bill_on=BillOn.ARREARS)
    # The final part's bill date is the first day not billed.
    assert due(owed_lines(charge, through=None)) == ["2026-02-01", "2026-03-01", "2026-03-11"]
    late = replace(charge, offset=10)
    assert due(owed_lines(late, through=None)) == ["2026-02-11", "2026-03-11", "2026-03-21"]
    early = replace(charge, bill_on=BillOn.ADVANCE, offset=-14)
    assert due(owed_lines(early, through=None)) == ["2026-01-01", "2026-01-18", "2026-02-15"]
    assert due(owed_lines(early, through=date(2026, 1, 18))) == ["2026-01-01", "2026-01-18"]


def test_2_4_an_open_charge_needs_a_cut_off() -> None:
    with pytest.raises(OpenChargeNeedsCutOff, match="owes lines for ever"):
        owed_lines(charge_of(), through=None)


def test_2_5_days_after_the_billed_span_are_owed() -> None:
    charge = charge_of(billed=days("2026-01-01", "2026-03-01"))
    assert told(owed_lines(charge, through=date(2026, 3, 1))) == [("2026-03-01..2026-04-01", "1", 3000)]


def test_2_5_a_start_corrected_from_1_february_to_15_january_owes_17_days() -> None:
    charge = charge_of("31.00", starts_on="2026-01-15", billed=days("2026-02-01", "2026-04-01"))
    assert told(owed_lines(charge, through=date(2026, 4, 1))) == [
        ("2026-01-15..2026-02-01", "17/31", 1700),  # oldest first
        ("2026-04-01..2026-05-01", "1", 3100),
    ]


def test_2_1_only_while_commissioned_may_serve_several_times() -> None:
    charge = charge_of(
        "31.00",
        ends_before=date(2026, 3, 1),
        commissioned=(days("2026-01-05", "2026-01-10"), DateRange(date(2026, 1, 20), None)),
    )
    assert [str(run) for run in served_runs(charge)] == ["2026-01-05..2026-01-10", "2026-01-20..2026-03-01"]
    assert told(owed_lines(charge, through=None)) == [
        ("2026-01-05..2026-01-10", "5/31", 500),
        ("2026-01-20..2026-02-01", "12/31", 1200),
        ("2026-02-01..2026-03-01", "1", 3100),
    ]


def test_2_1_never_commissioned_owes_nothing() -> None:
    assert owed_lines(charge_of(commissioned=()), through=date(2030, 1, 1)) == []


def test_3_2_a_price_of_0_gives_a_line_and_a_share_of_0_does_not() -> None:
    free = charge_of("0", ends_before=date(2026, 2, 1))
    assert told(owed_lines(free, through=None)) == [("2026-01-01..2026-02-01", "1", 0)]
    on_the_31st = charge_of(
        starts_on="2026-01-31", ends_before=date(2026, 3, 1), day_count=DayCount.THIRTY_360
    )
    assert told(owed_lines(on_the_31st, through=None)) == [("2026-02-01..2026-03-01", "1", 3000)]


def test_3_4_9_30_and_21_30_of_0_05_is_0_05() -> None:
    """9/30 × 5 ¢ = 1.5, so 2 ¢; the rest is 5 − 2 = 3 ¢, where 21/30 × 5 ¢ = 3.5 would have been 4 ¢."""
    first = charge_of("0.05", starts_on="2026-04-01", ends_before=date(2026, 4, 10))
    assert told(owed_lines(first, through=None)) == [("2026-04-01..2026-04-10", "3/10", 2)]
    extended = replace(first, ends_before=date(2026, 5, 1), billed=days("2026-04-01", "2026-04-10"))
    assert told(owed_lines(extended, through=None)) == [("2026-04-10..2026-05-01", "7/10", 3)]


def test_2_3_a_later_piece_is_due_with_its_service_period() -> None:
    """The end moved from 10 April to open: April was due on the 1st, and so is what is left of it."""
    charge = charge_of(starts_on="2026-04-01", billed=days("2026-04-01", "2026-04-10"))
    assert due(owed_lines(charge, through=date(2026, 4, 30))) == ["2026-04-01"]
    arrears = replace(charge, bill_on=BillOn.ARREARS)
    assert due(owed_lines(arrears, through=date(2026, 5, 1))) == ["2026-05-01"]


def test_3_4_whole_never_bills_a_period_twice() -> None:
    charge = charge_of(
        part_charging=PartCharging.WHOLE,
        starts_on="2026-04-01",
        ends_before=date(2026, 5, 10),
        billed=days("2026-04-01", "2026-04-10"),
    )
    assert told(owed_lines(charge, through=None)) == [("2026-05-01..2026-05-10", "1", 3000)]


def test_3_4_monthly_bills_each_month_of_a_quarter_once() -> None:
    charge = charge_of(
        "90.00",
        grid=Grid(QUARTERLY, date(2026, 1, 1)),
        part_charging=PartCharging.MONTHLY,
        starts_on="2026-01-15",
        ends_before=date(2026, 3, 2),
        billed=days("2026-01-15", "2026-02-10"),  # January and February: 60.00
    )
    assert told(owed_lines(charge, through=None)) == [("2026-02-10..2026-03-02", "1/3", 3000)]


def test_3_none_passes_a_leading_part_and_leaves_a_trailing_one() -> None:
    charge = charge_of(part_charging=PartCharging.NONE, starts_on="2026-01-15", ends_before=date(2026, 3, 11))
    lines = owed_lines(charge, through=None)
    assert told(lines) == [("2026-02-01..2026-03-01", "1", 3000)]
    assert str(span_after(charge, lines)) == "2026-01-15..2026-03-01"
    # The end is taken back: March is owed whole, because the trailing part had left the span.
    running = replace(charge, ends_before=date(2026, 4, 1), billed=span_after(charge, lines))
    assert told(owed_lines(running, through=None)) == [("2026-03-01..2026-04-01", "1", 3000)]


def test_3_none_a_passed_part_that_becomes_whole_is_billed() -> None:
    """Started 15 January, corrected to the 1st: from the outset it would have cost January in full."""
    charge = charge_of(
        part_charging=PartCharging.NONE,
        ends_before=date(2026, 3, 1),
        billed=days("2026-01-15", "2026-03-01"),
    )
    assert told(owed_lines(charge, through=None)) == [("2026-01-01..2026-01-15", "1", 3000)]


def test_3_4_a_piece_is_net_of_what_credits_left_of_the_period() -> None:
    """A quarter at 90.00 ended on 10 February, monthly off gave back 30.00; extended again it owes 90 − 60."""
    charge = charge_of(
        "90.00",
        grid=Grid(QUARTERLY, date(2026, 1, 1)),
        ends_before=date(2026, 4, 1),
        billed=days("2026-01-01", "2026-02-10"),
        billed_parts=(BilledPart(k=0, net_minor=6000),),
    )
    assert told(owed_lines(charge, through=None)) == [("2026-02-10..2026-04-01", "5/9", 3000)]
    # By one day only: 41/90 would cost 41.00 and 60.00 are billed. Nothing more is owed, nothing given back.
    one_day = replace(charge, ends_before=date(2026, 2, 11))
    assert told(owed_lines(one_day, through=None)) == [("2026-02-10..2026-02-11", "1/90", 0)]


def test_1_5_a_new_grid_does_not_count_days_another_grid_billed() -> None:
    """Billed by calendar months to 1 April, then by the 15th: 14 days of 15 March–15 April are owed."""
    charge = charge_of(
        "31.00",
        grid=Grid(MONTHLY, date(2026, 4, 15)),
        ends_before=date(2026, 5, 15),
        billed=days("2026-01-01", "2026-04-01"),
        grid_since=date(2026, 4, 1),
    )
    expected = [("2026-04-01..2026-04-15", "14/31", 1400), ("2026-04-15..2026-05-15", "1", 3100)]
    assert told(owed_lines(charge, through=None)) == expected
    whole = replace(charge, part_charging=PartCharging.WHOLE)
    assert told(owed_lines(whole, through=None))[0] == ("2026-04-01..2026-04-15", "1", 3100)
    none = replace(charge, part_charging=PartCharging.NONE)
    assert told(owed_lines(none, through=None)) == expected[1:]


def test_2_5_the_span_moves_to_the_end_of_the_last_line() -> None:
    charge = charge_of(starts_on="2026-01-15")
    lines = owed_lines(charge, through=date(2026, 2, 1))
    assert str(span_after(charge, lines)) == "2026-01-15..2026-03-01"
    assert span_after(charge, []) is None
    earlier = replace(charge, starts_on=date(2026, 1, 10), billed=span_after(charge, lines))
    again = owed_lines(earlier, through=date(2026, 2, 1))
    assert told(again) == [("2026-01-10..2026-01-15", "5/31", 484)]  # 30.00 × (22 − 17)/31: 21.29 − 16.45
    assert str(span_after(earlier, again)) == "2026-01-10..2026-03-01"


def test_2_7_past_periods_are_those_that_ended_by_the_cut_off() -> None:
    charge = charge_of(starts_on="2025-10-01")
    cut_off = date(2026, 1, 1)
    lines = owed_lines(charge, through=cut_off)
    assert len(lines) == 4
    assert (
        past_periods(lines, cut_off=cut_off) == 3
    )  # October, November, December; January is the present one
    arrears = owed_lines(replace(charge, bill_on=BillOn.ARREARS), through=cut_off)
    assert past_periods(arrears, cut_off=cut_off) == 3


def test_1_a_charge_at_the_end_of_the_calendar_is_refused_in_words() -> None:
    charge = charge_of(starts_on="9999-12-01", grid=Grid(YEARLY, date(2026, 1, 1)))
    with pytest.raises(DateOutOfRange):
        owed_lines(charge, through=date(9999, 12, 31))


@settings(max_examples=500)
@given(
    charges(billed=True, commissioned=True)
    | charges(billed=True)
    | charges()
    | charges_with_days_given_up()
    | charges_with_days_given_up(commissioned=True)
)
def test_2_and_3_lines_agree_with_the_oracle(charge: Charge) -> None:
    expected = oracle.owed(oracle_terms(charge))
    found = owed_lines(charge, through=None)
    assert [
        (line.period.start, line.period.end, line.fraction, line.net_minor, line.bill_date) for line in found
    ] == [(line.start, line.end, line.fraction, line.amount, line.bill_date) for line in expected]


@given(charges(), st.integers(-60, 900))
def test_2_4_a_cut_off_bills_exactly_what_is_due(charge: Charge, later: int) -> None:
    through = charge.starts_on + timedelta(days=later)
    everything = owed_lines(charge, through=None)
    assert owed_lines(charge, through=through) == [line for line in everything if line.bill_date <= through]
    running = replace(charge, ends_before=None)
    assert all(line.bill_date <= through for line in owed_lines(running, through=through))


@settings(max_examples=200)
@given(charges(), st.lists(st.integers(0, 900), max_size=4))
def test_3_4_and_2_6_any_row_of_runs_bills_every_day_once_and_to_the_cent(
    charge: Charge, cuts: list[int]
) -> None:
    """The end is extended again and again, a run after each: the lines sum to those of one run at the end."""
    assert charge.ends_before is not None
    last = charge.ends_before
    ends = sorted({min(charge.starts_on + timedelta(days=cut + 1), last) for cut in cuts} | {last})
    span, paid, days_billed = None, 0, 0
    for end in ends:
        so_far = replace(charge, ends_before=end, billed=span)
        lines = owed_lines(so_far, through=None)
        span = span_after(so_far, lines)
        paid += sum(line.net_minor for line in lines)
        days_billed += sum(line.period.days for line in lines)
    at_once = owed_lines(charge, through=None)
    assert paid == sum(line.net_minor for line in at_once)
    assert days_billed <= (last - charge.starts_on).days
    if charge.part_charging is PartCharging.DAILY and charge.day_count is DayCount.ACTUAL:
        assert days_billed == (last - charge.starts_on).days


@settings(max_examples=200)
@given(charges(), st.integers(0, 900))
def test_2_5_an_earlier_start_owes_what_it_would_have_cost_from_the_outset(
    charge: Charge, later: int
) -> None:
    assert charge.ends_before is not None
    started = charge.starts_on + timedelta(days=later % (charge.ends_before - charge.starts_on).days)
    late = replace(charge, starts_on=started)
    first = owed_lines(late, through=None)
    corrected = replace(charge, billed=span_after(late, first))
    second = owed_lines(corrected, through=None)
    at_once = owed_lines(charge, through=None)
    assert sum(line.net_minor for line in first + second) == sum(line.net_minor for line in at_once)
