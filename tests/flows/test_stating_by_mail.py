"""Statements by e-mail: to those who get them, each once, in the log like every e-mail (product D1, D2)."""

from __future__ import annotations

from datetime import date
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from counterfoil.core.refusals import Refusal
from counterfoil.documents.mail_transport import MailDelayed
from counterfoil.flows import stating_by_mail as flow
from counterfoil.flows.archiving.restore import doubt_mails
from counterfoil.flows.billing import issue
from counterfoil.flows.stating_by_mail import Wanted
from counterfoil.records.billing.models import Invoice
from counterfoil.records.deliveries.models import DeliveryState, Mail, StatementDelivery
from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.build import NOW
from tests.flows.billing.test_deliver import Postbox, serve

pytestmark = pytest.mark.django_db(transaction=True)

JULY = Wanted(day=date(2026, 7, 1))
ALL = BillingCustomer.objects.all()


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    """Return the folder that mails go to."""
    settings.HOME = tmp_path
    build.organisation(email="billing@example.com")
    return tmp_path


def invoiced(
    email: str = "books@example.com; owner@example.com (statements)", **customer: Any
) -> BillingCustomer:
    """Issue an invoice of 36.90: 30.00 and 23 % tax."""
    paying = build.customer(email=email, **customer)
    build.charge(client=build.client(customer=paying))
    run = build.run(connector="", send_email=False)
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=run.invoice_date, now=build.now)
    return paying


def send() -> None:
    flow.send_statements(now=build.now)


def states() -> list[tuple[str, str]]:
    return list(Mail.objects.order_by("pk").values_list("recipients", "state"))


def test_a_statement_goes_to_those_who_get_statements(home: Path) -> None:
    invoiced()
    person = User.objects.create_user("mara", role=Role.BILLER)
    found = flow.planned(ALL, wanted=JULY, by=person)
    gross = Invoice.objects.get().gross_minor
    assert (dict(found.open_minor), found.left_out) == ({"EUR": gross}, {})
    flow.mail_statements(ALL, wanted=JULY, by=person, now=NOW)
    send()
    send()
    assert states() == [("books@example.com; owner@example.com", "sent")]
    mail = Mail.objects.get()
    assert (mail.subject, mail.asked_by) == ("Statement of account from Larkfield Monitoring", person)
    (file,) = home.rglob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=SMTP)
    text = message.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    assert "your statement of account as of" in text
    assert f"{gross // 100}.{gross % 100:02}" in text
    (attachment,) = message.iter_attachments()  # type: ignore[attr-defined]
    assert attachment.get_filename() == f"statement-{mail.customer.account}-2026-07-01.pdf"


def test_who_gets_none_is_counted_by_its_reason() -> None:
    invoiced()
    build.customer(account="paper", email="")
    build.customer(account="settled", email="a@example.com")
    found = flow.planned(ALL, wanted=JULY, by=None)
    assert len(found.recipients) == 1
    assert found.left_out == {flow.NO_ADDRESS: 1, flow.NOTHING_OPEN: 1}
    every = flow.planned(ALL, wanted=Wanted(day=JULY.day, only_open=False), by=None)
    assert (len(every.recipients), every.left_out) == (2, {flow.NO_ADDRESS: 1})
    with pytest.raises(
        Refusal, match="No statement is to be sent: 1 without an address that gets statements"
    ):
        flow.mail_statements(ALL.filter(account="paper"), wanted=JULY, by=None, now=NOW)


def test_one_of_a_day_is_sent_again_only_with_a_reason(home: Path) -> None:
    invoiced()
    flow.mail_statements(ALL, wanted=JULY, by=None, now=NOW)
    again = Wanted(day=JULY.day, again=True, reason="Lost")
    for _ in ("queued", "sent"):
        with pytest.raises(Refusal, match="1 whose statement of that day was sent"):
            flow.mail_statements(ALL, wanted=JULY, by=None, now=NOW)
        send()
    with pytest.raises(Refusal, match="A reason is needed"):
        flow.mail_statements(ALL, wanted=Wanted(day=JULY.day, again=True), by=None, now=NOW)
    flow.mail_statements(ALL, wanted=again, by=None, now=NOW)
    send()
    assert [state for _to, state in states()] == ["sent", "sent"]
    assert Mail.objects.latest("pk").reason == "Lost"
    assert len(list(home.rglob("*.eml"))) == 2


