"""What a cell may hold."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.money import LARGEST_UNIT_PRICE_STEPS
from counterfoil.flows.importing import values
from counterfoil.flows.importing.catalogue import PRICE
from counterfoil.flows.importing.parties import check_tax_id
from counterfoil.flows.importing.values import neutral, plain
from counterfoil.records.parties.models import TaxStatus


@given(st.text(alphabet="'=+-@ab\t\r", max_size=6))
def test_what_is_made_safe_for_a_spreadsheet_can_be_read_again(text: str) -> None:
    assert plain(neutral(text)) == text
    assert not neutral(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("text", ["'t Hooft", "O'Neill", "a=b", ""])
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert (neutral(text), plain(text)) == (text, text)


@pytest.mark.parametrize(
    ("holds", "cell", "value"),
    [
        (PRICE, "29.85", 29_850_000),
        (PRICE, "-0.000001", -1),
        (PRICE, "1000000000000", LARGEST_UNIT_PRICE_STEPS),
        (values.DAY, "2026-02-28", date(2026, 2, 28)),
        (values.YES_NO, "YES", True),
        (values.YES_NO, "false", False),
        (values.CURRENCY, "JPY", "JPY"),
        (values.COUNTRY, "GB", "GB"),
        (values.RECIPIENTS, "a@example.com; b@example.com", "a@example.com; b@example.com"),
        (values.LANGUAGE, "pt-BR", "pt-BR"),
        (values.TERMS, "30 days end of month", "30 days end of month"),
        (values.choice(TaxStatus), "Reverse charge", "reverse_charge"),
        (values.choice(TaxStatus), "out-of-scope", "out_of_scope"),
        (values.text(3), "a\nb", "a\nb"),
    ],
)
def test_cells_are_read(holds: values.ValueType, cell: str, value: Any) -> None:
    assert holds.read(cell) == value


@pytest.mark.parametrize(
    ("holds", "cell"),
    [
        (PRICE, "29,85"),
        (PRICE, "1e3"),
        (PRICE, "NaN"),
        (PRICE, "0.0000001"),
        (PRICE, "1000000000000.000001"),
        (values.percentage(largest_steps=100_000_000), "100.01"),
        (values.percentage(largest_steps=100_000_000), "-1"),
        (values.DAY, "2026-02-29"),
        (values.DAY, "01/06/2026"),
        (values.DAY, "20260601"),
        (values.DAY, "0206-06-01"),
        (values.YES_NO, "maybe"),
        (values.CURRENCY, "eur"),
        (values.CURRENCY, "XAU"),
        (values.COUNTRY, "UK"),
        (values.COUNTRY, "EU"),
        (values.RECIPIENTS, "a@example.com;"),
        (values.RECIPIENTS, "not an address"),
        (values.LANGUAGE, "English"),
        (values.TERMS, "soon"),
        (values.choice(TaxStatus), "normal"),
        (values.text(3), "four"),
        (values.text(9), "bell\x07"),
        (values.key(9), "two\nlines"),
        (values.whole(least=1, most=31, expected=""), "32"),
        (values.whole(least=1, most=31, expected=""), "1.0"),
    ],
)
def test_cells_that_cannot_be_meant_are_refused(holds: values.ValueType, cell: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  what is expected is told by the caller
        holds.read(cell)


@pytest.mark.parametrize(
    ("tax_id", "country"),
    [
        ("IE6433435F", "IE"),
        ("6433435F", "IE"),
        ("GB 980 7806 84", None),
        ("EL094259216", None),
        ("12-3456789", "US"),
        ("anything", None),
        (None, "IE"),
    ],
)
def test_tax_ids_of_the_country_are_taken(tax_id: str | None, country: str | None) -> None:
    check_tax_id(tax_id, country)


@pytest.mark.parametrize(("tax_id", "country"), [("IE6433435E", "IE"), ("IE1", None), ("DE12", "DE")])
def test_tax_ids_with_a_slip_of_the_pen_are_refused(tax_id: str, country: str | None) -> None:
    with pytest.raises(ValueError, match="no valid tax id of"):
        check_tax_id(tax_id, country)
