"""What is given back when the dates change, and its tax (billing-rules 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.crediting import (
    Credit,
    CreditableLine,
    CreditBasis,
    CreditTerms,
    credits_owed,
    span_after_credit,
    within_what_is_left,
)
from counterfoil.core.periods import DateRange, DayCount, Grid, PartCharging
from counterfoil.core.recurring import Charge, Line, owed_lines, served_runs, span_after
from tests.core import oracle
from tests.core.strategies import charges, oracle_terms
from tests.core.test_periods import MONTHLY, QUARTERLY, YEARLY, days
from tests.core.test_recurring import charge_of


def creditable(lines: Sequence[Line]) -> list[CreditableLine]:
    return [
        CreditableLine(k=line.k, period=line.period, fraction=line.fraction, net_minor=line.net_minor)
        for line in lines
    ]


def credits_of(
    charge: Charge, *, billed_to: str, served: DateRange, basis: CreditBasis = CreditBasis.DAILY
) -> list[Credit]:
    """Bill *charge* to *billed_to*, then return the credits owed when only *served* is left of it."""
    billed = replace(charge, ends_before=date.fromisoformat(billed_to))
    lines = owed_lines(billed, through=None)
    span = span_after(billed, lines)
    assert span is not None
    return credits_owed(
        terms=terms_of(charge), lines=creditable(lines), span=span, served=[served], basis=basis
    )


def terms_of(charge: Charge) -> CreditTerms:
    return CreditTerms(
        grid=charge.grid,
        part_charging=charge.part_charging,
        day_count=charge.day_count,
        cost_of=charge.cost_of,
    )


def told(found: Sequence[Credit]) -> list[tuple[str, str, int]]:
    """Return credits as (days no longer served, share given back, minor units)."""
    return [
        (" ".join(str(part) for part in credit.unserved), str(credit.fraction), credit.net_minor)
        for credit in found
    ]


QUARTER = charge_of("90.00", starts_on="2026-01-15", grid=Grid(QUARTERLY, date(2026, 1, 1)))


def test_6_3_the_quarter_of_the_rules() -> None:
    """Started 15 Jan, billed 76/90 of 90.00 = 76.00, ends 10 Feb: March is unserved, 90.00 ÷ 3 = 30.00."""
    found = credits_of(
        QUARTER,
        billed_to="2026-04-01",
        served=days("2026-01-15", "2026-02-10"),
        basis=CreditBasis.MONTHLY,
    )
    assert told(found) == [("2026-02-10..2026-04-01", "1/3", -3000)]
    assert found[0].line.net_minor == 7600


def test_6_2_the_same_quarter_daily_off() -> None:
    """26 of 90 days are served: 76.00 − 26.00 = 50.00."""
    found = credits_of(QUARTER, billed_to="2026-04-01", served=days("2026-01-15", "2026-02-10"))
    assert told(found) == [("2026-02-10..2026-04-01", "5/9", -5000)]


def test_6_2_newest_line_first_and_whole_lines_in_full() -> None:
    charge = charge_of("31.00")
    found = credits_of(charge, billed_to="2026-04-01", served=days("2026-01-01", "2026-01-11"))
    assert told(found) == [
        ("2026-03-01..2026-04-01", "1", -3100),
        ("2026-02-01..2026-03-01", "1", -3100),
        ("2026-01-11..2026-02-01", "21/31", -2100),
    ]


def test_6_2_a_later_start_credits_the_first_days() -> None:
    charge = charge_of("31.00")
    found = credits_of(charge, billed_to="2026-03-01", served=days("2026-01-11", "2026-03-01"))
    assert told(found) == [("2026-01-01..2026-01-11", "10/31", -1000)]


def test_6_2_none_counts_as_daily() -> None:
    charge = charge_of("28.00", part_charging=PartCharging.NONE)
    found = credits_of(charge, billed_to="2026-03-01", served=days("2026-01-01", "2026-02-08"))
    assert told(found) == [("2026-02-08..2026-03-01", "3/4", -2100)]  # 28.00 − 28.00 × 7/28


def test_6_2_none_never_credits_a_part_it_did_not_bill() -> None:
    charge = charge_of("28.00", starts_on="2026-01-15", part_charging=PartCharging.NONE)
    found = credits_of(charge, billed_to="2026-03-01", served=days("2026-01-15", "2026-01-20"))
    assert told(found) == [("2026-02-01..2026-03-01", "1", -2800)]


def test_6_2_whole_credits_nothing_inside_its_last_period() -> None:
    charge = charge_of("30.00", part_charging=PartCharging.WHOLE)
    found = credits_of(charge, billed_to="2026-04-01", served=days("2026-01-01", "2026-02-02"))
    assert told(found) == [("2026-03-01..2026-04-01", "1", -3000)]


def test_6_2_monthly_part_charging_keeps_months_that_are_begun() -> None:
    charge = replace(QUARTER, part_charging=PartCharging.MONTHLY)  # billed 3/3 = 90.00
    found = credits_of(charge, billed_to="2026-04-01", served=days("2026-01-15", "2026-02-02"))
    assert told(found) == [("2026-02-02..2026-04-01", "1/3", -3000)]


def test_6_2_days_that_stay_are_not_credited() -> None:
    assert credits_of(QUARTER, billed_to="2026-04-01", served=days("2026-01-15", "2027-01-01")) == []


def test_6_2_decommissioned_in_between() -> None:
    charge = charge_of("31.00")
    lines = owed_lines(replace(charge, ends_before=date(2026, 2, 1)), through=None)
    found = credits_owed(
        terms=terms_of(charge),
        lines=creditable(lines),
        span=days("2026-01-01", "2026-02-01"),
        served=[days("2026-01-01", "2026-01-05"), days("2026-01-10", "2026-01-20")],
        basis=CreditBasis.DAILY,
    )
    assert told(found) == [("2026-01-05..2026-01-10 2026-01-20..2026-02-01", "17/31", -1700)]


@pytest.mark.parametrize("part_charging", PartCharging)
def test_6_3_a_one_month_period_gives_nothing_back(part_charging: PartCharging) -> None:
    charge = charge_of(part_charging=part_charging)
    served = days("2026-01-01", "2026-01-10")
    assert credits_of(charge, billed_to="2026-04-01", served=served, basis=CreditBasis.MONTHLY) == []


def test_6_3_nor_does_a_period_counted_in_weeks() -> None:
    charge = charge_of(grid=Grid(MONTHLY.parse("8 weeks"), date(2026, 1, 1)))
    served = days("2026-01-01", "2026-01-10")
    assert credits_of(charge, billed_to="2026-02-26", served=served, basis=CreditBasis.MONTHLY) == []


def test_6_3_a_year_wholly_unserved_is_credited_whole() -> None:
    charge = charge_of("120.00", grid=Grid(YEARLY, date(2026, 1, 1)))
    served = days("2026-01-01", "2026-10-10")
    found = credits_of(charge, billed_to="2028-01-01", served=served, basis=CreditBasis.MONTHLY)
    assert told(found) == [
        ("2027-01-01..2028-01-01", "1", -12000),
        ("2026-10-10..2027-01-01", "1/6", -2000),  # November and December
    ]


def test_6_3_a_month_billed_in_part_is_not_a_complete_one() -> None:
    """Billed 1 Jan–15 Mar (73/90 = 73.00), ends 10 Feb: March was never billed whole, so nothing is credited."""
    charge = replace(QUARTER, starts_on=date(2026, 1, 1))
    served = days("2026-01-01", "2026-02-10")
    assert credits_of(charge, billed_to="2026-03-15", served=served, basis=CreditBasis.MONTHLY) == []


def test_6_3_what_the_newest_piece_cannot_give_back_the_older_one_does() -> None:
    """79/90 and 11/90 of 90.00 billed in two pieces, ends 10 Feb: March is 30.00, of which 11.00 is the newest's."""
    charge = replace(QUARTER, starts_on=date(2026, 1, 1))
    first = owed_lines(replace(charge, ends_before=date(2026, 3, 21)), through=None)
    extended = replace(charge, ends_before=date(2026, 4, 1), billed=days("2026-01-01", "2026-03-21"))
    lines = creditable([*first, *owed_lines(extended, through=None)])
    found = credits_owed(
        terms=terms_of(charge),
        lines=lines,
        span=days("2026-01-01", "2026-04-01"),
        served=[days("2026-01-01", "2026-02-10")],
        basis=CreditBasis.MONTHLY,
    )
    assert told(found) == [
        ("2026-03-21..2026-04-01", "11/90", -1100),
        ("2026-02-10..2026-03-21", "19/90", -1900),
    ]


