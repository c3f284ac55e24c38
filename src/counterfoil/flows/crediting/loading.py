"""What crediting reads: charges whose billed span may hold unserved days, their lines, the invoices these are on."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from counterfoil.engine.credit_frames import (
    CREDIT_CHARGES,
    CREDIT_GROUPS,
    CREDITABLE_LINES,
    CUSTOMERS_BILLED,
    ORIGINALS,
    Creditable,
)
from counterfoil.engine.credit_shards import credit_shards
from counterfoil.flows.billing.load import ShardRange, periods_of, read
from counterfoil.flows.billing.selection import Selection


def load_creditable(shard: ShardRange, *, selection: Selection) -> Creditable:
    """Return what the crediting of *shard* reads, from the transaction's snapshot."""
    charges = _charges(selection, charge_ids=list(shard.credited or ()))
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


def plan_credit_shards(selection: Selection, *, shard_charges: int) -> list[ShardRange]:
    """Return the shards of a credit run, each with its charges; an invoice is credited by one of them (6.4)."""
    charges = _charges(selection, charge_ids=None)
    billed = read("customers_billed", CUSTOMERS_BILLED, charges=charges.get_column("charge_id").to_list())
    shards = credit_shards(charges=charges, billed=billed, shard_charges=shard_charges)
    return [
        ShardRange(
            number=number,
            first_customer=None,
            last_customer=None,
            charges=len(credited),
            credited=tuple(credited),
        )
        for number, credited in enumerate(shards, start=1)
    ]


def _charges(selection: Selection, *, charge_ids: list[int] | None) -> pl.DataFrame:
    return read(
        "credit_charges",
        CREDIT_CHARGES,
        charges=charge_ids,
        kinds=list(selection.kinds),
        payer=selection.payer,
        branch=selection.branch_id,
        group=selection.group_id,
        masters=selection.masters,
        periods=periods_of(selection),
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
