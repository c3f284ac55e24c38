"""A workbook, read back by a spreadsheet library: typed cells, no formulas, and further sheets."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from counterfoil.core.money import Money
from counterfoil.documents import workbook
from counterfoil.documents.workbook import Sheet, safe_text, write_workbook

CELLS = {
    "plain": "plain",
    "=1+1": "=1+1",
    "https://example.com": "https://example.com",
    ' <b> & "co" ': ' <b> & "co" ',
    "bell \x07, and _x0007_ as it was typed": "bell _x0007_, and _x005F_x0007_ as it was typed",
    42: 42,
    Decimal("0.000001"): 0.000001,
    10**15: 10**15,  # one digit, and zeros
    10**15 + 1: "1000000000000001",  # sixteen digits
    Money(1645, "EUR"): 16.45,
    Money(-5, "JPY"): -5,
    Money(10**17 + 1, "EUR"): "1000000000000000.01",
    date(2026, 6, 1): datetime(2026, 6, 1),  # noqa: DTZ001 - a sheet's dates have no zone
    datetime(2026, 6, 2, 0, 5): datetime(2026, 6, 2, 0, 5),  # noqa: DTZ001
    None: None,
    "": None,
}
"""What is written, and what is read back."""


def read(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_cells_are_what_a_spreadsheet_keeps_and_never_formulas() -> None:
    file = io.BytesIO()
    sheet = Sheet(title="Cells <&>", headings=[f"No. {n}" for n in range(len(CELLS))], rows=[list(CELLS)])
    write_workbook(file, [sheet, Sheet(title="Nothing", headings=["Alone"], rows=[])])
    book = read(file.getvalue())
    assert book.sheetnames == ["Cells <&>", "Nothing"]
    heading, row = book["Cells <&>"].iter_rows()
    assert [cell.value for cell in row] == list(CELLS.values())
    assert {cell.data_type for cell in row} == {"s", "n", "d"}
    assert [row[n].number_format for n in (9, 10, 12, 13)] == [
        "#,##0.00",
        "#,##0",
        "yyyy-mm-dd",
        "yyyy-mm-dd hh:mm:ss",
    ]
    assert row[2].hyperlink is None
    assert (heading[0].value, heading[0].font.b, book["Cells <&>"].freeze_panes) == ("No. 0", True, "A2")
    assert [[cell.value for cell in line] for line in book["Nothing"]] == [["Alone"]]


def test_text_stays_text_in_a_form_without_types() -> None:
    assert [safe_text(text) for text in ("=1+1", "@cmd", "plain")] == ["'=1+1", "'@cmd", "plain"]


@pytest.mark.parametrize(
    ("count", "pages"),
    [
        (0, [["n"]]),
        (2, [["n", 0, 1]]),
        (3, [["n", 0, 1], ["n", 2]]),
        (5, [["n", 0, 1], ["n", 2, 3], ["n", 4]]),
    ],
)
def test_what_a_sheet_does_not_hold_stands_in_a_further_one(
    monkeypatch: pytest.MonkeyPatch, count: int, pages: list[list[Any]]
) -> None:
    monkeypatch.setattr(workbook, "ROWS_IN_A_SHEET", 2)
    title, file = "A title of all thirty-one signs", io.BytesIO()
    write_workbook(file, [Sheet(title=title, headings=["n"], rows=([n] for n in range(count)))])
    book = read(file.getvalue())
    titles = [title, "A title of all thirty-one s (2)", "A title of all thirty-one s (3)"]
    assert book.sheetnames == titles[: len(pages)]
    assert [[cell.value for cell in sheet["A"]] for sheet in book] == pages
