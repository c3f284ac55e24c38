"""A document as rows of cells, and rows as text. Pure.

A cell of text can never be run as a formula by a spreadsheet program; a number stays a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from counterfoil.connectors.csv_files.settings import Dialect
from counterfoil.connectors.formal_line import formal_line
from counterfoil.connectors.port import ControlTotals
from counterfoil.core.document import Document, DocumentLine
from counterfoil.core.money import format_minor, format_steps, parse_minor

NUMBERS = frozenset(
    {"net", "tax", "gross", "lines", "line", "documents", "quantity", "unit_price", "tax_rate"}
)
INVOICE_COLUMNS = (
    "reference", "number", "type", "invoice_date", "due_date", "tax_point", "currency", "net", "tax", "gross",
    "lines", "account", "customer", "tax_id", "email", "address", "postcode", "city", "region", "country",
    "branch", "purchase_order", "payment_terms", "credited_number", "language",
)  # fmt: skip
LINE_COLUMNS = (
    "reference", "number", "line", "account", "client", "client_name", "charge_code", "ledger_code", "description",
    "first_day", "last_day", "quantity", "unit", "unit_price", "net", "tax", "gross", "currency", "tax_category",
    "tax_rate",
)  # fmt: skip
TOTAL_COLUMNS = ("currency", "documents", "lines", "net", "tax", "gross")

# What makes a spreadsheet program take a text for a formula, in the width of either script.
FORMULA_STARTS = frozenset("=+-@＝＋－＠")

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

Row = Mapping[str, str]


def invoice_row(document: Document) -> Row:
    """Return the document's row of `invoices.csv`; a credit note's amounts are negative."""
    buyer = document.buyer
    return {
        "reference": document.reference,
        "number": document.number or "",
        "type": document.document_type.value,
        "invoice_date": document.invoice_date.isoformat(),
        "due_date": document.due_date.isoformat(),
        "tax_point": (document.tax_point or document.invoice_date).isoformat(),
        "currency": document.currency,
        "net": format_minor(document.net_minor, document.currency),
        "tax": format_minor(document.tax_minor, document.currency),
        "gross": format_minor(document.gross_minor, document.currency),
        "lines": str(len(document.lines)),
        "account": buyer.account,
        "customer": buyer.name,
        "tax_id": buyer.tax_id,
        "email": ";".join(buyer.emails),
        "address": ", ".join(buyer.address.lines),
        "postcode": buyer.address.postcode,
        "city": buyer.address.city,
        "region": buyer.address.region,
        "country": buyer.address.country,
        "branch": document.branch,
        "purchase_order": document.purchase_order,
        "payment_terms": document.payment_terms,
        "credited_number": document.credited_number or "",
        "language": document.language,
    }


def line_rows(document: Document) -> list[Row]:
    """Return the document's rows of `lines.csv`, in its order."""
    return [_line_row(line, document=document) for line in document.lines]


def total_row(currency: str, totals: ControlTotals) -> Row:
    """Return one currency's row of `totals.csv`."""
    return {
        "currency": currency,
        "documents": str(totals.documents),
        "lines": str(totals.lines),
        "net": format_minor(totals.net_minor, currency),
        "tax": format_minor(totals.tax_minor, currency),
        "gross": format_minor(totals.gross_minor, currency),
    }


def rows_text(rows: Iterable[Row], *, columns: tuple[str, ...], dialect: Dialect) -> str:
    """Return *rows* as CSV (RFC 4180): texts quoted and neutralised, numbers bare, lines ended by CR LF."""
    is_number = [column in NUMBERS for column in columns]
    return "".join(_row_text([row[column] for column in columns], is_number, dialect=dialect) for row in rows)


def heading_text(columns: tuple[str, ...], *, dialect: Dialect) -> str:
    """Return the first line of a file."""
    return dialect.delimiter.join(columns) + "\r\n"


def text_cell(text: str) -> str:
    """Return *text* as it stands in a file, before quoting: on one line, and never a formula.

    One that would begin a formula gets an apostrophe before it, which spreadsheet programs do not show.
    """
    plain = text if text.isprintable() else _BREAKS.sub(" ", text)
    plain = plain.strip()
    return f"'{plain}" if plain[:1] in FORMULA_STARTS else plain


def minor_of(cell: str, *, currency: str, dialect: Dialect) -> int:
    """Return the minor units that a number's *cell* holds."""
    return parse_minor(cell.replace(dialect.decimal_mark, "."), currency)


def _line_row(line: DocumentLine, *, document: Document) -> Row:
    currency = document.currency
    formal = formal_line(line, currency=currency)
    return {
        "reference": document.reference,
        "number": document.number or "",
        "line": str(line.line_no),
        "account": document.buyer.account,
        "client": line.client,
        "client_name": line.client_name,
        "charge_code": line.charge_code,
        "ledger_code": line.ledger_code,
        "description": formal.description,
        "first_day": line.period.first_day.isoformat() if line.period else "",
        "last_day": line.period.last_day.isoformat() if line.period else "",
        "quantity": formal.quantity,
        "unit": formal.unit,
        "unit_price": formal.unit_price,
        "net": format_minor(line.net_minor, currency),
        "tax": format_minor(line.tax_minor, currency),
        "gross": format_minor(line.net_minor + line.tax_minor, currency),
        "currency": currency,
        "tax_category": line.tax_category,
        "tax_rate": format_steps(line.tax_rate_steps),
    }


def _row_text(cells: list[str], is_number: list[bool], *, dialect: Dialect) -> str:
    shown = [
        cell.replace(".", dialect.decimal_mark) if number else _quoted(text_cell(cell))
        for cell, number in zip(cells, is_number, strict=True)
    ]
    return dialect.delimiter.join(shown) + "\r\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if cell else ""
