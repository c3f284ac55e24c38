"""Runs that start by themselves: when, on which days, and once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections
from procrastinate.contrib.django.models import ProcrastinateJob

from counterfoil.flows.billing.scheduling import (
    due_moments,
    newest_due,
    next_runs,
    queue_starts,
    start_if_due,
)
from counterfoil.flows.closing import close_books
from counterfoil.flows.defining import define
from counterfoil.jobs.billing import generate_run
from counterfoil.records.billing.models import BatchDefinition, Run, RunStatus, ScheduleState
from counterfoil.records.organisation.models import Organisation
from tests import build

DUBLIN = ZoneInfo("Europe/Dublin")


def moment(text: str) -> datetime:
    """Return the moment that *text* names, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        ("0 6 1 * *", "2026-02-28T12:00", ["2026-03-01T06:00", "2026-04-01T05:00", "2026-05-01T05:00"]),
        ("0 6 31 * *", "2026-01-31T06:00", ["2026-03-31T05:00", "2026-05-31T05:00", "2026-07-31T05:00"]),
        ("0 6 L * *", "2026-01-31T05:00", ["2026-01-31T06:00", "2026-02-28T06:00", "2026-03-31T05:00"]),
        ("30 6 * * mon", "2026-06-01T05:30", ["2026-06-08T05:30", "2026-06-15T05:30", "2026-06-22T05:30"]),
        # 01:30 does not exist on 29 March: due when the clock shows 02:00, which is 01:00 UTC.
        ("30 1 * * *", "2026-03-28T12:00", ["2026-03-29T01:00", "2026-03-30T00:30", "2026-03-31T00:30"]),
        # Nothing twice: 01:00, 01:30 and 02:00 of that night are one moment.
        ("*/30 * * * *", "2026-03-29T00:00", ["2026-03-29T00:30", "2026-03-29T01:00", "2026-03-29T01:30"]),
        # 01:30 happens twice on 25 October: due the first time, in summer time, and not again an hour later.
        ("30 1 * * *", "2026-10-24T12:00", ["2026-10-25T00:30", "2026-10-26T01:30", "2026-10-27T01:30"]),
        ("30 1 * * *", "2026-10-25T00:45", ["2026-10-26T01:30", "2026-10-27T01:30", "2026-10-28T01:30"]),
        ("*/30 * * * *", "2026-10-25T00:00", ["2026-10-25T00:30", "2026-10-25T02:00", "2026-10-25T02:30"]),
        ("", "2026-10-25T00:00", []),
    ],
)
def test_when_a_schedule_is_due(schedule: str, after: str, due: list[str]) -> None:
    found = islice(due_moments(schedule, after=moment(after), zone=DUBLIN), 3)
    assert list(found) == [moment(one) for one in due]


@pytest.mark.parametrize(
    ("schedule", "after", "now", "due"),
    [
        ("0 6 * * *", "2026-06-01T05:00", "2026-06-02T04:59", None),
        ("0 6 * * *", "2026-06-01T05:00", "2026-06-02T05:00", "2026-06-02T05:00"),
        ("0 6 * * *", "2026-06-01T05:00", "2026-06-02T23:00", "2026-06-02T05:00"),
        ("0 6 * * *", "2026-06-01T05:00", "2026-06-20T12:00", "2026-06-20T05:00"),  # the newest of twenty
        ("0 6 1 * *", "2026-01-15T00:00", "2026-06-20T12:00", "2026-06-01T05:00"),
        ("0 6 1 1 *", "2026-01-15T00:00", "2026-06-20T12:00", None),
    ],
)
def test_what_is_caught_up_is_the_newest(schedule: str, after: str, now: str, due: str | None) -> None:
    found = newest_due(schedule, after=moment(after), now=moment(now), zone=DUBLIN)
    assert found == (due and moment(due))


def test_the_next_runs_with_their_days() -> None:
    monthly = BatchDefinition(
        schedule="0 0 1 * *", cutoff_rule="last of this month", invoice_date_rule="cut-off + 1 day"
    )
    coming = next_runs(monthly, now=moment("2026-06-17T09:00"), zone=DUBLIN)
    assert len(coming) == 5
    # Midnight of 1 July in Dublin is 30 June in UTC; the days are Dublin's.
    assert (coming[0].moment, coming[0].cutoff, coming[0].invoice_date) == (
        moment("2026-06-30T23:00"),
        date(2026, 7, 31),
        date(2026, 8, 1),
    )
    monthly.is_active = False
    assert next_runs(monthly, now=moment("2026-06-17T09:00"), zone=DUBLIN) == []


@pytest.fixture
def daily(empty_queue: None) -> BatchDefinition:
    """Store a charge, and a definition that bills it every day at 06:00 in Dublin; counted from 31 May."""
    build.organisation(timezone="Europe/Dublin")
    build.charge()
    return defined()


def defined(**values: Any) -> BatchDefinition:
    """Store a definition that runs every day."""
    words: dict[str, Any] = {
        "name": "daily",
        "title": "Daily",
        "kinds": ["service"],
        "schedule": "0 6 * * *",
        "cutoff_rule": "first of this month",
        **values,
    }
    return define(BatchDefinition(**words), by=None, now=moment("2026-05-31T12:00"))


def start_due_runs(*, now: datetime) -> list[Run]:
    """Do what the jobs of a minute do, one definition after the other."""
    started = [start_if_due(definition_id, now=now) for definition_id in queue_starts()]
    return [run for run in started if run is not None]


