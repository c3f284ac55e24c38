"""Charges as rows of texts, rated: lines, totals and findings (billing-rules 1–6)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.charge_rows import COLUMNS, read_charge_row
from counterfoil.core.findings import Finding
from counterfoil.core.money import format_steps
from counterfoil.core.recurring import Charge
from counterfoil.core.simulation import CutOffMissing, simulate_rows
from tests.core import oracle
from tests.core.strategies import charges, oracle_terms

JUNE = date(2026, 6, 1)


def row(**cells: str) -> dict[str, str]:
    """Return a row for a monthly charge of 31.00 from 1 January 2026 unless *cells* say otherwise."""
    return {"charge": "c1", "unit_price": "31.00", "starts_on": "2026-01-01", **cells}


def lines(*rows: dict[str, str], through: date | None = None) -> list[dict[str, Any]]:
    found = simulate_rows(rows, through)
    assert found["findings"] == []
    return list(found["lines"])


def amounts(*rows: dict[str, str], through: date | None = None) -> list[tuple[str, str, str]]:
    """Return lines as (first day, share, amount)."""
    return [
        (line["period_start"], line["fraction"], line["amount"]) for line in lines(*rows, through=through)
    ]


def codes(cells: dict[str, str]) -> list[str]:
    return [found["code"] for found in simulate_rows([cells], JUNE)["findings"]]


def test_the_example_of_the_programs_contract() -> None:
    cells = row(starts_on="2011-02-01", ends_before="2011-02-13", billing_day="13")
    assert simulate_rows([cells], None) == {
        "lines": [
            {
                "charge": "c1",
                "customer": "c1",
                "kind": "charge",
                "period_start": "2011-02-01",
                "period_end": "2011-02-13",
                "fraction": "12/31",
                "quantity": "1",
                "unit_price": "31.00",
                "amount": "12.00",
                "currency": "EUR",
                "bill_date": "2011-02-01",
            }
        ],
        "totals": {"EUR": {"net": "12.00", "tax": "0.00", "gross": "12.00"}},
        "findings": [],
    }


def test_1_4_quarterly_with_billing_day_15_through_its_end() -> None:
    cells = row(
        unit_price="92", every="3 months", billing_day="15", starts_on="2011-01-01", ends_before="2011-04-27"
    )
    assert amounts(cells) == [
        ("2011-01-01", "7/46", "14.00"),  # 92.00 × 14/92
        ("2011-01-15", "1", "92.00"),
        ("2011-04-15", "12/91", "12.13"),  # 92.00 × 12/91 = 12.1318…
    ]


def test_1_2_the_defaults_are_monthly_from_the_start_in_advance() -> None:
    found = lines(row(starts_on="2026-01-31"), through=date(2026, 4, 30))
    assert [line["bill_date"] for line in found] == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert {line["fraction"] for line in found} == {"1"}


def test_2_4_the_cut_off_and_who_needs_one() -> None:
    assert len(lines(row(), through=JUNE)) == 6
    assert len(lines(row(ends_before="2026-03-01"))) == 2
    with pytest.raises(CutOffMissing) as refusal:
        simulate_rows([row(ends_before="2026-03-01"), row(charge="c2")], None)
    assert str(refusal.value) == (
        "The charge 'c2' in row 2 has no end. Give the date through which to bill with --through."
    )


def test_2_5_what_is_billed_already_is_not_billed_again() -> None:
    assert amounts(row(billed_to="2026-05-01"), through=JUNE) == [
        ("2026-05-01", "1", "31.00"),
        ("2026-06-01", "1", "31.00"),
    ]
    # In mid-period: 31.00 × 21/31 is what is left of May, billed with the service period that began on the 1st.
    assert amounts(row(billed_to="2026-05-11"), through=date(2026, 5, 31)) == [
        ("2026-05-11", "21/31", "21.00")
    ]
    # On or before the start nothing is billed yet.
    assert len(lines(row(billed_to="2025-01-01"), through=JUNE)) == 6


def test_3_4_the_rest_of_a_period_makes_it_whole() -> None:
    """0.05 × 9/30 = 1.5 ¢ was billed as 2 ¢, so 3 ¢ are left."""
    cells = row(unit_price="0.05", starts_on="2026-04-01", ends_before="2026-05-01", billed_to="2026-04-10")
    assert amounts(cells) == [("2026-04-10", "7/10", "0.03")]


def test_3_none_gives_no_line_for_a_part() -> None:
    cells = row(starts_on="2026-01-15", ends_before="2026-03-10", billing_day="1", part_charging="none")
    assert amounts(cells) == [("2026-02-01", "1", "31.00")]


def test_3_2_a_price_of_0_gives_lines() -> None:
    assert amounts(row(unit_price="0", ends_before="2026-02-01")) == [("2026-01-01", "1", "0.00")]


def test_6_3_monthly_off() -> None:
    cells = row(
        unit_price="90",
        every="3 months",
        anchor="2026-01-01",
        starts_on="2026-01-15",
        ends_before="2026-02-10",
        billed_to="2026-04-01",
        credit="monthly",
        tax_rate="19",
    )
    assert simulate_rows([cells], None)["lines"] == [
        {
            "charge": "c1",
            "customer": "c1",
            "kind": "credit",
            "period_start": "2026-02-10",
            "period_end": "2026-04-01",
            "fraction": "1/3",
            "quantity": "1",
            "unit_price": "90.00",
            "amount": "-30.00",
            "currency": "EUR",
            "bill_date": "2026-02-10",
        }
    ]
    totals = simulate_rows([cells], None)["totals"]
    assert totals == {"EUR": {"net": "-30.00", "tax": "-5.70", "gross": "-35.70"}}


def test_6_2_daily_off_credits_every_line_beyond_the_end() -> None:
    cells = row(ends_before="2026-01-11", billed_to="2026-03-01", credit="daily")
    assert amounts(cells) == [("2026-01-11", "21/31", "-21.00"), ("2026-02-01", "1", "-31.00")]
    assert amounts({**cells, "credit": "none"}) == []
    assert amounts({**cells, "credit": "monthly"}) == []  # a period of one month has no month to give back


def test_6_a_credit_is_given_when_its_date_has_come() -> None:
    cells = row(ends_before="2026-05-20", billed_to="2026-06-01", credit="daily")
    assert amounts(cells, through=date(2026, 5, 19)) == []
    assert amounts(cells, through=date(2026, 5, 20)) == [("2026-05-20", "12/31", "-12.00")]


def test_lines_are_ordered_by_charge_then_period() -> None:
    found = lines(
        row(charge="b", ends_before="2026-03-01"),
        row(charge="a", ends_before="2026-03-01"),
        row(charge="B", ends_before="2026-02-01"),
    )
    assert [(line["charge"], line["period_start"]) for line in found] == [
        ("B", "2026-01-01"),
        ("a", "2026-01-01"),
        ("a", "2026-02-01"),
        ("b", "2026-01-01"),
        ("b", "2026-02-01"),
    ]


def test_5_2_tax_is_rounded_once_per_customer_currency_and_rate() -> None:
    """Two lines of 0.03 at 19 %: together round(1.14 ¢) = 1 ¢ for one customer, 1 ¢ each for two."""
    one = {"unit_price": "0.03", "ends_before": "2026-02-01", "tax_rate": "19"}
    same = [
        row(charge="a", customer="k", **one),
        row(charge="b", customer="k", **{**one, "tax_rate": "19.0"}),
    ]
    assert simulate_rows(same, None)["totals"] == {"EUR": {"net": "0.06", "tax": "0.01", "gross": "0.07"}}
    two = [row(charge="a", **one), row(charge="b", **one)]
    assert simulate_rows(two, None)["totals"] == {"EUR": {"net": "0.06", "tax": "0.02", "gross": "0.08"}}


def test_13_amounts_have_their_currencys_digits() -> None:
    rows = [
        row(charge="e", ends_before="2026-02-01", unit_price="10", tax_rate="10"),
        row(charge="j", ends_before="2026-02-01", unit_price="10", tax_rate="10", currency="JPY"),
        row(charge="k", ends_before="2026-02-01", unit_price="10", tax_rate="10", currency="KWD"),
    ]
    assert simulate_rows(rows, None)["totals"] == {
        "EUR": {"net": "10.00", "tax": "1.00", "gross": "11.00"},
        "JPY": {"net": "10", "tax": "1", "gross": "11"},
        "KWD": {"net": "10.000", "tax": "1.000", "gross": "11.000"},
    }


@pytest.mark.parametrize(
    ("cells", "code", "named"),
    [
        ({"charge": " "}, "missing_value", "The column charge is empty."),
        ({"unit_price": ""}, "missing_value", "The column unit_price is empty."),
        ({"starts_on": ""}, "missing_value", "The column starts_on is empty."),
        ({"unit_price": "12,50"}, "unreadable_value", "The column unit_price holds '12,50'"),
        ({"unit_price": "NaN"}, "unreadable_value", "unit_price"),
        ({"quantity": "1.0000001"}, "unreadable_value", "a decimal with at most 6 places"),
        ({"every": "monthly"}, "unreadable_value", "a length such as 1 month, 3 months"),
        ({"starts_on": "01.02.2026"}, "unreadable_value", "a date such as 2026-01-31"),
        ({"starts_on": "2026-02-30"}, "unreadable_value", "starts_on"),
        ({"starts_on": "20260201"}, "unreadable_value", "starts_on"),
        ({"ends_before": "2026-2-1"}, "unreadable_value", "ends_before"),
        ({"anchor": "now"}, "unreadable_value", "anchor"),
        ({"billed_to": "-"}, "unreadable_value", "billed_to"),
        ({"anchor_day": "0"}, "unreadable_value", "a whole number from 1 to 31"),
        ({"anchor_day": "32"}, "unreadable_value", "anchor_day"),
        ({"billing_day": "1.5"}, "unreadable_value", "billing_day"),
        ({"part_charging": "Daily"}, "unreadable_value", "one of none, whole, daily, monthly"),
        ({"day_count": "30/360"}, "unreadable_value", "one of actual, by_month, thirty_360"),
        ({"bill": "later"}, "unreadable_value", "one of advance, arrears"),
        ({"credit": "yes"}, "unreadable_value", "one of none, daily, monthly"),
        ({"offset": "1e3"}, "unreadable_value", "a whole number of days"),
        ({"tax_rate": "19%"}, "unreadable_value", "tax_rate"),
        ({"currency": "EURO"}, "unknown_currency", "'EURO' is not a currency"),
        ({"tax_rate": "-1"}, "tax_rate_out_of_range", "The tax rate -1"),
        ({"tax_rate": "100.000001"}, "tax_rate_out_of_range", "The tax rate 100.000001"),
        ({"unit_price": "1000000000000.000001"}, "price_out_of_range", "beyond 1000000000000"),
        ({"quantity": "-1000000000.5"}, "quantity_out_of_range", "beyond 1000000000"),
        ({"quantity": "1000000000", "unit_price": "10000"}, "amount_overflow", "1000000000 × 10000 is more"),
        ({"offset": "3661"}, "offset_out_of_range", "3661 days; at most 3660"),
        ({"ends_before": "2026-01-01"}, "end_not_after_start", "last day of the charge, 2025-12-31"),
        ({"ends_before": "2025-12-31"}, "end_not_after_start", "its start, 2026-01-01"),
        ({"starts_on": "1899-12-31"}, "date_out_of_range", "the years 1900 to 2200"),
        ({"ends_before": "9999-12-31"}, "date_out_of_range", "the years 1900 to 2200"),
        ({"every": "99999 years"}, "date_out_of_range", "the years 1900 to 2200"),
        ({"billing_day": "1", "anchor": "2026-01-01"}, "two_anchors", "each alone fixes"),
        ({"billing_day": "1", "anchor_day": "1"}, "two_anchors", "each alone fixes"),
        ({"billing_day": "1", "every": "2 weeks"}, "anchor_day_needs_months", "period of 2 weeks"),
        ({"anchor_day": "1", "every": "30 days"}, "anchor_day_needs_months", "period of 30 days"),
        ({"part_charging": "monthly", "every": "2 weeks"}, "policy_needs_months", "monthly cannot share out"),
        ({"day_count": "by_month", "every": "2 weeks"}, "policy_needs_months", "by_month cannot share out"),
    ],
)  # fmt: skip
def test_a_bad_row_is_a_finding_and_the_others_are_rated(
    cells: dict[str, str], code: str, named: str
) -> None:
    good = row(charge="good", ends_before="2026-02-01")
    found = simulate_rows([row(**cells), good], JUNE)
    assert [line["charge"] for line in found["lines"]] == ["good"]
    (finding,) = found["findings"]
    assert set(finding) == {"row", "charge", "code", "message", "remedy"}
    assert (finding["row"], finding["code"]) == (1, code)
    assert finding["charge"] == row(**cells)["charge"].strip()
    assert named in finding["message"]
    assert finding["remedy"].endswith(".")


def test_a_row_tells_everything_that_is_wrong_with_it() -> None:
    assert codes(row(unit_price="x", starts_on="y", currency="Z", every="0 days")) == ["unreadable_value"] * 3
    assert codes(row(ends_before="2025-01-01", currency="ZZZ", offset="9999")) == [
        "end_not_after_start",
        "offset_out_of_range",
        "unknown_currency",
    ]


def test_2_6_a_charge_given_twice_is_rated_once() -> None:
    found = simulate_rows([row(ends_before="2026-02-01"), row(ends_before="2026-03-01")], None)
    assert len(found["lines"]) == 1
    (finding,) = found["findings"]
    assert (finding["row"], finding["code"]) == (2, "duplicate_charge")
    assert finding["message"] == "The charge 'c1' stands in row 1 already."


def test_every_column_is_read() -> None:
    """A nonsense value in any one column is noticed, except where any text is a value."""
    free = {"charge", "customer"}
    noticed = {name for name in COLUMNS if codes(row(**{name: "\x00?"}))}
    assert noticed == set(COLUMNS) - free


def test_1_billed_boundaries_at_the_edge_of_the_calendar_are_no_crash() -> None:
    cells = row(starts_on="2200-01-01", every="7999 years")
    assert codes(cells) == ["date_out_of_range"]


def cells_of(charge: Charge, /, **more: str) -> dict[str, str]:
    """Write *charge* as the row a person would type."""
    written = {
        "charge": "c1",
        "currency": charge.currency,
        "quantity": format_steps(charge.quantity_steps),
        "unit_price": format_steps(charge.unit_price_steps),
        "every": str(charge.grid.length),
        "starts_on": charge.starts_on.isoformat(),
        "ends_before": charge.ends_before.isoformat() if charge.ends_before else "",
        "anchor": charge.grid.anchor.isoformat(),
        "anchor_day": str(charge.grid.anchor_day or ""),
        "part_charging": str(charge.part_charging),
        "day_count": str(charge.day_count),
        "bill": str(charge.bill_on),
        "offset": str(charge.offset),
        "billed_to": charge.billed.ends_before.isoformat() if charge.billed else "",
    }
    return {**written, **more}


@settings(max_examples=100)
@given(st.lists(charges(), min_size=1, max_size=5), st.sampled_from(["0", "7", "19", "8.875"]))
def test_simulated_charges_agree_with_the_oracle(some: list[Charge], tax_rate: str) -> None:
    """Some customers have two charges; every second charge is billed up to its middle."""
    rows, expected = [], []
    nets: dict[tuple[str, str], int] = defaultdict(int)
    digits = {"EUR": 2, "JPY": 0, "KWD": 3}
    for number, charge in enumerate(some):
        assert charge.ends_before is not None
        middle = charge.starts_on + (charge.ends_before - charge.starts_on) // 2
        billed = {"billed_from": charge.starts_on, "billed_to": middle} if number % 2 else {}
        customer = f"k{number // 2}"
        rows.append(
            cells_of(charge, charge=f"c{number}", customer=customer, tax_rate=tax_rate)
            | ({"billed_to": middle.isoformat()} if billed else {})
        )
        for line in oracle.owed(oracle_terms(charge, **billed)):
            expected.append((f"c{number}", line.start.isoformat(), line.fraction, line.amount))
            nets[customer, charge.currency] += line.amount
    found = simulate_rows(rows, None)
    assert found["findings"] == []
    assert [
        (
            line["charge"],
            line["period_start"],
            Fraction(line["fraction"]),
            _minor(line["amount"], digits[line["currency"]]),
        )
        for line in found["lines"]
    ] == expected
    for currency, total in found["totals"].items():
        taxes = [
            oracle.rounded(net * Fraction(tax_rate) / 100)
            for (_, one), net in nets.items()
            if one == currency
        ]
        assert _minor(total["tax"], digits[currency]) == sum(taxes)
        assert Fraction(total["net"]) + Fraction(total["tax"]) == Fraction(total["gross"])


def _minor(text: str, digits: int) -> int:
    minor = Fraction(text) * 10**digits
    assert minor.denominator == 1
    return int(minor)


@settings(max_examples=80)
@given(charges(), st.integers(1, 899), st.sampled_from(["daily", "monthly"]))
def test_6_5_simulated_credits_agree_with_the_oracle(charge: Charge, cut: int, credit: str) -> None:
    assert charge.ends_before is not None
    ends_before = min(charge.starts_on + cut * date.resolution, charge.ends_before)
    cells = cells_of(
        replace(charge, ends_before=ends_before), billed_to=charge.ends_before.isoformat(), credit=credit
    )
    found = simulate_rows([cells], None)
    expected = oracle.credited(
        oracle_terms(charge), billed_to=charge.ends_before, ends_before=ends_before, basis=credit
    )
    digits = {"EUR": 2, "JPY": 0, "KWD": 3}[charge.currency]
    assert [
        (line["period_start"], line["period_end"], Fraction(line["fraction"]), _minor(line["amount"], digits))
        for line in found["lines"]
    ] == [(line.start.isoformat(), line.end.isoformat(), line.fraction, line.amount) for line in expected]
    assert {line["kind"] for line in found["lines"]} <= {"credit"}


@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=20)))
def test_any_texts_give_lines_or_findings_and_never_a_crash(cells: dict[str, str]) -> None:
    read = read_charge_row(cells, row=1)
    if isinstance(read, list):
        assert read
        assert all(isinstance(found, Finding) for found in read)
