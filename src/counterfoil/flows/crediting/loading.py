"""What crediting reads: charges whose billed span may hold unserved days, their lines, the invoices these are on."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from counterfoil.engine.credit_frames import (
    CREDIT_CHARGES,
    CREDIT_GROUPS,
    CREDITABLE_LINES,
    ORIGINALS,
    Creditable,
)
from counterfoil.flows.billing.load import ShardRange, read
from counterfoil.flows.billing.selection import Selection


def load_creditable(shard: ShardRange, *, selection: Selection) -> Creditable:
    """Return what the crediting of *shard* reads, from the transaction's snapshot."""
    charges = read(
        "credit_charges",
        CREDIT_CHARGES,
        first_customer=shard.first_customer,
        last_customer=shard.last_customer,
        kinds=list(selection.kinds),
        payer=selection.payer,
        branch=selection.branch_id,
    )
    lines = read(
        "creditable_lines",
        CREDITABLE_LINES,
        charges=charges.get_column("charge_id").to_list(),
        invoices=None,
    )
    invoices = lines.filter("is_issued").get_column("invoice_id").unique().to_list()
    return Creditable(
        charges=charges, lines=lines, groups=tax_groups(invoices), originals=originals(invoices)
    )


def lines_of_invoices(invoice_ids: Sequence[int]) -> pl.DataFrame:
    """Return the CREDITABLE_LINES of invoices: all but those of credit notes."""
    return read("creditable_lines", CREDITABLE_LINES, charges=None, invoices=list(invoice_ids))


def tax_groups(invoice_ids: Sequence[int]) -> pl.DataFrame:
    """Return the CREDIT_GROUPS of original invoices."""
    return read("credit_groups", CREDIT_GROUPS, invoices=list(invoice_ids))


def originals(invoice_ids: Sequence[int]) -> pl.DataFrame:
    """Return the ORIGINALS among invoices: those that count and have a number, with their live credit notes."""
    return read("credit_originals", ORIGINALS, invoices=list(invoice_ids))
