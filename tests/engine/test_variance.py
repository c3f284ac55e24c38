"""Against last time: every part, and their sum to the cent (product C3, billing-rules 9)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.money import STEPS, Rounding
from counterfoil.engine.variance import COMPARED, PARTS, by_customer, compare, totals
from tests.engine.oracle_of_variance import Side, amount, parts

JUNE, JULY, AUGUST = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)


def line(line_id: int = 1, **values: Any) -> dict[str, Any]:
    """Return a line of 30.00 for a whole June."""
    ordinary = {
        "line_id": line_id,
        "customer_id": 1,
        "client_id": 1,
        "charge_id": 1,
        "event_charge_id": None,
        "currency": "EUR",
        "kind": "charge",
        "period_start": JUNE,
        "period_end": JULY,
        "fraction_num": 1,
        "fraction_den": 1,
        "quantity": STEPS,
        "unit_price": 30 * STEPS,
        "tax_rate": 23 * STEPS,
        "includes_tax": False,
        "discount_minor": 0,
        "net_minor": 3000,
    }
    return {**ordinary, **values}


def compared(now: list[dict[str, Any]], before: list[dict[str, Any]]) -> pl.DataFrame:
    """Return the variances of *now* against *before*."""
    frames = [pl.DataFrame(rows, schema=COMPARED.schema) for rows in (now, before)]
    return compare(now=frames[0], before=frames[1], rounding=Rounding.HALF_AWAY)


def found(now: list[dict[str, Any]], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return of each row its reason, its difference and the parts that are not 0."""
    rows = compared(now, before).sort("line_id", "before_line_id", nulls_last=True).to_dicts()
    return [
        {
            "reason": row["reason"],
            "difference": row["difference_minor"],
            **{part: row[f"{part}_minor"] for part in PARTS if row[f"{part}_minor"]},
        }
        for row in rows
    ]


def test_what_stays_is_the_same() -> None:
    assert found([line(2, period_start=JULY, period_end=AUGUST)], [line()]) == [
        {"reason": "same", "difference": 0}
    ]


def test_new_and_gone() -> None:
    assert found([line(2, charge_id=2)], [line()]) == [
        {"reason": "new", "difference": 3000, "new": 3000},
        {"reason": "gone", "difference": -3000, "gone": -3000},
    ]


def test_a_new_line_of_nothing_is_new() -> None:
    assert found([line(unit_price=0, net_minor=0)], []) == [{"reason": "new", "difference": 0}]


def test_a_charge_that_another_customer_pays_is_gone_here_and_new_there() -> None:
    rows = found([line(2, customer_id=2)], [line()])
    assert [(row["reason"], row["difference"]) for row in rows] == [("new", 3000), ("gone", -3000)]


def test_price_quantity_and_period_in_their_order() -> None:
    """Period first, then price, then quantity; the last one takes what rounding leaves."""
    before = line(fraction_num=17, fraction_den=30, net_minor=1700)  # 30.00 × 17/30
    now = line(2, unit_price=32_500_000, quantity=2 * STEPS, net_minor=6500)  # 32.50 × 2
    assert found([now], [before]) == [
        {
            "reason": "quantity",
            "difference": 4800,
            "period": 1300,  # 30.00 − 17.00
            "price": 250,  # 32.50 − 30.00
            "quantity": 3250,  # 65.00 − 32.50
        }
    ]


def test_a_minor_unit_that_rounding_leaves_falls_to_the_last_change() -> None:
    """Rule 3.4: a piece came to 0.06 where 0.10 × 2/3 alone is 0.07; the walk ends at what was billed."""
    before = line(unit_price=100_000, fraction_num=1, fraction_den=3, net_minor=3)
    now = line(2, unit_price=100_000, fraction_num=2, fraction_den=3, net_minor=6)  # alone 0.07
    assert found([now], [before]) == [{"reason": "period", "difference": 3, "period": 3}]


