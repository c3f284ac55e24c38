"""Preview: what a run at this moment would store, by the same stages, without storing it (12.1)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import polars as pl
from django.db import connections

from counterfoil.engine.billing import Billed, Terms
from counterfoil.engine.frames import FINDINGS, INVOICES, LINES
from counterfoil.flows.billing.load import ShardRange, shared_snapshot
from counterfoil.flows.billing.run import (
    SHARD_CHARGES,
    Progress,
    Request,
    bill_shard,
    shards_of,
    terms_of_request,
)
from counterfoil.flows.billing.selection import Selection
from counterfoil.flows.billing.workers import SHARDS_AT_ONCE
from counterfoil.flows.closing import check_books_open


@dataclass(frozen=True, kw_only=True)
class CurrencyTotal:
    """What the documents of one currency come to, in its minor units (billing-rules 12.5)."""

    currency: str
    documents: int
    lines: int
    net_minor: int
    tax_minor: int
    gross_minor: int


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The engine's INVOICES, LINES and FINDINGS of every shard, one table each.

    `invoice_no` is counted over all shards and joins invoices and lines.
    """

    invoices: pl.DataFrame
    lines: pl.DataFrame
    findings: pl.DataFrame

    def totals(self) -> list[CurrencyTotal]:
        """Return what it comes to, by currency."""
        by_currency = self.invoices.group_by("currency").agg(
            documents=pl.len(),
            lines=pl.col("line_count").sum(),
            net_minor=pl.col("net_minor").sum(),
            tax_minor=pl.col("tax_minor").sum(),
            gross_minor=pl.col("gross_minor").sum(),
        )
        return [CurrencyTotal(**row) for row in by_currency.sort("currency").iter_rows(named=True)]


def preview(
    request: Request, *, progress: Progress | None = None, shard_charges: int = SHARD_CHARGES
) -> Preview:
    """Return exactly what `run.generate` would store now; no row is written.

    Raises `BooksClosed`, as the run would, if it is dated in a closed period (7.5).
    """
    check_books_open(request.invoice_date)
    terms = terms_of_request(request)
    with shared_snapshot() as snapshot, ThreadPoolExecutor(max_workers=SHARDS_AT_ONCE) as threads:
        shards = shards_of(request.selection, shard_charges=shard_charges)
        rate = partial(_rate, terms=terms, selection=request.selection, snapshot=snapshot)
        total, done, parts = sum(shard.charges for shard in shards), 0, []
        for shard, billed in zip(shards, threads.map(rate, shards), strict=True):
            parts.append(billed)
            done += shard.charges
            if progress:
                progress(done, total)
    return _together(parts)


def _rate(shard: ShardRange, *, terms: Terms, selection: Selection, snapshot: str) -> Billed:
    try:
        return bill_shard(shard, terms=terms, selection=selection, snapshot=snapshot)
    finally:
        connections.close_all()


def _together(parts: list[Billed]) -> Preview:
    invoices, lines, before = [INVOICES.empty()], [LINES.empty()], 0
    for part in parts:
        renumbered = pl.col("invoice_no") + before
        invoices.append(part.invoices.with_columns(renumbered))
        lines.append(part.lines.with_columns(renumbered))
        before += part.invoices.get_column("invoice_no").max() or 0
    return Preview(
        invoices=pl.concat(invoices, how="diagonal"),
        lines=pl.concat(lines, how="diagonal"),
        findings=pl.concat([FINDINGS.empty(), *(part.findings for part in parts)]),
    )
