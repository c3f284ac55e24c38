"""A month at an invented bureau, for the tests of pages: one of everything, and a run of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from benchmarks.bureau import CUTOFF, fill
from counterfoil.flows.billing.requesting import request_by_definition
from counterfoil.flows.billing.run import generate
from counterfoil.flows.defining import define
from counterfoil.records.billing.models import BatchDefinition, BillingException, Invoice, InvoiceLine, Run
from counterfoil.records.parties.models import BillingCustomer, Dealer
from counterfoil.web import searching, subjects

NOW = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
_SEQUENCES = """
SELECT setval(pg_get_serial_sequence(quote_ident(t.table_name), 'id'), 10000)
FROM information_schema.columns AS t
WHERE t.table_schema = 'public' AND t.column_name = 'id' AND t.is_identity = 'YES'
"""
_NAVIGATION, _SEARCHES = subjects.NAVIGATION, searching.SEARCHES


def use_own_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show the project's navigation and find what it finds."""
    monkeypatch.setattr(subjects, "NAVIGATION", _NAVIGATION)
    monkeypatch.setattr(subjects, "SEARCHES", _SEARCHES)


def bureau(*, charges: int = 40) -> BatchDefinition:
    """Store a bureau of *charges* charges and a definition that bills them all."""
    fill(charges=charges)
    with connection.cursor() as cursor:
        cursor.execute(_SEQUENCES)
    Dealer.objects.create(code="D1", name="Harbour Alarms", branch_id=1)
    return define(BatchDefinition(name="service", title="Service, all", kinds=["service"]), by=None, now=NOW)


def run_of(definition: BatchDefinition, **who: Any) -> Run:
    """Generate the run of *definition* at the bench's cut-off."""
    request = request_by_definition(definition, cutoff=CUTOFF, invoice_date=CUTOFF)
    return generate(request, by=who.get("by"), now=lambda: NOW)


def everything() -> dict[str, int]:
    """Store one of everything with a run in review; return keys by the names of the addresses that take them."""
    definition = bureau()
    run = run_of(definition)
    BillingException.objects.create(
        run=run,
        shard=1,
        charge_id=1,
        client_id=1,
        customer_id=1,
        code="no_price",
        message="No price.",
        remedy="Set one.",
    )
    invoice = Invoice.objects.order_by("pk").values_list("pk", flat=True)[0]
    customer = BillingCustomer.objects.get(account="C1")
    dealer = Dealer.objects.get().pk
    by_kind = {
        "customer": customer.pk,
        "client": 1,
        "dealer": dealer,
        "charge": 1,
        "master-charge": 1,
        "run": run.pk,
    }
    keys = {
        f"{kind}{end}": key
        for kind, key in by_kind.items()
        for end in ("", "-edit", "-lines", "-variance", "-exceptions")
    }
    return {
        **keys,
        "charge-new": 1,
        "charge-period-edit": 1,
        "definition": definition.pk,
        "definition-edit": definition.pk,
        "definition-copy": definition.pk,
        "line-why": InvoiceLine.objects.filter(invoice=invoice).values_list("pk", flat=True)[0],
        "client-forecast": 1,
        "charge-forecast": 1,
        "invoice": invoice,
        "invoice-pdf": invoice,
        "invoice-summary": invoice,
        "run-deliveries": run.pk,
        "run-reconciliation": run.pk,
    }