def test_more_and_fewer_periods() -> None:
    """Rule 12.7: June was excluded, so July bills two periods; the next month bills one."""
    two = [line(2), line(3, period_start=JULY, period_end=AUGUST)]
    assert found(two, [line()]) == [
        {"reason": "period", "difference": 3000, "period": 3000},
        {"reason": "same", "difference": 0},
    ]
    assert [row["difference"] for row in found([line(4)], two)] == [0, -3000]


def test_discounts_are_a_part_of_their_own() -> None:
    """Rule 4.5: 40.00 less 10 % against 30.00 undiscounted: price +10.00, discount −4.00."""
    now = line(2, unit_price=40 * STEPS, discount_minor=400, net_minor=3600)
    assert found([now], [line()]) == [{"reason": "price", "difference": 600, "price": 1000, "discount": -400}]


def test_tax_in_the_price() -> None:
    """Rule 5.4: 12.30 with 23 % in it is 10.00; with 20 % it is 10.25."""
    price = {"unit_price": 12_300_000, "includes_tax": True}
    before = line(**price, net_minor=1000)
    now = line(2, **price, tax_rate=20 * STEPS, net_minor=1025)
    assert found([now], [before]) == [{"reason": "tax", "difference": 25, "tax": 25}]
    dearer = line(3, unit_price=24_600_000, includes_tax=True, net_minor=2000)
    assert found([dearer], [before]) == [{"reason": "price", "difference": 1000, "price": 1000}]


def test_a_tax_rate_on_top_changes_no_net() -> None:
    assert found([line(2, tax_rate=20 * STEPS)], [line()]) == [{"reason": "same", "difference": 0}]


def test_waived_is_other_and_so_is_an_adjustment() -> None:
    """Rules 12.7 and 12.8."""
    waived = line(2, kind="waived", net_minor=0)
    adjusted = line(3, kind="adjustment", net_minor=-500)
    assert found([waived, adjusted], [line()]) == [
        {"reason": "other", "difference": -3000, "other": -3000},
        {"reason": "other", "difference": -500, "other": -500},
    ]


def test_usage_is_quantity_unless_only_its_price_changed() -> None:
    """Rule 4.4: tiers and minimums are not a product, so what is not the units is the price."""
    used = {"kind": "usage", "unit_price": 0}
    before = line(**used, quantity=100 * STEPS, net_minor=700)
    assert found([line(2, **used, quantity=300 * STEPS, net_minor=1500)], [before])[0]["quantity"] == 800
    assert found([line(2, **used, quantity=100 * STEPS, net_minor=900)], [before])[0]["price"] == 200


def test_values_whose_product_no_charge_may_have_still_add_up() -> None:
    """The largest price with the largest quantity is beyond any amount: the walk goes straight to the end."""
    before = line(unit_price=10**18, quantity=1, net_minor=10**8)
    now = line(2, unit_price=1, quantity=10**15, net_minor=100_000)
    assert found([now], [before])[0]["difference"] == 100_000 - 10**8


def test_sums_by_customer_and_in_all() -> None:
    now = [line(1), line(2, charge_id=2, net_minor=1000), line(3, customer_id=2, charge_id=3)]
    before = [line(4, net_minor=2000, unit_price=20 * STEPS), line(5, customer_id=3, charge_id=4)]
    variances = compared(now, before)
    per_customer = {
        row["customer_id"]: (row["before_minor"], row["now_minor"], row["reason"])
        for row in by_customer(variances).to_dicts()
    }
    assert per_customer == {1: (2000, 4000, "new"), 2: (0, 3000, "new"), 3: (3000, 0, "gone")}
    (total,) = totals(variances).to_dicts()
    assert (total["before_minor"], total["now_minor"]) == (5000, 7000)
    assert (total["new_minor"], total["gone_minor"], total["price_minor"]) == (4000, -3000, 1000)
    assert (total["new_lines"], total["gone_lines"], total["price_lines"]) == (2, 1, 1)


