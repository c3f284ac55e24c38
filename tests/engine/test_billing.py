"""From charges to invoices on columns: who sets a value, how tax is summed, what stands together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from counterfoil.core.money import STEPS, Rounding, round_ratio
from counterfoil.core.taxes import line_taxes
from counterfoil.engine import billing, rounding
from counterfoil.engine.billing import bill
from counterfoil.engine.frames import LINES, FrameBroken
from counterfoil.engine.grouping import Grouping
from tests.engine.tables import CUTOFF, Row, charge_period, customer, loaded, master, terms

NOTHING_SET = {
    "unit_price": None,
    "quantity": None,
    "description": None,
    "charge_period_id": None,
    "tax_category_id": None,
    "while_commissioned": None,
}


def rate(percent: int, *, category: int = 1, country: str = "", valid_from: date = date(2000, 1, 1)) -> dict:
    """Return a tax rate's row."""
    return {
        "tax_category_id": category,
        "country": country,
        "tax_rate": percent * STEPS,
        "valid_from": valid_from,
    }


@pytest.mark.parametrize(
    ("assignment", "of_customer", "of_dealer", "price", "level"),
    [
        (12, 11, 9, 1200, "assignment"),
        (None, 11, 9, 1100, "customer"),
        (None, None, 9, 900, "dealer"),
        (None, None, None, 1000, "master"),
        (0, 11, 9, 0, "assignment"),
    ],
)
def test_the_first_level_that_sets_a_price_wins(
    assignment: int | None, of_customer: int | None, of_dealer: int | None, price: int, level: str
) -> None:
    """Rule 4.1; a price of 0 is a price."""
    overrides = {}
    if of_customer is not None:
        own = {**NOTHING_SET, "master_id": 1, "customer_id": 1, "unit_price": of_customer * STEPS}
        overrides["customer_overrides"] = [own]
    if of_dealer is not None:
        own = {**NOTHING_SET, "master_id": 1, "dealer_id": 7, "unit_price": of_dealer * STEPS}
        overrides["dealer_overrides"] = [own]
    given = None if assignment is None else assignment * STEPS
    billed = bill(loaded([Row(dealer_id=7, unit_price=given)], **overrides), terms=terms())
    assert billed.lines.select("net_minor", "price_level").rows() == [(price, level)]


def test_each_value_is_looked_up_by_itself() -> None:
    """Rule 4.1: the price is the customer's, the quantity the dealer's, the description the master's."""
    billed = bill(
        loaded(
            [Row(dealer_id=7)],
            customer_overrides=[{**NOTHING_SET, "master_id": 1, "customer_id": 1, "unit_price": 5 * STEPS}],
            dealer_overrides=[{**NOTHING_SET, "master_id": 1, "dealer_id": 7, "quantity": 3 * STEPS}],
        ),
        terms=terms(),
    )
    # 3 × 5.00
    assert billed.lines.select("net_minor", "description").rows() == [(1500, "Monitoring")]


