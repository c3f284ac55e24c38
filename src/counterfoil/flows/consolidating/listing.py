"""What a consolidated billing lists, for its page and for programs: without the documents themselves (8.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from counterfoil.core.document import DocumentType
from counterfoil.documents.wording import words_of
from counterfoil.records.billing.models import BillingMember, ConsolidatedBilling, InvoiceLine

Source = tuple[str, str]
"""Kind and key of an event that was billed."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One document of a billing: what it was billed for, what it is about, and what it comes to."""

    invoice_id: int
    number: str
    invoice_date: date
    po_number: str
    document_type: DocumentType
    source: str
    description: str
    tax_minor: int
    gross_minor: int


def listed_in(billing: ConsolidatedBilling, *, language: str) -> list[Listed]:
    """Return what *billing* lists, in its order, in words of *language*; two queries."""
    members = BillingMember.objects.filter(billing=billing).order_by("position")
    invoices = [one.invoice for one in members.select_related("invoice__number", "invoice__credits__number")]
    lines = InvoiceLine.objects.filter(invoice__in=[invoice.pk for invoice in invoices])
    rows = lines.order_by("invoice_id", "line_no").values_list(
        "invoice_id", "description", "event_charge__event__kind", "event_charge__event__key"
    )
    by_invoice = {key: list(group) for key, group in groupby(rows, key=lambda row: row[0])}
    words = words_of(language)
    return [
        Listed(
            invoice_id=invoice.pk,
            number=invoice.number.number,
            invoice_date=invoice.invoice_date,
            po_number=invoice.po_number,
            document_type=DocumentType(invoice.document_type),
            source=source_text(
                [(kind, key) for _pk, _text, kind, key in by_invoice.get(invoice.pk, ()) if key],
                credited=invoice.credits.number.number if invoice.credits else None,
                words=words,
            ),
            description=description_text(
                [text for _pk, text, _kind, _key in by_invoice.get(invoice.pk, ())], words=words
            ),
            tax_minor=invoice.tax_minor,
            gross_minor=invoice.gross_minor,
        )
        for invoice in invoices
    ]


def source_text(events: Sequence[Source], *, credited: str | None, words: Mapping[str, str]) -> str:
    """Return what a document was billed for: its event, the invoice that it *credited*, or nothing."""
    if credited:
        return credited
    each = list(dict.fromkeys(events))
    if not each:
        return ""
    kind, key = each[0]
    return _and_more(f"{words[f'source_{kind}']} {key}", count=len(each) - 1, words=words)


def description_text(lines: Sequence[str], *, words: Mapping[str, str]) -> str:
    """Return what a document is about: its first line, and how many more there are."""
    return _and_more(lines[0], count=len(lines) - 1, words=words) if lines else ""


def _and_more(first: str, *, count: int, words: Mapping[str, str]) -> str:
    return words["and_more"].format(first=first, count=count) if count else first
