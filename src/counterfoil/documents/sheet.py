"""A document as the template prints it: every word, number and date as finished text. Pure.

The template lays out; it neither computes nor formats. The keys here are the template's contract.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from counterfoil.core.amalgamation import service_period
from counterfoil.core.billing_document import BillingDocument
from counterfoil.core.document import LINE_COLUMNS, Address, Document, DocumentLine, Party
from counterfoil.core.report import Report
from counterfoil.core.statement import Statement
from counterfoil.documents import formats
from counterfoil.documents.glyphs import breakable, breakable_lines, printable
from counterfoil.documents.look import Look, Texts
from counterfoil.documents.placeholders import filled, values_of
from counterfoil.documents.wording import Wording, title_of, wording_of

_POSTCODE_AFTER_CITY = frozenset({"AU", "CA", "GB", "IE", "IN", "NZ", "US"})


def sheet_of(document: Document, *, look: Look) -> dict[str, Any]:
    """Return what `templates/invoice.typ` prints of *document*: JSON values only, amounts as text."""
    wording = wording_of(document, language=look.language)
    words, texts = wording.words, texts_of(document, look=look, wording=wording)
    return {
        **frame_of(document, look=look, wording=wording),
        "title": printable(title_of(document, wording=wording)),
        "header": breakable_lines(texts.header),
        "facts": _facts(document, wording=wording),
        "table": _table(document.lines, document=document, look=look, wording=wording),
        "tax_table": _tax_table(document, wording=wording),
        "totals": _totals(document, wording=wording),
        "due": [
            words["amount_credited" if document.is_credit_note else "amount_due"],
            wording.money(document.gross_minor),
        ],
        "payment": payment_of(document, note=texts.payment_note, wording=wording),
        "notes": [line for note in document.notes for line in breakable_lines(note)],
        "summary": _summary(document, look=look, wording=wording) if document.breakdown else None,
    }


def summary_sheet_of(document: Document, *, look: Look) -> dict[str, Any]:
    """Return what `templates/invoice.typ` prints of *document*'s charge summary alone: every single line (C11)."""
    wording = wording_of(document, language=look.language)
    title = printable(title_of(document, wording=wording))
    return {
        **frame_of(document, look=look, wording=wording),
        "title": wording.words["summary_of"].format(title=title),
        "header": [],
        "facts": _facts(document, wording=wording),
        "table": None,
        "summary": {**_summary(document, look=look, wording=wording), "title": ""},
    }


def texts_of(
    document: Document | BillingDocument | Statement | Report, *, look: Look, wording: Wording
) -> Texts:
    """Return the organisation's texts in the document's language, their placeholders filled."""
    texts = look.texts_in(wording.locale.language)
    values = values_of(document, wording=wording)
    return Texts(
        header=filled(texts.header, values=values),
        payment_note=filled(texts.payment_note, values=values),
        footer=filled(texts.footer, values=values),
    )


def frame_of(
    document: Document | BillingDocument | Statement | Report, *, look: Look, wording: Wording
) -> dict[str, Any]:
    """Return what every letter has: whose it is, to whom, and its footer."""
    words = wording.words
    return {
        "language": wording.locale.language,
        "draft": _across(document, wording=wording),
        "accent": look.accent,
        "accent_is_readable": look.accent_is_readable,
        "seller": printable(document.seller.name),
        "seller_lines": _seller_lines(document.seller, wording=wording),
        "return_line": _return_line(document.seller),
        "buyer": _address_lines(document.buyer, home=document.seller.address.country, wording=wording),
        "footer": _footer(
            document.seller, text=texts_of(document, look=look, wording=wording).footer, wording=wording
        ),
        "page": words["page"],
    }


def _across(document: Document | BillingDocument | Statement | Report, *, wording: Wording) -> str:
    """Return the word that stands across every page of what is not to be paid by: void, a draft, or a mere copy."""
    words = wording.words
    if document.is_void:
        return words["void"]
    return words["draft"] if document.is_draft else words["copy"] if document.is_copy else ""


# Parties.


def _address_lines(party: Party, *, home: str, wording: Wording) -> list[str]:
    """Return name and address for the window; the country only if it is not *home*."""
    abroad = wording.country(party.address.country) if party.address.country != home else ""
    return _filled([party.name, *_street_and_city(party.address), abroad.upper()])


def _street_and_city(address: Address) -> list[str]:
    """Return the lines of an address without its country, the postcode where that country writes it."""
    if address.country in _POSTCODE_AFTER_CITY:
        city = [address.city, address.region, address.postcode]
    else:
        city = [address.postcode, address.city, address.region]
    return [*address.lines, " ".join(filter(None, city))]


def _seller_lines(seller: Party, *, wording: Wording) -> list[str]:
    """Return the seller's address for the letterhead."""
    return _filled([*_street_and_city(seller.address), wording.country(seller.address.country)])


