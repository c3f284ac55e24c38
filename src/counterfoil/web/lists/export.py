"""A list as a file: the rows and columns shown, in their order, as CSV or Excel.

Values are plain, to be worked with: amounts as decimals with the currency in a column of its own, dates as
dates, a period as its first and last day. No text becomes a formula (security: input).
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from itertools import islice
from typing import Any

import xlsxwriter
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import translation

from counterfoil.core.money import format_minor, minor_digits
from counterfoil.flows.reading import streamed
from counterfoil.web.display import ONE_DAY, current_zone
from counterfoil.web.lists.columns import Column, Kind

# What is written into files, which programs read.
LANGUAGE = "en"
ROWS_AT_ONCE = 2_000
ROWS_IN_A_SHEET = 1_048_575
EXCEL_DIGITS = 15
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
EXCEL_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SheetIsFull(Exception):
    """An Excel sheet holds 1,048,575 rows and this list has more. Narrow it, or export it as CSV."""


@dataclass(frozen=True)
class Amount:
    """Money on its way into a file."""

    minor: int
    currency: str

    @property
    def text(self) -> str:
        return format_minor(self.minor, self.currency)


def headings(columns: Sequence[Column]) -> list[str]:
    """Return the first row of the file."""
    return [heading for column in columns for heading in _headings_of(column, columns)]


def values(row: Any, columns: Sequence[Column], *, zone: tzinfo) -> list[Any]:
    """Return one row of the file: None, bool, int, Decimal, Amount, date, datetime (in *zone*) or text."""
    return [value for column in columns for value in _values_of(column, row, columns, zone=zone)]


def rows_of(
    queryset: QuerySet[Any], *, complete: Callable[[Sequence[Any]], None] | None = None
) -> Iterator[Any]:
    """Yield the rows of *queryset* while they are read, *complete* given each batch of them first."""
    with closing(streamed(queryset, at_once=ROWS_AT_ONCE)) as rows:
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            if complete is not None:
                complete(batch)
            yield from batch


def csv_response(rows: Iterable[Any], *, columns: Sequence[Column], name: str) -> HttpResponseBase:
    """Return *rows* as a CSV download, sent while they are read."""
    lines = _in_english(csv_lines(rows, columns=columns, zone=current_zone()))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _in_english(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield *lines*, each made in English as programs read it, whatever language the page has that sends them."""
    while True:
        with translation.override(LANGUAGE):
            line = next(lines, None)
        if line is None:
            return
        yield line


def csv_lines(rows: Iterable[Any], *, columns: Sequence[Column], zone: tzinfo) -> Iterator[bytes]:
    """Yield the CSV, headed by the mark that tells a spreadsheet program that it is UTF-8."""
    yield b"\xef\xbb\xbf" + _csv_line(headings(columns))
    for row in rows:
        yield _csv_line([csv_text(value) for value in values(row, columns, zone=zone)])


def csv_text(value: Any) -> str:
    """Return *value* as CSV text. Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Amount():
            return value.text
        case datetime() | date():
            return value.isoformat()
        case int() | Decimal():
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        case _:
            text = str(value)
            return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def excel_response(rows: Iterable[Any], *, columns: Sequence[Column], name: str) -> HttpResponseBase:
    """Return *rows* as an Excel download. Raises `SheetIsFull`."""
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it
    with translation.override(LANGUAGE):
        write_excel(file, rows=rows, columns=columns, title=name, zone=current_zone())
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=EXCEL_TYPE)


def write_excel(
    file: Any, *, rows: Iterable[Any], columns: Sequence[Column], title: str, zone: tzinfo
) -> None:
    """Write one sheet to *file* with memory that does not grow with it. Raises `SheetIsFull`."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        styles = _Styles(book)
        for place, heading in enumerate(headings(columns)):
            sheet.set_column(place, place, max(12, min(40, len(heading) + 4)))
            sheet.write_string(0, place, heading, styles.heading)
        for number, row in enumerate(rows, start=1):
            if number > ROWS_IN_A_SHEET:
                raise SheetIsFull(SheetIsFull.__doc__)
            for place, value in enumerate(values(row, columns, zone=zone)):
                _write_cell(sheet, number, place, value, styles)


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


def _write_cell(sheet: Any, line: int, place: int, value: Any, styles: _Styles) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_string(line, place, csv_text(value))
        case Amount() if _fits_excel(Decimal(value.text)):
            sheet.write_number(line, place, Decimal(value.text), styles.amount(minor_digits(value.currency)))
        case Amount():
            sheet.write_string(line, place, value.text)
        case datetime():
            sheet.write_datetime(line, place, value.replace(tzinfo=None), styles.moment)
        case date():
            sheet.write_datetime(line, place, value, styles.date)
        case int() | Decimal() if _fits_excel(Decimal(value)):
            sheet.write_number(line, place, value)
        case _:
            sheet.write_string(line, place, str(value))


def _fits_excel(number: Decimal) -> bool:
    """Return whether a spreadsheet keeps every digit of *number*: it has fifteen."""
    return len(number.normalize().as_tuple().digits) <= EXCEL_DIGITS


def _headings_of(column: Column, columns: Sequence[Column]) -> list[str]:
    if column.kind is Kind.PERIOD:
        return [f"{column.label} first day", f"{column.label} last day"]
    if column.kind is Kind.MONEY and _shows_currency(column, columns):
        return [str(column.label), "Currency"]
    return [str(column.label)]


def _values_of(column: Column, row: Any, columns: Sequence[Column], *, zone: tzinfo) -> list[Any]:
    value = column.value_of(row)
    match column.kind:
        case Kind.PERIOD:
            start, ends_before = value or (None, None)
            return [start, ends_before - ONE_DAY if ends_before else None]
        case Kind.MONEY:
            currency = column.currency_of(row)
            amount = None if value is None else Amount(value, currency)
            return [amount, currency] if _shows_currency(column, columns) else [amount]
        case Kind.STATE:
            state = column.states.get(str(value))
            return [state.word if state else value]
        case Kind.MOMENT:
            return [value.astimezone(zone) if value else None]
        case _:
            return [value]


def _shows_currency(column: Column, columns: Sequence[Column]) -> bool:
    """Return whether *column* is the last of the amounts in its currency: the currency stands after it."""
    if any(other.name == column.currency for other in columns):
        return False
    amounts = [other for other in columns if other.kind is Kind.MONEY and other.currency == column.currency]
    return amounts[-1].name == column.name


def _csv_line(texts: Iterable[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(texts)
    return buffer.getvalue().encode()
