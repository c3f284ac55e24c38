"""A consolidated billing as the template prints it: the list of its documents, then a copy of each. Pure."""

from __future__ import annotations

from typing import Any

from counterfoil.core.billing_document import BillingDocument, BillingEntry
from counterfoil.documents.glyphs import breakable, breakable_lines, printable
from counterfoil.documents.look import Look
from counterfoil.documents.sheet import frame_of, payment_of, sheet_of, texts_of
from counterfoil.documents.wording import Wording, title_of, wording_of

# First the number, its description below it; then what the list of a billing shows of each document (8.9).
COLUMNS = ("description", "date", "purchase_order", "type", "source", "tax", "total", "due")


def billing_sheets_of(billing: BillingDocument, *, look: Look) -> list[dict[str, Any]]:
    """Return what is printed of *billing*: its list, and a copy of each of its documents, one letter after another."""
    wording = wording_of(billing, language=look.language)
    copies = [sheet_of(entry.document, look=look) for entry in billing.entries]
    return [_list_sheet(billing, look=look, wording=wording), *copies]


def _list_sheet(billing: BillingDocument, *, look: Look, wording: Wording) -> dict[str, Any]:
    words, texts = wording.words, texts_of(billing, look=look, wording=wording)
    return {
        **frame_of(billing, look=look, wording=wording),
        "title": printable(title_of(billing, wording=wording)),
        "header": breakable_lines(texts.header),
        "facts": _facts(billing, wording=wording),
        "table": {
            "columns": [{"key": key, "label": _label(key, wording=wording)} for key in COLUMNS],
            "groups": [
                {
                    "heading": "",
                    "lines": [_cells(entry, wording=wording) for entry in billing.entries],
                    "subtotal": [],
                }
            ],
            "share_note": "",
        },
        "tax_table": [],
        "totals": [
            [words["listed_tax"], wording.amount(billing.tax_minor)],
            [words["listed_total"], wording.amount(billing.total_minor)],
        ],
        "due": [words["amount_due"], wording.money(billing.gross_minor)],
        "payment": payment_of(billing, note=texts.payment_note, wording=wording),
        "notes": breakable_lines(billing.description),
        "summary": None,
    }


def _facts(billing: BillingDocument, *, wording: Wording) -> list[list[str]]:
    facts = [
        ("number", billing.number),
        ("billing_date", wording.day(billing.billing_date)),
        ("due_date", wording.day(billing.due_date)),
        ("account", billing.buyer.account),
        ("buyer_tax_id", billing.buyer.tax_id),
        ("purchase_order", billing.purchase_order),
        ("documents_listed", str(len(billing.entries))),
    ]
    return [[wording.words[key], breakable(value)] for key, value in facts if value]


def _label(key: str, *, wording: Wording) -> str:
    names = {"description": "listed_number", "date": "listed_date", "purchase_order": "listed_order"}
    name = wording.words[names.get(key, f"listed_{key}")]
    return f"{name} ({wording.currency})" if key == "due" else name


def _cells(entry: BillingEntry, *, wording: Wording) -> list[str]:
    document = entry.document
    named = breakable(document.number or "")
    return [
        "\n".join([named, *([breakable(entry.description)] if entry.description else [])]),
        wording.day(document.invoice_date),
        breakable(document.purchase_order),
        wording.words[f"type_{document.document_type.value}"],
        breakable(entry.source),
        wording.amount(document.tax_minor),
        wording.amount(entry.total_minor),
        wording.amount(entry.due_minor),
    ]
