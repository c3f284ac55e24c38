"""Files as tables: encodings, delimiters, Excel, and what cannot be read."""

from __future__ import annotations

import codecs
import contextlib
import io
import random
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.refusals import Refusal
from counterfoil.flows.importing.encodings import DamagedText, FileEmpty, NotText
from counterfoil.flows.importing.sheets import LineTooLong, NotASpreadsheet, RowUnreadable, open_sheet
from tests.flows.importing.files import workbook

KNOWN = ("account", "name", "city")
TEXT = "account,name,city\nC1,Zoë Müller,Łódź\n"
WESTERN = "account;name;city\r\nC1;Zoë Müller;Málaga – €\r\n"


def _read(content: bytes) -> tuple[str, list[str], list[tuple[int, list[str]]]]:
    sheet = open_sheet(io.BytesIO(content), known=KNOWN)
    return sheet.read_as, sheet.names, list(sheet.rows)


@pytest.mark.parametrize(
    ("content", "read_as"),
    [
        (TEXT.encode(), "CSV, UTF-8, separated by commas"),
        (codecs.BOM_UTF8 + TEXT.encode(), "CSV, UTF-8, separated by commas"),
        (TEXT.encode("utf-16"), "CSV, UTF-16, separated by commas"),
        (TEXT.encode("utf-16-le"), "CSV, UTF-16, separated by commas"),
        (TEXT.encode("utf-16-be"), "CSV, UTF-16, separated by commas"),
    ],
)
def test_unicode_is_recognised(content: bytes, read_as: str) -> None:
    assert _read(content) == (read_as, list(KNOWN), [(2, ["C1", "Zoë Müller", "Łódź"])])


def test_windows_letters_are_recognised() -> None:
    read_as, _, rows = _read(WESTERN.encode("cp1252"))
    assert read_as == "CSV, Windows-1252, separated by semicolons"
    assert rows == [(2, ["C1", "Zoë Müller", "Málaga – €"])]


@pytest.mark.parametrize(
    ("mark", "words"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "bars")]
)
def test_delimiters_are_recognised_by_the_names_they_part(mark: str, words: str) -> None:
    content = f"account{mark}name{mark}city\nC1{mark}a, b; c{mark}d\n" if mark != "," else TEXT
    read_as, names, _ = _read(content.encode())
    assert (read_as, names) == (f"CSV, UTF-8, separated by {words}", list(KNOWN))


def test_a_header_full_of_commas_in_quotes_is_parted_by_semicolons() -> None:
    _, names, _ = _read(b'account;"name, first, and last";city\nC1;x;y\n')
    assert names == ["account", "name, first, and last", "city"]


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    content = '\naccount,name\n\nC1,"two\nlines"\n,\nC2,plain\n'
    _, names, rows = _read(content.encode())
    assert names == ["account", "name"]
    assert rows == [(4, ["C1", "two\nlines"]), (6, ["C2", "plain"])]


def test_old_line_ends_are_read() -> None:
    assert _read(b"account,name\rC1,a\rC2,b\r")[2] == [(2, ["C1", "a"]), (3, ["C2", "b"])]


def test_an_excel_sheet_is_read_as_a_person_would_have_typed_it() -> None:
    file = workbook(
        ("account", "name", "price", "from", "active", None),
        (1001, "0042", 29.85, date(2026, 6, 1), True, None),
        (None, None, None, None, None, None),
        (1002.0, "=1+1", 0.1 + 0.2, date(1999, 12, 31), False, None),
    )
    sheet = open_sheet(file, known=KNOWN)
    assert sheet.read_as == "Excel, sheet 'Sheet'"
    assert sheet.names == ["account", "name", "price", "from", "active"]
    assert [(number, cells[:5]) for number, cells in sheet.rows] == [
        (2, ["1001", "0042", "29.85", "2026-06-01", "yes"]),
        (4, ["1002", "=1+1", "0.3", "1999-12-31", "no"]),  # Excel keeps 15 digits: 0.30000000000000004 is 0.3
    ]


def test_a_large_number_in_excel_keeps_its_digits_without_an_exponent() -> None:
    [(_, cells)] = open_sheet(workbook(("a", "b"), (123456789012345, 0.000001)), known=()).rows
    assert cells == ["123456789012345", "0.000001"]


def _zipped(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", FileEmpty),
        (b"\n\n  \n".replace(b"  ", b""), FileEmpty),
        (b"\xef\xbb\xbf", FileEmpty),
        (random.Random(1).randbytes(5000), NotText),  # noqa: S311  garbage, the same every time
        (b"account,name\nC1,\x00\x01\n", NotText),
        (b"account,name\nC1,\x81\x8d\n", NotText),
        (b"\xff\xfea\x00b", NotText),
        ("account,name\nC1,Zoë\n".encode() + b"C2,Zo\xeb\n", DamagedText),
        (b"%PDF-1.7 and so on", NotASpreadsheet),
        (b"\xd0\xcf\x11\xe0 and so on", NotASpreadsheet),
        (b"PK\x03\x04 and so on", NotASpreadsheet),
        (_zipped("word/document.xml"), NotASpreadsheet),
        (_zipped("xl/workbook.xml"), NotASpreadsheet),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, kind: type[Refusal]) -> None:
    with pytest.raises(kind):
        _read(content)


def test_the_line_with_the_wrong_byte_is_named() -> None:
    with pytest.raises(DamagedText, match="line 3"):
        _read("account,name\nC1,Zoë\n".encode() + b"C2,Zo\xeb\n")


def test_a_quote_that_is_never_closed_is_told_with_its_row() -> None:
    sheet = open_sheet(io.BytesIO(b'account,name\nC1,a\nC2,"b\nC3,c\n'), known=KNOWN)
    assert next(sheet.rows) == (2, ["C1", "a"])
    with pytest.raises(RowUnreadable, match="from row 3 on: a quote is opened and never closed") as refused:
        next(sheet.rows)
    assert refused.value.row == 3


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(LineTooLong, match="Line 2"):
        _read(b"account,name\n" + b"x" * 1_000_001)


@given(st.binary(max_size=200), st.sampled_from([b"", b"account,name\n", b"PK\x03\x04", b"\xff\xfe"]))
def test_whatever_the_bytes_the_worst_is_a_refusal(content: bytes, beginning: bytes) -> None:
    numbers: list[int] = []
    with contextlib.suppress(Refusal):
        sheet = open_sheet(io.BytesIO(beginning + content), known=KNOWN)
        numbers.extend(number for number, _ in sheet.rows)
    assert numbers == sorted(set(numbers))
