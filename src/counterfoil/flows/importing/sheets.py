"""A file as a table: what its columns are called, and its rows as texts, one after the other.

CSV is read a line at a time, so a file of any size takes no more memory than a row. An Excel sheet is read
whole; it has at most 1,048,576 rows.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from numbers import Real
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook

from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import sentence
from counterfoil.flows.importing.encodings import Encoding, FileEmpty, encoding_of

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
LONGEST_LINE = 1_000_000
LARGEST_WORKBOOK = 1 << 30
ZIP, OLD_OFFICE, PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"


class NotASpreadsheet(Refusal):
    """The file is {what}, which cannot be read. Save it as .xlsx, or as CSV in UTF-8."""


class WorkbookTooLarge(Refusal):
    """The workbook unpacks to more than 1 GB. Save its sheet as CSV, which may be of any size."""


class RowUnreadable(Refusal):
    """The file cannot be read from row {row} on: {reason}. Check the quotes of that row, or save the file again."""

    @property
    def row(self) -> int:
        """Return the row, as a spreadsheet numbers it."""
        return int(str(self.fields["row"]))


Row = tuple[int, list[str]]
"""A row's number as a spreadsheet shows it, and its cells as texts."""


class LineTooLong(Refusal):
    """Line {line} is longer than {longest} characters. Check that the file has line ends and that its quotes
    are closed.
    """


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table: *read_as* in words, the names of its columns, and its rows, to be gone through once.

    Rows without a filled cell are left out, but counted. Going on may raise `RowUnreadable` or `LineTooLong`.
    """

    read_as: str
    names: list[str]
    rows: Iterator[Row]


def open_sheet(file: BinaryIO, *, known: Collection[str]) -> Sheet:
    """Return the table in *file*, which can be rewound. *known* names of columns help to find CSV's delimiter.

    Raises `NotASpreadsheet`, `WorkbookTooLarge` and the refusals of `encoding_of`.
    """
    file.seek(0)
    beginning = file.read(len(ZIP))
    if beginning == ZIP:
        return _excel_sheet(file)
    if beginning == OLD_OFFICE:
        raise NotASpreadsheet(what=sentence("in the format of Excel before 2007, or protected by a password"))
    if beginning == PDF:
        raise NotASpreadsheet(what=sentence("a PDF"))
    return _csv_sheet(file, known=known)


def _sheet(read_as: str, rows: Iterator[Row]) -> Sheet:
    """Return the sheet whose first row with a filled cell names the columns."""
    filled = ((number, cells) for number, cells in rows if any(cells))
    heading = next(filled, None)
    if heading is None:
        raise FileEmpty
    names = [name.strip() for name in heading[1]]
    while names and not names[-1]:
        names.pop()
    return Sheet(read_as=read_as, names=names, rows=filled)


# --- CSV


def _csv_sheet(file: BinaryIO, *, known: Collection[str]) -> Sheet:
    encoding = encoding_of(file)
    delimiter = _delimiter(file, encoding, known=known)
    read_as = f"CSV, {encoding.words}, separated by {DELIMITERS[delimiter]}"
    return _sheet(read_as, _csv_rows(_lines(file, encoding), delimiter=delimiter))


def _lines(file: BinaryIO, encoding: Encoding) -> Generator[str, None, None]:
    """Yield the lines with their ends. Raises `LineTooLong`."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding.codec, newline="")
    try:
        number = 0
        while line := text.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
                raise LineTooLong(line=number, longest=LONGEST_LINE)
            yield line
    finally:
        text.detach()


def _delimiter(file: BinaryIO, encoding: Encoding, *, known: Collection[str]) -> str:
    """Return the delimiter by which the first line names most *known* columns, else that cuts it most often."""
    lines = _lines(file, encoding)
    first = next((line for line in lines if line.strip()), "")
    lines.close()
    wanted = {name.lower() for name in known}

    def names(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=delimiter), [])
        return sum(cell.strip().lower() in wanted for cell in cells), len(cells)

    return max(DELIMITERS, key=names)


def _csv_rows(lines: Iterator[str], *, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise RowUnreadable(row=number, reason=_in_words(error)) from error
        if cells is None:
            return
        yield number, cells


def _in_words(error: csv.Error) -> str:
    said = str(error)
    if "unexpected end of data" in said or "field larger than" in said:
        return "a quote is opened and never closed"
    if "expected after" in said:
        return "a quote is closed in the middle of a cell"
    return said


# --- Excel


def _excel_sheet(file: BinaryIO) -> Sheet:
    try:
        with zipfile.ZipFile(file) as parts:
            names = set(parts.namelist())
            size = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile as error:
        raise NotASpreadsheet(what=sentence("a damaged workbook or archive")) from error
    if "xl/workbook.xml" not in names:
        raise NotASpreadsheet(what=sentence("an archive or a document, and no Excel workbook"))
    if size > LARGEST_WORKBOOK:
        raise WorkbookTooLarge
    file.seek(0)
    try:
        workbook = CalamineWorkbook.from_filelike(file)
        sheet = workbook.get_sheet_by_index(0)
        rows = sheet.iter_rows()
    except CalamineError as error:
        raise NotASpreadsheet(what=f"a damaged workbook ({error})") from error
    texts = ((number, [_text(cell) for cell in cells]) for number, cells in enumerate(rows, start=1))
    return _sheet(f"Excel, sheet {sheet.name!r}", texts)


def _text(cell: Any) -> str:
    """Return a cell as the text a person would have typed for it.

    Excel keeps numbers in binary; the shortest decimal that means the same is what was typed: 29.85 is 29.85.
    """
    match cell:
        case str():
            return cell
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
        case date():
            return cell.isoformat()
        case Real():
            return _number(Decimal(repr(cell)))
        case _:
            return str(cell)


def _number(number: Decimal) -> str:
    return f"{number:f}" if number != number.to_integral_value() else f"{number.to_integral_value():f}"
