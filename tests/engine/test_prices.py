"""Prices by date on columns: which level, what the line tells, and what cannot be billed (billing-rules 4.2, 4.3)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import polars as pl
import pytest

from counterfoil.core.money import STEPS
from counterfoil.engine.billing import bill
from tests.engine.tables import Row, charge_period, loaded, master, terms

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


def change(valid_from: date, price: int | None, **of: int) -> dict[str, Any]:
    """Return a price change in whole euro: of a charge, a master charge, or a customer's or dealer's override."""
    nobody = dict.fromkeys(("charge_id", "master_id", "customer_id", "dealer_id"))
    unit_price = None if price is None else price * STEPS
    return {**nobody, **of, "valid_from": valid_from, "unit_price": unit_price}


def escalation(**values: Any) -> dict[str, Any]:
    """Return an escalation of master charge 1: 3 % every 12 periods, rounded to a cent."""
    ordinary = {
        "charge_id": None,
        "master_id": 1,
        "escalation_id": 1,
        "rate": 3 * STEPS,
        "step": 10_000,
        "every_periods": 12,
        "on_date": None,
        "yearly": False,
    }
    return {**ordinary, **values}


def lines_of(*rows: Row, **tables: Any) -> list[tuple[Any, ...]]:
    """Return net and price level of the lines, by charge and period."""
    lines = bill(loaded(list(rows), **tables), terms=terms()).lines.sort("charge_id", "period_start")
    return lines.select("net_minor", "price_level").rows()


def test_every_level_has_its_prices_by_date() -> None:
    """Rule 4.2: the strongest level that sets a price on the day, each by its own dates."""
    changes = [
        change(date(2026, 4, 1), 11, master_id=1),
        change(MAY, 12, master_id=1, customer_id=1),
        change(JUNE, None, master_id=1, customer_id=1),
        change(JUNE, 13, charge_id=2),
    ]
    own = [Row(charge_id=number, starts_on=date(2026, 3, 1)) for number in (1, 2)]
    of_customer = dict.fromkeys(
        ("unit_price", "quantity", "description", "charge_period_id", "tax_category_id", "while_commissioned")
    )
    overrides = [{**of_customer, "master_id": 1, "customer_id": 1}]
    assert lines_of(*own, price_changes=changes, customer_overrides=overrides) == [
        (1000, "master"), (1100, "master"), (1200, "customer"), (1100, "master"),
        (1000, "master"), (1100, "master"), (1200, "customer"), (1300, "assignment"),
    ]  # fmt: skip


def test_a_price_change_never_rates_again_what_is_billed() -> None:
    """Rule 4.2: May is billed; a price entered later that counts from May changes June alone."""
    row = Row(starts_on=MAY, billed_from=MAY, billed_to=JUNE)
    assert lines_of(row, price_changes=[change(MAY, 12, charge_id=1)]) == [(1200, "assignment")]


def test_a_charge_without_a_price_yet_is_a_finding_and_no_other_is() -> None:
    rows = [Row(charge_id=1, starts_on=MAY), Row(charge_id=2, starts_on=JUNE)]
    changes = [change(JUNE, 12, charge_id=1), change(JUNE, 12, charge_id=2)]
    billed = bill(loaded(rows, masters=[master(unit_price=None)], price_changes=changes), terms=terms())
    # Charge 1 has no price in May, so all of it waits; charge 2 begins with its price.
    assert billed.findings.select("charge_id", "code").rows() == [(1, "no_price")]
    assert billed.lines.select("charge_id", "net_minor").rows() == [(2, 1200)]


def test_an_escalated_line_tells_how_its_price_grew() -> None:
    """Rule 4.3: 10.00 × 1.03 = 10.30 from June 2026, twelve periods after the first of June 2025."""
    billed = bill(
        loaded([Row(starts_on=date(2026, 5, 1))], escalations=[escalation(every_periods=1)]), terms=terms()
    )
    may, june = billed.lines.sort("period_start").iter_rows(named=True)
    assert (may["net_minor"], may["details"]) == (1000, "")
    assert (june["net_minor"], june["price_level"]) == (1030, "master")
    assert json.loads(june["details"])["escalated"] == {
        "from": "10.00",
        "since": "2026-05-01",
        "rate": "3",
        "step": "0.01",
        "times": 1,
        "steps": [{"on": "2026-06-01", "price": "10.30"}],
    }


def test_the_escalation_of_a_charge_goes_before_its_master_charges() -> None:
    rows = [Row(charge_id=1, starts_on=MAY), Row(charge_id=2, starts_on=MAY)]
    both = [
        escalation(every_periods=1),
        escalation(charge_id=2, master_id=None, escalation_id=2, every_periods=1, rate=10 * STEPS),
    ]
    assert [net for net, _ in lines_of(*rows, escalations=both)] == [1000, 1030, 1000, 1100]


@pytest.mark.parametrize("rate", [10**6 * STEPS, 9 * 10**18])
def test_growth_beyond_the_largest_price_is_a_finding(rate: int) -> None:
    """An overflow is told, and never wraps: 10 ¹² at a million percent."""
    rows = [Row(starts_on=date(2026, 4, 1), unit_price=10**6 * STEPS * 10**5)]
    billed = bill(loaded(rows, escalations=[escalation(every_periods=1, rate=rate)]), terms=terms())
    assert billed.lines.is_empty()
    assert set(billed.findings.get_column("code")) <= {"price_out_of_range", "amount_overflow"}
    assert billed.findings.height == 1


@pytest.mark.parametrize("quantity", [10**9 * STEPS, 10**9 * STEPS + 1])
def test_the_largest_quantity_is_billed_and_the_next_is_a_finding(quantity: int) -> None:
    """10⁹ × 2.675 = 2,675,000,000.00."""
    changes = [{**change(JUNE, 0, charge_id=1), "unit_price": 2_675_000}]
    billed = bill(loaded([Row(quantity=quantity)], price_changes=changes), terms=terms())
    told = billed.lines.get_column("net_minor").to_list() or billed.findings.get_column("code").to_list()
    assert told == ([267_500_000_000] if quantity == 10**9 * STEPS else ["quantity_out_of_range"])


def test_a_split_period_is_a_line_for_each_price_and_one_past_period() -> None:
    """Rules 2.7 and 4.2: 10.00 × 15/31 + 12.00 × 16/31, billed after May has ended."""
    tables = loaded(
        [Row(starts_on=MAY)],
        price_changes=[change(date(2026, 5, 16), 12, master_id=1)],
        charge_periods=[charge_period(bill_on="arrears", split_on_price_change=True)],
    )
    billed = bill(tables, terms=terms(past_periods_allowed=1))
    assert billed.lines.select("period_start", "net_minor", "unit_price", "part_charging").rows() == [
        (MAY, 484, 10 * STEPS, "daily"),
        (date(2026, 5, 16), 619, 12 * STEPS, "daily"),
    ]
    assert billed.spans.select("billed_from", "billed_to", "ends_in_part").rows() == [(MAY, JUNE, False)]
    assert bill(tables, terms=terms(past_periods_allowed=0)).findings.height == 1


def test_several_commissionings_pass_over_what_lies_between() -> None:
    """Rules 2.1 and 3.4: 1–9 May and from 20 May: 10.00 × 9/31 = 2.90, 10.00 × 21/31 − 2.90 = 3.87."""
    row = Row(
        starts_on=date(2026, 1, 1),
        commissioned_on=date(2026, 5, 20),
        while_commissioned=True,
        billed_from=None,
    )
    past = [{"client_id": 1, "starts_on": MAY, "ends_before": date(2026, 5, 10)}]
    billed = bill(loaded([row], commissionings=past), terms=terms())
    lines = billed.lines.sort("period_start")
    assert lines.select("period_start", "period_end", "net_minor").rows() == [
        (MAY, date(2026, 5, 10), 290),
        (date(2026, 5, 20), JUNE, 387),
        (JUNE, date(2026, 7, 1), 1000),
    ]
    assert billed.spans.select("billed_from", "billed_to").rows() == [(MAY, date(2026, 7, 1))]


@pytest.mark.parametrize(
    ("policy", "nets"), [("whole", [1000, 1000]), ("none", [1000]), ("daily", [290, 387, 1000])]
)
def test_two_commissionings_in_a_period_bill_it_once(policy: str, nets: list[int]) -> None:
    row = Row(starts_on=MAY, commissioned_on=date(2026, 5, 20), while_commissioned=True)
    past = [{"client_id": 1, "starts_on": MAY, "ends_before": date(2026, 5, 10)}]
    tables = loaded([row], commissionings=past, charge_periods=[charge_period(part_charging=policy)])
    assert bill(tables, terms=terms()).lines.sort("period_start").get_column("net_minor").to_list() == nets


def test_commissionings_of_others_and_of_charges_not_tied_to_them_change_nothing() -> None:
    past = [{"client_id": client, "starts_on": date(2020, 1, 1), "ends_before": MAY} for client in (1, 2)]
    rows = [Row(), Row(charge_id=2, client_id=3, while_commissioned=True, commissioned_on=MAY)]
    assert [net for net, _ in lines_of(*rows, commissionings=past)] == [1000, 1000]


def edges(**values: date | None) -> dict[str, Any]:
    """Return where the edges of charge 1's span lie: in no period known, unless said."""
    names = ("start_grid_start", "start_grid_end", "end_grid_start", "end_grid_end", "end_grid_since")
    return {"charge_id": 1, **dict.fromkeys(names), **values}


