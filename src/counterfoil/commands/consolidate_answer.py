"""What `counterfoil consolidate …` answers: billings, what waits and what would be made, as JSON and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from counterfoil.commands.tables import paragraphs, table
from counterfoil.core.money import format_minor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterfoil.core.billing_document import BillingDocument
    from counterfoil.flows.consolidating.choosing import Listed
    from counterfoil.flows.consolidating.rolling import Roll
    from counterfoil.records.billing.models import ConsolidatedBilling
    from counterfoil.records.parties.models import BillingCustomer, ConsolidationSettings


def billing_row(one: ConsolidatedBilling) -> dict[str, Any]:
    """Return a billing as the JSON answers show it."""
    void = getattr(one, "void", None)
    return {
        "number": one.number,
        "void": void is not None,
        "replaced_by": void.replaced_by.number if void is not None and void.replaced_by else None,
        "batch": one.batch.number if one.batch else None,
        "customer": one.customer.account,
        "name": one.customer.name,
        "branch": one.branch.code,
        "date": one.billing_date,
        "due_date": one.due_on,
        "purchase_order": one.po_number,
        "description": one.description,
        "invoices": one.member_count,
        "currency": one.currency,
        "tax": format_minor(one.tax_minor, one.currency),
        "total": format_minor(one.gross_minor, one.currency),
    }


def billings_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return billings as a table."""
    headings = [
        "Number",
        "Void",
        "Batch",
        "Customer",
        "Name",
        "Date",
        "Due",
        "Invoices>",
        "Total>",
        "Currency",
    ]
    columns = ("batch", "customer", "name", "date", "due_date", "invoices", "total", "currency")
    shown = [[row["number"], "Yes" if row["void"] else "", *(row[name] for name in columns)] for row in rows]
    return table(headings, shown)


def document_answer(document: BillingDocument) -> dict[str, Any]:
    """Return what a billing lists, as the JSON answers show it."""
    currency = document.currency
    return {
        "amount_due": format_minor(document.gross_minor, currency),
        "documents": [
            {
                "number": entry.document.number,
                "date": entry.document.invoice_date,
                "purchase_order": entry.document.purchase_order,
                "type": entry.document.document_type.value,
                "source": entry.source,
                "tax": format_minor(entry.document.tax_minor, currency),
                "total": format_minor(entry.total_minor, currency),
                "amount_due": format_minor(entry.due_minor, currency),
                "description": entry.description,
            }
            for entry in document.entries
        ],
    }


def document_text(row: dict[str, Any]) -> str:
    """Return one billing with what it lists."""
    headings = ["Number", "Date", "PO", "Type", "Source", "Tax>", "Total>", "Due>", "Description"]
    columns = (
        "number",
        "date",
        "purchase_order",
        "type",
        "source",
        "tax",
        "total",
        "amount_due",
        "description",
    )
    instead = f": see {row['replaced_by']}" if row["replaced_by"] else ""
    void = f", void{instead}" if row["void"] else ""
    return paragraphs(
        f"Consolidated billing {row['number']}{void}, {row['date']}, due {row['due_date']}:"
        f" {row['customer']} {row['name']}",
        table(headings, [[one[name] for name in columns] for one in row["documents"]]),
        f"Tax {row['tax']}, total {row['total']}, to pay {row['amount_due']} {row['currency']}",
    )


def group_row(one: Listed) -> dict[str, Any]:
    """Return one billing that a batch would make, or why it would not."""
    return {
        "customer": one.account,
        "name": one.name,
        "branch": one.branch or None,
        "currency": one.currency,
        "next_date": one.next_date,
        "invoices": one.invoices,
        "checked": one.invoices_checked,
        "total": format_minor(one.total_minor, one.currency),
        "billed": one.is_billed,
        "short": one.short or None,
    }


def groups_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return what a batch would make as a table."""
    headings = ["Customer", "Name", "Branch", "Next date", "Listed>", "Checked>", "Total>", "Currency", ""]
    columns = ("customer", "name", "branch", "next_date", "invoices", "checked", "total", "currency", "short")
    return table(headings, [[row[name] for name in columns] for row in rows])


def roll_row(one: Roll) -> dict[str, Any]:
    """Return what a roll would do, or did, for one customer."""
    return {
        "customer": one.account,
        "name": one.name,
        "cycle": one.cycle,
        "next_date": one.next_date,
        "rolled_to": one.rolled_to,
    }


def rolls_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return rolls as a table."""
    headings = ["Customer", "Name", "Cycle", "Next date", "Rolled to"]
    return table(headings, [list(row.values()) for row in rows])


def settings_row(customer: BillingCustomer, settings: ConsolidationSettings | None) -> dict[str, Any]:
    """Return how a customer's invoices are consolidated."""
    amounts = {"minimum": settings.minimum_minor, "limit": settings.limit_minor} if settings else {}
    return {
        "customer": customer.account,
        "used": settings is not None and settings.is_used,
        "cycle": (settings.cycle or None) if settings else None,
        "next_date": settings.next_date if settings else None,
        **{
            name: None if amounts.get(name) is None else format_minor(amounts[name] or 0, customer.currency)
            for name in ("minimum", "limit")
        },
        "sales": settings is not None and settings.takes_sales,
        "service": settings is not None and settings.takes_service,
        "currency": customer.currency,
    }


def settings_text(row: dict[str, Any]) -> str:
    """Return the settings in words."""
    if not row["used"]:
        return f"{row['customer']} does not use consolidated billing."
    kinds = [name for name in ("sales", "service") if row[name]]
    parts = [
        f"{row['customer']} uses consolidated billing, automatically for {' and '.join(kinds) or 'no'} invoices.",
        f"Cycle {row['cycle'] or 'none'}, next date {row['next_date'] or 'none'}.",
        f"Minimum {row['minimum'] or 'none'}, automatic while below {row['limit'] or 'any amount'} {row['currency']}.",
    ]
    return "\n".join(parts)
