"""Several at once: overlapping runs, issuers of one series, and a process thought dead that comes back."""

from __future__ import annotations

import os
import signal
from datetime import date
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.db import connection

from counterfoil.flows.checking import check
from counterfoil.records.billing.models import DocumentNumber, Run, RunStatus
from tests.faults import company, processes
from tests.faults.moments import WAIT, Moment, planted, waiting_session

pytestmark = pytest.mark.django_db(transaction=True)

ISSUERS = 16
AT_ONCE = 4
EVERY_CHARGE = 1_000


@pytest.fixture(autouse=True)
def _company(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    company.found()


def _days_billed() -> int:
    """Return how many days of charges the live lines bill."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(period_end - period_start) FROM billing_invoiceline AS line"
            " JOIN billing_live_invoice AS invoice ON invoice.id = line.invoice_id"
        )
        return int(cursor.fetchone()[0])


def test_runs_of_overlapping_selections_at_once_bill_no_day_twice_and_lose_none() -> None:
    """Rule 2.6 and 12.7: the first to store wins, the others bill what is left."""
    started = [processes.start("run of its own", number % 2) for number in range(AT_ONCE)]
    assert processes.ended(started) == [0] * AT_ONCE
    assert check().violations == []
    # 36 charges start on 1, 2, 3 May, then 3, 4, 5 May and so on, to 23, 24, 25 May; June is whole.
    may = sum(31 - (2 * n + m) for n in range(12) for m in range(3))
    assert _days_billed() == may + 36 * 30
    assert Run.objects.filter(status=RunStatus.IN_REVIEW).count() == AT_ONCE


def test_sixteen_issuers_of_one_series_leave_no_gap_and_no_duplicate() -> None:
    """Rule 7.1: every run has its month's drafts, all dated alike and numbered in batches of five."""
    months = [date(2026 + (5 + n) // 12, (5 + n) % 12 + 1, 1) for n in range(ISSUERS)]
    for cutoff in months:
        company.generate(cutoff, shard_charges=EVERY_CHARGE)
    assert {run.invoice_date for run in Run.objects.all()} == {company.JUNE}
    runs = list(Run.objects.values_list("pk", flat=True))
    started = [processes.start("issue", run_id) for run_id in runs]
    assert processes.ended(started) == [0] * ISSUERS
    numbers = list(DocumentNumber.objects.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, ISSUERS * 12 + 1))
    assert check().violations == []


def test_a_process_thought_dead_stores_nothing_twice() -> None:
    """Rule 2.6: it is stopped while it stores the only shard; another finishes the run; then it goes on."""
    with planted(Moment("INSERT", "billing_billingexception"), WAIT):
        stopped = processes.start("generate", company.JUNE, EVERY_CHARGE)
        session = waiting_session()
        zombie = psutil.Process(stopped.pid)
        zombie.suspend()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [session])
        company.generate()
        after = company.state()
        zombie.resume()
        assert processes.ended([stopped]) == [1]
    assert company.state() == after
    assert check().violations == []


def test_a_sender_that_dies_lets_the_next_one_send() -> None:
    """Rule 12.6: the lock on a connection goes with its holder; nothing is sent twice."""
    company.generate()
    company.authorise()
    with planted(Moment("UPDATE", "deliveries_delivery", 15), WAIT):
        doomed = processes.start("deliver")
        session = waiting_session()
        os.kill(doomed.pid or 0, signal.SIGKILL)
        assert processes.ended([doomed]) == [-signal.SIGKILL]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [session])
    company.send()
    left = company.state()
    assert {row[2] for row in left["deliveries"]} == {"sent"}
    assert ("invoices.csv", 1 + 12) in left["files"]  # a heading and the documents
    assert left["mails"] == [12]
