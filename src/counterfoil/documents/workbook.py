"""A workbook: several sheets of plain values, for people who go on in a spreadsheet.

Numbers are numbers only where a spreadsheet keeps every digit, which are fifteen; else they are text. Text is never a
formula: it is written as a string.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import IO, Any

import xlsxwriter

from counterfoil.core.money import Money, format_minor, minor_digits

ROWS_IN_A_SHEET = 1_000_000
"""A spreadsheet has 48,576 more; what there is beyond stands in a further sheet."""
EXCEL_DIGITS = 15
LONGEST_TITLE = 31
LONGEST_TEXT = 32_767
"""A cell holds so many characters; what is longer is cut off."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_LARGEST = 10**EXCEL_DIGITS
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}

Value = str | int | Decimal | Money | date | datetime | None
"""What a cell may hold; money is shown without its currency, which has a column of its own."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet: its title, its headings, and rows of as many values as there are headings."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Value]]


def write_workbook(file: IO[bytes], sheets: Iterable[Sheet]) -> None:
    """Write *sheets* to *file* with memory that does not grow with them; beyond a million rows in further sheets."""
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        styles = _Styles(book)
        for sheet in sheets:
            _write_sheet(book, sheet, styles)


def safe_text(text: str) -> str:
    """Return *text* so that it stays text where the sheet is saved in a form that knows no types."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class _Styles:
    """The formats of one workbook, made once each."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._amounts: dict[int, Any] = {}
        self.heading = book.add_format({"bold": True, "bottom": 1})
        self.date = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})

    def amount(self, digits: int) -> Any:
        """Return the format of amounts with *digits* decimals."""
        if digits not in self._amounts:
            pattern = "#,##0" + ("." + "0" * digits if digits else "")
            self._amounts[digits] = self._book.add_format({"num_format": pattern})
        return self._amounts[digits]


def _write_sheet(book: Any, sheet: Sheet, styles: _Styles) -> None:
    """Write *sheet* on as many pages as its rows need, at least one."""
    rows, number = iter(sheet.rows), 1
    _write_page(book, sheet, islice(rows, ROWS_IN_A_SHEET), styles, number=number)
    for row in rows:
        number += 1
        _write_page(book, sheet, chain([row], islice(rows, ROWS_IN_A_SHEET - 1)), styles, number=number)


def _write_page(
    book: Any, sheet: Sheet, rows: Iterable[Sequence[Value]], styles: _Styles, *, number: int
) -> None:
    further = f" ({number})" if number > 1 else ""
    page = book.add_worksheet(sheet.title[: LONGEST_TITLE - len(further)] + further)
    page.freeze_panes(1, 0)
    for place, heading in enumerate(sheet.headings):
        page.set_column(place, place, max(12, min(40, len(heading) + 4)))
        page.write_string(0, place, heading, styles.heading)
    for line, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            _write_cell(page, line, place, value, styles)


def _write_cell(page: Any, line: int, place: int, value: Value, styles: _Styles) -> None:
    match value:
        case None | "":
            return
        case Money() if _fits(value.minor):
            number = Decimal(format_minor(value.minor, value.currency))
            page.write_number(line, place, number, styles.amount(minor_digits(value.currency)))
        case Money():
            page.write_string(line, place, format_minor(value.minor, value.currency))
        case datetime():
            page.write_datetime(line, place, value.replace(tzinfo=None), styles.moment)
        case date():
            page.write_datetime(line, place, value, styles.date)
        case int() | Decimal() if _fits(value):
            page.write_number(line, place, value)
        case _:
            text = f"{value:f}" if isinstance(value, Decimal) else str(value)
            page.write_string(line, place, text[:LONGEST_TEXT])


def _fits(number: int | Decimal) -> bool:
    """Return whether a spreadsheet keeps every digit of *number*, wherever its point stands."""
    if isinstance(number, int) and -_LARGEST < number < _LARGEST:
        return True
    return len(Decimal(number).normalize().as_tuple().digits) <= EXCEL_DIGITS
