"""Billing in the background: generate, issue, deliver; each can run twice."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta

from procrastinate.contrib.django import app

from counterfoil import clock
from counterfoil.documents.mail_transport import MailDelayed
from counterfoil.flows.billing import deliver, issue, reconcile, run
from counterfoil.records.billing import queries
from counterfoil.records.billing.models import RunStatus
from counterfoil.records.deliveries.outbox import queue_work, queue_work_at
from counterfoil.records.organisation.models import Organisation

logger = logging.getLogger("counterfoil.jobs")

WHILE_ANOTHER_SENDS = timedelta(seconds=10)
WHILE_MAIL_IS_DOWN = timedelta(minutes=5)


@app.task(name="generate_run")
def generate_run(run_id: int) -> None:
    """Finish generating a run; one that is authorised by its definition goes straight on."""
    asked = queries.run_of(run_id)
    if asked.status == RunStatus.GENERATING:
        asked = run.resume(asked, now=clock.now)
        queue_work("compare_run", run_id=run_id)
        reconcile.add_up_if_large(run_id)
    if run.selection_of(asked).authorised and asked.status == RunStatus.IN_REVIEW:
        because = issue.authorise_by_definition(run_id, now=clock.now())
        if because:
            logger.warning(because, extra={"run": run_id})
        else:
            queue_work("issue_run", run_id=run_id)


@app.task(name="issue_run")
def issue_run(run_id: int) -> None:
    """Issue what of an authorised run is dated up to today, and have it delivered."""
    today = clock.today(Organisation.objects.get().timezone)
    with suppress(issue.NotYetDated):
        issue.issue(run_id, today=today, now=clock.now)
        queue_work("deliver_run", run_id=run_id)
    reconcile.add_up_if_large(run_id)


@app.task(name="deliver_run")
def deliver_run(run_id: int) -> None:
    """Send what of a run is queued; while another run is sent, or an answer is awaited, again a little later.

    While the mail server cannot be used, again every few minutes.
    """
    try:
        again_at = deliver.deliver(run_id, now=clock.now).ask_again_at
    except deliver.AlreadyDelivering:
        again_at = clock.now() + WHILE_ANOTHER_SENDS
    except MailDelayed as delayed:
        logger.warning(str(delayed), extra={"run": run_id})
        again_at = clock.now() + WHILE_MAIL_IS_DOWN
    if again_at:
        queue_work_at("deliver_run", moment=again_at, run_id=run_id)
    else:
        reconcile.add_up_if_large(run_id)


@app.periodic(cron="5 * * * *")
@app.task(name="issue_runs_due", queueing_lock="issue_runs_due")
def issue_runs_due(timestamp: int) -> None:  # noqa: ARG001  when it was due
    """Every hour: issue the authorised runs whose invoice date has come, wherever the day begins."""
    organisation = Organisation.objects.first()
    if organisation is not None:
        for run_id in queries.runs_due(today=clock.today(organisation.timezone)):
            queue_work("issue_run", run_id=run_id)