def test_charges_rated_in_turn_owe_what_they_owe_together(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [Row(charge_id=number, unit_price=number * STEPS // 3) for number in range(1, 8)]
    rows[4] = replace(rows[4], ends_before=date(2020, 1, 1), starts_on=date(2020, 1, 1))  # a finding
    together = bill(loaded(rows), terms=terms())
    monkeypatch.setattr(billing, "CHARGES_AT_ONCE", 3)
    in_turn = bill(loaded(rows), terms=terms())
    assert in_turn.invoices.equals(together.invoices)
    assert in_turn.lines.equals(together.lines)
    assert in_turn.spans.sort("charge_id").equals(together.spans.sort("charge_id"))
    assert in_turn.findings.equals(together.findings)
    assert (together.lines.height, together.findings.height) == (6, 1)


def test_tax_is_rounded_once_a_group_and_its_lines_sum_to_it() -> None:
    """Rules 5.2 and 5.3: three lines of 0.33 at 7 %: 0.99 × 7 % = 0.0693 is 0.07, shared 0.02, 0.03, 0.02."""
    rows = [Row(charge_id=n, unit_price=330_000) for n in (1, 2, 3)]
    billed = bill(loaded(rows, tax_rates=[rate(7)]), terms=terms())
    assert billed.invoices.select("net_minor", "tax_minor", "gross_minor").rows() == [(99, 7, 106)]
    assert billed.lines.get_column("tax_minor").to_list() == [2, 3, 2]


@pytest.mark.parametrize("way", list(Rounding))
def test_line_taxes_agree_with_the_plain_rule(way: Rounding) -> None:
    """Rule 5.3 on three hundred lines of two groups, some negative."""
    rows = [
        Row(charge_id=n, unit_price=(n * 7_919 % 10_007 - 900) * 10_000, tax_category_id=1 + n % 2)
        for n in range(1, 301)
    ]
    tables = loaded(
        rows,
        tax_rates=[rate(19), rate(7, category=2)],
        tax_categories=[
            {"tax_category_id": 1, "tax_category": "a"},
            {"tax_category_id": 2, "tax_category": "b"},
        ],
    )
    lines = bill(tables, terms=terms(rounding=way)).lines
    for category, percent in ((1, 19), (2, 7)):
        group = lines.filter(pl.col("tax_category_id") == category).sort("line_no")
        nets = group.get_column("net_minor").to_list()
        assert group.get_column("tax_minor").to_list() == line_taxes(
            nets, rate_steps=percent * STEPS, rounding=way
        )


def test_the_rate_in_force_at_the_tax_point_counts() -> None:
    """Rule 5.1: of yesterday, today and tomorrow today's; a country's own before everybody's."""
    rates = [
        rate(10),
        rate(20, valid_from=CUTOFF),
        rate(30, valid_from=date(2026, 6, 2)),
        rate(5, country="DE"),
    ]
    rows = [Row(charge_id=n, customer_id=n) for n in (1, 2, 3)]
    customers = [
        customer(),
        customer(customer_id=2, account="C2", country="DE"),
        customer(customer_id=3, account="C3", tax_status="reverse_charge"),
    ]
    billed = bill(loaded(rows, tax_rates=rates, customers=customers), terms=terms())
    assert billed.invoices.get_column("tax_minor").to_list() == [200, 50, 0]


def test_lines_stand_together_by_customer_client_or_dealer() -> None:
    """C12."""
    rows = [
        Row(charge_id=1, client_id=1, dealer_id=7),
        Row(charge_id=2, client_id=2, dealer_id=7),
        Row(charge_id=3, client_id=3),
    ]
    sizes = {
        grouping: bill(loaded(rows), terms=terms(grouping=grouping))
        .invoices.get_column("line_count")
        .to_list()
        for grouping in Grouping
    }
    assert sizes[Grouping.CUSTOMER] == [3]
    assert sizes[Grouping.CLIENT] == [1, 1, 1]
    assert sorted(sizes[Grouping.DEALER]) == [1, 2]


def test_an_invoice_below_zero_is_set_aside_and_stays_billable() -> None:
    """Rule 5.5: no line, no span, one finding a charge."""
    billed = bill(loaded([Row(unit_price=-5 * STEPS)]), terms=terms())
    assert billed.findings.get_column("code").to_list() == ["negative_document"]
    assert (billed.lines.height, billed.invoices.height, billed.spans.height) == (0, 0, 0)


def test_a_share_of_nothing_gives_no_line_and_a_price_of_nothing_does() -> None:
    """Rule 3.2."""
    rows = [
        Row(charge_id=1, starts_on=date(2026, 5, 20), ends_before=date(2026, 6, 1)),
        Row(charge_id=2, unit_price=0),
    ]
    billed = bill(loaded(rows, charge_periods=[charge_period(part_charging="none")]), terms=terms())
    assert billed.lines.select("charge_id", "net_minor").rows() == [(2, 0)]


def test_a_yen_has_no_minor_digits_and_a_dinar_three() -> None:
    """Rule 13: 10.5 × 1 is 11 yen, and 10.5 dinar are 10500 fils."""
    for currency, net in (("JPY", 11), ("KWD", 10_500)):
        tables = loaded(
            [Row(unit_price=10_500_000)],
            customers=[customer(currency=currency)],
            masters=[master(currency=currency)],
        )
        assert bill(tables, terms=terms()).lines.get_column("net_minor").to_list() == [net]


def test_the_same_charges_in_any_order_give_the_same_invoices() -> None:
    """A result depends on the rows alone."""
    rows = [Row(charge_id=n, client_id=n % 3) for n in range(1, 20)]
    forward, backward = (bill(loaded(one), terms=terms()) for one in (rows, rows[::-1]))
    assert forward.lines.equals(backward.lines)
    assert forward.invoices.equals(backward.invoices)


def test_an_overflow_raises_and_never_wraps() -> None:
    """Products are 128 bits wide; what does not fit into an amount is refused by the cast."""
    table = pl.DataFrame({"n": [10**20], "d": [1]}, schema={"n": pl.Int128, "d": pl.Int128})
    wide = rounding.round_ratio(pl.col("n"), pl.col("d"), rounding=Rounding.HALF_AWAY)
    with pytest.raises(pl.exceptions.InvalidOperationError):
        table.select(wide.cast(pl.Int64, strict=True))


@pytest.mark.parametrize("way", list(Rounding))
def test_halves_round_on_columns_as_they_do_plainly(way: Rounding) -> None:
    """Rule 3.1, both signs, every half from −20.5 to 20.5."""
    numerators = list(range(-41, 42))
    table = pl.DataFrame({"n": numerators, "d": [2] * 83}, schema={"n": pl.Int128, "d": pl.Int128})
    rounded = table.select(rounding.round_ratio(pl.col("n"), pl.col("d"), rounding=way)).to_series().to_list()
    assert rounded == [round_ratio(n, 2, rounding=way) for n in numerators]


def test_a_broken_frame_says_which_sentence_is_not_true() -> None:
    """Style 4: what a stage promises is checked."""
    lines = bill(loaded([Row()]), terms=terms()).lines
    with pytest.raises(FrameBroken, match="has days"):
        LINES.promise(lines.with_columns(period_end=pl.col("period_start")))
    with pytest.raises(FrameBroken, match="two rows"):
        LINES.promise(pl.concat([lines, lines]))
    with pytest.raises(FrameBroken, match="net_minor"):
        LINES.promise(lines.with_columns(pl.col("net_minor").cast(pl.Int32)))
    assert replace(LINES, name="x").promise(lines).equals(lines)
