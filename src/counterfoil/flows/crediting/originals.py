"""Nothing changes an invoice's credits between computing and storing further ones (billing-rules 6.4, 6.6)."""

from __future__ import annotations

import polars as pl

from counterfoil.flows.crediting.loading import originals
from counterfoil.records.billing.actions import lock_invoices
from counterfoil.records.charges.actions import SpanMovedMeanwhile


def check_originals_unchanged(expected: pl.DataFrame) -> None:
    """Lock the invoices of *expected* (ORIGINALS) and see that their credit notes are still those.

    Call it in the transaction that stores further ones. Raises `SpanMovedMeanwhile` if one was credited, voided or
    had a credit note taken back meanwhile: compute the credits again.
    """
    ids = sorted(expected.get_column("invoice_id").to_list())
    lock_invoices(ids)
    if not originals(ids).sort("invoice_id").equals(expected.sort("invoice_id")):
        raise SpanMovedMeanwhile
