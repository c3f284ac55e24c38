"""Deliver: files and e-mails, each document once, whatever is interrupted or refused."""

from __future__ import annotations

import csv
import socket
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from counterfoil import clock
from counterfoil.connectors import registry
from counterfoil.connectors.double import Fault, InMemoryConnector, OtherSystem
from counterfoil.connectors.port import Capabilities
from counterfoil.documents.mail_transport import MailDelayed
from counterfoil.flows.billing import deliver, issue
from counterfoil.flows.billing.documents import reference_of
from counterfoil.flows.billing.reconcile import reconcile
from counterfoil.jobs.billing import WHILE_MAIL_IS_DOWN, deliver_run
from counterfoil.records.billing.models import InvoiceVoid, Run
from counterfoil.records.deliveries.models import EMAIL, Delivery, DeliveryState
from counterfoil.records.organisation.models import Organisation
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.build import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    """Return the folder that files and mails go to."""
    settings.HOME = tmp_path
    build.organisation(email="billing@example.com")
    return tmp_path


def issued_run(**selection: Any) -> Run:
    """Generate, authorise and issue a run."""
    run = build.run(**selection)
    issue.authorise(run.pk, by=None, now=NOW)
    return issue.issue(run.pk, today=run.invoice_date, now=build.now)


class Postbox:
    """What a mail server does with mails: keeps them, or refuses recipients as told."""

    def __init__(self, *, refuses: str = "") -> None:
        """Begin empty."""
        self.refuses = refuses
        self.mails: list[bytes] = []

    async def handle_RCPT(  # noqa: N802
        self,
        server: Any,  # noqa: ARG002
        session: Any,  # noqa: ARG002
        envelope: Any,
        address: str,
        options: Any,  # noqa: ARG002
    ) -> str:
        """Take everybody but whom it refuses."""
        if address == self.refuses:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802
        """Keep the mail."""
        self.mails.append(envelope.content)
        return "250 OK"


