"""A list as a file: plain values, exact amounts, no formulas."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from counterfoil.core.money import Money
from counterfoil.documents.workbook import write_workbook
from counterfoil.web.lists.columns import Column, Kind, State
from counterfoil.web.lists.export import csv_lines, csv_text, headings, sheet_of

DUBLIN = ZoneInfo("Europe/Dublin")


@dataclass
class Row:
    pk: int = 1
    name: str = "Alder Clinic"
    net: int | None = 4_820_000
    tax: int | None = 915_800
    currency: str = "EUR"
    quantity: Decimal = Decimal("12.5")
    rate: Decimal = Decimal(19)
    state: str = "held"
    is_active: bool = True
    on: date | None = date(2026, 6, 1)
    at: datetime | None = datetime(2026, 6, 1, 23, 5, tzinfo=UTC)
    period: tuple[date | None, date | None] = (date(2026, 6, 1), date(2026, 7, 1))


COLUMNS = (
    Column(name="name", label="Name"),
    Column(name="net", label="Net", kind=Kind.MONEY),
    Column(name="tax", label="Tax", kind=Kind.MONEY),
    Column(name="quantity", label="Quantity", kind=Kind.QUANTITY),
    Column(name="rate", label="Rate", kind=Kind.PERCENT),
    Column(name="state", label="State", kind=Kind.STATE, states={"held": State("Held")}),
    Column(name="is_active", label="Active", kind=Kind.YES_NO),
    Column(name="on", label="Date", kind=Kind.DATE),
    Column(name="at", label="Stored", kind=Kind.MOMENT),
    Column(name="period", label="Period", kind=Kind.PERIOD),
)


def _csv(*rows: Row) -> list[str]:
    content = b"".join(csv_lines(rows, columns=COLUMNS, zone=DUBLIN)).decode("utf-8")
    return content.splitlines()


def test_the_currency_stands_after_the_last_amount_in_it() -> None:
    assert headings(COLUMNS)[:5] == ["Name", "Net", "Tax", "Currency", "Quantity"]
    shown = (*COLUMNS, Column(name="currency", label="Currency"))
    assert headings(shown).count("Currency") == 1


def test_csv_holds_plain_values() -> None:
    first, second = _csv(Row())
    assert first.startswith("\ufeffName,Net,Tax,Currency")
    assert second == (
        "Alder Clinic,48200.00,9158.00,EUR,12.5,19,Held,yes,2026-06-01,"
        "2026-06-02T00:05:00+01:00,2026-06-01,2026-06-30"
    )


def test_csv_leaves_empty_what_is_not_there() -> None:
    row = Row(net=None, on=None, at=None, period=(date(2026, 6, 1), None))
    assert _csv(row)[1] == "Alder Clinic,,9158.00,EUR,12.5,19,Held,yes,,,2026-06-01,"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_text_never_becomes_a_formula_in_csv(text: str) -> None:
    assert csv_text(text) == f"'{text}"


def test_negative_amounts_stay_numbers_in_csv() -> None:
    assert csv_text(Money(-1_240, "EUR")) == "-12.40"
    assert csv_text(-3) == "-3"


def _sheet(rows: list[Row]) -> Any:
    file = io.BytesIO()
    write_workbook(file, [sheet_of(rows, columns=COLUMNS, title="invoices", zone=DUBLIN)])
    return openpyxl.load_workbook(io.BytesIO(file.getvalue())).active


def test_excel_holds_numbers_and_dates() -> None:
    sheet = _sheet([Row()])
    heading, row = sheet.iter_rows()
    assert [cell.value for cell in heading][:4] == ["Name", "Net", "Tax", "Currency"]
    assert [cell.value for cell in row] == [
        "Alder Clinic",
        48200,
        9158,
        "EUR",
        12.5,
        19,
        "Held",
        "yes",
        datetime(2026, 6, 1),  # noqa: DTZ001 - a sheet's dates have no zone
        datetime(2026, 6, 2, 0, 5),  # noqa: DTZ001
        datetime(2026, 6, 1),  # noqa: DTZ001
        datetime(2026, 6, 30),  # noqa: DTZ001
    ]
    assert row[1].number_format == "#,##0.00"


def test_excel_text_is_never_a_formula_nor_a_link() -> None:
    _heading, row, link = _sheet([Row(name="=1+1"), Row(name="https://example.com")]).iter_rows()
    assert (row[0].value, row[0].data_type) == ("=1+1", "s")
    assert link[0].hyperlink is None


def test_excel_keeps_amounts_beyond_fifteen_digits_as_text() -> None:
    _heading, row = _sheet([Row(net=123_456_789_012_345_678)]).iter_rows()
    assert row[1].value == "1234567890123456.78"
