"""Adding up in the background: the control totals of large runs."""

from __future__ import annotations

from procrastinate.contrib.django import app

from counterfoil import clock
from counterfoil.flows.billing import reconcile


@app.task(name="add_up_run")
def add_up_run(run_id: int) -> None:
    """Add the documents of a run up, and keep what that comes to for its reconciliation."""
    reconcile.keep_control(run_id, now=clock.now)
