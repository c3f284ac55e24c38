"""Discounts and tax-inclusive prices on columns: what the plain rules say (billing-rules 4.5, 5.1 to 5.4)."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.discounts import Discount, invoice_discounts, line_discounts
from counterfoil.core.money import STEPS, Rounding, amount_of
from counterfoil.core.taxes import inclusive_line_nets, line_taxes
from counterfoil.engine.billing import bill
from counterfoil.engine.discounts import with_discounts
from counterfoil.engine.frames import DISCOUNTS
from counterfoil.engine.taxing import with_tax
from tests.engine import tables
from tests.engine.tables import Row, loaded, terms

JUNE = date(2026, 6, 1)
RATES = [{"tax_category_id": 1, "country": "", "tax_rate": 19 * STEPS, "valid_from": date(2000, 1, 1)}]


def discount(**values: Any) -> dict[str, Any]:
    """Return a discount's row: one of customer 1, off whole invoices, unless *values* say otherwise."""
    ordinary: dict[str, Any] = {"discount_id": 1, "name": "Loyalty", **dict.fromkeys(DISCOUNTS.columns, None)}
    return {**ordinary, "discount_id": 1, "name": "Loyalty", "customer_id": 1, **values}


def billed(rows: list[Row], *discounts: dict[str, Any], **more: Any) -> list[tuple[int, int, int, str]]:
    """Return discount, net, tax and details of the lines of *rows*."""
    found = bill(loaded(rows, discounts=list(discounts), tax_rates=RATES, **more), terms=terms())
    return found.lines.select("discount_minor", "net_minor", "tax_minor", "details").rows()


def test_4_5_lines_before_invoices_percentages_before_amounts() -> None:
    """10.00 and 20.00: 10 % off the first is 1.00; 5 % of 29.00 is 1.45, spread by 9.00 and 20.00; then 2.00."""
    rows = [Row(charge_id=1), Row(charge_id=2, unit_price=20 * STEPS)]
    lines = billed(
        rows,
        discount(discount_id=1, name="Two off", amount=2 * STEPS),
        discount(discount_id=2, name="Loyal", percent=5 * STEPS),
        discount(discount_id=3, name="First", percent=10 * STEPS, charge_id=1, customer_id=None),
    )
    # 9.00 of 29.00: round(145 × 900/2900) = 45; then round(200 × 855/2755) = round(62.07) = 62.
    assert [line[:2] for line in lines] == [(100 + 45 + 62, 793), (100 + 138, 1762)]
    assert json.loads(lines[0][3]) == {
        "discounts": [
            {"name": "First", "percent": "10", "minor": "100"},
            {"name": "Loyal", "percent": "5", "minor": "45"},
            {"name": "Two off", "minor": "62"},
        ]
    }
    # 7.93 + 17.62 = 25.55; 19 % is 4.8545, so 4.85: round(150.67) = 151 and the rest.
    assert [line[2] for line in lines] == [151, 334]


def test_4_5_a_master_charges_discount_is_for_everybody_or_for_one_customer() -> None:
    rows = [Row(charge_id=1), Row(charge_id=2, customer_id=2)]
    customers = [tables.customer(), tables.customer(customer_id=2, account="C2")]
    everybody = discount(master_id=1, customer_id=None, percent=50 * STEPS)
    only_second = discount(master_id=1, customer_id=2, percent=50 * STEPS)
    assert [line[0] for line in billed(rows, everybody, customers=customers)] == [500, 500]
    assert [line[0] for line in billed(rows, only_second, customers=customers)] == [0, 500]


def test_4_5_the_lines_first_day_decides() -> None:
    """Three months caught up, 50 % off from May until before June: only May's line is discounted."""
    dates = {"starts_on": date(2026, 5, 1), "ends_before": JUNE}
    off = discount(charge_id=1, customer_id=None, percent=50 * STEPS, **dates)
    lines = billed([Row(starts_on=date(2026, 4, 1))], off)
    assert [line[0] for line in lines] == [0, 500, 0]


def test_4_5_names_of_any_kind_are_json() -> None:
    name = 'He said "10 % {off}"\\ \u00e9'
    lines = billed([Row()], discount(name=name, percent=10 * STEPS))
    assert json.loads(lines[0][3])["discounts"][0]["name"] == name


def test_5_4_inclusive_and_exclusive_lines_form_separate_groups() -> None:
    """11.90 with tax is 10.00 + 1.90; 10.00 without is taxed 1.90 on top; each is a group of its own."""
    masters = [tables.master(unit_price=11_900_000, includes_tax=True), tables.master(master_id=2)]
    lines = billed([Row(charge_id=1), Row(charge_id=2, master_id=2)], masters=masters)
    assert [line[1:3] for line in lines] == [(1000, 190), (1000, 190)]


