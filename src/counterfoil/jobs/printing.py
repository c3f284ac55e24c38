"""Printing in the background."""

from __future__ import annotations

from procrastinate.contrib.django import app

from counterfoil import clock
from counterfoil.flows import printing


@app.task(name="print_batch")
def print_batch(batch_id: int) -> None:
    """Write what is missing of a print batch."""
    printing.print_batch(batch_id, now=clock.now)
