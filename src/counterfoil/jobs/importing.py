"""Large files in the background."""

from __future__ import annotations

from procrastinate.contrib.django import app

from counterfoil import clock
from counterfoil.flows.importing import by_worker


@app.task(name=by_worker.TAKE_IN)
def take_in_file(import_id: int) -> None:
    """Check, or take in, a file that is kept."""
    by_worker.work_on(import_id, now=clock.now)
