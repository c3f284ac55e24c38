"""What goes out: one PDF with the list and a copy of each document, by e-mail once, or printed (8.2, 8.9)."""

from __future__ import annotations

from email import message_from_bytes
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from counterfoil.documents.render import render_pdf
from counterfoil.flows.archiving.backup import tables_in_order
from counterfoil.flows.archiving.restore import doubt_mails
from counterfoil.flows.billing.documents import documents_of, look_of
from counterfoil.flows.billing.voiding import NotVoidable, void_invoices
from counterfoil.flows.consolidating.batch import Batch, create_batch
from counterfoil.flows.consolidating.by_hand import void_billings
from counterfoil.flows.consolidating.choosing import Selection
from counterfoil.flows.consolidating.deliver import NobodyToMailBillingsTo, pdf_of, queue_mails, send_billings
from counterfoil.flows.consolidating.documents import billing_documents_of
from counterfoil.flows.consolidating.queueing import release
from counterfoil.flows.crediting.by_hand import CreditAsked, credit_invoice
from counterfoil.flows.printing import on_paper
from counterfoil.records.billing.models import ConsolidatedBilling
from counterfoil.records.deliveries.models import BillingDelivery
from counterfoil.records.deliveries.queries import mails
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.build import JUNE, NOW
from tests.flows.consolidating.waiting import billed, consolidating, issued

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _organisation(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    build.organisation(email="billing@example.com")


def made(**values: Any) -> list[ConsolidatedBilling]:
    wanted = Batch(selection=Selection(cutoff=JUNE), billing_date=JUNE, **values)
    return list(create_batch(wanted, by=None, now=NOW).billings.order_by("seq"))


def texts(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def test_8_9_the_list_names_number_date_po_type_source_tax_total_due_and_description_then_a_copy_of_each() -> (
    None
):
    customer = consolidating()
    event = build.event(
        {"unit_price": "10.00", "description": "Call-out at night"},
        client=build.client(customer=customer),
        kind="work_order",
        to_be_billed_on=JUNE,
        po_number="PO-77",
    )
    issued(build.run(kinds=("work_order",), grouping="po"))
    [sale] = billed(customer, "20.00")
    issued(
        credit_invoice(
            CreditAsked(invoice_id=sale.pk, invoice_date=JUNE, amount=500), reason="x", by=None, now=NOW
        )
    )
    [billing] = made(description="Thank you.")
    [document] = billing_documents_of([billing])
    assert [
        (
            one.document.number,
            one.document.purchase_order,
            one.source,
            one.description,
            one.document.tax_minor,
        )
        for one in document.entries
    ] == [
        ("SRV-2026-000001", "PO-77", f"Work order {event.key}", f"Call-out at night ({event.key})", 230),
        ("SAL-2026-000001", "", document.entries[1].source, document.entries[1].description, 460),
        ("CN-2026-000001", "", "SAL-2026-000001", document.entries[2].description, -115),
    ]
    assert (document.tax_minor, document.gross_minor) == (575, 3075)  # 12.30 + 24.60 − 6.15
    listed, *copies = texts(pdf_of([billing]))
    for part in ("Consolidated billing B10001-0", "Number", "Your order", "Type", "Source", "Tax", "Total"):
        assert part in listed
    for part in ("Amount due (EUR)", "PO-77", "Service", "Credit note", "-6.15", "EUR 30.75", "Thank you."):
        assert part in listed
    assert "Please pay EUR 30.75 by 15 Jun 2026." in listed
    assert "Page 1 of 1" in listed
    assert [
        "SRV-2026-000001" in copies[0],
        "SAL-2026-000001" in copies[1],
        "CN-2026-000001" in copies[2],
    ] == [True] * 3
    assert all("Page 1 of 1" in copy for copy in copies)


def test_8_9_one_pdf_for_a_batch() -> None:
    for _ in range(2):
        billed(consolidating(), "10.00")
    pages = texts(pdf_of(made()))
    titles = [
        "B10001-0" in pages[0],
        "SAL-2026-000001" in pages[1],
        "B10002-0" in pages[2],
        "SAL-2026-000002" in pages[3],
    ]
    assert (len(pages), titles) == (4, [True] * 4)


def test_8_2_a_billing_is_mailed_once_with_its_documents_and_alone_each_is_only_a_copy(
    tmp_path: Path,
) -> None:
    [sale] = billed(consolidating(), "10.00")
    look = look_of(the_organisation())
    assert "COPY" in texts(render_pdf(documents_of([sale])[0], look=look))[0]
    [billing] = made()
    assert send_billings(now=build.now) == {"sent": 1}
    assert send_billings(now=build.now) == {"sent": 1}  # nothing more
    [logged] = mails(number="B10001-0")
    assert (logged.state, logged.customer, logged.settled_at) == ("sent", sale.customer, NOW)
    assert logged.subject == "Consolidated billing B10001-0 from Larkfield Monitoring"
    [file] = list((tmp_path / "mail").rglob("*.eml"))
    message = message_from_bytes(file.read_bytes())
    assert message["Subject"] == "Consolidated billing B10001-0 from Larkfield Monitoring"
    [attached] = [part for part in message.walk() if part.get_content_type() == "application/pdf"]
    assert attached.get_filename() == "B10001-0.pdf"
    pages = texts(attached.get_payload(decode=True))
    assert len(pages) == 2
    assert not any("COPY" in page for page in pages)
    assert queue_mails([billing.pk], now=NOW) == 1  # again, because somebody says so
    void_billings([billing.pk], reason="wrong", by=None, now=NOW)
    assert BillingDelivery.objects.get().state == "cancelled"
    with pytest.raises(NobodyToMailBillingsTo):
        queue_mails([billing.pk], now=NOW)
    assert "VOID" in texts(pdf_of([ConsolidatedBilling.objects.get()]))[0]


def test_7_5_what_left_the_house_with_a_billing_is_credited_not_voided() -> None:
    [sale] = billed(consolidating(), "10.00")
    [billing] = made()
    send_billings(now=build.now)
    void_billings([billing.pk], reason="wrong", by=None, now=NOW)
    with pytest.raises(NotVoidable, match=r"SAL-2026-000001 left the house with B10001-0 by email \(sent\)"):
        void_invoices([sale.pk], reason="x", by=None, now=NOW)


def test_7_5_what_left_the_house_still_has_while_its_billing_is_queued_again() -> None:
    [sale] = billed(consolidating(), "10.00")
    [billing] = made()
    send_billings(now=build.now)
    queue_mails([billing.pk], now=NOW)
    void_billings([billing.pk], reason="wrong", by=None, now=NOW)
    with pytest.raises(NotVoidable, match=r"SAL-2026-000001 left the house with B10001-0 by email \(sent\)"):
        void_invoices([sale.pk], reason="x", by=None, now=NOW)


def test_12_6_after_a_restore_a_billing_that_was_queued_is_not_mailed_by_itself(tmp_path: Path) -> None:
    billed(consolidating(), "10.00")
    [billing] = made()
    assert doubt_mails(tables_in_order()) == 1
    assert send_billings(now=build.now) == {"uncertain": 1}
    assert not list((tmp_path / "mail").rglob("*.eml"))
    assert queue_mails([billing.pk], now=NOW) == 1  # a person sends it


def test_8_2_what_goes_with_a_billing_is_not_among_the_paper_of_its_run() -> None:
    customer = consolidating()
    BillingCustomer.objects.update(delivery="print")
    [sale] = billed(customer, "10.00")
    paper = on_paper(sale.run_id)
    assert not paper.exists()
    [billing] = made()
    assert not paper.exists()
    void_billings([billing.pk], reason="wrong", by=None, now=NOW)
    release([sale.pk], reason="at once", by=None, now=NOW)
    assert list(paper) == [sale]


def test_8_2_without_e_mail_nothing_is_queued_and_printing_is_left() -> None:
    billed(consolidating(), "10.00")
    [billing] = made(sends_email=False)
    assert not BillingDelivery.objects.exists()
    assert queue_mails([billing.pk], now=NOW) == 1
