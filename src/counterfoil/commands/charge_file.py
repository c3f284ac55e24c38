"""A file of charges as rows of cells: CSV with a header, or JSON lines, read one row at a time."""

from __future__ import annotations

import csv
import json
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from counterfoil.core.charge_rows import COLUMNS, REQUIRED_COLUMNS
from counterfoil.core.findings import Finding, FindingCode, finding
from counterfoil.core.refusals import Refusal, shown

STANDARD_INPUT = "-"
LONGEST_LINE = 1_000_000
DELIMITERS = ",;\t"

Row = Mapping[str, str] | Finding


class FileNotReadable(Refusal):
    """{path} cannot be read: {reason}. Check the path and your rights to it."""


class FileEmpty(Refusal):
    """The file is empty. Give it a header with the columns {required}, then one charge a row."""


class FileNotText(Refusal):
    """Line {line} is not UTF-8 text. Save the file as UTF-8 and try again."""


class FileNotCsv(Refusal):
    """The header cannot be read as CSV: {reason}. Save the file again as comma-separated CSV."""


class LineTooLong(Refusal):
    """Line {line} is longer than {longest} bytes. Check that the file has line ends and that its quotes
    are closed.
    """


class UnknownColumns(Refusal):
    """The column {column} in row {row} is not known. Take it out or rename it; known are {known}."""


class UnknownHeader(Refusal):
    """The header has the column {column}, which is not known. Take it out or rename it; known are {known}."""


class ColumnTwice(Refusal):
    """The header has the column {column} twice. Keep one of the two."""


class ColumnMissing(Refusal):
    """The header lacks the column {column}. Add it; required are {required}."""


@contextmanager
def open_charge_rows(path: str) -> Iterator[Iterator[Row]]:
    """Yield the rows of the file at *path*, "-" for standard input; see `charge_rows`.

    Raises `FileNotReadable`.
    """
    if path == STANDARD_INPUT:
        yield charge_rows(sys.stdin.buffer)
        return
    with _opened(path) as stream:
        yield charge_rows(stream)


def _opened(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise FileNotReadable(path=path, reason=error.strerror or error) from error


def charge_rows(stream: BinaryIO) -> Iterator[Row]:
    """Yield each charge's cells by column name, or the finding that says why a row has none; blank rows go.

    JSON lines begin with "{", anything else is CSV with commas, semicolons or tabs. Raises a `Refusal` where
    the file as a whole cannot be meant: not text, no header, an unknown, doubled or missing column.
    """
    lines = _lines(stream)
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        raise FileEmpty(required=", ".join(REQUIRED_COLUMNS))
    if first.lstrip().startswith("{"):
        yield from _json_rows(_chained(first, lines))
    else:
        yield from _csv_rows(_chained(first, lines), delimiter=max(DELIMITERS, key=first.count))


def _chained(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _lines(stream: BinaryIO) -> Iterator[str]:
    """Yield the lines of *stream* with their ends, none longer than memory allows."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            raise LineTooLong(line=number, longest=LONGEST_LINE)
        try:
            yield line.removeprefix(BOM_UTF8 if number == 1 else b"").decode("utf-8")
        except UnicodeDecodeError as error:
            raise FileNotText(line=number) from error


def _csv_rows(lines: Iterator[str], *, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader)]
    except csv.Error as error:
        raise FileNotCsv(reason=error) from error
    _check_header(header)
    while True:
        first_line = reader.line_num + 1
        try:
            values = next(reader, None)
        except csv.Error as error:
            lines_lost = f"lines {first_line} to {reader.line_num} are no CSV ({error})"
            yield finding(FindingCode.UNREADABLE_ROW, reason=lines_lost)
            continue
        if values is None:
            return
        if any(value.strip() for value in values):
            yield _csv_row(header, values)


def _check_header(header: Sequence[str]) -> None:
    for position, column in enumerate(header):
        if column not in COLUMNS:
            raise UnknownHeader(column=shown(column), known=", ".join(COLUMNS))
        if column in header[:position]:
            raise ColumnTwice(column=column)
    for column in REQUIRED_COLUMNS:
        if column not in header:
            raise ColumnMissing(column=column, required=", ".join(REQUIRED_COLUMNS))


def _csv_row(header: Sequence[str], values: Sequence[str]) -> Row:
    if len(values) != len(header):
        reason = f"it has {len(values)} values and the header {len(header)} columns"
        return finding(FindingCode.UNREADABLE_ROW, reason=reason)
    return dict(zip(header, values, strict=True))


def _json_rows(lines: Iterator[str]) -> Iterator[Row]:
    row = 0
    for line in lines:
        if line.strip():
            row += 1
            yield _json_row(line, row=row)


def _json_row(line: str, *, row: int) -> Row:
    """Return one line's cells; numbers keep their digits as written and never become binary floats."""
    try:
        values = json.loads(
            line, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_unlike_pairs
        )
    except (ValueError, RecursionError) as error:
        return finding(FindingCode.UNREADABLE_ROW, reason=f"it is no JSON object ({error})")
    if not isinstance(values, dict):
        return finding(FindingCode.UNREADABLE_ROW, reason="it is JSON, but no object")
    for column in values:
        if column not in COLUMNS:
            raise UnknownColumns(column=shown(column), row=row, known=", ".join(COLUMNS))
    return _json_cells(values)


def _unlike_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{shown(twice)} stands in it twice")
    return dict(pairs)


def _json_cells(values: Mapping[str, Any]) -> Row:
    cells = {}
    for column, value in values.items():
        if value is not None and not isinstance(value, str):
            kind = "true or false" if isinstance(value, bool) else "a list or an object"
            return finding(
                FindingCode.UNREADABLE_VALUE, field=column, value=kind, expected="a text or a number"
            )
        cells[column] = value or ""
    return cells
