"""The log of e-mails, and sending a document because a person says so: never doubled unwished (product D2, 12.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.documents.mail_transport import MailDelayed
from counterfoil.flows.billing import deliver, issue, voiding
from counterfoil.flows.billing.documents import documents_of
from counterfoil.flows.billing.mailing import send_by_mail
from counterfoil.flows.stating import statements_of
from counterfoil.records.billing.models import Invoice, Run
from counterfoil.records.deliveries.models import Delivery, DeliveryState, Mail
from counterfoil.records.organisation.models import Branch, Organisation, Role, User
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.build import NOW
from tests.flows.billing.test_deliver import Postbox, serve

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    """Return the folder that mails go to."""
    settings.HOME = tmp_path
    build.organisation(email="billing@example.com")
    return tmp_path


def issued(
    *, now: Callable[[], datetime] = build.now, selection: Mapping[str, Any] | None = None, **customer: Any
) -> Invoice:
    """Issue an invoice of a customer, whose mail is queued if it wants one."""
    build.charge(client=build.client(customer=build.customer(email="a@example.com", **customer)))
    run = build.run(connector="", **(selection or {}))
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=run.invoice_date, now=now)
    return Invoice.objects.select_related("run", "customer", "number").get()


def states() -> list[tuple[str, str]]:
    """Return recipients and state of every mail in the log, in their order."""
    return list(Mail.objects.order_by("pk").values_list("recipients", "state"))


def test_every_mail_is_in_the_log(home: Path) -> None:
    invoice = issued()
    deliver.deliver(invoice.run_id, now=build.now)
    mail = Mail.objects.get()
    assert (mail.recipients, mail.state, mail.settled_at) == ("a@example.com", "sent", NOW)
    assert mail.subject == "Invoice INV-2026-000001 from Larkfield Monitoring"
    (file,) = home.rglob("*.eml")
    assert mail.message_id in file.read_text()


def test_a_branch_stands_on_its_documents_and_mails_as_it_was_when_they_were_issued(home: Path) -> None:
    Branch.objects.update(
        address="2 Quay Road", city="Galway", phone="+353 91 555 100", email="west@example.com"
    )
    invoice = issued(now=clock.now)  # the trail keeps the time of the database
    Branch.objects.update(address="9 New Street", phone="", email="new@example.com")
    seller = documents_of([invoice])[0].seller
    assert (seller.name, seller.address.lines) == ("Larkfield Monitoring", ("2 Quay Road",))
    assert (seller.address.postcode, seller.address.city) == ("", "Galway")  # not the organisation's postcode
    assert (seller.phone, seller.emails) == ("+353 91 555 100", ("west@example.com",))
    [statement] = statements_of(invoice.customer, day=invoice.invoice_date)
    assert statement.seller.address.lines == ("9 New Street",)
    deliver.deliver(invoice.run_id, now=build.now)
    [file] = home.rglob("*.eml")
    assert "<new@example.com>" in message_from_bytes(file.read_bytes())["From"]  # where answers arrive today


@pytest.mark.parametrize(
    ("selection", "attached"),
    [
        ({}, [""]),
        ({"attaches_summary": True}, ["", "-summary"]),
        ({"attaches_summary": True, "amalgamated": True}, [""]),  # it is part of the invoice's PDF
    ],
)
def test_the_charge_summary_goes_beside_an_invoice_where_the_definition_says_so(
    home: Path, selection: dict[str, Any], attached: list[str]
) -> None:
    invoice = issued(selection=selection)
    deliver.deliver(invoice.run_id, now=build.now)
    [file] = home.rglob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=default)
    names = [f"{invoice.number.number}{more}.pdf" for more in attached]
    parts = list(message.iter_attachments())
    assert [part.get_filename() for part in parts] == names
    last = PdfReader(BytesIO(parts[-1].get_content()))
    says = any("Charge summary" in page.extract_text() for page in last.pages)
    assert says == bool(selection)


def test_what_a_branch_does_not_say_is_the_organisations(home: Path) -> None:
    Organisation.objects.update(address="1 Head Street", city="Dublin", phone="+353 1 555 200")
    Branch.objects.update(phone="+353 91 555 100")
    seller = documents_of([issued()])[0].seller
    assert (seller.address.lines, seller.phone, seller.emails) == (
        ("1 Head Street",),
        "+353 91 555 100",
        ("billing@example.com",),
    )


def test_what_was_sent_is_sent_again_only_with_a_reason(home: Path) -> None:
    invoice = issued()
    deliver.deliver(invoice.run_id, now=build.now)
    person = User.objects.create_user("mara", role=Role.BILLER)
    for words, sentence in (
        ({}, "was sent to a@example.com already"),
        ({"again": True, "reason": " "}, "A reason is needed"),
    ):
        with pytest.raises(Refusal, match=sentence):
            send_by_mail(invoice, by=person, now=NOW, **words)
    BillingCustomer.objects.update(email="b@example.com")
    invoice.refresh_from_db()
    send_by_mail(invoice, again=True, reason="Lost", by=person, now=NOW)
    with pytest.raises(Refusal, match="is on its way already"):
        send_by_mail(invoice, again=True, reason="Lost", by=person, now=NOW)
    deliver.deliver(invoice.run_id, now=build.now)
    deliver.deliver(invoice.run_id, now=build.now)
    assert states() == [("a@example.com", "sent"), ("b@example.com", "sent")]
    again = Mail.objects.latest("pk")
    assert (again.asked_by, again.reason) == (person, "Lost")
    assert len({path.name for path in home.rglob("*.eml")}) == 2


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_7_5_what_was_sent_left_the_house_whatever_becomes_of_a_second_mail(state: str) -> None:
    invoice = issued()
    deliver.deliver(invoice.run_id, now=build.now)
    send_by_mail(invoice, again=True, reason="Lost", by=None, now=NOW)
    Delivery.objects.update(state=state)
    with pytest.raises(voiding.NotVoidable, match=r"left the house by email \(sent\)"):
        voiding.void_invoices([invoice.pk], reason="x", by=None, now=NOW)


def test_a_customer_who_gets_paper_may_be_mailed_too() -> None:
    invoice = issued(delivery="print")
    assert not Delivery.objects.exists()
    send_by_mail(invoice, by=None, now=NOW)
    deliver.deliver(invoice.run_id, now=build.now)
    assert states() == [("a@example.com", "sent")]


def test_a_delayed_mail_stays_one_entry(settings: Any) -> None:
    server = serve(settings, Postbox())
    server.stop()
    invoice = issued()
    for _ in range(2):
        with pytest.raises(MailDelayed):
            deliver.deliver(invoice.run_id, now=build.now)
    (mail,) = Mail.objects.all()
    assert (mail.state, mail.settled_at, bool(mail.detail)) == ("queued", None, True)
    voiding.void_run(invoice.run_id, reason="x", by=None, now=NOW)
    assert states() == [("a@example.com", "cancelled")]


def test_a_mail_cut_off_is_uncertain_and_only_a_person_repeats_it() -> None:
    invoice = issued()
    deliver.deliver(invoice.run_id, now=build.now)
    Delivery.objects.update(state=DeliveryState.SENDING)
    Mail.objects.update(state=DeliveryState.SENDING)
    deliver.deliver(invoice.run_id, now=build.now)
    assert states() == [("a@example.com", "uncertain")]
    with pytest.raises(Refusal, match="was sent to"):
        send_by_mail(invoice, by=None, now=NOW)


@pytest.mark.parametrize("email", ["", " ; "])
def test_nobody_to_mail_is_said(email: str) -> None:
    invoice = issued(delivery="none")
    invoice.customer.email = email
    with pytest.raises(Refusal, match="has no e-mail address"):
        send_by_mail(invoice, by=None, now=NOW)


def test_a_draft_is_not_mailed() -> None:
    build.charge()
    run: Run = build.run()
    draft = Invoice.objects.select_related("run", "customer").get(run=run)
    with pytest.raises(Refusal, match="is a draft, and only documents that are issued"):
        send_by_mail(draft, by=None, now=NOW)
