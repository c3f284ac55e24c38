"""Real workers are killed over a large file: nothing of it is half written, and another worker begins anew."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from counterfoil.flows.stopping import VARIABLE
from counterfoil.jobs.rescue import rescue_jobs
from counterfoil.records.organisation.file_imports import FileImportPiece
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.faults import processes
from tests.faults.moments import WAIT, Moment, planted, waiting_session
from tests.flows.importing.large import ROWS, customers, jobs, kept, now_of
from tests.working import do_all_queued_work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _bureau(settings: Any, tmp_path: Path, transactional_db: None) -> None:
    settings.HOME = tmp_path
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    build.organisation()


def an_hour_passes() -> None:
    """Let nobody have heard of the workers for an hour, and look for jobs that they left."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    if not ProcrastinateJob.objects.filter(task_name="rescue_jobs", status="todo").exists():
        rescue_jobs.defer(timestamp=0)


def killed_at(place: str) -> None:
    """Let a worker do what is queued, and die at *place*."""
    assert processes.ended([processes.start("work", **{VARIABLE: place})]) == [-signal.SIGKILL]


@pytest.mark.parametrize("place", ["after-row-2500", "before-file"])
@pytest.mark.parametrize(("dry_run", "state", "count"), [(True, "checked", 0), (False, "done", ROWS)])
def test_another_worker_begins_anew_with_the_file_of_a_killed_one(
    place: str, dry_run: bool, state: str, count: int
) -> None:
    """Killed when all rows are read, and when all are stored but not for good."""
    made = kept(customers(), dry_run=dry_run)
    killed_at(place)
    left = now_of(made)
    assert (left.state, left.rows_read, left.report) == (made.state, ROWS, None)
    assert (BillingCustomer.objects.count(), jobs()) == (0, ["doing"])
    an_hour_passes()
    do_all_queued_work()
    assert (now_of(made).state, BillingCustomer.objects.count(), jobs()) == (state, count, [])


def test_a_worker_killed_in_the_middle_of_storing_leaves_nothing() -> None:
    """SIGKILL by its number, at the 1,000th customer that is written."""
    made = kept(customers(), dry_run=False)
    with planted(Moment("INSERT", "parties_billingcustomer", 1_000), WAIT):
        doomed = processes.start("work")
        session = waiting_session()
        assert doomed.pid is not None
        os.kill(doomed.pid, signal.SIGKILL)
        assert processes.ended([doomed]) == [-signal.SIGKILL]
        with connection.cursor() as cursor:  # or the server would find out a minute later
            cursor.execute("SELECT pg_terminate_backend(%s)", [session])
    assert (now_of(made).stage, BillingCustomer.objects.count()) == ("storing", 0)
    an_hour_passes()
    do_all_queued_work()
    assert (now_of(made).state, BillingCustomer.objects.count()) == ("done", ROWS)
    assert not FileImportPiece.objects.exists()


def test_a_worker_killed_after_the_end_has_done_it_once() -> None:
    """The job is taken up again and finds nothing to do."""
    made = kept(customers(), dry_run=False)
    killed_at("after-file")
    assert (now_of(made).state, jobs()) == ("done", ["doing"])
    changed_at = now_of(made).changed_at
    an_hour_passes()
    do_all_queued_work()
    assert (now_of(made).changed_at, jobs()) == (changed_at, [])
    assert BillingCustomer.objects.count() == ROWS