def _return_line(seller: Party) -> str:
    """Return the small line above the window's address: where a letter that cannot be delivered goes."""
    return " · ".join(_filled([seller.name, *_street_and_city(seller.address)]))


def _footer(seller: Party, *, text: str, wording: Wording) -> dict[str, Any]:
    """Return the footer's columns (who, how to reach, what the law asks for, where to pay) and its text."""
    words = wording.words
    legal = [
        words["tax_id"].format(value=seller.tax_id) if seller.tax_id else "",
        words["registration_id"].format(value=seller.registration_id) if seller.registration_id else "",
    ]
    columns = [
        _filled([seller.name, *_street_and_city(seller.address), wording.country(seller.address.country)]),
        _filled([seller.phone, *seller.emails[:1], seller.website]),
        _filled(legal),
        _filled([formats.bank_account(seller.bank_account), seller.bank_identifier]),
    ]
    return {"columns": [column for column in columns if column], "text": breakable_lines(text)}


# Facts.


def _facts(document: Document, *, wording: Wording) -> list[list[str]]:
    """Return label and value of everything that identifies the document, without those that are empty."""
    is_credit = document.is_credit_note
    facts = [
        ("number", document.number or ""),
        ("credited_number", _credited(document, wording=wording)),
        ("credit_note_date" if is_credit else "invoice_date", wording.day(document.invoice_date)),
        ("tax_point", _tax_point(document, wording=wording)),
        ("service_period", wording.period(service_period(document.lines))),
        ("due_date", "" if is_credit or document.is_draft else wording.day(document.due_date)),
        ("account", document.buyer.account),
        ("buyer_tax_id", document.buyer.tax_id),
        ("purchase_order", document.purchase_order),
        ("site", _only_client(document)),
    ]
    return [[wording.words[key], breakable(value)] for key, value in facts if value]


def _tax_point(document: Document, *, wording: Wording) -> str:
    """Return the tax point if it is not the invoice date (billing-rules 5.1)."""
    if document.tax_point is None or document.tax_point == document.invoice_date:
        return ""
    return wording.day(document.tax_point)


def _only_client(document: Document) -> str:
    """Return the client if all lines are one client's and its name is not the buyer's."""
    clients = _clients(document.itemised)
    name = _client_heading(document.itemised[0]) if len(clients) == 1 else ""
    return "" if name == document.buyer.name else name


# Lines.


def _summary(document: Document, *, look: Look, wording: Wording) -> dict[str, Any]:
    """Return the charge summary: every single line, and what they come to."""
    return {
        **_table(document.itemised, document=document, look=look, wording=wording),
        "title": wording.words["charge_summary"],
        "total": [wording.words["total_net"], wording.amount(document.net_minor)],
    }


def _table(
    lines: Sequence[DocumentLine], *, document: Document, look: Look, wording: Wording
) -> dict[str, Any]:
    """Return the table of *lines*: columns, rows by client, and what explains them."""
    columns = _columns(lines, document=document, look=look)
    return {
        "columns": [{"key": key, "label": _column_label(key, wording=wording)} for key in columns],
        "groups": _groups(lines, columns=columns, wording=wording),
        "share_note": wording.words["share_note"] if "share" in columns else "",
    }


def _columns(lines: Sequence[DocumentLine], *, document: Document, look: Look) -> list[str]:
    """Return those of the organisation's columns that say something on *lines*, in their order."""
    says = {
        "code": any(line.charge_code for line in lines),
        "period": any(line.period for line in lines),
        "unit_price": any(line.has_unit_price for line in lines),
        "share": any(line.fraction != 1 and not line.calculation for line in lines),
        "tax_rate": len(document.tax_groups) > 1,
    }
    chosen = [key for key in LINE_COLUMNS if key in look.columns and says.get(key, True)]
    return ["description", *chosen, "net"]


def _column_label(key: str, *, wording: Wording) -> str:
    """Return a column's heading; the net's names the currency."""
    return f"{wording.words[key]} ({wording.currency})" if key == "net" else wording.words[key]


def _cells(line: DocumentLine, *, columns: Sequence[str], wording: Wording) -> list[str]:
    """Return one line's cells, in the order of *columns*."""
    cells = {
        "description": "\n".join([breakable(line.description), *_remarks(line, wording=wording)]),
        "code": breakable(line.charge_code),
        "period": wording.period(line.period),
        "quantity": wording.quantity(line),
        "unit_price": wording.unit_price(line) if line.has_unit_price else "",
        "share": wording.share(line),
        "tax_rate": wording.rate(line),
        "net": wording.amount(line.net_minor),
    }
    return [cells[key] for key in columns]


