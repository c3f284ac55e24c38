"""Begin work that a worker does: what makes it due and the queued job are stored together, or neither is."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from counterfoil.flows.billing.issue import authorise
from counterfoil.flows.billing.run import Request, open_run
from counterfoil.records.billing.models import Run
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.organisation.models import User

GENERATE, ISSUE, DELIVER = "generate_run", "issue_run", "deliver_run"


def start(request: Request, *, by: User, now: datetime) -> Run:
    """Open the run that *request* asks for and queue its generation."""
    with transaction.atomic():
        run = open_run(request, by=by, now=now)
        queue_work(GENERATE, run_id=run.pk)
        return run


def authorise_and_issue(run_id: int, *, by: User, now: datetime) -> Run:
    """Authorise a run and queue its issue. Raises what `authorise` does."""
    with transaction.atomic():
        run = authorise(run_id, by=by, now=now)
        queue_work(ISSUE, run_id=run_id)
        return run


def go_on(task: str, *, run_id: int) -> None:
    """Queue *task* once more for a run whose work was interrupted; every task can run twice."""
    with transaction.atomic():
        queue_work(task, run_id=run_id)
