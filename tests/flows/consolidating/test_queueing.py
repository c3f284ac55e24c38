"""The queue: what waits when it is issued, how it is put there and released, and that it does not go out alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest
from django.db import connection, transaction

from counterfoil.core.consolidation import Flag
from counterfoil.flows.billing.deliver import deliver
from counterfoil.flows.billing.issue import authorise, issue
from counterfoil.flows.billing.mailing import GoesWithBilling, send_by_mail
from counterfoil.flows.billing.review import ReasonMissing
from counterfoil.flows.consolidating import queueing
from counterfoil.flows.consolidating.batch import Batch, create_batch
from counterfoil.flows.consolidating.choosing import Selection
from counterfoil.flows.consolidating.queueing import flag_of, put_on_queue, release
from counterfoil.flows.consolidating.settings import InvoicesWait, Typed, store_settings
from counterfoil.flows.crediting.by_hand import CreditAsked, credit_invoice
from counterfoil.records.billing.consolidating_actions import queue_new
from counterfoil.records.billing.models import Invoice, QueueChange, QueuedInvoice
from counterfoil.records.deliveries.models import EMAIL, Delivery, Mail
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.build import JUNE, NOW
from tests.flows.consolidating.waiting import KINDS, billed, consolidating, issued

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def mails() -> dict[str, str]:
    """Return the state of the e-mail of each invoice that has one, by its number."""
    rows = Delivery.objects.filter(channel=EMAIL).order_by("pk")
    return dict(rows.values_list("invoice__number__number", "state"))


def test_8_1_and_8_2_what_waits_by_the_boxes_is_not_sent_alone_and_contract_invoices_always_are() -> None:
    customer = consolidating(takes_service=False)
    build.charge(client=build.client(customer=customer))
    for kind in KINDS:
        build.event({"unit_price": "10.00"}, client=build.client(customer=customer), kind=kind)
    issued(build.run(kinds=("service", *KINDS)))
    waiting = {one.invoice.document_type for one in QueuedInvoice.objects.select_related("invoice")}
    assert waiting == {"sales"}
    assert mails() == {"INV-2026-000001": "queued", "SRV-2026-000001": "queued"}
    assert Delivery.objects.exclude(channel=EMAIL).count() == 3  # the books get each of them as ever


def test_8_1_a_draft_is_chosen_by_hand_and_that_counts_when_it_is_issued() -> None:
    customer = consolidating(takes_service=False)
    for kind in KINDS:
        build.event({"unit_price": "10.00"}, client=build.client(customer=customer), kind=kind)
    run = build.run(kinds=KINDS)
    sale = run.invoice_set.get(document_type="sales")
    service = run.invoice_set.get(document_type="service")
    assert flag_of(sale) == Flag(is_on=True)
    assert flag_of(service) == Flag(is_on=False)
    release([sale.pk], reason="wanted at once", by=None, now=NOW)
    put_on_queue([service.pk], by=None, now=NOW)
    assert flag_of(service) == Flag(is_on=True)
    issued(run)
    assert list(QueuedInvoice.objects.values_list("invoice", flat=True)) == [service.pk]
    assert mails() == {"SAL-2026-000001": "queued"}


def test_8_1_with_x_every_new_flag_is_locked_and_only_a_release_takes_it_off() -> None:
    customer = consolidating(limit_minor=10_000, takes_sales=False, takes_service=False)
    build.event({"unit_price": "10.00"}, client=build.client(customer=customer), kind="sale")
    run = build.run(kinds=KINDS)
    draft = run.invoice_set.get()
    assert flag_of(draft) == Flag(is_on=True, is_locked=True)
    with pytest.raises(queueing.DraftIsLocked):
        release([draft.pk], reason="at once", by=None, now=NOW)
    issued(run)
    invoice = Invoice.objects.get(pk=draft.pk)
    assert flag_of(invoice) == Flag(is_on=True, is_locked=True)
    with pytest.raises(ReasonMissing):
        release([invoice.pk], reason="", by=None, now=NOW)
    assert mails() == {}
    assert release([invoice.pk], reason="asked for by phone", by=None, now=NOW) == 1
    assert mails() == {"SAL-2026-000001": "queued"}  # released, it goes alone
    assert list(QueueChange.objects.values_list("is_queued", "reason")) == [(False, "asked for by phone")]
    assert put_on_queue([invoice.pk], by=None, now=NOW) == 1  # until it is delivered
    assert mails() == {"SAL-2026-000001": "cancelled"}
    release([invoice.pk], reason="after all", by=None, now=NOW)
    assert mails() == {"SAL-2026-000001": "queued"}
    Delivery.objects.filter(channel=EMAIL).update(state="sent")
    with pytest.raises(queueing.LeftTheHouse, match="went out alone"):
        put_on_queue([invoice.pk], by=None, now=NOW)


def test_8_2_what_was_cancelled_for_a_billing_may_be_mailed_once_it_is_released() -> None:
    customer = consolidating(takes_sales=False)
    BillingCustomer.objects.update(delivery="print")
    [sale] = billed(customer, "10.00")
    send_by_mail(sale, by=None, now=NOW)
    put_on_queue([sale.pk], by=None, now=NOW)
    with pytest.raises(GoesWithBilling):
        send_by_mail(sale, by=None, now=NOW)
    release([sale.pk], reason="at once", by=None, now=NOW)
    assert mails() == {"SAL-2026-000001": "cancelled"}  # on paper, unless somebody wants it mailed
    send_by_mail(sale, by=None, now=NOW)
    assert mails() == {"SAL-2026-000001": "queued"}
    assert list(Mail.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "queued"]


def test_7_5_what_was_mailed_alone_stays_so_while_it_is_queued_again() -> None:
    [sale] = billed(consolidating(takes_sales=False), "10.00")
    deliver(sale.run_id, now=build.now)
    send_by_mail(sale, again=True, reason="lost", by=None, now=NOW)
    with pytest.raises(queueing.LeftTheHouse, match="went out alone"):
        put_on_queue([sale.pk], by=None, now=NOW)


def while_held(first: Callable[[], object], then: Callable[[], object]) -> None:
    """Do *then* while another transaction has done *first* and not ended."""
    is_done = Event()

    def hold() -> None:
        with transaction.atomic():
            first()
            is_done.set()
            sleep(0.3)
        connection.close()

    with ThreadPoolExecutor(max_workers=1) as pool:
        held = pool.submit(hold)
        is_done.wait(10)
        then()
        held.result()


def test_8_2_of_mailing_alone_and_queueing_at_once_one_happens() -> None:
    customer = consolidating(takes_sales=False)
    BillingCustomer.objects.update(delivery="print")
    [sale] = billed(customer, "10.00")

    def mail() -> None:
        with pytest.raises(GoesWithBilling):
            send_by_mail(sale, by=None, now=NOW)

    while_held(lambda: put_on_queue([sale.pk], by=None, now=NOW), mail)
    assert mails() == {}


def test_8_1_consolidation_is_not_switched_off_while_what_will_wait_is_issued() -> None:
    customer = consolidating()
    [sale] = billed(customer, "10.00")
    QueuedInvoice.objects.all().delete()

    def switch_off() -> None:
        with pytest.raises(InvoicesWait, match="1 invoices"):
            store_settings(customer, Typed(is_used=False))

    while_held(lambda: queue_new([sale.pk]), switch_off)


def test_8_1_a_credit_note_waits_as_its_invoice_would_and_lessens_the_billing() -> None:
    customer = consolidating(takes_service=False)
    [sale] = billed(customer, "10.00")
    [service] = billed(customer, "10.00", kind="activation")
    for invoice in (sale, service):
        asked = CreditAsked(invoice_id=invoice.pk, invoice_date=JUNE, amount=400)
        issued(credit_invoice(asked, reason="half", by=None, now=NOW))
    assert list(QueuedInvoice.objects.values_list("kind", "gross_minor")) == [
        ("sales", 1230),
        ("sales", -492),
    ]
    batch = create_batch(Batch(selection=Selection(cutoff=JUNE), billing_date=JUNE), by=None, now=NOW)
    assert batch.billings.get().gross_minor == 738  # (10.00 − 4.00) + 23 %


def test_8_1_what_is_consolidated_or_never_is_says_so() -> None:
    customer = consolidating()
    [sale] = billed(customer, "10.00")
    create_batch(Batch(selection=Selection(cutoff=JUNE), billing_date=JUNE), by=None, now=NOW)
    for change in (
        lambda: release([sale.pk], reason="x", by=None, now=NOW),
        lambda: put_on_queue([sale.pk], by=None, now=NOW),
    ):
        with pytest.raises(
            queueing.IsConsolidated, match="SAL-2026-000001 is in the consolidated billing B10001-0"
        ):
            change()
    build.charge(client=build.client(customer=customer))
    [contract] = issued(build.run()).invoice_set.all()
    with pytest.raises(queueing.NeverQueued):
        put_on_queue([contract.pk], by=None, now=NOW)
    [plain] = billed(build.customer(), "10.00")
    with pytest.raises(queueing.NotUsingConsolidation):
        put_on_queue([plain.pk], by=None, now=NOW)


def test_8_1_a_draft_is_not_queued_or_released_while_its_run_is_issued() -> None:
    customer = consolidating(takes_sales=False)
    build.event({"unit_price": "10.00"}, client=build.client(customer=customer), kind="sale")
    run = build.run(kinds=KINDS)
    draft = run.invoice_set.get()
    while_held(lambda: issued(run), lambda: put_on_queue([draft.pk], by=None, now=NOW))
    assert list(QueuedInvoice.objects.values_list("invoice", flat=True)) == [
        draft.pk
    ]  # issued by then: it waits
    assert mails() == {"SAL-2026-000001": "cancelled"}


def test_8_1_a_draft_queued_at_this_moment_is_issued_as_queued() -> None:
    customer = consolidating(takes_sales=False)
    build.event({"unit_price": "10.00"}, client=build.client(customer=customer), kind="sale")
    run = build.run(kinds=KINDS)
    draft = run.invoice_set.get()
    authorise(run.pk, by=None, now=NOW)
    while_held(
        lambda: put_on_queue([draft.pk], by=None, now=NOW),
        lambda: issue(run.pk, today=JUNE, now=build.now),
    )
    assert list(QueuedInvoice.objects.values_list("invoice", flat=True)) == [draft.pk]
    assert mails() == {}
