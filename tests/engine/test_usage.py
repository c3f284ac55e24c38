"""Usage on columns: what a run bills, and that it agrees with the plain rules (billing-rules 4.4)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.money import STEPS
from counterfoil.core.periods import DateRange
from counterfoil.core.usage import Meter, NoUse, Reading, Tariff, Tier, TierMode, Use, cost_of_usage
from counterfoil.engine.billing import Billed, bill
from counterfoil.engine.stands import METERS, READINGS, STANDS_BILLED, meter_uses
from counterfoil.engine.usage import TIERS, _costs
from tests.engine.tables import Row, charge_period, loaded, terms
from tests.engine.usage_tables import meter, reading, tariff, tier, with_usage

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))


def bill_usage(rows: list[Row], *, cutoff: date = MARCH, tables: Any = None, **usage: Any) -> Billed:
    given = with_usage(loaded(rows, **(tables or {})), **{"tiers": [tier()], "meters": [meter()], **usage})
    return bill(given, terms=terms(cutoff=cutoff, invoice_date=cutoff))


def amounts(billed: Billed) -> list[tuple[date, int, int]]:
    """Return the first day, whole units and net of each line."""
    rows = billed.lines.sort("period_start").select("period_start", pl.col("quantity") // STEPS, "net_minor")
    return list(rows.iter_rows())


def test_4_4_usage_is_billed_in_arrears_over_the_charges_own_grid() -> None:
    billed = bill_usage(
        [Row(starts_on=date(2026, 1, 15))],
        readings=[reading(date(2026, 1, 15), 100), reading(FEBRUARY, 160), reading(MARCH, 200)],
    )
    assert amounts(billed) == [(date(2026, 1, 15), 60, 3000), (FEBRUARY, 40, 2000)]
    assert billed.lines.get_column("kind").to_list() == ["usage", "usage"]
    assert billed.spans.select("billed_from", "billed_to").row(0) == (date(2026, 1, 15), MARCH)


def test_4_4_several_meters_add() -> None:
    second = {"meter_id": 2}
    billed = bill_usage(
        [Row(starts_on=FEBRUARY)],
        meters=[meter(), meter(meter_id=2, meter="E-2")],
        readings=[
            reading(FEBRUARY, 0), reading(MARCH, 10),
            reading(FEBRUARY, 5, **second), reading(MARCH, 12, **second),
        ],
    )  # fmt: skip
    assert amounts(billed) == [(FEBRUARY, 17, 850)]


def test_4_4_without_a_reading_a_period_waits_with_a_remedy_and_earlier_ones_are_billed() -> None:
    billed = bill_usage(
        [Row(starts_on=JANUARY)],
        cutoff=APRIL,
        readings=[reading(JANUARY, 1), reading(FEBRUARY, 3), reading(APRIL, 9)],
    )
    assert amounts(billed) == [(JANUARY, 2, 100)]
    assert billed.findings.select("code", "message").row(0) == (
        "no_reading",
        "The meter E-1 has no reading for 2026-03-01, so the period waits.",
    )


def test_4_4_a_metered_charge_without_a_meter_is_a_finding() -> None:
    billed = bill_usage([Row(starts_on=FEBRUARY)], meters=[])
    assert billed.findings.get_column("code").to_list() == ["no_meter"]
    assert billed.lines.is_empty()


def test_4_4_an_estimate_says_so_and_later_readings_settle_it() -> None:
    readings = [reading(date(2025, 12, 2), 70), reading(JANUARY, 100)]
    first = bill_usage(
        [Row(starts_on=JANUARY)], cutoff=FEBRUARY, meters=[meter(may_be_estimated=True)], readings=readings
    )
    assert amounts(first) == [(JANUARY, 31, 1550)]  # 30 units in 30 days: 31 × 0.50
    details = json.loads(first.lines.item(0, "details"))
    assert details["estimated"]
    assert details["meters"][0]["billed_to"] == "131"
    second = bill_usage(
        [Row(starts_on=JANUARY, billed_from=JANUARY, billed_to=FEBRUARY)],
        meters=[meter(may_be_estimated=True)],
        readings=[*readings, reading(MARCH, 159)],
        stands_billed=[{"charge_id": 1, "meter_id": 1, "billed_to": FEBRUARY, "value": 131 * STEPS}],
    )
    assert amounts(second) == [(FEBRUARY, 28, 1400)]  # 159 − 131


def test_4_4_a_tariff_without_tiers_takes_the_unit_price_of_the_override_chain() -> None:
    overrides = [
        {"master_id": 1, "customer_id": 1, "unit_price": 2 * STEPS, "quantity": None, "description": None,
         "charge_period_id": None, "tax_category_id": None, "while_commissioned": None}
    ]  # fmt: skip
    billed = bill_usage(
        [Row(starts_on=FEBRUARY)],
        tables={"customer_overrides": overrides},
        tiers=[],
        readings=[reading(FEBRUARY, 0), reading(MARCH, 3)],
    )
    assert billed.lines.select("net_minor", "unit_price", "price_level").row(0) == (
        600,
        2 * STEPS,
        "customer",
    )


def test_4_4_activations_are_counted_where_they_occurred() -> None:
    def on(day: date, count: int, client_id: int = 1) -> dict[str, object]:
        return {"client_id": client_id, "occurred_on": day, "activations": count}

    billed = bill_usage(
        [Row(starts_on=FEBRUARY)],
        tariffs=[tariff(counts="activations", allowance=2 * STEPS)],
        tiers=[tier(tier_price=5 * STEPS)],
        meters=[],
        activations=[
            on(date(2026, 1, 31), 7), on(FEBRUARY, 2), on(date(2026, 2, 28), 1), on(MARCH, 4), on(FEBRUARY, 9, 2),
        ],
    )  # fmt: skip
    assert amounts(billed) == [(FEBRUARY, 3, 500)]  # 3 activations, 2 free, 5.00 for the other


def test_3_4_a_period_billed_in_pieces_costs_what_it_costs_whole() -> None:
    # Of February the 1st to the 14th was billed: 60 units, of the 50 free ones 25, so 35 × 0.50 = 17.50.
    billed = bill_usage(
        [Row(starts_on=FEBRUARY, billed_from=FEBRUARY, billed_to=date(2026, 2, 15), ends_in_part=True)],
        tariffs=[tariff(allowance=50 * STEPS)],
        readings=[reading(date(2026, 2, 15), 60), reading(MARCH, 105)],
        units_billed=[{"charge_id": 1, "grid_start": FEBRUARY, "units": 60 * STEPS}],
    )
    # The whole month: (105 − 50) × 0.50 = 27.50.
    assert amounts(billed) == [(date(2026, 2, 15), 45, 1000)]


def test_3_4_under_whole_a_later_piece_bills_its_units_and_no_second_minimum() -> None:
    billed = bill_usage(
        [Row(starts_on=FEBRUARY, billed_from=FEBRUARY, billed_to=date(2026, 2, 15), ends_in_part=True)],
        tables={"charge_periods": [charge_period(part_charging="whole")]},
        tariffs=[tariff(minimum=10 * STEPS)],
        readings=[reading(date(2026, 2, 15), 4), reading(MARCH, 30)],
        units_billed=[{"charge_id": 1, "grid_start": FEBRUARY, "units": 4 * STEPS}],
    )
    # Billed were 10.00 for 4 units; all 30 cost 15.00.
    assert amounts(billed) == [(date(2026, 2, 15), 26, 500)]
    assert billed.lines.item(0, "fraction_num") == 0


def test_4_4_too_many_units_are_a_finding_and_never_wrap() -> None:
    readings = [reading(FEBRUARY, 0), reading(MARCH, 10**9 + 1)]
    billed = bill_usage([Row(starts_on=FEBRUARY)], readings=readings)
    assert billed.findings.get_column("code").to_list() == ["quantity_out_of_range"]
    dear = [tier(tier_price=10**12 * STEPS)]
    billed = bill_usage(
        [Row(starts_on=FEBRUARY)], tiers=dear, readings=[reading(FEBRUARY, 0), reading(MARCH, 10**9)]
    )
    assert billed.findings.get_column("code").to_list() == ["amount_overflow"]


def test_4_4_details_hold_the_calculation() -> None:
    billed = bill_usage(
        [Row(starts_on=FEBRUARY)],
        tariffs=[tariff(allowance=10 * STEPS, minimum=5 * STEPS)],
        tiers=[tier(), tier(from_units=20 * STEPS, tier_price=STEPS // 4, fee=STEPS)],
        readings=[reading(FEBRUARY, 100), reading(MARCH, 150)],
    )
    details = json.loads(billed.lines.item(0, "details"))
    assert details["meters"][0]["start"] == {"value": "100", "on": "2026-02-01", "estimated": False}
    assert (details["units"], details["free_units"]) == ("50", "10")
    assert details["tiers"] == [
        {"from": "0", "units": "20", "unit_price": "0.5", "fee": "0", "amount": "10"},
        {"from": "20", "units": "20", "unit_price": "0.25", "fee": "1", "amount": "6"},
    ]
    assert details["minimum"] == {"amount": "5", "applies": False}
    assert billed.lines.item(0, "net_minor") == 1600


FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 100).map(lambda day: FIRST + timedelta(days=day))
PERIODS = [
    DateRange(FIRST + timedelta(days=30 * number), FIRST + timedelta(days=30 * (number + 1)))
    for number in range(3)
]


@st.composite
def meters(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "readings": draw(st.dictionaries(DAYS, st.integers(0, 999_999_999), max_size=7)),
        "digits": draw(st.none() | st.just(3)),
        "tolerance_days": draw(st.integers(0, 5)),
        "may_be_estimated": draw(st.booleans()),
        "billed": draw(st.none() | st.integers(0, 999_999_999)),
    }


@settings(max_examples=100, deadline=None)
@given(st.lists(meters(), min_size=1, max_size=12))
def test_4_4_uses_of_meters_agree_with_the_plain_rules(some: list[dict[str, Any]]) -> None:
    pieces = pl.DataFrame(
        [
            (number, k, period.start, period.end)
            for number in range(len(some))
            for k, period in enumerate(PERIODS)
        ],
        schema={"charge_id": pl.Int64, "k": pl.Int64, "period_start": pl.Date, "period_end": pl.Date},
        orient="row",
    )
    settings_of = ("digits", "tolerance_days", "may_be_estimated")
    found = meter_uses(
        pieces=pieces,
        meters=pl.DataFrame(
            [
                {"meter_id": number, "charge_id": number, "meter": "", **{k: one[k] for k in settings_of}}
                for number, one in enumerate(some)
            ],
            schema=METERS.schema,
        ),
        readings=pl.DataFrame(
            [
                (number, day, value, False)
                for number, one in enumerate(some)
                for day, value in one["readings"].items()
            ],
            schema=READINGS.schema,
            orient="row",
        ),
        stands_billed=pl.DataFrame(
            [
                (number, number, FIRST, one["billed"])
                for number, one in enumerate(some)
                if one["billed"] is not None
            ],
            schema=STANDS_BILLED.schema,
            orient="row",
        ),
    )
    for number, one in enumerate(some):
        readings = [Reading(read_on=day, value_steps=value) for day, value in one["readings"].items()]
        plain = Meter(readings, **{name: one[name] for name in settings_of})
        rows = found.filter(pl.col("meter_id") == number).sort("period_start")
        expected = plain.uses(PERIODS, billed_value_steps=one["billed"])
        for row, use in zip(rows.iter_rows(named=True), expected, strict=False):
            if isinstance(use, NoUse):
                assert (row["missing_on"] or row["period_end"], row["goes_back"]) == (use.day, use.goes_back)
            else:
                assert _read(row) == _told(use)


def _read(row: dict[str, Any]) -> tuple[Any, ...]:
    assert row["missing_on"] is None
    assert not row["goes_back"]
    return row["units"], row["end_stand"], row["end_read_on"], row["end_is_estimate"], row["billed_to_stand"]


def _told(use: Use) -> tuple[Any, ...]:
    end = use.end
    return use.units_steps, end.value_steps, end.read_on, end.is_estimate, use.billed_to_steps


@st.composite
def priced(draw: st.DrawFn) -> tuple[int, Tariff, Fraction]:
    tiers = draw(
        st.dictionaries(
            st.sampled_from([0, STEPS, 7 * STEPS // 2, 100 * STEPS]),
            st.tuples(
                st.sampled_from([5_000, 15_000, 340_000]) | st.integers(0, 10**9), st.integers(0, 10**8)
            ),
            min_size=1,
            max_size=4,
        )
    )
    return (
        draw(st.integers(0, 10**9) | st.integers(0, 10**3).map(lambda units: units * STEPS)),
        Tariff(
            mode=draw(st.sampled_from(list(TierMode))),
            unit_step_steps=draw(st.sampled_from([STEPS, STEPS // 10, 5 * STEPS])),
            allowance_steps=draw(st.integers(0, 50)) * STEPS,
            minimum_steps=draw(st.integers(0, 90)) * STEPS,
            tiers=tuple(
                Tier(from_units_steps=bound, unit_price_steps=price, fee_steps=fee)
                for bound, (price, fee) in sorted(tiers.items())
            ),
        ),
        Fraction(draw(st.integers(1, 31)), 31),
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(priced(), min_size=1, max_size=15))
def test_4_4_costs_agree_with_the_plain_rules(some: list[tuple[int, Tariff, Fraction]]) -> None:
    rows = pl.DataFrame(
        [
            {
                "usage_row": number,
                "tariff_id": number,
                "tier_mode": by.mode.value,
                "unit_step": by.unit_step_steps,
                "allowance": by.allowance_steps,
                "minimum": by.minimum_steps,
                "unit_price": 0,
                "steps_per_minor": 10**10,
                "units": units,
                "num": share.numerator,
                "den": share.denominator,
            }
            for number, (units, by, share) in enumerate(some)
        ]
    ).with_columns(pl.col("units").cast(pl.Int128))
    tiers = pl.DataFrame(
        [
            (number, one.from_units_steps, one.unit_price_steps, one.fee_steps)
            for number, (_, by, _) in enumerate(some)
            for one in by.tiers
        ],
        schema=TIERS.schema,
        orient="row",
    )
    found = _costs(rows, tiers=tiers, rounding=terms().rounding).sort("usage_row")
    expected = [cost_of_usage(units_steps=units, tariff=by, fraction=share) for units, by, share in some]
    assert found.get_column("cost").to_list() == [cost.net_minor(currency="EUR") for cost in expected]
    assert found.get_column("billed_units").to_list() == [cost.billed_units_steps for cost in expected]
