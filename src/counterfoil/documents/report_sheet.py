"""A report as the template prints it: facts beside whom it is about, and tables. Pure."""

from __future__ import annotations

from datetime import date
from typing import Any

from counterfoil.core.periods import DateRange
from counterfoil.core.report import Cell, Count, Price, Report, ReportTable, Sum, Word
from counterfoil.documents import formats
from counterfoil.documents.glyphs import breakable, breakable_lines, printable
from counterfoil.documents.look import Look
from counterfoil.documents.sheet import frame_of
from counterfoil.documents.wording import Wording, title_of, wording_of

# The first column is the one that takes the room there is, and what reads from the left is known by these keys.
FIRST = "description"


def report_sheet_of(report: Report, *, look: Look) -> dict[str, Any]:
    """Return what is printed of *report*; tables without a row are left out."""
    wording = wording_of(report, language=look.language)
    facts = [(name, _text(value, wording=wording)) for name, value in report.facts]
    return {
        **frame_of(report, look=look, wording=wording),
        "title": printable(title_of(report, wording=wording)),
        "header": breakable_lines(report.about),
        "facts": [[wording.words[name], breakable(text)] for name, text in facts if text],
        "table": None,
        "summary": None,
        "tables": [_table(one, wording=wording) for one in report.tables if one.rows],
    }


def _table(table: ReportTable, *, wording: Wording) -> dict[str, Any]:
    words = wording.words
    return {
        "title": words[table.title],
        "columns": [
            {"key": FIRST if at == 0 else name, "label": words[name]} for at, name in enumerate(table.columns)
        ],
        "groups": [
            {
                "heading": "",
                "lines": [[_cell(one, wording=wording) for one in row] for row in table.rows],
                "subtotal": [],
            }
        ],
        "note": words["report_more"].format(count=table.more) if table.more else "",
    }


def _cell(value: Cell, *, wording: Wording) -> str:
    return "\n".join(breakable_lines(_text(value, wording=wording)))


def _text(value: Cell, *, wording: Wording) -> str:
    match value:
        case None:
            return ""
        case Word():
            return wording.words[value.name]
        case Count():
            return f"{formats.quantity(value.steps, locale=wording.locale)} {value.unit}".rstrip()
        case Price():
            return formats.price(value.steps, currency=value.currency, locale=wording.locale)
        case Sum():
            return formats.money(value.minor, currency=value.currency, locale=wording.locale)
        case DateRange():
            return _days(value, wording=wording)
        case date():
            return wording.day(value)
        case _:
            return value


def _days(days: DateRange, *, wording: Wording) -> str:
    """Return the first and the last day, or from which day on it goes."""
    if days.end is None:
        return wording.words["report_since"].format(day=wording.day(days.first_day))
    return wording.period(days)
