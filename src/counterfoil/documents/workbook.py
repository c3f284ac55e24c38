"""A workbook: several sheets of plain values, for people who go on in a spreadsheet.

It is made row by row, and its first bytes leave before its last row is read: a workbook is an archive of sheets, and
neither has to say at its beginning how long it will be (decision 0123).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from counterfoil.documents.workbook_cells import Value, column_letters, heading_xml, row_xml, styles_xml

ROWS_AT_ONCE = 500
ROWS_IN_A_SHEET = 1_000_000
"""A spreadsheet has 48,576 more; what there is beyond stands in a further sheet."""
BYTES_IN_A_SHEET = 1_900_000_000
"""An archive made from its beginning to its end holds files of less than two gibibytes."""
LONGEST_TITLE = 31
COMPRESSION = 3
"""Of nine: six is common, computes a tenth longer, and makes the file a tenth smaller."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OF_DOCUMENTS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_OF_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_OF_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet: its title, its headings, and rows of as many values as there are headings."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Value]]


def write_workbook(file: IO[bytes], sheets: Iterable[Sheet]) -> None:
    """Write *sheets* to *file* with memory that does not grow with them."""
    file.writelines(workbook_bytes(sheets))


def workbook_bytes(sheets: Iterable[Sheet]) -> Iterator[bytes]:
    """Yield a workbook of *sheets* while their rows are read, with memory that does not grow with them.

    Rows beyond a million go on in a further sheet.
    """
    made = _Made()
    titles: list[str] = []
    with ZipFile(made, "w", ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
        for sheet in sheets:
            rows, pages = _Blocks(sheet.rows), 0
            while rows.block or not pages:
                pages += 1
                titles.append(_title(sheet, page=pages))
                with archive.open(f"xl/worksheets/sheet{len(titles)}.xml", "w") as page:
                    for piece in _sheet_xml(sheet.headings, rows):
                        page.write(piece)
                        yield from made.taken()
        for name, text in _about(titles).items():
            with archive.open(name, "w") as part:
                part.write(f"{_DECLARATION}{text}".encode())
    yield from made.taken()


def safe_text(text: str) -> str:
    """Return *text* so that it stays text where the sheet is saved in a form that knows no types."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class _Made(io.RawIOBase):
    """What of an archive is made and not sent yet. It cannot go back: what is sent is gone."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> Iterator[bytes]:
        """Yield what was made since this was asked last, if anything was, as one piece."""
        pieces, self._pieces = self._pieces, []
        if pieces:
            yield b"".join(pieces)


class _Blocks:
    """Rows on their way: the *block* that is next, which is empty at their end."""

    def __init__(self, rows: Iterable[Sequence[Value]]) -> None:
        self._rows = iter(rows)
        self.block: list[Sequence[Value]] = []
        self.go_on()

    def go_on(self) -> None:
        """Read the block after this one."""
        self.block = list(islice(self._rows, ROWS_AT_ONCE))


def _title(sheet: Sheet, *, page: int) -> str:
    further = f" ({page})" if page > 1 else ""
    return sheet.title[: LONGEST_TITLE - len(further)] + further


def _sheet_xml(headings: Sequence[str], rows: _Blocks) -> Iterator[bytes]:
    """Yield a sheet of as many of *rows* as it holds, some hundred rows at a time."""
    letters = [column_letters(place) for place in range(len(headings))]
    yield _beginning(headings, letters).encode()
    line, size = 2, 0
    while rows.block and line <= ROWS_IN_A_SHEET and size < BYTES_IN_A_SHEET:
        text = "".join(row_xml(number, row, letters) for number, row in enumerate(rows.block, start=line))
        piece = text.encode()
        yield piece
        line, size = line + len(rows.block), size + len(piece)
        rows.go_on()
    yield b"</sheetData></worksheet>"


def _beginning(headings: Sequence[str], letters: Sequence[str]) -> str:
    """Return a sheet up to its first row, which stays in sight: columns are as wide as their headings ask for."""
    widths = [max(12, min(40, len(heading) + 4)) for heading in headings]
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
        for place, width in enumerate(widths, start=1)
    )
    return (
        f'{_DECLARATION}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>{heading_xml(headings, letters)}"
    )


def _about(titles: Sequence[str]) -> dict[str, str]:
    """Return, by name, the small files that make an archive of sheets a workbook."""
    places = range(1, len(titles) + 1)
    pages = "".join(
        f'<sheet name={quoteattr(title)} sheetId="{place}" r:id="rId{place}"/>'
        for place, title in zip(places, titles, strict=True)
    )
    links = [(f"rId{place}", "worksheet", f"worksheets/sheet{place}.xml") for place in places]
    types = [(f"/xl/worksheets/sheet{place}.xml", f"{_OF_SHEETS}.worksheet+xml") for place in places]
    types += [
        ("/xl/workbook.xml", f"{_OF_SHEETS}.sheet.main+xml"),
        ("/xl/styles.xml", f"{_OF_SHEETS}.styles+xml"),
    ]
    parts = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in types)
    return {
        "xl/styles.xml": styles_xml(),
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OF_DOCUMENTS}"><sheets>{pages}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": _relations([*links, ("styles", "styles", "styles.xml")]),
        "_rels/.rels": _relations([("rId1", "officeDocument", "xl/workbook.xml")]),
        "[Content_Types].xml": (
            f'<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType="{_OF_RELATIONS}"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{parts}</Types>'
        ),
    }


def _relations(links: Sequence[tuple[str, str, str]]) -> str:
    """Return the file that says of which kind the parts at some places are: *links* are id, kind and place."""
    each = "".join(
        f'<Relationship Id="{name}" Type="{_OF_DOCUMENTS}/{kind}" Target="{place}"/>'
        for name, kind, place in links
    )
    return f'<Relationships xmlns="{_RELATIONS}">{each}</Relationships>'