def test_5_4_a_groups_gross_is_fixed() -> None:
    """0.04 and 0.06 with 19 % tax: net round(8.403) = 8 by 4 and 6: round(3.2) = 3 and 5; tax 1 and 1."""
    masters = [tables.master(includes_tax=True)]
    rows = [Row(charge_id=1, unit_price=40_000), Row(charge_id=2, unit_price=60_000)]
    assert [line[1:3] for line in billed(rows, masters=masters)] == [(3, 1), (5, 1)]


def test_5_4_a_discount_off_an_inclusive_price_includes_tax() -> None:
    """11.90 less 10 %: 1.19 off, gross 10.71, net 9.00, tax 1.71."""
    masters = [tables.master(unit_price=11_900_000, includes_tax=True)]
    lines = billed([Row()], discount(percent=10 * STEPS), masters=masters)
    assert [line[:3] for line in lines] == [(119, 900, 171)]


AMOUNTS = st.one_of(st.integers(-60, 60), st.integers(-(10**12), 10**12))
STEPS_OFF = st.sampled_from([5_000, 10_000, 250_000, 1_000_000, 2_500_000, 999_999_999_999])
PERCENTS = st.sampled_from([500_000, 1_000_000, 2_500_000, 12_345_678, 33_333_333, 50_000_000, 100_000_000])


@st.composite
def discount_rows(draw: st.DrawFn, *, number: int) -> dict[str, Any]:
    """Draw a discount of charge 1 to 3, of a master charge, or of a customer."""
    is_percent = draw(st.booleans())
    of = draw(st.sampled_from(["charge", "master", "master of customer", "customer"]))
    days = st.none() | st.dates(date(2026, 5, 30), date(2026, 6, 3))
    return discount(
        discount_id=number,
        name=str(number),
        charge_id=draw(st.integers(1, 3)) if of == "charge" else None,
        master_id=draw(st.integers(1, 2)) if of.startswith("master") else None,
        customer_id=draw(st.integers(1, 2)) if of.endswith("customer") else None,
        percent=draw(PERCENTS) if is_percent else None,
        amount=None if is_percent else draw(STEPS_OFF),
        starts_on=draw(days),
        ends_before=draw(days),
    )


