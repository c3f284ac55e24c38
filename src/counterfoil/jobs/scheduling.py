"""Runs that start by themselves."""

from __future__ import annotations

from procrastinate.contrib.django import app

from counterfoil import clock
from counterfoil.flows.billing.scheduling import queue_starts, start_if_due
from counterfoil.records.organisation.models import Organisation


@app.periodic(cron="* * * * *")
@app.task(name="start_due_runs", queueing_lock="start_due_runs")
def start_runs(timestamp: int) -> None:  # noqa: ARG001  when it was due
    """Every minute: have each definition with a schedule start what is due, in a job of its own."""
    if Organisation.objects.exists():
        queue_starts()


@app.task(name="start_scheduled_run")
def start_run(definition_id: int) -> None:
    """Start the run of one definition if it is due."""
    start_if_due(definition_id, now=clock.now())
