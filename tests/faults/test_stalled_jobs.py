"""Real workers are killed over a run: another one finishes it, until it has killed five (jobs/rescue.py)."""

from __future__ import annotations

import signal
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from counterfoil.flows.billing import starting
from counterfoil.flows.checking import check
from counterfoil.flows.stopping import VARIABLE
from counterfoil.jobs.rescue import MOST_ATTEMPTS, rescue_jobs
from counterfoil.records.billing.models import RunStatus
from counterfoil.records.organisation.models import User
from tests import build
from tests.faults import company, processes
from tests.working import do_all_queued_work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _queued_run(settings: Any, tmp_path: Path) -> None:
    """Queue the generation of June, as the pages do."""
    settings.HOME = tmp_path
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    company.found()
    biller = User.objects.create(username="biller", email="biller@example.com")
    starting.start(build.request(cutoff=date(2026, 6, 1)), by=biller, now=company.now())


def _work_until_killed(place: str) -> bool:
    """Let a worker do what is queued, and die at *place*; return whether it did, and let an hour pass since."""
    [exit_code] = processes.ended([processes.start("work", **{VARIABLE: place})])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    if not ProcrastinateJob.objects.filter(task_name="rescue_jobs", status="todo").exists():
        rescue_jobs.defer(timestamp=0)
    return exit_code == -signal.SIGKILL


def _job() -> tuple[str, int]:
    found: tuple[str, int] = ProcrastinateJob.objects.values_list("status", "attempts").get(
        task_name="generate_run"
    )
    return found


def test_another_worker_finishes_the_run_of_a_killed_one() -> None:
    assert _work_until_killed("after-shard-1")
    assert _job()[0] == "doing"
    assert company.the_run().status == RunStatus.GENERATING
    do_all_queued_work()
    assert company.the_run().status == RunStatus.IN_REVIEW
    assert check().violations == []


def test_a_run_that_kills_every_worker_is_given_up_and_can_be_resumed_by_hand() -> None:
    killed = 0
    while _work_until_killed("before-finish"):
        killed += 1
    assert killed == MOST_ATTEMPTS + 1  # the first one, and those that tried again
    assert _job()[0] == "failed"
    company.generate()
    assert company.the_run().status == RunStatus.IN_REVIEW
    assert check().violations == []