def test_6_4_a_credit_never_exceeds_what_is_left_of_the_line() -> None:
    line = CreditableLine(
        k=0, period=days("2026-01-01", "2026-02-01"), fraction=oracle.Fraction(1), net_minor=3100,
        credited_minor=2500,
    )  # fmt: skip
    charge = charge_of("31.00")
    found = credits_owed(
        terms=terms_of(charge),
        lines=[line],
        span=line.period,
        served=[days("2026-01-01", "2026-01-11")],
        basis=CreditBasis.DAILY,
    )
    assert told(found) == [("2026-01-11..2026-02-01", "21/31", 0)]  # 31.00 − 25.00 is less than 10 days cost
    used_up = replace(line, credited_minor=3100)
    nothing_left = credits_owed(
        terms=terms_of(charge), lines=[used_up], span=line.period, served=[], basis=CreditBasis.DAILY
    )
    assert nothing_left == []


def test_6_4_earlier_credits_are_subtracted_first() -> None:
    """31.00 billed, 5.00 credited by hand, 10 days stay: 31.00 − 5.00 − 10.00 = 16.00."""
    line = CreditableLine(
        k=0, period=days("2026-01-01", "2026-02-01"), fraction=oracle.Fraction(1), net_minor=3100,
        credited_minor=500,
    )  # fmt: skip
    found = credits_owed(
        terms=terms_of(charge_of("31.00")),
        lines=[line],
        span=line.period,
        served=[days("2026-01-01", "2026-01-11")],
        basis=CreditBasis.DAILY,
    )
    assert told(found) == [("2026-01-11..2026-02-01", "21/31", -1600)]
    assert within_what_is_left(5000, line=line) == 2600
    assert within_what_is_left(-1, line=line) == 0


