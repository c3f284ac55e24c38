"""Runs that start by themselves."""

from __future__ import annotations

from procrastinate.contrib.django import app

from counterfoil import clock
from counterfoil.flows.billing.scheduling import start_due_runs
from counterfoil.records.organisation.models import Organisation


@app.periodic(cron="* * * * *")
@app.task(name="start_due_runs", queueing_lock="start_due_runs")
def start_runs(timestamp: int) -> None:  # noqa: ARG001  when it was due
    """Every minute: start the runs that are due by the schedules of their definitions."""
    if Organisation.objects.exists():
        start_due_runs(now=clock.now())
