"""The top bar says what goes on, with how far it is, and what each person is to know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from counterfoil import clock
from counterfoil.flows.billing.issue import authorise, issue
from counterfoil.flows.billing.starting import DELIVER, ISSUE
from counterfoil.flows.consolidating.batch import Batch, create_batch
from counterfoil.flows.consolidating.choosing import Selection
from counterfoil.flows.importing import by_worker
from counterfoil.records.billing.models import DocumentNumber, DocumentSeries, Invoice, Run, RunShard
from counterfoil.records.deliveries.models import BillingDelivery, Delivery, PrintBatch
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.organisation.file_imports import FileImport
from counterfoil.records.organisation.models import Branch, Organisation, Role, User
from counterfoil.records.parties.models import LogNote
from counterfoil.web.news import news_of
from tests import build
from tests.build import JUNE, NOW
from tests.flows.consolidating.waiting import consolidating, waits
from tests.flows.importing.large import customers, jobs_failed, kept
from tests.web import month

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


@pytest.fixture(autouse=True)
def _organisation(_guide_pages: None, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    month.use_own_pages(monkeypatch)
    build.organisation()


def told(user: User) -> list[tuple[str, str, int, int]]:
    """Return what the top bar tells *user*."""
    return [(work.title, work.stage, work.done, work.total) for work in news_of(user).works]


def work_on(task: str, **arguments: Any) -> None:
    """Have a worker be at *task* now."""
    queue_work(task, **arguments)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = %s", [task])


def four_invoices() -> Run:
    """Authorise a run of four invoices."""
    for _ in range(4):
        build.charge()
    run = build.run()
    return authorise(run.pk, by=None, now=NOW)


def test_a_run_is_seen_while_it_is_issued(signed_in: Callable[..., Client]) -> None:
    """Numbers are given in the order of the drafts: two of four are two fourths."""
    client, run = signed_in(Role.BILLER), four_invoices()
    user = User.objects.get()
    assert told(user) == []  # its worker has not begun
    work_on(ISSUE, run_id=run.pk)
    name = f"Run {run.pk}"
    assert told(user) == [(name, "Issuing invoices", 0, 4)]
    series = DocumentSeries.objects.create(branch=Branch.objects.get(), document_type="contract", year=2026)
    for place, invoice in enumerate(Invoice.objects.order_by("pk")[:2], start=1):
        DocumentNumber.objects.create(
            invoice=invoice, series=series, seq=place, number=f"N{place}", due_on=JUNE, issued_at=NOW
        )
    assert told(user) == [(name, "Issuing invoices", 2, 4)]
    assert f"{name}: Issuing invoices" in client.get(reverse("dashboard")).content.decode()


def test_a_run_is_seen_while_its_documents_are_sent(signed_in: Callable[..., Client]) -> None:
    signed_in(Role.BILLER)
    run, user = four_invoices(), User.objects.get()
    issue(run.pk, today=JUNE, now=build.now)
    work_on(DELIVER, run_id=run.pk)
    assert told(user) == [(f"Run {run.pk}", "Sending documents", 0, 4)]
    first, *_others = Invoice.objects.order_by("pk").values_list("pk", flat=True)
    Delivery.objects.filter(invoice=first).update(state="sent")
    assert told(user) == [(f"Run {run.pk}", "Sending documents", 1, 4)]


def test_what_somebody_has_printed_and_consolidated_is_told_them_alone(
    signed_in: Callable[..., Client],
) -> None:
    signed_in(Role.BILLER)
    user = User.objects.get()
    payers = [consolidating() for _ in range(2)]
    for payer in payers:
        waits(payer, 5_000)
    wanted = Batch(selection=Selection(cutoff=JUNE), billing_date=JUNE)
    create_batch(wanted, by=user, now=NOW)
    BillingDelivery.objects.filter(billing__customer=payers[0]).update(state="sent")
    PrintBatch.objects.create(
        title="June", invoices=[1, 2, 3], documents=3, done=1, asked_by=user, asked_at=NOW
    )
    PrintBatch.objects.create(
        title="May", invoices=[1], documents=1, done=1, asked_by=user, asked_at=NOW, ended_at=NOW
    )
    assert sorted(told(user)) == [
        ("Consolidated billings", "Sending consolidated billings", 1, 2),
        ("Print batch", "Printing documents", 1, 3),
    ]
    other = User.objects.create_user("noah", role=Role.BILLER)
    assert told(other) == []


def test_a_file_is_told_who_sent_it_until_it_has_ended_and_then_in_the_bell(
    signed_in: Callable[..., Client],
) -> None:
    """It waits, is read, and has stopped when its job has failed; who confirmed it is told as well."""
    signed_in(Role.BILLER)
    user = User.objects.get()
    made = kept(customers(3), by=user)
    files = FileImport.objects.filter(pk=made.pk)
    assert told(user) == [("File import", "Checking the file", 0, 0)]
    files.update(stage="reading", rows_read=1, rows_total=3)
    assert told(user) == [("File import", "Checking the file", 1, 3)]
    assert bell(user) == []
    piet = User.objects.create_user("piet", role=Role.BILLER)
    assert told(piet) == []
    files.update(changed_at=clock.now())
    for state, words in {
        "checked": "customers.csv is checked and can be imported",
        "refused": "customers.csv: 2 errors, nothing of it is stored",
        "done": "customers.csv is imported",
    }.items():
        files.update(state=state, problem_count=2)
        assert (told(user), bell(user)) == ([], [words])
    files.update(state="cancelled")
    assert (told(user), bell(user)) == ([], [])
    files.update(state="checked")
    by_worker.take_in(made, by=piet, now=clock.now())
    assert told(piet) == told(user) == [("File import", "Taking the file in", 0, 3)]
    jobs_failed()
    assert (told(piet), bell(piet)) == ([], ["customers.csv stopped before its end"])


def bell(user: User) -> list[str]:
    """Return what the bell tells *user*."""
    return [str(one.words) for one in news_of(user).notices]


def test_the_bell_tells_each_what_waits_for_them_until_they_have_seen_it(
    signed_in: Callable[..., Client],
) -> None:
    """A run in review waits for who may authorise it, a note for who wrote it; a viewer is told of neither."""
    approver, run = signed_in(Role.APPROVER), in_review()
    user = User.objects.get()
    today = clock.now().date()
    LogNote.objects.create(text="Call the harbour", act_by=today, written_by=user, written_at=NOW)
    LogNote.objects.create(
        text="Another day", act_by=today + timedelta(days=2), written_by=user, written_at=NOW
    )
    delivery = dict.fromkeys(("queued_at", "changed_at"), clock.now())
    for draft in Invoice.objects.all()[:2]:
        Delivery.objects.create(invoice=draft, channel="email", state="failed", **delivery)
    batch = PrintBatch.objects.create(
        title="June", invoices=[1], documents=1, asked_by=user, asked_at=NOW, ended_at=clock.now()
    )
    assert sorted((told.words, told.address) for told in news_of(user).notices) == [
        ("2 documents could not be delivered", reverse("deliveries") + "?state=failed"),
        ("June is ready to be printed", reverse("print-batch", args=[batch.pk])),
        ("June waits to be authorised", reverse("run", args=[run.pk])),
        ("To act on: Call the harbour", reverse("note-edit", args=[LogNote.objects.earliest("pk").pk])),
    ]
    page = approver.get(reverse("dashboard")).content.decode()
    assert "4 new notices" in page
    menu = approver.post(reverse("notices-seen"), HTTP_HX_REQUEST="true").content.decode()
    assert menu.count("notice-new") == 4
    assert approver.get(reverse("notice-count")).content.decode().strip() == ""
    assert "could not be delivered" in approver.get(reverse("notices")).content.decode()
    later = clock.now() + timedelta(minutes=1)
    Delivery.objects.filter(invoice=Invoice.objects.latest("pk")).update(changed_at=later)
    Delivery.objects.filter(invoice=Invoice.objects.earliest("pk")).update(changed_at=later)
    assert [told.words for told in news_of(User.objects.get()).notices if told.is_new] == [
        "2 documents could not be delivered"
    ]
    for role, count in ((Role.VIEWER, 0), (Role.BILLER, 1)):
        assert len(news_of(User.objects.create_user(role, role=role)).notices) == count


def test_what_is_told_depends_on_branches_and_on_four_eyes(signed_in: Callable[..., Client]) -> None:
    signed_in(Role.APPROVER)
    user, run = User.objects.get(), in_review()
    Run.objects.filter(pk=run.pk).update(generated_by=user)
    assert len(news_of(user).notices) == 1
    Organisation.objects.update(four_eyes=True)
    assert news_of(User.objects.get()).notices == []
    Run.objects.filter(pk=run.pk).update(generated_by=None, selection={"branch_id": 7})
    assert len(news_of(User.objects.get()).notices) == 1
    user.branches.add(Branch.objects.get())
    assert news_of(User.objects.get()).notices == []
    here = {"selection": {"branch_id": Branch.objects.get().pk}, "generated_by": user}
    Run.objects.filter(pk=run.pk).update(**here)
    RunShard.objects.filter(run=run).update(exceptions=2)
    there = Run.objects.get(pk=run.pk)
    there.pk, there.selection = None, {"branch_id": 7}
    there.save()
    RunShard.objects.create(run=there, number=1, charges=5, exceptions=5)
    assert [told.words for told in news_of(User.objects.get()).notices] == ["June: 2 exceptions"]


def in_review() -> Run:
    """Generate a run of two invoices, called June."""
    for _ in range(2):
        build.charge()
    run = build.run()
    Run.objects.filter(pk=run.pk).update(title="June", generated_at=clock.now())
    return Run.objects.get(pk=run.pk)