@st.composite
def priced_lines(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw lines as rating and grouping leave them: invoice n is customer n's."""
    rows = []
    for invoice_no in (1, 2):
        for line_no in range(1, draw(st.integers(1, 5)) + 1):
            share = draw(st.fractions(0, 1, max_denominator=31).filter(bool))
            row = {
                "invoice_no": invoice_no,
                "line_no": line_no,
                "customer_id": invoice_no,
                "charge_id": draw(st.integers(1, 4)),
                "master_id": draw(st.integers(1, 3)),
                "period_start": draw(st.dates(date(2026, 5, 30), date(2026, 6, 2))),
                "fraction_num": share.numerator,
                "fraction_den": share.denominator,
                "currency": ["EUR", "KWD"][invoice_no - 1],
                "amount_minor": draw(AMOUNTS),
                "discount_minor": 0,
                "details": "",
            }
            rows.append(row)
    return rows


def expected_discounts(
    lines: list[dict[str, Any]], rows: list[dict[str, Any]], rounding: Rounding
) -> list[list[tuple[str, int]]]:
    """Return by the plain rules what each discount takes off each line, without those that take nothing."""
    plain = {
        row["discount_id"]: Discount(
            name=row["name"],
            percent_steps=row["percent"],
            amount_steps=row["amount"],
            starts_on=row["starts_on"],
            ends_before=row["ends_before"],
        )
        for row in rows
    }
    taken = []
    for line in lines:
        meant = [
            plain[row["discount_id"]]
            for row in rows
            if (row["charge_id"] is not None and row["charge_id"] == line["charge_id"])
            or (
                row["master_id"] is not None
                and row["master_id"] == line["master_id"]
                and row["customer_id"] in (None, line["customer_id"])
            )
        ]
        share = Fraction(line["fraction_num"], line["fraction_den"])
        taken.append(
            line_discounts(
                line["amount_minor"],
                meant,
                first_day=line["period_start"],
                fraction=share,
                currency=line["currency"],
                rounding=rounding,
            )
        )
    for invoice_no in (1, 2):
        places = [place for place, line in enumerate(lines) if line["invoice_no"] == invoice_no]
        left = [lines[place]["amount_minor"] - sum(one.minor for one in taken[place]) for place in places]
        whole = [
            plain[row["discount_id"]]
            for row in rows
            if row["charge_id"] is None and row["master_id"] is None and row["customer_id"] == invoice_no
        ]
        currency = lines[places[0]]["currency"]
        parts = invoice_discounts(left, whole, invoice_date=JUNE, currency=currency, rounding=rounding)
        for place, part in zip(places, parts, strict=True):
            taken[place].extend(part)
    return [[(one.name, one.minor) for one in of_line if one.minor] for of_line in taken]


@settings(max_examples=60, deadline=None)
@given(priced_lines(), st.data(), st.sampled_from(Rounding))
def test_4_5_columns_agree_with_the_plain_rules(
    lines: list[dict[str, Any]], data: st.DataObject, rounding: Rounding
) -> None:
    count = data.draw(st.integers(0, 6))
    rows = [data.draw(discount_rows(number=number)) for number in range(1, count + 1)]
    found = with_discounts(
        lines=pl.DataFrame(lines),
        discounts=pl.DataFrame(rows, schema=DISCOUNTS.schema),
        invoice_date=JUNE,
        rounding=rounding,
    )
    expected = expected_discounts(lines, rows, rounding)
    named = [
        [(one["name"], int(one["minor"])) for one in json.loads(text or '{"discounts": []}')["discounts"]]
        for text in found.get_column("details")
    ]
    assert named == expected
    sums = [sum(minor for _, minor in of_line) for of_line in expected]
    assert found.get_column("discount_minor").to_list() == sums
    left = [line["amount_minor"] - off for line, off in zip(lines, sums, strict=True)]
    assert found.get_column("amount_minor").to_list() == left


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 2),
            st.sampled_from([0, 7_000_000, 19_000_000, 20_000_000, 12_345_678]),
            st.booleans(),
            st.one_of(AMOUNTS, st.sampled_from([119, -119, 4, 6, -6, 10, -10])),
        ),
        min_size=1,
        max_size=14,
    ),
    st.sampled_from(Rounding),
)
def test_5_2_5_3_5_4_columns_agree_with_the_plain_rules(
    rows: list[tuple[int, int, bool, int]], rounding: Rounding
) -> None:
    """Groups of every kind on two invoices; negative grosses and grosses that cancel among them."""
    rows = sorted(rows, key=lambda row: row[0])
    names = ["invoice_no", "tax_rate", "includes_tax", "amount_minor"]
    numbered = pl.DataFrame(rows, schema=names, orient="row").with_columns(
        line_no=pl.int_range(pl.len()).over("invoice_no") + 1, tax_category_id=pl.lit(1)
    )
    found = with_tax(lines=numbered, rounding=rounding).select("net_minor", "tax_minor").rows()
    expected: dict[int, tuple[int, int]] = {}
    for group in sorted({row[:3] for row in rows}):
        places = [place for place, row in enumerate(rows) if row[:3] == group]
        amounts = [rows[place][3] for place in places]
        if group[2]:
            nets = inclusive_line_nets(amounts, rate_steps=group[1], rounding=rounding)
            taxes = [gross - net for gross, net in zip(amounts, nets, strict=True)]
        else:
            nets, taxes = amounts, line_taxes(amounts, rate_steps=group[1], rounding=rounding)
        expected.update(dict(zip(places, zip(nets, taxes, strict=True), strict=True)))
    assert found == [expected[place] for place in range(len(rows))]


def test_13_prices_of_six_decimals_in_currencies_of_no_and_three_digits() -> None:
    """1.234567 × 1,000.5 is 1,235.1842835: 1,235 yen, 1,235.184 dinar; 10 % tax 124 (123.5) and 123.518."""
    price, quantity = 1_234_567, 1_000_500_000
    rates = [{**RATES[0], "tax_rate": 10 * STEPS}]
    found = {}
    for currency in ("JPY", "KWD"):
        tables_of = {
            "customers": [tables.customer(currency=currency)],
            "masters": [tables.master(currency=currency, unit_price=price, quantity=quantity)],
            "tax_rates": rates,
        }
        invoice = bill(loaded([Row()], **tables_of), terms=terms()).invoices.row(0, named=True)
        found[currency] = (invoice["net_minor"], invoice["tax_minor"], invoice["gross_minor"])
        exact = amount_of(
            quantity_steps=quantity, unit_price_steps=price, fraction=Fraction(1), currency=currency
        )
        assert exact == invoice["net_minor"]
    assert found == {"JPY": (1235, 124, 1359), "KWD": (1_235_184, 123_518, 1_358_702)}
