"""The top bar says what goes on: whatever takes longer than a moment, with how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from counterfoil.flows.billing.issue import authorise, issue
from counterfoil.flows.billing.starting import DELIVER, ISSUE
from counterfoil.flows.consolidating.batch import Batch, create_batch
from counterfoil.flows.consolidating.choosing import Selection
from counterfoil.records.billing.models import DocumentNumber, DocumentSeries, Invoice, Run
from counterfoil.records.deliveries.models import BillingDelivery, Delivery, PrintBatch
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.web.under_way import under_way
from tests import build
from tests.build import JUNE, NOW
from tests.flows.consolidating.waiting import consolidating, waits
from tests.web import month

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


@pytest.fixture(autouse=True)
def _organisation(_guide_pages: None, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    month.use_own_pages(monkeypatch)
    build.organisation()


def told(user: User) -> list[tuple[str, str, int, int]]:
    """Return what the top bar tells *user*."""
    return [(work.title, work.stage, work.done, work.total) for work in under_way(user)]


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
    PrintBatch.objects.create(title="May", invoices=[1], documents=1, done=1, asked_by=user, asked_at=NOW)
    assert sorted(told(user)) == [
        ("Consolidated billings", "Sending consolidated billings", 1, 2),
        ("Print batch", "Printing documents", 1, 3),
    ]
    other = User.objects.create_user("noah", role=Role.BILLER)
    assert told(other) == []
