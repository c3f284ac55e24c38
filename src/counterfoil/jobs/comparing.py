"""Comparing in the background: what a run differs by from the one before it."""

from __future__ import annotations

from procrastinate.contrib.django import app

from counterfoil import clock
from counterfoil.flows.billing import variance
from counterfoil.records.billing import queries


@app.task(name="compare_run")
def compare_run(run_id: int) -> None:
    """Compare a run with the one before it, and keep what was found for its review."""
    variance.keep_comparison(queries.run_of(run_id), now=clock.now())
