"""Jobs whose worker was killed: done again by another, until they have killed too many."""

from __future__ import annotations

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from counterfoil.jobs.rescue import rescue_jobs
from tests.working import do_all_queued_work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


def _left_by_a_dead_worker(*, attempts: int) -> int:
    """Store a job that a worker was doing when it was killed, for the last of *attempts* times."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args, status, attempts)"
            " VALUES ('default', 'forget_old_answers', NULL, '{\"timestamp\": 0}', 'doing', %s) RETURNING id",
            [attempts],
        )
        return int(cursor.fetchone()[0])


def _status(job: int) -> tuple[str, int]:
    found: tuple[str, int] = ProcrastinateJob.objects.values_list("status", "attempts").get(pk=job)
    return found


def test_a_job_is_done_by_the_next_worker() -> None:
    job = _left_by_a_dead_worker(attempts=0)
    rescue_jobs.defer(timestamp=0)
    do_all_queued_work()
    status, attempts = _status(job)
    assert status == "succeeded"
    assert attempts == 2  # the one that was cut off, and the one that went well


def test_a_job_that_killed_five_workers_has_failed() -> None:
    job = _left_by_a_dead_worker(attempts=5)
    rescue_jobs.defer(timestamp=0)
    do_all_queued_work()
    assert _status(job)[0] == "failed"
