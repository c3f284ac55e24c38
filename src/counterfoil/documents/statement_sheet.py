"""A statement of account as the template prints it: the documents, and what is open by due date. Pure."""

from __future__ import annotations

from typing import Any

from counterfoil.core.statement import Statement, StatementEntry
from counterfoil.documents.glyphs import breakable, printable
from counterfoil.documents.look import Look
from counterfoil.documents.sheet import frame_of, payment_facts
from counterfoil.documents.wording import Wording, title_of, wording_of

# First the number, its kind below it, then when and how much.
COLUMNS = ("description", "date", "due_date", "amount", "open")
_LABELS = {
    "description": "statement_document",
    "date": "listed_date",
    "due_date": "due_date",
    "amount": "statement_amount",
    "open": "statement_open",
}


def statement_sheet_of(statement: Statement, *, look: Look) -> dict[str, Any]:
    """Return what is printed of *statement*."""
    wording = wording_of(statement, language=look.language)
    words = wording.words
    ages = [[words[name], wording.amount(minor)] for name, minor in statement.ages if minor]
    before = [[words["statement_before"], wording.amount(statement.before_minor)]] if statement.since else []
    return {
        **frame_of(statement, look=look, wording=wording),
        "title": printable(title_of(statement, wording=wording)),
        "header": [],
        "facts": _facts(statement, wording=wording),
        "table": {
            "columns": [{"key": key, "label": _label(key, wording=wording)} for key in COLUMNS],
            "groups": [
                {
                    "heading": "",
                    "lines": [_cells(entry, wording=wording) for entry in statement.entries],
                    "subtotal": [],
                }
            ],
            "share_note": "",
        },
        "tax_table": [],
        "totals": [*before, *ages],
        "due": [words["total_open"], wording.money(statement.gross_minor)],
        "payment": {
            "title": words["payment"],
            "lines": [words["statement_note"]],
            "facts": payment_facts(statement, wording=wording) if statement.gross_minor > 0 else [],
        },
        "notes": [],
        "summary": None,
    }


def _facts(statement: Statement, *, wording: Wording) -> list[list[str]]:
    facts = [
        ("statement_date", wording.day(statement.day)),
        ("statement_since", wording.day(statement.since) if statement.since else ""),
        ("account", statement.buyer.account),
    ]
    return [[wording.words[key], breakable(value)] for key, value in facts if value]


def _label(key: str, *, wording: Wording) -> str:
    label = wording.words[_LABELS[key]]
    return f"{label} ({wording.currency})" if key in ("amount", "open") else label


def _cells(entry: StatementEntry, *, wording: Wording) -> list[str]:
    words = wording.words
    is_credit = entry.gross_minor < 0
    kind = words["credit_note" if is_credit else "invoice"]
    about = f"{kind}, {words['credited_number']} {entry.credits}" if entry.credits else kind
    return [
        f"{breakable(entry.number)}\n{breakable(about)}",
        wording.day(entry.dated),
        "" if is_credit else wording.day(entry.due_on),
        wording.amount(entry.gross_minor),
        wording.amount(entry.open_minor),
    ]