def test_a_run_starts_when_it_is_due_and_once(daily: BatchDefinition) -> None:
    assert start_due_runs(now=moment("2026-06-01T04:59")) == []
    [run] = start_due_runs(now=moment("2026-06-01T05:00"))
    assert (run.definition, run.cutoff, run.invoice_date) == (daily, date(2026, 6, 1), date(2026, 6, 1))
    assert (run.scheduled_for, run.generated_by) == (moment("2026-06-01T05:00"), None)
    assert ProcrastinateJob.objects.filter(task_name="generate_run", args__run_id=run.pk).count() == 1
    assert start_due_runs(now=moment("2026-06-01T05:01")) == []
    with pytest.raises(IntegrityError, match="run_once_when_it_is_due"):
        Run.objects.create(
            definition=daily,
            title="Again",
            selection={},
            cutoff=run.cutoff,
            invoice_date=run.invoice_date,
            started_at=build.NOW,
            scheduled_for=run.scheduled_for,
        )


def test_two_workers_start_it_once(daily: BatchDefinition) -> None:
    together = Barrier(4)

    def work() -> int:
        try:
            together.wait()
            return start_if_due(daily.pk, now=moment("2026-06-01T05:00")) is not None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        started = [one.result() for one in [workers.submit(work) for _ in range(4)]]
    assert sum(started) == Run.objects.count() == 1


def test_after_a_week_without_work_there_is_one_run(daily: BatchDefinition) -> None:
    [run] = start_due_runs(now=moment("2026-06-08T09:00"))
    assert (run.scheduled_for, run.invoice_date) == (moment("2026-06-08T05:00"), date(2026, 6, 8))
    assert start_due_runs(now=moment("2026-06-08T09:01")) == []


def test_one_that_is_authorised_goes_straight_through(daily: BatchDefinition) -> None:
    defined(name="straight", authorised=True)
    reviewed, straight = start_due_runs(now=moment("2026-06-01T05:00"))
    for run in (straight, reviewed):
        generate_run(run.pk)
        run.refresh_from_db()
    assert (straight.status, reviewed.status) == (RunStatus.AUTHORISED, RunStatus.IN_REVIEW)
    assert [run.totals.count() for run in (straight, reviewed)] == [1, 0]  # the first to store bills the days


def test_one_that_is_off_starts_nothing(daily: BatchDefinition) -> None:
    BatchDefinition.objects.update(is_active=False)
    assert start_due_runs(now=moment("2026-06-08T09:00")) == []


def test_what_cannot_start_says_why_and_stops_no_other(daily: BatchDefinition) -> None:
    other = defined(name="later", invoice_date_rule="first of next month")
    close_books(before=date(2026, 6, 2))
    [run] = start_due_runs(now=moment("2026-06-01T05:00"))
    assert run.definition == other
    assert ScheduleState.objects.get(definition=daily).problem.startswith(
        "The books are closed before 2026-06-02"
    )
    assert start_due_runs(now=moment("2026-06-01T05:01")) == []
    assert len(start_due_runs(now=moment("2026-06-02T05:00"))) == 2
    assert ScheduleState.objects.get(definition=daily).problem == ""


def test_another_zone_counts_from_what_was_dealt_with(daily: BatchDefinition) -> None:
    start_due_runs(now=moment("2026-06-01T05:00"))
    Organisation.objects.update(timezone="America/New_York")
    [run] = start_due_runs(now=moment("2026-06-01T05:00") + timedelta(hours=6))
    assert run.scheduled_for == moment("2026-06-01T10:00")


UNFORESEEN = """
CREATE FUNCTION unforeseen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'nobody thought of this'; END $$;
CREATE TRIGGER unforeseen BEFORE INSERT ON billing_run FOR EACH ROW WHEN (NEW.title = 'Daily')
EXECUTE FUNCTION unforeseen()
"""


@pytest.fixture
def unforeseen(daily: BatchDefinition) -> Iterator[BatchDefinition]:
    """Let something unforeseen happen whenever a run of the definition begins."""
    with connection.cursor() as cursor:
        cursor.execute(UNFORESEEN)
    yield daily
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION unforeseen() CASCADE")


def test_what_is_unforeseen_stops_no_other_is_seen_and_tried_again(unforeseen: BatchDefinition) -> None:
    other = defined(name="later", title="Later")
    assert queue_starts() == [unforeseen.pk, other.pk]
    queued = ProcrastinateJob.objects.filter(task_name="start_scheduled_run").order_by("id")
    assert [job.args for job in queued] == [{"definition_id": unforeseen.pk}, {"definition_id": other.pk}]
    at_six = moment("2026-06-01T05:00")
    for _minute in range(2):
        with pytest.raises(ProgrammingError, match="nobody thought of this"):
            start_if_due(unforeseen.pk, now=at_six)
    assert start_if_due(other.pk, now=at_six) is not None
    assert ScheduleState.objects.get(pk=unforeseen.pk).problem == (
        "The run due on 2026-06-01 at 06:00 was begun and did not start: something unforeseen went wrong, "
        "and the log of the worker says what. It is tried again every minute."
    )
    BatchDefinition.objects.filter(pk=unforeseen.pk).update(title="Mended")
    run = start_if_due(unforeseen.pk, now=at_six + timedelta(hours=3))
    assert run is not None
    assert (run.scheduled_for, ScheduleState.objects.get(pk=unforeseen.pk).problem) == (at_six, "")
