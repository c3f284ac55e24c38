"""A workbook, read back by a spreadsheet library: typed cells, no formulas, and no waiting for its end."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from counterfoil.core.money import Money
from counterfoil.documents import workbook
from counterfoil.documents.workbook import Sheet, safe_text, workbook_bytes, write_workbook

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


def test_its_first_bytes_leave_before_its_last_row_is_read() -> None:
    read_so_far = 0

    def rows() -> Iterator[list[int]]:
        nonlocal read_so_far
        for read_so_far in range(1, 5_001):
            yield [read_so_far]

    pieces = workbook_bytes([Sheet(title="Numbers", headings=["n"], rows=rows())])
    first = next(pieces)
    assert (first[:2], read_so_far) == (b"PK", workbook.ROWS_AT_ONCE)
    assert read(first + b"".join(pieces))["Numbers"]["A5001"].value == 5_000


@pytest.mark.parametrize("limit", ["ROWS_IN_A_SHEET", "BYTES_IN_A_SHEET"])
def test_what_a_sheet_does_not_hold_stands_in_a_further_one(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(workbook, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(workbook, limit, 2)
    rows = [[n] for n in range(5)]
    title = "A title of all thirty-one signs"
    book = read(b"".join(workbook_bytes([Sheet(title=title, headings=["n"], rows=rows)])))
    assert {sheet.title: [cell.value for cell in sheet["A"]] for sheet in book} == {
        title: ["n", 0, 1],
        "A title of all thirty-one s (2)": ["n", 2, 3],
        "A title of all thirty-one s (3)": ["n", 4],
    }


def test_letters_of_several_bytes_count_as_what_they_take_in_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A row of 200 letters of two bytes each takes more than 400 bytes, and fewer than 300 signs."""
    monkeypatch.setattr(workbook, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(workbook, "BYTES_IN_A_SHEET", 400)
    book = read(b"".join(workbook_bytes([Sheet(title="Ü", headings=["n"], rows=[["ü" * 200]] * 2)])))
    assert [sheet.title for sheet in book] == ["Ü", "Ü (2)"]