def test_6_1_a_negative_line_is_credited_the_other_way() -> None:
    found = credits_of(charge_of("-31.00"), billed_to="2026-02-01", served=days("2026-01-01", "2026-01-11"))
    assert told(found) == [("2026-01-11..2026-02-01", "21/31", 2100)]


def test_6_2_a_price_of_0_gives_a_credit_of_0() -> None:
    found = credits_of(charge_of("0"), billed_to="2026-02-01", served=days("2026-01-01", "2026-01-11"))
    assert told(found) == [("2026-01-11..2026-02-01", "21/31", 0)]


def test_no_basis_gives_nothing_back() -> None:
    assert (
        credits_of(
            QUARTER, billed_to="2026-04-01", served=days("2026-01-15", "2026-02-10"), basis=CreditBasis.NONE
        )
        == []
    )


def test_6_4_a_credit_that_follows_the_dates_moves_the_span() -> None:
    span = days("2026-01-15", "2026-04-01")
    assert span_after_credit(span, [days("2026-01-15", "2026-02-10")]) == days("2026-01-15", "2026-02-10")
    later = [days("2026-01-20", "2026-02-01"), days("2026-03-01", "2027-01-01")]
    assert span_after_credit(span, later) == days("2026-01-20", "2026-04-01")
    assert span_after_credit(span, []) is None


@pytest.mark.parametrize("basis", ["daily", "monthly"])
@settings(max_examples=300)
@given(charge=charges(), cut=st.integers(1, 899))
def test_6_2_and_6_3_agree_with_the_oracle(basis: str, charge: Charge, cut: int) -> None:
    assert charge.ends_before is not None
    billed_to = charge.ends_before
    ends_before = min(charge.starts_on + timedelta(days=cut), billed_to)
    found = (
        credits_of(
            charge,
            billed_to=billed_to.isoformat(),
            served=DateRange(charge.starts_on, ends_before),
            basis=CreditBasis(basis),
        )
        if owed_lines(charge, through=None)
        else []
    )
    expected = oracle.credited(
        oracle_terms(charge), billed_to=billed_to, ends_before=ends_before, basis=basis
    )
    assert [(credit.unserved[0].start, credit.fraction, credit.net_minor) for credit in reversed(found)] == [
        (line.start, line.fraction, line.amount) for line in expected
    ]


def test_a_charge_served_always_gives_nothing_back() -> None:
    charge = charge_of("31.00", day_count=DayCount.THIRTY_360, ends_before=date(2026, 6, 20))
    lines = owed_lines(charge, through=None)
    span = span_after(charge, lines)
    assert span is not None
    found = credits_owed(
        terms=terms_of(charge),
        lines=creditable(lines),
        span=span,
        served=served_runs(charge),
        basis=CreditBasis.DAILY,
    )
    assert found == []