def test_what_was_cut_off_is_uncertain_and_a_restored_one_is_too() -> None:
    invoiced()
    flow.mail_statements(ALL, wanted=JULY, by=None, now=NOW)
    StatementDelivery.objects.update(state=DeliveryState.SENDING)
    Mail.objects.update(state=DeliveryState.SENDING)
    send()
    assert [state for _to, state in states()] == ["uncertain"]
    flow.mail_statements(ALL, wanted=Wanted(day=JULY.day, again=True, reason="Lost"), by=None, now=NOW)
    assert doubt_mails(connection.introspection.table_names()) == 1
    send()
    assert [state for _to, state in states()] == ["uncertain", "uncertain"]


def test_while_the_mail_server_is_down_it_stays_queued(settings: Any) -> None:
    serve(settings, Postbox()).stop()
    invoiced()
    flow.mail_statements(ALL, wanted=JULY, by=None, now=NOW)
    with pytest.raises(MailDelayed):
        send()
    assert [state for _to, state in states()] == ["queued"]


def test_while_one_is_on_its_way_no_other_is_queued_of_whatever_day() -> None:
    invoiced()
    flow.mail_statements(ALL, wanted=JULY, by=None, now=NOW)
    again = Wanted(day=JULY.day, again=True, reason="Lost")
    for wanted in (Wanted(day=date(2026, 7, 2)), again):
        with pytest.raises(Refusal, match="1 with a statement on its way"):
            flow.mail_statements(ALL, wanted=wanted, by=None, now=NOW)
    send()
    flow.mail_statements(ALL, wanted=Wanted(day=date(2026, 7, 2)), by=None, now=NOW)
    assert [state for _to, state in states()] == ["sent", "queued"]


def test_nobody_sends_what_they_do_not_see() -> None:
    invoiced()
    far = Branch.objects.create(code="far", name="Far")
    person = User.objects.create_user("noor", role=Role.BILLER)
    person.branches.set([far])
    found = flow.planned(ALL, wanted=JULY, by=person)
    assert (dict(found.recipients), found.left_out) == ({}, {flow.OTHER_BRANCHES: 1})


def test_one_that_cannot_be_made_is_noted_and_the_others_go_on(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug that strikes the first of three is raised; another job, queued with the note, sends the other two."""
    broken, *_others = [invoiced(email=f"books{number}@example.com") for number in range(3)]
    flow.mail_statements(ALL, wanted=JULY, by=None, now=NOW)
    ProcrastinateJob.objects.all().delete()
    whole = flow.statements_of

    def break_off(customer: BillingCustomer, **asked: Any) -> Any:
        if customer == broken:
            raise ZeroDivisionError
        return whole(customer, **asked)

    monkeypatch.setattr(flow, "statements_of", break_off)
    with pytest.raises(ZeroDivisionError):
        send()
    assert [state for _to, state in states()] == ["failed", "queued", "queued"]
    assert ProcrastinateJob.objects.filter(task_name=flow.SEND_STATEMENTS).count() == 1
    send()
    assert [state for _to, state in states()] == ["failed", "sent", "sent"]
    assert "its log says where" in Mail.objects.get(state="failed").detail
    assert len(list(home.rglob("*.eml"))) == 2


def test_what_is_not_sent_yet_is_cancelled_and_what_is_being_made_is_not_sent(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three the first is sent; the round is cancelled while the second is made: neither it nor the third is sent."""
    for number in range(3):
        invoiced(email=f"books{number}@example.com")
    opened = flow.mail_statements(ALL, wanted=JULY, by=None, now=NOW)
    whole, made = flow.statements_of, []

    def cancel_meanwhile(customer: BillingCustomer, **asked: Any) -> Any:
        made.append(customer)
        if len(made) == 2:
            assert flow.cancel_round(opened.pk, customers=ALL, now=NOW) == 2
        return whole(customer, **asked)

    monkeypatch.setattr(flow, "statements_of", cancel_meanwhile)
    send()
    assert [state for _to, state in states()] == ["sent", "cancelled", "cancelled"]
    assert len(list(home.rglob("*.eml"))) == 1
    assert flow.planned(ALL, wanted=JULY, by=None).left_out == {
        flow.SENT_BEFORE: 1
    }  # the others may be asked for again