def test_currencies_are_never_added() -> None:
    both = compared([line(1), line(2, currency="JPY", net_minor=30)], [])
    assert totals(both).select("currency", "now_minor").rows() == [("EUR", 3000), ("JPY", 30)]


@st.composite
def sides(draw: st.DrawFn) -> Side:
    """Draw one line and its amounts: rated by its own factors, or a minor unit off as pieces are."""
    price = Fraction(draw(st.sampled_from([0, 5, 15, 25_000, 1_005_000, 30_000_000, 32_500_000])), STEPS)
    quantity = Fraction(draw(st.sampled_from([1, 2, 3, -1])))
    days = draw(st.sampled_from([28, 30, 31]))
    share = Fraction(draw(st.integers(1, days)), days)
    includes_tax, tax = draw(st.booleans()), Fraction(draw(st.sampled_from([0, 19, 23])))
    gross = amount(price, quantity, share, tax=tax if includes_tax else Fraction(0))
    discount = draw(st.sampled_from([0, 0, 7, 100]))
    net = gross + draw(st.sampled_from([0, 0, 1, -1])) - discount
    return Side(
        price=price, quantity=quantity, share=share, tax=tax, includes_tax=includes_tax,
        discount=discount, net=net,
    )  # fmt: skip


def _line_of(side: Side, line_id: int, charge_id: int) -> dict[str, Any]:
    return line(
        line_id,
        charge_id=charge_id,
        fraction_num=side.share.numerator,
        fraction_den=side.share.denominator,
        quantity=int(side.quantity * STEPS),
        unit_price=int(side.price * STEPS),
        tax_rate=int(side.tax * STEPS),
        includes_tax=side.includes_tax,
        discount_minor=side.discount,
        net_minor=side.net,
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(sides(), sides()), min_size=1, max_size=12))
def test_the_parts_agree_with_the_oracle_and_add_up(pairs: list[tuple[Side, Side]]) -> None:
    """C3 and rule 9: whatever changed, the parts are the oracle's, and sum to the difference."""
    now = [_line_of(after, number, number) for number, (_, after) in enumerate(pairs)]
    before = [_line_of(earlier, number, number) for number, (earlier, _) in enumerate(pairs)]
    rows = compared(now, before).sort("charge_id").to_dicts()
    for row, (earlier, after) in zip(rows, pairs, strict=True):
        expected = parts(earlier, after)
        assert {part: row[f"{part}_minor"] for part in PARTS if row[f"{part}_minor"]} == expected
        assert sum(expected.values()) == after.net - earlier.net == row["difference_minor"]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(sides(), st.integers(1, 3), st.integers(1, 3)), max_size=12),
    st.lists(st.tuples(sides(), st.integers(1, 3), st.integers(1, 3)), max_size=12),
)
def test_any_two_runs_differ_by_their_parts(now: list[Any], before: list[Any]) -> None:
    """C3: over any lines, of few charges and customers, the parts sum to the difference of the nets."""
    rows = [
        [
            {**_line_of(side, number, charge), "customer_id": customer}
            for number, (side, charge, customer) in enumerate(some)
        ]
        for some in (now, before)
    ]
    variances = compared(rows[0], rows[1])
    nets = [sum(side.net for side, _, _ in some) for some in (now, before)]
    assert variances.get_column("difference_minor").sum() == nets[0] - nets[1]
    assert sum(variances.get_column(f"{part}_minor").sum() for part in PARTS) == nets[0] - nets[1]
    assert by_customer(variances).get_column("difference_minor").sum() == nets[0] - nets[1]


@pytest.mark.parametrize("reason", ["event", "credit"])
def test_events_and_credits_come_and_go(reason: str) -> None:
    one = line(charge_id=None, event_charge_id=5, kind=reason)
    other = line(2, charge_id=None, event_charge_id=6, kind=reason)
    assert {row["reason"] for row in found([other], [one])} == {"new", "gone"}
