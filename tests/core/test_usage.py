"""Usage: readings, allowances, tiers and minimums (billing-rules 4.4)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.money import STEPS, Rounding
from counterfoil.core.periods import DateRange
from counterfoil.core.usage import (
    Meter,
    NoUse,
    Reading,
    Tariff,
    Tier,
    TierMode,
    Use,
    cost_of_usage,
)
from tests.core import usage_oracle

WHOLE = Fraction(1)
JANUARY = DateRange(date(2026, 1, 1), date(2026, 2, 1))
FEBRUARY = DateRange(date(2026, 2, 1), date(2026, 3, 1))
MARCH = DateRange(date(2026, 3, 1), date(2026, 4, 1))


def tariff(*tiers: tuple[int, str, str], **values: object) -> Tariff:
    """Return a tariff of (from units, unit price, fee)."""
    return Tariff(
        tiers=tuple(
            Tier(from_units_steps=start * STEPS, unit_price_steps=steps(price), fee_steps=steps(fee))
            for start, price, fee in tiers
        ),
        **values,  # type: ignore[arg-type]
    )


def steps(text: str) -> int:
    return int(Fraction(text) * STEPS)


def net(units: str, by: Tariff, *, share: Fraction = WHOLE) -> int:
    return cost_of_usage(units_steps=steps(units), tariff=by, fraction=share).net_minor(currency="EUR")


def meter(*readings: tuple[date, str], **values: object) -> Meter:
    return Meter([Reading(read_on=day, value_steps=steps(value)) for day, value in readings], **values)  # type: ignore[arg-type]


def test_4_4_graduated_tiers_price_their_own_units() -> None:
    by = tariff((0, "0.50", "0"), (100, "0.40", "0"), (500, "0.30", "0"))
    assert net("620", by) == 24600  # 100 × 0.50 + 400 × 0.40 + 120 × 0.30


def test_4_4_volume_prices_all_units_by_the_tier_reached() -> None:
    by = tariff((0, "0.50", "0"), (100, "0.40", "0"), (500, "0.30", "0"), mode=TierMode.VOLUME)
    assert net("620", by) == 18600  # 620 × 0.30
    assert net("100", by) == 4000  # the bound itself reaches the tier: 100 × 0.40
    assert net("99", by) == 4950  # 99 × 0.50


def test_4_4_a_fee_is_paid_once_where_its_tier_is_reached_and_a_base_fee_always() -> None:
    by = tariff((0, "0.10", "9.00"), (100, "0.05", "2.00"))
    assert net("0", by) == 900
    assert net("99", by) == 1890  # 9.00 + 99 × 0.10
    assert net("120", by) == 2200  # 9.00 + 100 × 0.10 + 2.00 + 20 × 0.05


def test_4_4_an_allowance_is_free_and_a_minimum_is_the_least() -> None:
    by = tariff((0, "0.25", "0"), allowance_steps=40 * STEPS, minimum_steps=5 * STEPS)
    assert net("100", by) == 1500  # 60 × 0.25
    assert net("50", by) == 500  # 10 × 0.25 = 2.50, at least 5.00
    assert cost_of_usage(units_steps=50 * STEPS, tariff=by, fraction=WHOLE).is_minimum


def test_4_4_units_are_rounded_up_to_the_step() -> None:
    by = tariff((0, "0.10", "0"), unit_step_steps=5 * STEPS)
    cost = cost_of_usage(units_steps=steps("11.2"), tariff=by, fraction=WHOLE)
    assert cost.billed_units_steps == 15 * STEPS
    assert cost.net_minor(currency="EUR") == 150


def test_4_4_allowance_bounds_and_minimum_are_shared_by_the_fraction_of_the_period() -> None:
    share = Fraction(12, 31)
    by = tariff((0, "1.00", "0"), (31, "0.50", "0"), allowance_steps=31 * STEPS, minimum_steps=31 * STEPS)
    # Free 12, the second tier begins 12 over that: 12 × 1.00 + 6 × 0.50.
    assert net("30", by, share=share) == 1500
    assert net("20", by, share=share) == 1200  # 8.00, at least 31.00 × 12/31


def test_4_4_the_whole_amount_is_rounded_once() -> None:
    by = tariff((0, "0.005", "0"), (1, "0.005", "0"))
    assert net("2", by) == 1  # 0.005 + 0.005; rounded a tier it would be 0.02
    cost = cost_of_usage(units_steps=STEPS, tariff=by, fraction=WHOLE)
    assert cost.net_minor(currency="EUR", rounding=Rounding.HALF_EVEN) == 0
    assert cost.net_minor(currency="KWD") == 5


def test_4_4_usage_is_the_difference_of_the_readings_at_the_edges() -> None:
    read = meter((JANUARY.start, "100"), (FEBRUARY.start, "350"), (MARCH.start, "360"))
    assert [use.units_steps for use in uses(read, JANUARY, FEBRUARY)] == [250 * STEPS, 10 * STEPS]


def uses(read: Meter, *periods: DateRange, billed: str | None = None) -> list[Use]:
    found = read.uses(periods, billed_value_steps=None if billed is None else steps(billed))
    assert all(isinstance(use, Use) for use in found)
    return [use for use in found if isinstance(use, Use)]


def test_4_4_a_reading_within_the_tolerance_counts_as_taken_on_the_edge_the_nearest_first() -> None:
    near = meter(
        (date(2025, 12, 30), "100"), (date(2026, 1, 30), "200"), (date(2026, 2, 2), "240"), tolerance_days=3
    )
    (use,) = uses(near, JANUARY)
    assert (use.start and use.start.read_on, use.end.read_on) == (date(2025, 12, 30), date(2026, 2, 2))
    assert use.units_steps == 140 * STEPS


def test_4_4_of_two_readings_equally_near_the_earlier_counts() -> None:
    near = meter((date(2026, 1, 31), "5"), (date(2026, 2, 2), "7"), tolerance_days=1)
    stand = near.stand_at(FEBRUARY.first_day)
    assert stand is not None
    assert stand.value_steps == 5 * STEPS


def test_4_4_a_counter_begins_again_at_zero_after_its_digits() -> None:
    read = meter((JANUARY.start, "9950"), (FEBRUARY.start, "30"), (MARCH.start, "35"), digits=4)
    assert [use.units_steps for use in uses(read, JANUARY, FEBRUARY)] == [80 * STEPS, 5 * STEPS]


def test_4_4_without_a_reading_the_period_waits_and_later_ones_too() -> None:
    read = meter((JANUARY.start, "0"), (MARCH.start, "9"), (MARCH.end or MARCH.start, "12"))
    assert read.uses([JANUARY, FEBRUARY, MARCH]) == [NoUse(FEBRUARY.first_day)]


def test_4_4_without_digits_a_counter_that_falls_is_a_finding() -> None:
    read = meter((JANUARY.start, "10"), (FEBRUARY.start, "9"))
    assert read.uses([JANUARY]) == [NoUse(FEBRUARY.first_day, goes_back=True)]


def test_4_4_an_estimate_lies_between_the_readings_around_or_goes_on_as_between_the_last_two() -> None:
    around = meter((JANUARY.start, "0"), (MARCH.start, "590"), may_be_estimated=True)
    assert [use.units_steps for use in uses(around, JANUARY)] == [310 * STEPS]  # 590 × 31/59
    on = meter((date(2025, 12, 1), "0"), (JANUARY.start, "31"), may_be_estimated=True)
    assert [use.units_steps for use in uses(on, JANUARY)] == [31 * STEPS]
    assert uses(on, JANUARY)[0].end.is_estimate


def test_4_4_an_estimate_is_rounded_as_a_whole_and_not_the_difference() -> None:
    fell = Meter(
        [
            Reading(read_on=date(2026, 4, 17), value_steps=1),
            Reading(read_on=date(2026, 5, 1), value_steps=0),
        ],
        may_be_estimated=True,
    )
    stand = fell.stand_at(date(2026, 4, 24))
    assert stand is not None
    assert stand.value_steps == 1  # 0.5 goes up to 1; 1 − 0.5, its half rounded up first, would be 0


def test_4_4_before_its_first_reading_and_with_one_alone_nothing_is_estimated() -> None:
    one = meter((FEBRUARY.start, "5"), may_be_estimated=True)
    two = meter((FEBRUARY.start, "5"), (MARCH.start, "6"), may_be_estimated=True)
    assert one.uses([FEBRUARY]) == [NoUse(MARCH.first_day)]
    assert two.uses([JANUARY]) == [NoUse(JANUARY.first_day)]


def test_4_4_the_next_period_settles_what_an_estimate_was_wrong_by() -> None:
    # January was billed to an estimate of 150; read are 100 on 1 January and 230 on 1 March.
    read = meter((JANUARY.start, "100"), (MARCH.start, "230"), may_be_estimated=True)
    (february,) = uses(read, FEBRUARY, billed="150")
    assert february.units_steps == 80 * STEPS  # 230 − 150: with January's 50 it is 130, what was read


def test_4_4_what_was_estimated_too_high_comes_off_later_and_units_are_never_negative() -> None:
    read = meter((FEBRUARY.start, "100"), (MARCH.start, "140"), (date(2026, 4, 1), "170"))
    assert [use.units_steps for use in uses(read, FEBRUARY, MARCH, billed="150")] == [0, 20 * STEPS]


def test_4_4_billing_goes_on_from_a_stand_after_the_counter_began_again() -> None:
    read = meter(
        (JANUARY.start, "9900"), (date(2026, 2, 10), "300"), (MARCH.start, "500"), digits=4,
        may_be_estimated=True,
    )  # fmt: skip
    assert [use.units_steps for use in uses(read, FEBRUARY, billed="9950")] == [550 * STEPS]


UNITS = st.integers(0, 3_000_000).map(lambda thousandths: Fraction(thousandths, 1000))
SHARES = st.builds(Fraction, st.integers(1, 31), st.just(31)) | st.just(WHOLE)
PRICES = st.integers(0, 2_000_000)


@settings(max_examples=200, deadline=None)
@given(
    units=UNITS,
    share=SHARES,
    step=st.sampled_from([Fraction(1), Fraction(5), Fraction(1, 10), Fraction(100)]),
    allowance=st.integers(0, 500),
    minimum=st.integers(0, 200),
    tiers=st.dictionaries(
        st.sampled_from([0, 1, 10, 50, 1000]), st.tuples(PRICES, PRICES), min_size=0, max_size=4
    ),
    volume=st.booleans(),
)
def test_4_4_agrees_with_the_oracle(
    units: Fraction,
    share: Fraction,
    step: Fraction,
    allowance: int,
    minimum: int,
    tiers: dict[int, tuple[int, int]],
    volume: bool,
) -> None:
    cost = cost_of_usage(
        units_steps=int(units * STEPS),
        tariff=Tariff(
            mode=TierMode.VOLUME if volume else TierMode.GRADUATED,
            unit_step_steps=int(step * STEPS),
            allowance_steps=allowance * STEPS,
            minimum_steps=minimum * STEPS,
            tiers=tuple(
                Tier(from_units_steps=bound * STEPS, unit_price_steps=price, fee_steps=fee)
                for bound, (price, fee) in sorted(tiers.items())
            ),
        ),
        fraction=share,
    )
    billed, expected = usage_oracle.cost(
        units,
        share=share,
        step=step,
        allowance=Fraction(allowance),
        minimum=Fraction(minimum),
        tiers=[
            (Fraction(bound), Fraction(price, STEPS), Fraction(fee, STEPS))
            for bound, (price, fee) in sorted(tiers.items())
        ],
        volume=volume,
    )
    assert Fraction(cost.billed_units_steps, STEPS) == billed
    assert cost.cost == expected


DAYS = st.integers(0, 120).map(lambda day: date(2026, 1, 1) + timedelta(days=day))


@settings(max_examples=200, deadline=None)
@given(
    readings=st.dictionaries(DAYS, st.integers(0, 999_999_999), max_size=6),
    day=DAYS,
    digits=st.none() | st.just(3),
    tolerance=st.integers(0, 4),
    estimated=st.booleans(),
)
def test_4_4_stands_agree_with_the_oracle(
    readings: dict[date, int], day: date, digits: int | None, tolerance: int, estimated: bool
) -> None:
    read = Meter(
        [Reading(read_on=read_on, value_steps=value) for read_on, value in readings.items()],
        digits=digits,
        tolerance_days=tolerance,
        may_be_estimated=estimated,
    )
    stand = read.stand_at(day)
    expected = usage_oracle.stand(readings, day, digits=digits, tolerance=tolerance, estimated=estimated)
    assert (stand.value_steps if stand else None) == expected


@pytest.mark.parametrize("share", [WHOLE, Fraction(1, 3)])
def test_4_4_units_below_the_first_bound_cost_nothing(share: Fraction) -> None:
    assert net("5", tariff((30, "1.00", "7.00")), share=share) == 0