@pytest.mark.parametrize("policy", ["whole", "daily", "none"])
@pytest.mark.parametrize("is_changed", [False, True])
def test_another_grid_in_mid_life_counts_none_of_the_days_the_old_one_billed(
    policy: str, *, is_changed: bool
) -> None:
    """Rule 1.5: billed to 20 May by some grid; the rest of May is a part of the present grid's period."""
    row = Row(
        starts_on=date(2026, 3, 10),
        billed_from=date(2026, 3, 10),
        billed_to=date(2026, 5, 20),
        ends_in_part=True,
    )
    billed_by = (date(2026, 4, 20), date(2026, 5, 20)) if is_changed else (MAY, JUNE)
    tables = loaded(
        [row],
        charge_periods=[charge_period(part_charging=policy)],
        span_edges=[edges(end_grid_start=billed_by[0], end_grid_end=billed_by[1])],
    )
    lines = bill(tables, terms=terms(cutoff=date(2026, 5, 31))).lines
    # By days it is 10.00 − 10.00 × 19/31 = 3.87 of the same grid, and 10.00 × 12/31 = 3.87 of another one.
    expected = {"daily": [387], "whole": [1000] if is_changed else [], "none": [] if is_changed else [1000]}
    assert lines.get_column("net_minor").to_list() == expected[policy]
    assert lines.filter(pl.col("period_start") < date(2026, 5, 20)).is_empty()
