"""Prices by date and prices that grow: exact facts, and a slow oracle (billing-rules 4.2, 4.3)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.money import STEPS
from counterfoil.core.periods import DateRange, Grid, Length, PartCharging, Unit
from counterfoil.core.price_history import (
    SINCE_EVER,
    DatedPrice,
    Escalation,
    LevelPrices,
    PriceStep,
    escalated,
    explained,
    is_beyond,
    price_steps,
    step_on,
)
from counterfoil.core.pricing import Level
from counterfoil.core.recurring import Charge, NoPriceInForce, owed_lines, past_periods
from tests.core.oracle_of_prices import Growth, by_hand, price_on

MONTHLY = Grid(Length(1, Unit.MONTH), date(2026, 1, 1))
CENT, EUR = 10_000, STEPS


def steps_of(
    *, base: int | None = 10 * EUR, changes: dict[date, int | None] | None = None
) -> list[PriceStep]:
    """Return the steps of one level, the charge's own."""
    dated = tuple(DatedPrice(day, price) for day, price in (changes or {}).items())
    return price_steps([LevelPrices(level=Level.ASSIGNMENT, unit_price_steps=base, changes=dated)])


def grown(escalation: Escalation, *, changes: dict[date, int | None] | None = None) -> list[tuple[date, int]]:
    """Return the days and prices in euro cents of 10.00 from 15 January 2026 on, through 2029."""
    steps = escalated(
        steps_of(changes=changes),
        escalation=escalation,
        grid=MONTHLY,
        starts_on=date(2026, 1, 15),
        through=date(2029, 12, 31),
    )
    return [(step.valid_from, (step.unit_price_steps or 0) // CENT) for step in steps]


class TestPriceInForce:
    """Rule 4.2: the price in force on the first day, looked up level by level."""

    def test_a_level_holds_its_first_price_until_its_first_change(self) -> None:
        steps = steps_of(changes={date(2026, 7, 1): 12 * EUR})
        assert [step.unit_price_steps for step in steps] == [10 * EUR, 12 * EUR]
        assert step_on(steps, date(2026, 6, 30)) == 0
        assert step_on(steps, date(2026, 7, 1)) == 1

    def test_a_null_price_leaves_it_to_the_next_level(self) -> None:
        levels = [
            LevelPrices(
                level=Level.ASSIGNMENT,
                unit_price_steps=12 * EUR,
                changes=(DatedPrice(date(2026, 7, 1), None),),
            ),
            LevelPrices(
                level=Level.MASTER,
                unit_price_steps=10 * EUR,
                changes=(DatedPrice(date(2026, 4, 1), 11 * EUR),),
            ),
        ]
        # The master's change of April is overruled by the charge's own price until July.
        assert [(step.valid_from, step.unit_price_steps, step.set_by) for step in price_steps(levels)] == [
            (SINCE_EVER, 12 * EUR, Level.ASSIGNMENT),
            (date(2026, 7, 1), 11 * EUR, Level.MASTER),
        ]

    def test_no_level_sets_a_price(self) -> None:
        steps = tuple(steps_of(base=None, changes={date(2026, 2, 1): 10 * EUR}))
        charge = monthly(prices=steps)
        with pytest.raises(NoPriceInForce, match="2026-01-01"):
            owed_lines(charge, through=date(2026, 1, 1))

    def test_a_period_uses_the_price_of_its_first_day(self) -> None:
        charge = monthly(prices=tuple(steps_of(changes={date(2026, 2, 10): 12 * EUR})))
        lines = owed_lines(charge, through=date(2026, 3, 1))
        # A change on 10 February counts from the period that begins on 1 March.
        assert [line.net_minor for line in lines] == [1000, 1000, 1200]

    def test_an_extended_end_is_rated_at_the_price_its_period_began_with(self) -> None:
        charge = monthly(
            prices=tuple(steps_of(changes={date(2026, 1, 15): 12 * EUR})),
            ends_before=date(2026, 2, 1),
            billed=DateRange(date(2026, 1, 1), date(2026, 1, 20)),
        )
        # 10.00 − 10.00 × 19/31 = 10.00 − 6.13
        assert [line.net_minor for line in owed_lines(charge, through=None)] == [387]


class TestSplitting:
    """Rule 4.2: a charge period may split its service periods on a price change."""

    CHANGED = {date(2026, 1, 16): 12 * EUR}

    def test_each_piece_is_rated_by_days_at_its_own_price(self) -> None:
        lines = split_lines(changes=self.CHANGED, part_charging=PartCharging.WHOLE)
        # 10.00 × 15/31 = 4.838…; 12.00 × 16/31 = 6.193…
        assert [(line.period.end, line.net_minor, line.fraction, line.part_charging) for line in lines] == [
            (date(2026, 1, 16), 484, Fraction(15, 31), PartCharging.DAILY),
            (date(2026, 2, 1), 619, Fraction(16, 31), PartCharging.DAILY),
        ]

    def test_it_is_one_past_period(self) -> None:
        assert past_periods(split_lines(changes=self.CHANGED), cut_off=date(2026, 2, 1)) == 1

    def test_a_change_to_the_same_price_splits_nothing(self) -> None:
        assert len(split_lines(changes={date(2026, 1, 16): 10 * EUR})) == 1

    def test_a_change_on_the_first_day_splits_nothing(self) -> None:
        assert [line.net_minor for line in split_lines(changes={date(2026, 1, 1): 12 * EUR})] == [1200]

    def test_parts_that_are_not_billed_stay_so(self) -> None:
        assert (
            split_lines(changes=self.CHANGED, part_charging=PartCharging.NONE, ends_before=date(2026, 1, 25))
            == []
        )

    def test_whole_never_bills_a_period_twice(self) -> None:
        """Rule 3.4: the second commissioning in a period billed in full costs nothing, whatever the price does."""
        lines = split_lines(
            changes={date(2026, 1, 25): 12 * EUR},
            part_charging=PartCharging.WHOLE,
            commissioned=(
                DateRange(date(2026, 1, 1), date(2026, 1, 10)),
                DateRange(date(2026, 1, 20), None),
            ),
        )
        assert [line.net_minor for line in lines] == [1000]

    def test_pieces_at_one_price_add_up(self) -> None:
        """Rule 3.4 within the days of one price: 0.05 × 15/31 in two pieces is 0.02 together."""
        charge = monthly(
            prices=tuple(steps_of(base=50_000, changes={date(2026, 1, 16): 12 * EUR})),
            split_on_price_change=True,
            ends_before=date(2026, 2, 1),
            billed=DateRange(date(2026, 1, 1), date(2026, 1, 8)),
        )
        lines = owed_lines(charge, through=None)
        # 0.05 × 15/31 = 0.024… is 0.02; 0.05 × 7/31 = 0.011… was 0.01; 12.00 × 16/31 = 6.19
        assert [line.net_minor for line in lines] == [1, 619]


class TestEscalation:
    """Rule 4.3: every nth period or on a date, rounded to a step, compounding, restarted by hand."""

    def test_periods_are_counted_from_the_first_boundary_on_or_after_the_start(self) -> None:
        found = grown(Escalation(rate_steps=3 * STEPS, step_steps=CENT, every_periods=12))
        # Started on 15 January 2026: counted from 1 February; 10.30 × 1.03 = 10.609, 10.61 × 1.03 = 10.9283.
        assert found == [
            (SINCE_EVER, 1000),
            (date(2027, 2, 1), 1030),
            (date(2028, 2, 1), 1061),
            (date(2029, 2, 1), 1093),
        ]

    def test_once_on_a_date(self) -> None:
        found = grown(Escalation(rate_steps=10 * STEPS, step_steps=CENT, on_date=date(2027, 4, 1)))
        assert found == [(SINCE_EVER, 1000), (date(2027, 4, 1), 1100)]

    def test_yearly_on_29_february(self) -> None:
        """Rule 1.2: 28 February in common years."""
        leap = Escalation(rate_steps=10 * STEPS, step_steps=EUR, on_date=date(2024, 2, 29), yearly=True)
        # 11.00, 12.10 → 12.00, 13.20 → 13.00, 14.30 → 14.00
        assert grown(leap)[1:] == [
            (date(2026, 2, 28), 1100),
            (date(2027, 2, 28), 1200),
            (date(2028, 2, 29), 1300),
            (date(2029, 2, 28), 1400),
        ]

    def test_dates_before_the_charge_began_do_not_count(self) -> None:
        assert grown(Escalation(rate_steps=10 * STEPS, step_steps=CENT, on_date=date(2026, 1, 15))) == [
            (SINCE_EVER, 1000)
        ]

    def test_a_price_set_by_hand_restarts_it(self) -> None:
        found = grown(
            Escalation(rate_steps=3 * STEPS, step_steps=CENT, every_periods=12),
            changes={date(2027, 6, 10): 20 * EUR},
        )
        # 20.00 counts from 1 July 2027; 20.60 × 1.03 = 21.218
        assert found == [
            (SINCE_EVER, 1000),
            (date(2027, 2, 1), 1030),
            (date(2027, 6, 10), 2000),
            (date(2028, 7, 1), 2060),
            (date(2029, 7, 1), 2122),
        ]

    def test_a_price_set_by_hand_on_the_day_does_not_grow_that_day(self) -> None:
        yearly = Escalation(rate_steps=3 * STEPS, step_steps=CENT, on_date=date(2027, 1, 1), yearly=True)
        found = grown(yearly, changes={date(2027, 1, 1): 20 * EUR})
        assert found[1:] == [(date(2027, 1, 1), 2000), (date(2028, 1, 1), 2060), (date(2029, 1, 1), 2122)]

    @pytest.mark.parametrize(
        ("price", "rate", "step", "expected"),
        [
            (10_000_000, 3_250_000, 50_000, 10_350_000),  # 10.325 is 206.5 steps of 0.05: away from zero
            (-10_000_000, 3_250_000, 50_000, -10_350_000),
            (10_000_000, 3_250_000, 10_000, 10_330_000),  # 10.325
            (149 * STEPS, 1_000_000, 100 * STEPS, 200 * STEPS),  # 150.49
            (10_000_000, -50_000_000, 10_000, 5_000_000),
        ],
    )
    def test_rounded_once_half_away_from_zero(self, price: int, rate: int, step: int, expected: int) -> None:
        assert Escalation(rate_steps=rate, step_steps=step, every_periods=1).next_price(price) == expected

    def test_growth_ends_beyond_the_largest_price(self) -> None:
        doubling = Escalation(rate_steps=100 * STEPS, step_steps=CENT, every_periods=1)
        steps = escalated(
            steps_of(base=10**17), escalation=doubling, grid=MONTHLY, starts_on=date(2026, 1, 1),
            through=date(2200, 1, 1),
        )  # fmt: skip
        # 10^17 → 2, 4, 8 × 10^17 and 1.6 × 10^18, which is beyond 10^18.
        assert [step.times for step in steps if is_beyond(step.unit_price_steps or 0)] == [4]
        assert len(steps) == 5

    def test_the_line_can_be_explained(self) -> None:
        steps = escalated(
            steps_of(), escalation=Escalation(rate_steps=3 * STEPS, step_steps=CENT, every_periods=12),
            grid=MONTHLY, starts_on=date(2026, 1, 15), through=date(2028, 12, 31),
        )  # fmt: skip
        told = explained(
            steps, 2, escalation=Escalation(rate_steps=3 * STEPS, step_steps=CENT, every_periods=12),
            starts_on=date(2026, 1, 15), currency="EUR",
        )  # fmt: skip
        assert told == {
            "escalated": {
                "from": "10.00",
                "since": "2026-01-15",
                "rate": "3",
                "step": "0.01",
                "times": 2,
                "steps": [{"on": "2027-02-01", "price": "10.30"}, {"on": "2028-02-01", "price": "10.61"}],
            }
        }


PRICES = st.none() | st.integers(0, 100 * STEPS)
DAYS = st.integers(-60, 700).map(lambda days: date(2026, 1, 1) + timedelta(days))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_prices_agree_with_the_oracle(data: st.DataObject) -> None:
    """Rules 4.2 and 4.3, day by day, for any levels, growth and grid."""
    draw = data.draw
    levels = [(draw(PRICES), draw(st.dictionaries(DAYS, PRICES, max_size=3))) for _ in range(3)]
    starts_on = draw(DAYS)
    length = Length(draw(st.integers(1, 4)), draw(st.sampled_from([Unit.MONTH, Unit.WEEK])))
    grid = Grid(length, draw(DAYS))
    every = draw(st.none() | st.integers(1, 6))
    escalation = Escalation(
        rate_steps=draw(st.integers(-30 * STEPS, 30 * STEPS)),
        step_steps=draw(st.sampled_from([1, CENT, 5 * CENT, EUR])),
        every_periods=every,
        on_date=None if every else draw(DAYS),
        yearly=every is None and draw(st.booleans()),
    )
    by_level = [
        LevelPrices(
            level=level,
            unit_price_steps=base,
            changes=tuple(DatedPrice(day, dated[day]) for day in sorted(dated)),
        )
        for level, (base, dated) in zip(Level, levels, strict=False)
    ]
    day = starts_on + timedelta(draw(st.integers(-30, 500)))
    steps = escalated(
        price_steps(by_level), escalation=escalation, grid=grid, starts_on=starts_on, through=day
    )
    exact = [
        (
            None if base is None else Fraction(base),
            {at: None if p is None else Fraction(p) for at, p in d.items()},
        )
        for base, d in levels
    ]
    growth = Growth(
        rate=Fraction(escalation.rate_steps, 100 * STEPS),
        step=Fraction(escalation.step_steps),
        every=every,
        on_date=escalation.on_date,
        yearly=escalation.yearly,
    )
    walked = {"count": length.count, "unit": str(length.unit), "anchor": grid.anchor, "anchor_day": None}
    # A price set before the start holds from then on; only what is set later restarts the growth.
    assert by_hand(exact, day) is not None or steps[step_on(steps, day)].unit_price_steps is None
    expected = price_on(exact, growth, day, starts_on=starts_on, grid=walked)
    if day < starts_on:
        expected = None if by_hand(exact, day) is None else by_hand(exact, day)[2]  # type: ignore[index]
    assert steps[step_on(steps, day)].unit_price_steps == expected


def monthly(**values: object) -> Charge:
    """Return a charge from 1 January 2026, monthly in advance."""
    ordinary: dict[str, object] = {
        "quantity_steps": STEPS,
        "unit_price_steps": 0,
        "currency": "EUR",
        "grid": MONTHLY,
        "starts_on": date(2026, 1, 1),
    }
    return Charge(**{**ordinary, **values})  # type: ignore[arg-type]


def split_lines(*, changes: dict[date, int | None], **values: object) -> list:
    """Return the lines of January 2026, split by *changes*."""
    terms: dict[str, object] = {"ends_before": date(2026, 2, 1), **values}
    charge = monthly(prices=tuple(steps_of(changes=changes)), split_on_price_change=True, **terms)
    return owed_lines(charge, through=None)
