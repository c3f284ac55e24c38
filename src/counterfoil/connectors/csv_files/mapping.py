"""Documents as rows of text, and back again. Pure."""

from __future__ import annotations

from counterfoil.connectors.port import ExternalDocument
from counterfoil.core.document import Document, DocumentLine
from counterfoil.core.money import format_minor, format_steps, parse_minor

INVOICE_COLUMNS = (
    "reference", "number", "type", "invoice_date", "due_date", "account", "customer", "branch", "currency",
    "lines", "net", "tax", "gross",
)  # fmt: skip
LINE_COLUMNS = (
    "reference", "number", "line", "charge_code", "ledger_code", "client", "client_name", "description",
    "first_day", "last_day", "fraction", "quantity", "unit_price", "net", "tax_category", "tax_rate", "tax",
)  # fmt: skip

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t")


def invoice_row(document: Document) -> list[str]:
    """Return the cells of `INVOICE_COLUMNS`."""
    amounts = (document.net_minor, document.tax_minor, document.gross_minor)
    return [
        document.reference,
        inert(document.number or ""),
        document.document_type.value,
        document.invoice_date.isoformat(),
        document.due_date.isoformat(),
        inert(document.buyer.account),
        inert(document.buyer.name),
        inert(document.branch),
        document.currency,
        str(len(document.lines)),
        *(format_minor(amount, document.currency) for amount in amounts),
    ]


def line_row(document: Document, line: DocumentLine) -> list[str]:
    """Return the cells of `LINE_COLUMNS`; a period is given as first and last day."""
    period = line.period
    return [
        document.reference,
        inert(document.number or ""),
        str(line.line_no),
        inert(line.charge_code),
        inert(line.ledger_code),
        inert(line.client),
        inert(line.client_name),
        inert(line.description),
        period.first_day.isoformat() if period else "",
        period.last_day.isoformat() if period else "",
        str(line.fraction),
        format_steps(line.quantity_steps),
        format_steps(line.unit_price_steps),
        format_minor(line.net_minor, document.currency),
        inert(line.tax_category),
        format_steps(line.tax_rate_steps),
        format_minor(line.tax_minor, document.currency),
    ]


def external_document(row: dict[str, str]) -> ExternalDocument:
    """Return what a row of the invoices' file says."""
    currency = row["currency"]
    return ExternalDocument(
        reference=row["reference"],
        external_number=row["number"],
        currency=currency,
        lines=int(row["lines"]),
        net_minor=parse_minor(row["net"], currency),
        tax_minor=parse_minor(row["tax"], currency),
        gross_minor=parse_minor(row["gross"], currency),
    )


def inert(text: str) -> str:
    """Return *text* on one line, and so that no spreadsheet takes it for a formula: ' goes before = + - @."""
    line = " ".join(text.splitlines())
    return f"'{line}" if line.startswith(_STARTS_A_FORMULA) else line
