"""Export: the files that import reads, written from what is stored. Importing one again changes nothing.

Text that a spreadsheet would run as a formula gets an apostrophe before it, which import takes off again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter

from counterfoil.core.refusals import Refusal
from counterfoil.flows.importing.columns import Column, Kind
from counterfoil.flows.importing.kinds import kind_of
from counterfoil.flows.importing.values import neutral

ROWS_AT_ONCE = 5_000
ROWS_IN_A_SHEET = 1_048_575
EXCEL_DIGITS = 15


class SheetIsFull(Refusal):
    """An Excel sheet holds 1,048,575 rows and there are more {kind}. Export them as CSV."""


def export_csv(*, kind: str, file: BinaryIO) -> int:
    """Write all objects of *kind* to *file* as CSV in UTF-8, and return how many there are. Raises `UnknownKind`."""
    what = kind_of(kind)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(what.column_names)
    count = 0
    for cells in _rows(what):
        writer.writerow([_text(cell) for cell in cells])
        count += 1
    text.detach()
    return count


def export_excel(*, kind: str, file: BinaryIO) -> int:
    """Write all objects of *kind* to *file* as an Excel workbook, and return how many there are.

    Raises `UnknownKind` and `SheetIsFull`.
    """
    what = kind_of(kind)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    count = 0
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(kind)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, what.column_names, book.add_format({"bold": True, "bottom": 1}))
        as_date = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        for cells in _rows(what):
            count += 1
            if count > ROWS_IN_A_SHEET:
                raise SheetIsFull(kind=kind)
            _write_row(sheet, count, cells, as_date=as_date)
    return count


def export_rows(kind: str) -> Iterator[dict[str, str]]:
    """Yield every object of *kind* as texts by column, as they would stand in a file. Raises `UnknownKind`."""
    what = kind_of(kind)
    for cells in _rows(what):
        yield dict(zip(what.column_names, map(_text, cells), strict=True))


def _rows(kind: Kind) -> Iterator[list[Any]]:
    """Yield the cells of every object: text, number, date or None, in the order of the keys."""
    paths = {column.name: _paths(column) for column in kind.columns}
    wanted = list(dict.fromkeys(path for some in paths.values() for path in some))
    place = {path: number for number, path in enumerate(wanted)}
    readers = [(column.shown, [place[path] for path in paths[column.name]]) for column in kind.columns]
    order = [path for name in kind.key_columns for path in paths[name]]
    stored = kind.model.objects.filter(**kind.only).order_by(*order).values_list(*wanted)
    for values in stored.iterator(chunk_size=ROWS_AT_ONCE):
        yield [show(*(values[at] for at in places)) for show, places in readers]


def _paths(column: Column) -> tuple[str, ...]:
    return column.paths or (str(column.field),)


def _text(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case Decimal():
            return f"{cell:f}"
        case date():
            return cell.isoformat()
        case int():
            return str(cell)
        case _:
            return neutral(str(cell))


def _write_row(sheet: Any, line: int, cells: Sequence[Any], *, as_date: Any) -> None:
    for place, cell in enumerate(cells):
        match cell:
            case None | "":
                continue
            case date():
                sheet.write_datetime(line, place, cell, as_date)
            case int() | Decimal() if len(Decimal(cell).normalize().as_tuple().digits) <= EXCEL_DIGITS:
                sheet.write_number(line, place, cell)
            case _:
                sheet.write_string(line, place, _text(cell))
