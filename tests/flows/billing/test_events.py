"""Activations, work orders, dispatches and sales from entry to invoice: charged once, and given back (product C14)."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from counterfoil.flows.billing import review
from counterfoil.flows.billing.preview import preview
from counterfoil.flows.billing.run import Request, generate, open_run, resume
from counterfoil.flows.billing.selection import Selection
from counterfoil.flows.installing import create_missing_definitions
from counterfoil.records.billing.models import BatchDefinition, BillingException, Invoice, InvoiceLine, Run
from counterfoil.records.charges.models import ChargedEvent, EventCharge
from tests import build
from tests.build import JUNE

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS = ("activation", "work_order", "dispatch", "sale")


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def run_events(*, cutoff: date = JUNE, kinds: tuple[str, ...] = EVENTS) -> Run:
    return build.run(cutoff=cutoff, kinds=kinds)


def test_an_activation_is_charged_once() -> None:
    event = build.event()
    run_events()
    line = InvoiceLine.objects.get()
    charged = ChargedEvent.objects.get()
    assert (charged.event_charge, charged.line_id) == (event.charges.get(), line.pk)
    assert (line.kind, line.charge_id, line.net_minor, line.tax_minor) == ("event", None, 3000, 690)
    assert (line.period_start, line.period_end) == (date(2026, 5, 20), date(2026, 5, 21))
    assert line.invoice.document_type == "service"
    assert json.loads(line.details)["event"] == event.key
    run_events()
    assert Invoice.objects.count() == 1


def test_a_work_order_is_billed_whole_to_one_customer_on_the_day_it_says() -> None:
    payer = build.customer()
    build.event(
        {"quantity": 3}, {"unit_price": "12.50", "description": "Battery"},
        kind="work_order", customer=payer, to_be_billed_on=date(2026, 6, 15), po_number="PO-9",
    )  # fmt: skip
    assert run_events(cutoff=date(2026, 6, 14)).totals.count() == 0
    run_events(cutoff=date(2026, 6, 15))
    invoice = Invoice.objects.get()
    assert (invoice.customer, invoice.po_number, invoice.line_count) == (payer, "PO-9", 2)
    assert [line.net_minor for line in invoice.lines.all()] == [9000, 1250]  # 3 × 30.00, 12.50


def test_one_definition_of_several_kinds_gives_an_invoice_of_each_type() -> None:
    payer = build.customer()
    site = build.client(customer=payer)
    build.charge(client=site)
    build.event(client=site)
    build.event(client=site, kind="dispatch")
    build.event(client=site, kind="sale")
    build.run(kinds=("service", *EVENTS))
    assert list(Invoice.objects.order_by("document_type").values_list("document_type", "line_count")) == [
        ("contract", 1),
        ("sales", 1),
        ("service", 2),
    ]


def test_events_not_chargeable_not_due_or_of_other_kinds_are_left_alone() -> None:
    build.event(is_chargeable=False)
    build.event(to_be_billed_on=None)
    build.event(to_be_billed_on=date(2026, 6, 2))
    build.event(kind="sale")
    assert run_events(kinds=("activation",)).totals.count() == 0


def test_12_3_an_event_without_a_payer_is_an_exception_that_names_it() -> None:
    event = build.event(client=build.client(customer=None))
    run_events()
    found = BillingException.objects.get()
    assert (found.code, found.charge_id) == ("no_customer", None)
    assert found.message.startswith(f"Activation {event.key}, line 1:")


def test_12_7_an_excluded_draft_gives_its_events_back() -> None:
    build.event()
    build.charge()
    run = build.run(kinds=("service", "activation"))
    service = Invoice.objects.get(document_type="service")
    review.exclude([service.pk], reason="wrong site", by=None, now=build.NOW)
    assert not ChargedEvent.objects.exists()
    assert run_events().totals.get().net_minor == 3000
    assert Invoice.objects.filter(run=run, document_type="contract").exists()


def test_12_2_an_abandoned_run_gives_its_events_back() -> None:
    build.event({}, {})
    run = run_events()
    assert ChargedEvent.objects.count() == 2
    review.abandon(run.pk, reason="too early", now=build.NOW)
    assert not ChargedEvent.objects.exists()
    assert run_events().totals.get().net_minor == 6000


def test_12_7_of_two_runs_over_the_same_events_the_first_to_store_wins() -> None:
    """The second was rated on the data of before: the mark is there already, so it is rated again."""
    build.event()
    late = open_run(build.request(kinds=EVENTS), by=None, now=build.NOW)
    run_events()
    assert resume(late, now=build.now).totals.count() == 0
    assert InvoiceLine.objects.count() == 1


def test_the_database_refuses_to_charge_an_event_twice() -> None:
    event = build.event()
    run_events()
    with pytest.raises(IntegrityError), transaction.atomic():
        ChargedEvent.objects.create(event_charge=event.charges.get(), line_id=999)


def test_12_1_a_preview_shows_what_the_run_stores() -> None:
    build.event({"quantity": 2}, kind="work_order")
    build.event(client=build.client(customer=None))
    seen = preview(build.request(kinds=EVENTS))
    assert not ChargedEvent.objects.exists()
    run = run_events()
    lines = InvoiceLine.objects.filter(invoice__run=run)
    assert seen.lines.get_column("net_minor").to_list() == [line.net_minor for line in lines]
    assert seen.findings.get_column("message").to_list() == [one.message for one in run.exceptions.all()]


@pytest.mark.parametrize("shard_charges", [1, 1000])
def test_events_of_customers_without_charges_are_found_in_every_shard(shard_charges: int) -> None:
    build.charge()
    for _ in range(3):
        build.event()
    run = generate(build.request(kinds=EVENTS), by=None, now=build.now, shard_charges=shard_charges)
    assert run.totals.get().lines == 3


def test_the_supplied_definitions_bill_activations_and_work_orders() -> None:
    create_missing_definitions()
    build.event()
    build.event({}, {}, kind="work_order")
    for name, lines in (("activation", 1), ("work-order", 2)):
        definition = BatchDefinition.objects.get(name=name)
        assert definition.is_active
        asked = Request(
            title=definition.title,
            selection=Selection.of(definition),
            cutoff=JUNE,
            invoice_date=JUNE,
            definition=definition,
        )
        assert generate(asked, by=None, now=build.now).totals.get().lines == lines
    assert EventCharge.objects.filter(charged__isnull=True).count() == 0
