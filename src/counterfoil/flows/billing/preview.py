"""Preview: what a run at this moment would store, by the same stages, without storing it (12.1)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pyarrow as pa
import pyarrow.ipc
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

LINES_IN_MEMORY = 1_000_000
"""About 350 bytes each."""


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
    with (
        shared_snapshot() as snapshot,
        ThreadPoolExecutor(max_workers=SHARDS_AT_ONCE) as threads,
        TemporaryDirectory(prefix="counterfoil-preview-") as folder,
    ):
        shards = shards_of(request.selection, shard_charges=shard_charges)
        rate = partial(_rate, terms=terms, selection=request.selection, snapshot=snapshot)
        total, done, kept = sum(shard.charges for shard in shards), 0, _Kept(folder=Path(folder))
        for shard, billed in zip(shards, threads.map(rate, shards), strict=True):
            kept.add(billed)
            done += shard.charges
            if progress:
                progress(done, total)
        return kept.together()


class _Kept:
    """The shards of a preview so far. What is more than `LINES_IN_MEMORY` lies in files of *folder*, mapped to memory.

    The system drops mapped pages that it needs for something else, so a preview of any size fits. The files may be
    removed at once: what is mapped stays until nobody holds the table.
    """

    def __init__(self, *, folder: Path) -> None:
        self._folder = folder
        self._invoices, self._lines, self._findings = [INVOICES.empty()], [LINES.empty()], [FINDINGS.empty()]
        self._invoices_before = self._lines_before = 0

    def add(self, billed: Billed) -> None:
        """Add a shard; its invoices are numbered on from those before."""
        renumbered = pl.col("invoice_no") + self._invoices_before
        lines = billed.lines.with_columns(renumbered)
        if self._lines_before + lines.height > LINES_IN_MEMORY:
            lines = self._mapped(lines)
        self._invoices.append(billed.invoices.with_columns(renumbered))
        self._lines.append(lines)
        self._findings.append(billed.findings)
        self._invoices_before += billed.invoices.get_column("invoice_no").max() or 0
        self._lines_before += lines.height

    def _mapped(self, lines: pl.DataFrame) -> pl.DataFrame:
        file = self._folder / f"{len(self._lines)}.arrow"
        lines.write_ipc(file, compression="uncompressed")
        return pl.DataFrame(pa.ipc.open_file(pa.memory_map(str(file))).read_all())

    def together(self) -> Preview:
        """Return all that was added."""
        return Preview(
            invoices=pl.concat(self._invoices, how="diagonal"),
            lines=pl.concat(self._lines, how="diagonal"),
            findings=pl.concat(self._findings),
        )


def _rate(shard: ShardRange, *, terms: Terms, selection: Selection, snapshot: str) -> Billed:
    try:
        return bill_shard(shard, terms=terms, selection=selection, snapshot=snapshot)
    finally:
        connections.close_all()
