"""Billing in the background: each task once and again, on a demo bureau."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from counterfoil.flows.billing.issue import authorise
from counterfoil.flows.checking import check
from counterfoil.flows.demo.loading import load_demo
from counterfoil.jobs.billing import deliver_run, generate_run, issue_run, issue_runs_due
from counterfoil.records.billing.models import Run, RunStatus
from counterfoil.records.deliveries.models import Delivery, DeliveryState
from counterfoil.records.organisation.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]

MOMENT = datetime(2026, 6, 17, 9, tzinfo=UTC)


@pytest.fixture
def run(settings, tmp_path) -> Run:  # type: ignore[no-untyped-def]
    """Return a run of the demo bureau that waits for review; its day has come."""
    settings.HOME = tmp_path
    load_demo(today=date(2026, 6, 17), now=lambda: MOMENT, months=0)
    waiting: Run = Run.objects.get(definition__name="service-dealer")
    return waiting


def _queued_for(run: Run) -> list[str]:
    """Return the tasks queued for *run*."""
    jobs = ProcrastinateJob.objects.filter(args__run_id=run.pk).order_by("id")
    return list(jobs.values_list("task_name", flat=True))


def test_a_run_that_is_generated_stays_in_review(run: Run) -> None:
    generate_run(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.IN_REVIEW


def test_an_authorised_run_is_issued_on_its_day_and_delivered_once(run: Run) -> None:
    authorise(run.pk, by=User.objects.get(username="approver"), now=MOMENT)
    issue_runs_due(timestamp=0)
    assert _queued_for(run) == ["issue_run"]
    issue_run(run.pk)
    issue_run(run.pk)
    deliver_run(run.pk)
    deliver_run(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.ISSUED
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
    assert check().violations == []


def test_nothing_is_due_before_somebody_authorises(run: Run) -> None:
    issue_runs_due(timestamp=0)
    assert _queued_for(run) == []
