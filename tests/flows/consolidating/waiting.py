"""Customers who consolidate, and invoices of theirs that wait, made by real runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from counterfoil.flows.billing.issue import authorise, issue
from counterfoil.flows.billing.selection import Selection
from counterfoil.flows.consolidating.settings import Typed, store_settings
from counterfoil.records.billing.actions import reserve_ids
from counterfoil.records.billing.consolidating_actions import queue_by_hand
from counterfoil.records.billing.models import DocumentNumber, Invoice, InvoiceLine, Run, RunStatus
from counterfoil.records.billing.series_actions import series_for
from counterfoil.records.catalog.models import TaxCategory
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.build import NOW

KINDS = ("activation", "sale")
TAKES_BOTH = {"takes_sales": True, "takes_service": True}


def consolidating(**typed: Any) -> BillingCustomer:
    """Store a customer both of whose types are consolidated, unless *typed* says otherwise."""
    values = {
        name: typed.pop(name) for name in ("currency", "branch", "payment_terms", "email") if name in typed
    }
    stored = build.customer(**values)
    store_settings(stored, Typed(**{**TAKES_BOTH, **typed}))
    return stored


def issued(run: Run) -> Run:
    """Authorise and issue *run*."""
    authorise(run.pk, by=None, now=NOW)
    return issue(run.pk, today=date(2027, 1, 1), now=build.now)


def billed(
    customer: BillingCustomer, *amounts: str, on: date = build.JUNE, kind: str = "sale"
) -> list[Invoice]:
    """Bill *customer* one invoice an amount (net; 23 % tax comes on top), each dated *on*, and return them."""
    known = set(Invoice.objects.values_list("pk", flat=True))
    for amount in amounts:
        build.event(
            {"unit_price": amount},
            client=build.client(customer=customer),
            kind=kind,
            occurred_on=on,
            to_be_billed_on=on,
        )
    issued(build.run(cutoff=on, kinds=KINDS, grouping="client"))
    return list(Invoice.objects.exclude(pk__in=known).order_by("pk"))


def numbers(invoices: Iterable[Invoice]) -> list[str]:
    """Return the numbers of *invoices*."""
    return [invoice.number.number for invoice in invoices]


def waits(customer: BillingCustomer, gross: int, **values: Any) -> Invoice:
    """Store an issued invoice of *customer* over *gross* minor units that waits, without any line: a quick one.

    `printed` gives it a line, so that it can be printed.
    """
    run, _new = Run.objects.get_or_create(
        title="Quick",
        defaults={
            "selection": Selection().to_json(),
            "cutoff": build.JUNE,
            "invoice_date": build.JUNE,
            "status": RunStatus.ISSUED,
            "started_at": NOW,
        },
    )
    ordinary = {
        "id": reserve_ids("billing_invoice_ids", count=1),
        "run": run,
        "shard": 1,
        "customer": customer,
        "branch": customer.branch,
        "document_type": "sales",
        "currency": customer.currency,
        "invoice_date": build.JUNE,
        "line_count": 0,
        "net_minor": gross,
        "tax_minor": 0,
        "gross_minor": gross,
    }
    invoice = Invoice.objects.create(**{**ordinary, **values})
    [series] = series_for([(invoice.branch_id, invoice.document_type)], invoice_date=invoice.invoice_date)
    DocumentNumber.objects.create(
        invoice=invoice,
        series=series,
        seq=invoice.pk,
        number=f"{invoice.document_type}-{invoice.pk}",
        due_on=invoice.invoice_date + timedelta(days=14),
        issued_at=NOW,
    )
    queue_by_hand([invoice.pk])
    return invoice


def printed(invoice: Invoice) -> Invoice:
    """Give *invoice* the one line that it comes to, of an event."""
    event = build.event(client=build.client(customer=invoice.customer), occurred_on=invoice.invoice_date)
    day, after = invoice.invoice_date, invoice.invoice_date + timedelta(days=1)
    InvoiceLine.objects.create(
        id=reserve_ids("billing_invoiceline_ids", count=1),
        invoice=invoice,
        line_no=1,
        kind="event",
        event_charge=event.charges.get(),
        client=event.client,
        code="M",
        ledger_code="4000",
        description="Response",
        period_start=day,
        period_end=after,
        grid_start=day,
        grid_end=after,
        bill_date=day,
        fraction_num=1,
        fraction_den=1,
        quantity=1,
        unit_price=invoice.net_minor // 100,
        price_level="master",
        tax_category=TaxCategory.objects.get(code="standard"),
        tax_rate=0,
        net_minor=invoice.net_minor,
        tax_minor=0,
    )
    return invoice
