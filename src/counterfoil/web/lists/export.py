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
from datetime import date, datetime, tzinfo
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import translation

from counterfoil.core.money import Money, format_minor
from counterfoil.documents.workbook import Sheet, safe_text, write_workbook
from counterfoil.flows.reading import streamed
from counterfoil.web.display import ONE_DAY, current_zone
from counterfoil.web.lists.columns import Column, Kind

# What is written into files, which programs read.
LANGUAGE = "en"
ROWS_AT_ONCE = 2_000
EXCEL_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def headings(columns: Sequence[Column]) -> list[str]:
    """Return the first row of the file."""
    return [heading for column in columns for heading in _headings_of(column, columns)]


def values(row: Any, columns: Sequence[Column], *, zone: tzinfo) -> list[Any]:
    """Return one row of the file: None, bool, int, Decimal, Money, date, datetime (in *zone*) or text."""
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


def _in_english(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield *pieces*, each made in English as programs read it, whatever language the page has that sends them."""
    while True:
        with translation.override(LANGUAGE):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


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
        case Money():
            return format_minor(value.minor, value.currency)
        case datetime() | date():
            return value.isoformat()
        case int() | Decimal():
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        case _:
            return safe_text(str(value))


def excel_response(rows: Iterable[Any], *, columns: Sequence[Column], name: str) -> HttpResponseBase:
    """Return *rows* as an Excel download."""
    return workbook_response([sheet_of(rows, columns=columns, title=name, zone=current_zone())], name=name)


def workbook_response(sheets: Iterable[Sheet], *, name: str) -> HttpResponseBase:
    """Return *sheets* as an Excel download, written to the disk before it is sent: its directory comes last."""
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it
    with translation.override(LANGUAGE):
        write_workbook(file, sheets)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=EXCEL_TYPE)


def sheet_of(rows: Iterable[Any], *, columns: Sequence[Column], title: str, zone: tzinfo) -> Sheet:
    """Return *rows* as a sheet. Its text is text by its type, and stays as it is."""
    with translation.override(LANGUAGE):
        named = headings(columns)
    cells = ([_excel_value(value) for value in values(row, columns, zone=zone)] for row in rows)
    return Sheet(title=title, headings=named, rows=cells)


def _excel_value(value: Any) -> Any:
    return csv_text(value) if isinstance(value, bool) else value


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
            amount = None if value is None else Money(value, currency)
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
