"""Days within a billed span are billed again once only: nothing billed them since they were read (decision 0051)."""

from __future__ import annotations

import polars as pl

from counterfoil.engine.frames import GIVEN_UP
from counterfoil.flows.billing.load import read
from counterfoil.records.charges.actions import SpanMovedMeanwhile, lock_spans


def check_given_up_unchanged(expected: pl.DataFrame) -> None:
    """Lock the spans of the charges in *expected* (GIVEN_UP) and see that their days are still given up.

    Such lines move no span, so comparing where it was does not tell of another run that billed the same days. Call
    it in the transaction that stores the lines. Raises `SpanMovedMeanwhile`: rate the charges again.
    """
    if expected.is_empty():
        return
    charges = expected.get_column("charge_id").unique().sort().to_list()
    lock_spans(charges)
    found = read("given_up", GIVEN_UP, charges=charges, first_customer=None, last_customer=None)
    if not found.equals(expected.sort("charge_id", "given_from")):
        raise SpanMovedMeanwhile
