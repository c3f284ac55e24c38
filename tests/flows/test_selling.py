"""Sales invoices by hand: drafted, changed, issued, explained, voided, credited, consolidated; tax to the cent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections, transaction

from counterfoil.flows import selling
from counterfoil.flows.billing.rerating import rerate
from counterfoil.flows.billing.review import abandon
from counterfoil.flows.billing.voiding import void_invoices
from counterfoil.flows.checking import check
from counterfoil.flows.closing import BooksClosed, close_books
from counterfoil.flows.consolidating.batch import Batch, create_batch
from counterfoil.flows.consolidating.choosing import Selection
from counterfoil.flows.crediting.by_hand import CreditAsked, credit_invoice
from counterfoil.flows.explaining import explain_lines
from counterfoil.flows.organising import change_settings
from counterfoil.flows.selling import (
    Sale,
    SaleIsReplaced,
    SaleKeyTaken,
    SaleLine,
    make_sale,
    revise_sale,
    sale_of,
    show_sale,
)
from counterfoil.records.billing.models import Invoice, QueuedInvoice, Run
from counterfoil.records.catalog.models import MasterCharge, TaxCategory
from counterfoil.records.charges.models import BillableEvent
from counterfoil.records.parties.models import Client
from tests import build
from tests.build import JUNE, NOW
from tests.flows.consolidating.waiting import consolidating, issued
from tests.locks import until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def camera(**values: Any) -> MasterCharge:
    """Store a master charge of the kind sale: a camera at 19.99."""
    ordinary = {"kind": "sale", "name": "Camera", "unit_price": "19.99", "charge_period": None}
    return build.master(**{**ordinary, "ledger_code": "4100", **values})


def text_line(price: str = "7.05", **values: Any) -> SaleLine:
    """Return a line of free text."""
    standard = TaxCategory.objects.get(code="standard")
    given = {"description": "Cable, cut to length", "unit_price": Decimal(price), "tax_category": standard}
    return SaleLine(**{**given, **values})


def sale(customer: Any = None, *lines: SaleLine, **values: Any) -> Sale:
    """Return a sales invoice of 1 June: three cameras and some cable, unless *lines* are given."""
    given = lines or (SaleLine(master_charge=camera(), quantity=Decimal(3)), text_line())
    return Sale(customer=customer or build.customer(), invoice_date=JUNE, lines=given, **values)


def test_a_sales_invoice_is_drafted_issued_and_explained_with_tax_to_the_cent() -> None:
    draft = make_sale(sale(po_number="PO-7"), by=None, now=NOW)
    assert (draft.document_type, draft.po_number, str(draft.invoice_date)) == ("sales", "PO-7", "2026-06-01")
    # 3 × 19.99 + 7.05 = 67.02; 23 % of that is 15.4146
    assert (draft.net_minor, draft.tax_minor, draft.gross_minor) == (6_702, 1_541, 8_243)
    lines = list(
        draft.lines.order_by("line_no").values_list("description", "code", "ledger_code", "net_minor")
    )
    [master] = MasterCharge.objects.all()
    assert lines == [("Camera", master.code, "4100", 5_997), ("Cable, cut to length", "", "4900", 705)]
    run = issued(Run.objects.get())
    invoice = run.invoice_set.get()
    assert invoice.number.number == "SAL-2026-000001"
    whys = [{step.topic: step.why for step in one.steps} for one in explain_lines(invoice)]
    assert [(why["unit_price"], why["quantity"]) for why in whys] == [
        ("from the master charge", "from the event itself"),
        ("from the event itself", "from the event itself"),
    ]
    assert check().violations == []


def test_free_text_is_posted_where_it_says_or_where_the_organisation_says_and_stays_there() -> None:
    own = make_sale(sale(None, text_line(ledger_code="4950")), by=None, now=NOW)
    assert own.lines.get().ledger_code == "4950"
    usual = make_sale(sale(None, text_line()), by=None, now=NOW)
    change_settings(text_ledger_code="4999")
    issued(usual.run)
    assert usual.lines.get().ledger_code == "4900"
    change_settings(text_ledger_code="")
    with pytest.raises(selling.TextNeedsALedgerCode, match="Line 1 has no master charge"):
        make_sale(sale(None, text_line()), by=None, now=NOW)
    with pytest.raises(selling.LedgerCodeOfMaster, match="Leave the ledger code out"):
        make_sale(sale(None, SaleLine(master_charge=camera(), ledger_code="1")), by=None, now=NOW)


def test_no_run_bills_it_by_itself_neither_before_nor_once_it_is_void() -> None:
    draft = make_sale(sale(), by=None, now=NOW)
    event = sale_of(draft)
    assert build.run(kinds=("sale",)).invoice_set.count() == 0
    issued(draft.run)
    void_invoices([draft.pk], reason="wrong", by=None, now=NOW)
    assert build.run(cutoff=date(2026, 12, 31), kinds=("sale",)).invoice_set.count() == 0
    again = revise_sale(event.pk, sale(event.customer, text_line("5.00")), by=None, now=NOW)
    assert again.net_minor == 500
    assert sale_of(again).key == event.key
    event.refresh_from_db()
    assert (event.key, event.is_chargeable) == (f"{sale_of(again).key} (1)", False)
    assert check().violations == []


def test_a_draft_is_changed_in_its_place_and_an_issued_one_is_not() -> None:
    made = sale()
    draft = make_sale(made, by=None, now=NOW)
    event = sale_of(draft)
    newer = revise_sale(event.pk, replace(made, lines=(text_line("1.00"),), key="OWN-1"), by=None, now=NOW)
    assert draft.run.__class__.objects.get(pk=draft.run_id).status == "abandoned"
    assert newer.gross_minor == 123
    assert sale_of(newer).key == "OWN-1"
    [rerated] = rerate([newer.pk], reason="asked", by=None, now=NOW).drafts
    assert Invoice.objects.get(pk=rerated).gross_minor == 123
    issued(newer.run)
    with pytest.raises(selling.SaleIsIssued, match="SAL-2026-000001 is issued"):
        revise_sale(sale_of(newer).pk, made, by=None, now=NOW)
    with pytest.raises(selling.SaleIsReplaced):
        revise_sale(event.pk, made, by=None, now=NOW)
    note = credit_invoice(
        CreditAsked(invoice_id=rerated, invoice_date=JUNE), reason="returned", by=None, now=NOW
    )
    assert note.invoice_set.get().gross_minor == -123
    assert check().violations == []


def test_two_who_change_it_at_once_make_one_of_it() -> None:
    made = sale()
    make_sale(made, by=None, now=NOW)
    invoice = issued(Run.objects.get()).invoice_set.get()
    void_invoices([invoice.pk], reason="wrong", by=None, now=NOW)
    [event] = BillableEvent.objects.all()

    def change() -> None:
        try:
            revise_sale(event.pk, replace(made, key="B"), by=None, now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            revise_sale(event.pk, replace(made, key="A"), by=None, now=NOW)
            asked = other.submit(change)
            until_somebody_waits()
        with pytest.raises(SaleIsReplaced):
            asked.result()
    assert sorted(BillableEvent.objects.filter(is_chargeable=True).values_list("key", flat=True)) == ["A"]


def test_two_at_once_make_one_client_of_the_customer_and_one_has_the_identifier() -> None:
    made = sale(key="OWN-1")

    def make() -> None:
        try:
            make_sale(made, by=None, now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            make_sale(made, by=None, now=NOW)
            asked = other.submit(make)
            until_somebody_waits()
        with pytest.raises(SaleKeyTaken):
            asked.result()
    assert Client.objects.count() == 1


def test_the_identifier_of_one_whose_run_was_abandoned_is_free() -> None:
    made = sale(key="OWN-1")
    draft = make_sale(made, by=None, now=NOW)
    with pytest.raises(SaleKeyTaken):
        make_sale(made, by=None, now=NOW)
    abandon(draft.run_id, reason="wrong", now=NOW)
    make_sale(made, by=None, now=NOW)
    keys = BillableEvent.objects.order_by("pk").values_list("key", "is_chargeable")
    assert list(keys) == [("OWN-1 (1)", False), ("OWN-1", True)]
    assert list(check().violations) == []


def test_what_it_comes_to_is_shown_and_nothing_stored() -> None:
    shown = show_sale(sale(), by=None, now=NOW)
    assert (shown.net_minor, shown.tax_minor) == (6_702, 1_541)
    assert (Invoice.objects.count(), BillableEvent.objects.count(), Client.objects.count()) == (0, 0, 0)


def test_its_client_is_one_of_the_customers_else_the_customer_itself() -> None:
    customer, site = build.customer(), build.client()
    own = sale_of(make_sale(sale(customer), by=None, now=NOW)).client
    assert (own.code, own.customer) == (customer.account, customer)
    assert sale_of(make_sale(sale(customer), by=None, now=NOW)).client == own
    theirs = sale(site.customer, client=site)
    assert sale_of(make_sale(theirs, by=None, now=NOW)).client == site
    with pytest.raises(selling.ClientPaysElsewhere):
        make_sale(sale(customer, client=site), by=None, now=NOW)
    build.client(code="TAKEN")
    itself = make_sale(sale(build.customer(account="TAKEN")), by=None, now=NOW)
    assert sale_of(itself).client.code == "TAKEN-own"  # somebody else's client is called so


def test_what_is_wrong_is_said_and_nothing_stored() -> None:
    customer = build.customer()
    service = build.master()
    wrong: list[tuple[Sale, type[Exception], str]] = [
        (replace(sale(customer), lines=()), selling.SaleNeedsALine, "at least one line"),
        (sale(customer, text_line(description=" ")), selling.TextSaysTooLittle, "Line 1"),
        (sale(customer, SaleLine(description="x")), selling.TextSaysTooLittle, "Line 1"),
        (sale(customer, SaleLine(master_charge=service)), selling.NotForSale, "the kind service"),
        (sale(customer, text_line("-1.00")), selling.SaleNotBilled, "below 0|negative|-1.23"),
        (sale(customer, SaleLine(master_charge=camera(currency="USD"))), selling.SaleNotBilled, "USD"),
    ]
    for asked, refusal, told in wrong:
        with pytest.raises(refusal, match=told):
            make_sale(asked, by=None, now=NOW)
    close_books(before=date(2026, 7, 1))
    with pytest.raises(BooksClosed):
        make_sale(sale(customer), by=None, now=NOW)
    close_books(before=None)
    make_sale(sale(customer, key="K-1"), by=None, now=NOW)
    with pytest.raises(selling.SaleKeyTaken, match="K-1"):
        make_sale(sale(customer, key="K-1"), by=None, now=NOW)
    assert Invoice.objects.count() == 1


def test_8_1_its_flag_is_chosen_with_it_and_issued_it_is_consolidated() -> None:
    takes, leaves = consolidating(), consolidating(takes_sales=False)
    for customer, queues in ((takes, None), (takes, False), (leaves, None), (leaves, True)):
        issued(make_sale(sale(customer, text_line("10.00"), queues=queues), by=None, now=NOW).run)
    waiting = QueuedInvoice.objects.order_by("pk").values_list("customer", "gross_minor")
    assert list(waiting) == [(takes.pk, 1_230), (leaves.pk, 1_230)]
    batch = create_batch(Batch(selection=Selection(cutoff=JUNE), billing_date=JUNE), by=None, now=NOW)
    assert batch.billings.count() == 2
    assert check().violations == []
