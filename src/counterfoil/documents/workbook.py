"""A workbook: several sheets of plain values, for people who go on in a spreadsheet.

Numbers are numbers only where a spreadsheet keeps every digit, which are fifteen; else they are text. Text is
never a formula: it is written as a string, and one that begins like a formula gets an apostrophe before it, so
that it stays text when the sheet is saved in another form.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from counterfoil.core.money import Money, format_minor, minor_digits
from counterfoil.core.refusals import Refusal

ROWS_IN_A_SHEET = 1_048_575
EXCEL_DIGITS = 15
LONGEST_TITLE = 31
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
Value = str | int | Decimal | Money | date | None
"""What a cell may hold; money is shown without its currency, which has a column of its own."""


class WorkbookIsFull(Refusal):
    """The sheet {sheet} would have more than 1,048,575 rows, which is all a workbook holds. Export CSV instead."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet: its title, its headings, and rows of as many values as there are headings."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Value]]


def write_workbook(file: IO[bytes], sheets: Sequence[Sheet]) -> None:
    """Write *sheets* to *file* with memory that does not grow with them. Raises `WorkbookIsFull`."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        styles = _Styles(book)
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.title[:LONGEST_TITLE]), sheet, styles)


def safe_text(text: str) -> str:
    """Return *text* so that no spreadsheet program takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class _Styles:
    """The formats of one workbook, made once each."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._amounts: dict[int, Any] = {}
        self.heading = book.add_format({"bold": True, "bottom": 1})
        self.date = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})

    def amount(self, digits: int) -> Any:
        """Return the format of amounts with *digits* decimals."""
        if digits not in self._amounts:
            pattern = "#,##0" + ("." + "0" * digits if digits else "")
            self._amounts[digits] = self._book.add_format({"num_format": pattern})
        return self._amounts[digits]


def _write_sheet(page: Any, sheet: Sheet, styles: _Styles) -> None:
    page.freeze_panes(1, 0)
    for place, heading in enumerate(sheet.headings):
        page.set_column(place, place, max(12, min(40, len(heading) + 4)))
        page.write_string(0, place, heading, styles.heading)
    for line, row in enumerate(sheet.rows, start=1):
        if line > ROWS_IN_A_SHEET:
            raise WorkbookIsFull(sheet=sheet.title)
        for place, value in enumerate(row):
            _write_cell(page, line, place, value, styles)


def _write_cell(page: Any, line: int, place: int, value: Value, styles: _Styles) -> None:
    match value:
        case None | "":
            return
        case Money():
            number = Decimal(format_minor(value.minor, value.currency))
            if _fits(number):
                page.write_number(line, place, number, styles.amount(minor_digits(value.currency)))
            else:
                page.write_string(line, place, str(number))
        case date():
            page.write_datetime(line, place, value, styles.date)
        case int() | Decimal() if _fits(Decimal(value)):
            page.write_number(line, place, value)
        case _:
            page.write_string(
                line, place, safe_text(f"{value:f}" if isinstance(value, Decimal) else str(value))
            )


def _fits(number: Decimal) -> bool:
    """Return whether a spreadsheet keeps every digit of *number*."""
    return len(number.normalize().as_tuple().digits) <= EXCEL_DIGITS