def serve(settings: Any, postbox: Postbox) -> Controller:
    """Start a real mail server in front of *postbox*, and make it the installation's."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    server = Controller(postbox, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    return server


def test_documents_go_into_files_and_reconcile(home: Path) -> None:
    """12.5: what the files hold is compared with what was issued."""
    for _ in range(3):
        build.charge()
    run = issued_run(send_email=False)
    assert deliver.deliver(run.pk, now=build.now).by_channel == {"csv": {"sent": 3}}
    with (home / "out" / str(run.pk) / "invoices.csv").open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 3
    (compared,) = reconcile(run.pk)
    assert (compared.currency, compared.agrees, compared.theirs.gross_minor) == ("EUR", True, 3 * 3690)


def test_delivering_again_sends_nothing(home: Path) -> None:
    """12.6."""
    build.charge()
    run = issued_run()
    deliver.deliver(run.pk, now=build.now)
    files = {path: path.read_bytes() for path in home.rglob("*.csv")}
    mails = sorted(home.rglob("*.eml"))
    deliver.deliver(run.pk, now=build.now)
    assert {path: path.read_bytes() for path in home.rglob("*.csv")} == files
    assert sorted(home.rglob("*.eml")) == mails
    assert len(mails) == 1


def test_a_connector_is_asked_about_what_a_dead_sender_left(home: Path) -> None:
    """12.6: stored as being sent, in the files already; it is found there and not written again."""
    build.charge()
    run = issued_run(send_email=False)
    deliver.deliver(run.pk, now=build.now)
    Delivery.objects.update(state=DeliveryState.SENDING)
    deliver.deliver(run.pk, now=build.now)
    assert Delivery.objects.get().state == DeliveryState.SENT
    assert reconcile(run.pk)[0].theirs.documents == 1


def test_a_mail_with_the_pdf_reaches_a_real_server(settings: Any) -> None:
    """D2."""
    postbox = Postbox()
    server = serve(settings, postbox)
    try:
        build.charge(client=build.client(customer=build.customer(email="a@example.com; b@example.com")))
        run = issued_run(connector="")
        deliver.deliver(run.pk, now=build.now)
    finally:
        server.stop()
    (mail,) = [message_from_bytes(content) for content in postbox.mails]
    attached = [part for part in mail.walk() if part.get_content_type() == "application/pdf"]
    assert mail["To"] == "a@example.com, b@example.com"
    assert attached[0].get_filename() == "INV-2026-000001.pdf"
    assert attached[0].get_payload(decode=True).startswith(b"%PDF")


def test_a_refused_recipient_fails_with_the_servers_words_and_can_be_resent(settings: Any) -> None:
    """C6: failed, with its reason, and queued again by a person."""
    postbox = Postbox(refuses="gone@example.com")
    server = serve(settings, postbox)
    try:
        build.charge(client=build.client(customer=build.customer(email="gone@example.com")))
        run = issued_run(connector="")
        assert deliver.deliver(run.pk, now=build.now).by_channel == {EMAIL: {"failed": 1}}
        assert "no such mailbox" in Delivery.objects.get().detail
        BillingCustomer.objects.update(email="found@example.com")
        assert deliver.resend([Delivery.objects.get().pk], now=NOW) == 1
        assert deliver.deliver(run.pk, now=build.now).by_channel == {EMAIL: {"sent": 1}}
    finally:
        server.stop()
    assert [message_from_bytes(mail)["To"] for mail in postbox.mails] == ["found@example.com"]


def test_a_mail_under_way_when_the_sender_died_is_uncertain() -> None:
    """12.6: a mail server cannot be asked, so only a person resends."""
    build.charge()
    run = issued_run(connector="")
    Delivery.objects.update(state=DeliveryState.SENDING)
    assert deliver.deliver(run.pk, now=build.now).by_channel == {EMAIL: {"uncertain": 1}}


def test_without_a_mail_server_mails_stay_queued_with_the_reason(settings: Any) -> None:
    """A transient failure loses nothing."""
    server = serve(settings, Postbox())
    server.stop()
    build.charge()
    run = issued_run(connector="")
    with pytest.raises(MailDelayed):
        deliver.deliver(run.pk, now=build.now)
    waiting = Delivery.objects.get()
    assert waiting.state == DeliveryState.QUEUED
    assert waiting.detail


def test_while_the_mail_server_is_down_the_job_comes_again(settings: Any) -> None:
    server = serve(settings, Postbox())
    server.stop()
    build.charge()
    run = issued_run(connector="")
    before = clock.now()
    deliver_run(run.pk)
    again = ProcrastinateJob.objects.get(
        task_name="deliver_run", args__run_id=run.pk, scheduled_at__gt=before
    )
    assert again.scheduled_at >= before + WHILE_MAIL_IS_DOWN
    assert Delivery.objects.get().state == DeliveryState.QUEUED


def test_without_an_address_of_its_own_the_organisation_sends_from_the_installations(home: Path) -> None:
    """COUNTERFOIL_MAIL_FROM is a name with an address."""
    Organisation.objects.update(email="")
    build.charge()
    deliver.deliver(issued_run(connector="").pk, now=build.now)
    (mail,) = [message_from_bytes(path.read_bytes()) for path in home.rglob("*.eml")]
    assert "<counterfoil@localhost>" in mail["From"]


def test_a_run_that_is_not_issued_is_not_delivered() -> None:
    """The error says what to do first."""
    build.charge()
    with pytest.raises(deliver.RunNotIssued, match="Authorise"):
        deliver.deliver(build.run().pk, now=build.now)


class SlowSystem(InMemoryConnector):
    """Another system that may go on working on a request for a minute after its answer was lost."""

    capabilities = Capabilities(batch_size=100, request_limit_seconds=60)


@pytest.fixture
def other_system(monkeypatch: pytest.MonkeyPatch) -> OtherSystem:
    """Return the system that the connector `slow` carries documents to."""
    system = OtherSystem()
    known = {**registry.CONNECTORS, "slow": lambda _settings: SlowSystem(system=system)}
    monkeypatch.setattr(registry, "CONNECTORS", known)
    return system


@pytest.mark.parametrize(("fault", "attempts"), [("lost after storing", 1), ("lost before storing", 2)])
def test_after_a_lost_answer_it_waits_looks_up_and_only_then_sends_again(
    other_system: OtherSystem, fault: str, attempts: int
) -> None:
    """12.6: longer than the other side's 60 seconds; found there, or sent a second time; there once either way."""
    build.charge()
    run = issued_run(connector="slow", send_email=False)
    delivery = Delivery.objects.get()
    reference = reference_of(delivery.invoice_id)
    other_system.fail(Fault(fault), reference=reference)
    lost = deliver.deliver(run.pk, now=build.now)
    assert (lost.by_channel, lost.ask_again_at) == ({"slow": {"sending": 1}}, NOW + timedelta(seconds=61))
    early = deliver.deliver(run.pk, now=lambda: NOW + timedelta(seconds=60))
    assert early.by_channel == {"slow": {"sending": 1}}
    settled = deliver.deliver(run.pk, now=lambda: NOW + timedelta(seconds=61))
    assert (settled.by_channel, settled.ask_again_at) == ({"slow": {"sent": 1}}, None)
    assert [one.reference for one in other_system.documents] == [reference]
    assert Delivery.objects.get().attempts == attempts


def test_one_sends_at_a_time_over_a_connection_whatever_the_run(other_system: OtherSystem) -> None:
    """12.6: while one run is sent another process is refused over the same connection, and says why."""
    build.charge()
    first = issued_run(connector="slow", send_email=False)
    build.charge()
    second = issued_run(connector="slow", send_email=False)
    refused: list[str] = []

    def deliver_second() -> None:
        try:
            deliver.deliver(second.pk, now=build.now)
        except deliver.AlreadyDelivering as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    def deliver_meanwhile(done: int, total: int) -> None:
        other_process = Thread(target=deliver_second)
        other_process.start()
        other_process.join()

    deliver.deliver(first.pk, now=build.now, progress=deliver_meanwhile)
    assert "slow" in refused[0]
    assert f"run {second.pk}" in refused[0]
    deliver.deliver(second.pk, now=build.now)
    assert len(other_system.documents) == 2


def test_a_voided_document_is_not_sent(other_system: OtherSystem) -> None:
    """7.5: it never left the house."""
    build.charge()
    run = issued_run(connector="slow", send_email=False)
    InvoiceVoid.objects.create(invoice=run.invoice_set.get(), reason="x", voided_at=NOW)
    deliver.deliver(run.pk, now=build.now)
    assert other_system.documents == []
