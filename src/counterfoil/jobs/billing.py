"""Billing in the background: generate, issue, deliver; each can run twice."""

from __future__ import annotations

from procrastinate.contrib.django import app

from counterfoil import clock
from counterfoil.flows.billing import deliver, issue, run
from counterfoil.records.billing import queries
from counterfoil.records.billing.models import RunStatus
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.organisation.models import Organisation


@app.task(name="generate_run")
def generate_run(run_id: int) -> None:
    """Finish generating a run; one that is authorised by its definition goes straight on."""
    asked = queries.run_of(run_id)
    if asked.status == RunStatus.GENERATING:
        asked = run.resume(asked, now=clock.now)
        queue_work("compare_run", run_id=run_id)
    if run.selection_of(asked).authorised and asked.status == RunStatus.IN_REVIEW:
        issue.authorise(run_id, by=None, now=clock.now())
        queue_work("issue_run", run_id=run_id)


@app.task(name="issue_run")
def issue_run(run_id: int) -> None:
    """Issue an authorised run whose day has come, and have it delivered."""
    today = clock.today(Organisation.objects.get().timezone)
    if queries.run_of(run_id).invoice_date <= today:
        issue.issue(run_id, today=today, now=clock.now)
        queue_work("deliver_run", run_id=run_id)


@app.task(name="deliver_run")
def deliver_run(run_id: int) -> None:
    """Send what of a run is queued."""
    deliver.deliver(run_id, now=clock.now)


@app.periodic(cron="5 * * * *")
@app.task(name="issue_runs_due", queueing_lock="issue_runs_due")
def issue_runs_due(timestamp: int) -> None:  # noqa: ARG001  when it was due
    """Every hour: issue the authorised runs whose invoice date has come, wherever the day begins."""
    organisation = Organisation.objects.first()
    if organisation is not None:
        for run_id in queries.runs_due(today=clock.today(organisation.timezone)):
            queue_work("issue_run", run_id=run_id)
