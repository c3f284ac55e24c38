"""The history of an invoice and of a consolidated billing, as pages show it."""

from __future__ import annotations

from collections.abc import Sequence

from counterfoil.flows import document_history as flow
from counterfoil.records.billing.models import ConsolidatedBilling, Invoice
from counterfoil.web.layout.history import Entry
from counterfoil.web.saying import said


def history_of_invoice(invoice: Invoice) -> list[Entry]:
    """Return what happened to *invoice*, the newest first."""
    return _shown(flow.history_of_invoice(invoice))


def history_of_billing(billing: ConsolidatedBilling) -> list[Entry]:
    """Return what happened to *billing*, the newest first."""
    return _shown(flow.history_of_billing(billing))


def _shown(entries: Sequence[flow.Entry]) -> list[Entry]:
    return [Entry(one.moment, one.who, said(one.what), [], one.reason) for one in entries]