def _remarks(line: DocumentLine, *, wording: Wording) -> list[str]:
    """Return what stands below a line's description: usage's calculation, its discounts, what it costs with tax."""
    calculation = [breakable(line.calculation)] if line.calculation else []
    discounts = [*calculation, *(wording.taken_off(discount) for discount in line.discounts)]
    if not line.includes_tax:
        return discounts
    gross = wording.amount(line.net_minor + line.tax_minor)
    return [*discounts, wording.words["price_with_tax"].format(amount=gross)]


def _groups(
    document_lines: Sequence[DocumentLine], *, columns: Sequence[str], wording: Wording
) -> list[dict[str, Any]]:
    """Return the lines by client, in order of first appearance; heading and subtotal only if there are several."""
    clients = _clients(document_lines)
    return [
        {
            "heading": _heading(lines[0], wording=wording) if len(clients) > 1 else "",
            "lines": [_cells(line, columns=columns, wording=wording) for line in lines],
            "subtotal": _subtotal(lines, wording=wording) if len(clients) > 1 else [],
        }
        for lines in clients
    ]


def _clients(lines: Iterable[DocumentLine]) -> list[list[DocumentLine]]:
    """Return the lines of each client, clients in order of first appearance."""
    by_client: dict[str, list[DocumentLine]] = {}
    for line in lines:
        by_client.setdefault(line.client, []).append(line)
    return list(by_client.values())


def _heading(line: DocumentLine, *, wording: Wording) -> str:
    """Return what stands over a client's lines."""
    return breakable(_client_heading(line)) or wording.words["other_lines"]


def _client_heading(line: DocumentLine) -> str:
    """Return a client by identifier and name; nothing for a line without one."""
    return " · ".join(filter(None, [line.client, line.client_name]))


def _subtotal(lines: Sequence[DocumentLine], *, wording: Wording) -> list[str]:
    """Return label and net of one client's lines together."""
    name = breakable(lines[0].client_name or lines[0].client) or wording.words["other_lines"]
    label = wording.words["subtotal"].format(name=name)
    return [label, wording.amount(sum(line.net_minor for line in lines))]


# Totals and payment.


def _tax_table(document: Document, *, wording: Wording) -> list[list[str]]:
    """Return heading and rows of net, tax and gross by rate, if there are several (billing-rules 5.2)."""
    if len(document.tax_groups) < 2:
        return []
    heading = [wording.words[key] for key in ("tax_rate", "net", "tax", "gross")]
    rows = [
        [wording.tax(group), *map(wording.amount, (group.net_minor, group.tax_minor, group.gross_minor))]
        for group in document.tax_groups
    ]
    return [heading, *rows]


def _totals(document: Document, *, wording: Wording) -> list[list[str]]:
    """Return label and amount of the net and the tax, above the amount due."""
    groups = document.tax_groups
    tax = wording.only_tax(groups[0]) if len(groups) == 1 else wording.words["tax"]
    return [
        [wording.words["total_net"], wording.amount(document.net_minor)],
        [tax, wording.amount(document.tax_minor)],
    ]


def _credited(document: Document, *, wording: Wording) -> str:
    """Return the number of the invoice that a credit note is for, with its date."""
    number = document.credited_number or ""
    return f"{number}, {wording.day(document.credited_date)}" if document.credited_date else number


def payment_of(document: Document | BillingDocument, *, note: str, wording: Wording) -> dict[str, Any]:
    """Return how the document is settled: sentences, and the account to pay to if there is something to pay."""
    if document.is_void or document.is_draft:
        notice = wording.words["void_notice" if document.is_void else "draft_notice"]
        return {"title": "", "lines": [notice], "facts": []}
    asks = not document.is_credit_note and document.gross_minor > 0
    texts = [*breakable_lines(wording.terms(document.payment_terms)), *breakable_lines(note)] if asks else []
    return {
        "title": wording.words["payment"],
        "lines": [_settlement(document, wording=wording), *texts],
        "facts": payment_facts(document, wording=wording) if asks else [],
    }


def _settlement(document: Document | BillingDocument, *, wording: Wording) -> str:
    """Return the sentence that says who pays what by when."""
    amount = wording.money(document.gross_minor)
    if document.is_credit_note:
        return wording.words["will_be_credited"].format(amount=amount)
    if document.gross_minor <= 0:
        return wording.words["nothing_to_pay"]
    return wording.words["please_pay"].format(amount=amount, date=wording.day(document.due_date))


def payment_facts(
    document: Document | BillingDocument | Statement | Report, *, wording: Wording
) -> list[list[str]]:
    """Return label and value of what a bank transfer needs."""
    facts = [
        ("bank_account", formats.bank_account(document.seller.bank_account)),
        ("bank_identifier", document.seller.bank_identifier),
        ("payment_reference", document.number or ""),
    ]
    return [[wording.words[key], breakable(value)] for key, value in facts if value]


def _filled(lines: Iterable[str]) -> list[str]:
    """Return the lines that hold something, each made breakable."""
    return [text for text in map(breakable, lines) if text]
