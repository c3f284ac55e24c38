"""The cells of a workbook: what each value becomes in a sheet, and how it looks there.

Numbers are numbers only where a spreadsheet keeps every digit, which are fifteen; else they are text. Text is never a
formula: it is written as a string.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from xml.sax.saxutils import escape

from counterfoil.core.money import Money, format_minor, minor_digits

EXCEL_DIGITS = 15
LONGEST_TEXT = 32_767
"""A cell holds so many characters; what is longer is cut off."""
_DIGITS = range(5)
"""Of an amount, behind the point: no currency has more than four."""

Value = str | int | Decimal | Money | date | datetime | None
"""What a cell may hold; money is shown without its currency, which has a column of its own."""

HEADING, DATE, MOMENT, AMOUNT = 1, 2, 3, 4
"""Places in the list of styles; amounts with so many digits have AMOUNT + digits."""

_FORMATS = ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", *("#,##0" + ("." + "0" * n if n else "") for n in _DIGITS))
_FIRST_OWN_FORMAT = 164
_DAY_NOUGHT = date(1899, 12, 30)
_MOMENT_NOUGHT = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's moments have no zone
_ONE_DAY = timedelta(days=1)
_LARGEST = 10**EXCEL_DIGITS
# What XML cannot hold, and what reads like the way it is written instead.
_WRITTEN_BY_NUMBER = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9a-fA-F]{4}_)")


def column_letters(place: int) -> str:
    """Return what the column at *place* is called: 0 is "A", 25 "Z", 26 "AA"."""
    letters, left = "", place + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def row_xml(line: int, values: Sequence[Value], columns: Sequence[str]) -> str:
    """Return the row number *line* of a sheet, its cells in *columns*, given as letters; what is empty has no cell."""
    number = str(line)
    cells = [
        _cell(column + number, value)
        for column, value in zip(columns, values, strict=True)
        if value is not None
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def heading_xml(headings: Sequence[str], columns: Sequence[str]) -> str:
    """Return the first row of a sheet."""
    cells = [
        _text(f"{column}1", str(heading), HEADING) for column, heading in zip(columns, headings, strict=True)
    ]
    return f'<row r="1">{"".join(cells)}</row>'


def styles_xml() -> str:
    """Return the styles of every workbook: plain, headings, dates, moments and amounts."""
    formats = "".join(
        f'<numFmt numFmtId="{_FIRST_OWN_FORMAT + n}" formatCode="{code}"/>' for n, code in enumerate(_FORMATS)
    )
    xfs = [_xf(format_id=0), _xf(format_id=0, font=1, border=1)]
    xfs += [_xf(format_id=_FIRST_OWN_FORMAT + n, is_left=n < AMOUNT - DATE) for n in range(len(_FORMATS))]
    font = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
    no_border = "<left/><right/><top/><bottom/><diagonal/>"
    return (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<numFmts count="{len(_FORMATS)}">{formats}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        f'<borders count="2"><border>{no_border}</border>'
        '<border><left/><right/><top/><bottom style="thin"><color auto="1"/></bottom><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(xfs)}">{"".join(xfs)}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )


def _xf(*, format_id: int, font: int = 0, border: int = 0, is_left: bool = False) -> str:
    """Return one style: its format, its place among fonts and borders, and whether it stands on the left."""
    given = f'numFmtId="{format_id}" fontId="{font}" fillId="0" borderId="{border}" xfId="0" applyNumberFormat="1"'
    if is_left:
        return f'<xf {given} applyAlignment="1"><alignment horizontal="left"/></xf>'
    return f'<xf {given} applyFont="1" applyBorder="1"/>'


def _cell(place: str, value: Value) -> str:
    match value:
        case str():
            return _text(place, value) if value else ""
        case Money():
            text = format_minor(value.minor, value.currency)
            if _fits(value.minor):
                return f'<c r="{place}" s="{AMOUNT + minor_digits(value.currency)}"><v>{text}</v></c>'
            return _text(place, text)
        case datetime():
            days = (value.replace(tzinfo=None) - _MOMENT_NOUGHT) / _ONE_DAY
            return f'<c r="{place}" s="{MOMENT}"><v>{days}</v></c>'
        case date():
            return f'<c r="{place}" s="{DATE}"><v>{(value - _DAY_NOUGHT).days}</v></c>'
        case int() | Decimal():
            text = f"{value:f}" if isinstance(value, Decimal) else str(value)
            return f'<c r="{place}"><v>{text}</v></c>' if _fits(value) else _text(place, text)
        case _:
            return _text(place, str(value))


def _text(place: str, text: str, style: int = 0) -> str:
    written = escape(_WRITTEN_BY_NUMBER.sub(_by_number, text[:LONGEST_TEXT]))
    kept = ' xml:space="preserve"' if text != text.strip() else ""
    styled = f' s="{style}"' if style else ""
    return f'<c r="{place}"{styled} t="inlineStr"><is><t{kept}>{written}</t></is></c>'


def _by_number(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def _fits(number: int | Decimal) -> bool:
    """Return whether a spreadsheet keeps every digit of *number*, wherever its point stands."""
    if isinstance(number, int) and -_LARGEST < number < _LARGEST:
        return True
    return len(Decimal(number).normalize().as_tuple().digits) <= EXCEL_DIGITS
