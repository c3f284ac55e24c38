"""Real workers are killed over a large file: nothing of it is half written, and another worker begins anew."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.apps import apps
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from counterfoil.flows.stopping import VARIABLE
from counterfoil.jobs.rescue import MOST_ATTEMPTS, rescue_jobs
from counterfoil.records.organisation.file_imports import FileImportPiece
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.faults import processes
from tests.faults.moments import SECONDS_OF_PATIENCE, WAIT, Moment, planted, waiting_session
from tests.flows.importing.large import ROWS, customers, elsewhere, jobs, kept, now_of
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


def test_a_worker_believed_dead_and_another_do_it_once() -> None:
    """The first is stopped while it waits for a table; the second gets its job, and waits for it; then it goes on."""
    made = kept(customers(), dry_run=False)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE parties_billingcustomer IN ROW EXCLUSIVE MODE")
        first = processes.start("work")
        _until_waiting(1)
        zombie = psutil.Process(first.pid)
        zombie.suspend()
        try:
            elsewhere(an_hour_passes)
            second = processes.start("work")
            _until_waiting(2)
        finally:
            zombie.resume()
    processes.ended([first, second])
    assert (now_of(made).state, BillingCustomer.objects.count()) == ("done", ROWS)
    trail = apps.get_model("organisation", "FileImportEvent").objects.order_by("pgh_id")
    assert list(trail.values_list("state", flat=True)) == ["confirmed", "done"]


def _until_waiting(count: int) -> None:
    """Return once so many other connections wait for a lock."""
    waiting, deadline = 0, time.monotonic() + SECONDS_OF_PATIENCE
    with connection.cursor() as cursor:
        while waiting < count:
            assert time.monotonic() < deadline, "nobody waits"
            # Within a transaction the server shows who there was at first.
            cursor.execute("SELECT pg_sleep(0.01) IS NULL, pg_stat_clear_snapshot() IS NULL")
            cursor.execute(
                "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE datname = current_database() AND NOT granted"
            )
            waiting = cursor.fetchone()[0]


def test_a_file_that_kills_every_worker_is_given_up() -> None:
    made = kept(customers())
    for _attempt in range(MOST_ATTEMPTS + 1):
        killed_at("after-row-2500")
        an_hour_passes()
    do_all_queued_work()
    assert (now_of(made).state, jobs()) == ("asked", ["failed"])
