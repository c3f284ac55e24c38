"""Export: the files that import reads, written from what is stored. Importing one again changes nothing.

Text that a spreadsheet would run as a formula gets an apostrophe before it, which import takes off again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

from django.db.models import QuerySet

from counterfoil.core.refusals import Refusal
from counterfoil.documents.workbook import ROWS_IN_A_SHEET, Sheet, write_workbook
from counterfoil.flows.importing.columns import Column, Kind
from counterfoil.flows.importing.kinds import kind_of
from counterfoil.flows.importing.values import neutral

ROWS_AT_ONCE = 5_000


class SheetIsFull(Refusal):
    """A sheet holds 1,000,000 rows, and there are more {kind}. Export them as CSV."""


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
    if _stored(what).order_by("pk").values("pk")[ROWS_IN_A_SHEET : ROWS_IN_A_SHEET + 1]:
        raise SheetIsFull(kind=kind)
    count = 0

    def counted() -> Iterator[list[Any]]:
        nonlocal count
        for cells in _rows(what):
            count += 1
            yield [_text(cell) if isinstance(cell, str) else cell for cell in cells]

    write_workbook(file, [Sheet(title=kind, headings=what.column_names, rows=counted())])
    return count


def export_rows(kind: str) -> Iterator[dict[str, str]]:
    """Yield every object of *kind* as texts by column, as they would stand in a file. Raises `UnknownKind`."""
    what = kind_of(kind)
    for cells in _rows(what):
        yield dict(zip(what.column_names, map(_text, cells), strict=True))


def rows_by_id(kind: Kind, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return the objects of *kind* that have these *ids*, each as texts by column, as they would stand in a file."""
    if not ids:
        return {}
    reading = _reading(kind)
    stored = kind.model.objects.filter(pk__in=ids).values_list("pk", *reading.wanted)
    return {
        pk: dict(zip(kind.column_names, map(_text, reading.cells(values)), strict=True))
        for pk, *values in stored
    }


@dataclass(frozen=True)
class _Reading:
    """How the cells of a kind are read: the paths *wanted* of its objects, and what makes cells of what these give."""

    wanted: Sequence[str]
    readers: Sequence[tuple[Callable[..., Any], Sequence[int]]]

    def cells(self, values: Sequence[Any]) -> list[Any]:
        """Return the cells of what the paths gave."""
        return [show(*(values[at] for at in places)) for show, places in self.readers]


def _reading(kind: Kind) -> _Reading:
    paths = {column.name: _paths(column) for column in kind.columns}
    wanted = list(dict.fromkeys(path for some in paths.values() for path in some))
    place = {path: number for number, path in enumerate(wanted)}
    readers = [(column.shown, [place[path] for path in paths[column.name]]) for column in kind.columns]
    return _Reading(wanted, readers)


def _rows(kind: Kind) -> Iterator[list[Any]]:
    """Yield the cells of every object: text, number, date or None, in the order of the keys."""
    reading = _reading(kind)
    columns = {column.name: column for column in kind.columns}
    order = [path for name in kind.key_columns for path in _paths(columns[name])]
    stored = _stored(kind).order_by(*order).values_list(*reading.wanted)
    for values in stored.iterator(chunk_size=ROWS_AT_ONCE):
        yield reading.cells(values)


def _stored(kind: Kind) -> QuerySet[Any]:
    return kind.model.objects.filter(**kind.only)


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
