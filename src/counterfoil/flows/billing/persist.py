"""Persist: a rated shard goes into the database by COPY, in one transaction, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import pyarrow as pa
from django.db import connection

from counterfoil.engine.billing import Billed
from counterfoil.engine.credit_frames import CREDIT_LINES, CREDIT_NOTES, CREDIT_SPANS
from counterfoil.engine.frames import FINDINGS, INVOICES, LINES, SPANS
from counterfoil.flows.billing.given_up import check_given_up_unchanged
from counterfoil.flows.billing.selection import Selection
from counterfoil.flows.crediting.originals import check_originals_unchanged
from counterfoil.records.billing import actions as billing
from counterfoil.records.billing.models import Run
from counterfoil.records.charges.actions import mark_charged, move_spans


def store_shard(billed: Billed, *, run: Run, shard: int, now: datetime) -> bool:
    """Store what *shard* of *run* billed, inside the caller's transaction; False if it is stored already.

    Locks the shard's row, so a rescued job and the one thought dead cannot both store it. Raises
    `SpanMovedMeanwhile` if another run billed some of its days meanwhile, `RunNotGenerating` if the run was
    abandoned.
    """
    _commit_without_waiting()
    if not billing.lock_shard(run_id=run.pk, shard=shard):
        return False
    stored = store_billed(billed, run=run, shard=shard)
    billing.mark_shard_done(
        run_id=run.pk,
        shard=shard,
        now=now,
        first_invoice=stored.first_invoice,
        invoices=stored.invoices,
        lines=stored.lines,
        exceptions=stored.exceptions,
        wording=stored.wording,
    )
    return True


def _commit_without_waiting() -> None:
    """Have this transaction's commit not wait for the disk (decision 0046).

    Should the database's machine fail in the next moment, the shard is missing again as a whole, done mark and all, and
    resuming does it anew. What makes the run visible does wait, and with it everything committed before.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


MOST_WORDINGS = 1_000
"""So many codes and descriptions of a shard are noted. Lines with a text of their own each are no worse looked for."""


@dataclass(frozen=True, kw_only=True)
class StoredRows:
    """How many rows were stored, and the id of the first invoice; those of the others follow it.

    *wording* is code and description of the lines, each once; None if they are too many.
    """

    first_invoice: int
    invoices: int
    lines: int
    exceptions: int
    wording: Sequence[str] | None


def store_billed(billed: Billed, *, run: Run, shard: int) -> StoredRows:
    """Store drafts with their lines, move the spans, and store the exceptions, inside the caller's transaction.

    Raises `SpanMovedMeanwhile` if another run billed some of the days, or credited one of the invoices, meanwhile,
    and `EventChargedMeanwhile` if one charged some of the events.
    """
    check_given_up_unchanged(billed.given_up)
    invoice_shape, line_shape, span_shape = INVOICES, LINES, SPANS
    if billed.originals is not None:
        check_originals_unchanged(billed.originals)
        invoice_shape, line_shape, span_shape = CREDIT_NOTES, CREDIT_LINES, CREDIT_SPANS
    invoices, lines = invoice_shape.promise(billed.invoices), line_shape.promise(billed.lines)
    invoice_ids = billing.reserve_ids("billing_invoice_ids", count=invoices.height)
    line_ids = billing.reserve_ids("billing_invoiceline_ids", count=lines.height)
    line_rows = _line_rows(lines, invoices=invoices, first_id=line_ids, first_invoice_id=invoice_ids)
    billing.store_documents(
        invoices=to_arrow(_invoice_rows(invoices, run=run, shard=shard, first_id=invoice_ids)),
        lines=to_arrow(line_rows),
    )
    if billed.originals is None:
        mark_charged(to_arrow(_charged_events(line_rows)))
    move_spans(to_arrow(span_shape.promise(billed.spans.sort("charge_id"))))
    findings = FINDINGS.promise(billed.findings)
    billing.store_exceptions(to_arrow(_exception_rows(findings, run=run, shard=shard)))
    return StoredRows(
        first_invoice=invoice_ids,
        invoices=invoices.height,
        lines=lines.height,
        exceptions=findings.height,
        wording=_wording(lines),
    )


def _wording(lines: pl.DataFrame) -> list[str] | None:
    """Return code and description of *lines*, each once, None if they are too many to be kept."""
    texts = lines.select(pl.concat_str("code", "description", separator=" ").unique()).to_series()
    return texts.sort().to_list() if texts.len() <= MOST_WORDINGS else None


def _invoice_rows(invoices: pl.DataFrame, *, run: Run, shard: int, first_id: int) -> pl.DataFrame:
    return invoices.select(
        id=pl.int_range(pl.len()) + first_id,
        run_id=pl.lit(run.pk, dtype=pl.Int64),
        shard=pl.lit(shard, dtype=pl.Int32),
        customer_id="customer_id",
        branch_id="branch_id",
        document_type="document_type",
        currency="currency",
        po_number="po_number",
        invoice_date=pl.lit(run.invoice_date),
        is_amalgamated=pl.lit(Selection.from_json(run.selection).amalgamated),
        line_count="line_count",
        net_minor="net_minor",
        tax_minor="tax_minor",
        gross_minor="gross_minor",
        credits_id="credits_id" if "credits_id" in invoices.columns else pl.lit(None, dtype=pl.Int64),
    )


def _line_rows(
    lines: pl.DataFrame, *, invoices: pl.DataFrame, first_id: int, first_invoice_id: int
) -> pl.DataFrame:
    ids = invoices.select("invoice_no", invoice_id=pl.int_range(pl.len()) + first_invoice_id)
    placed = lines.join(ids, on="invoice_no", how="left", maintain_order="left")
    return placed.with_columns(id=pl.int_range(pl.len()) + first_id).drop("invoice_no")


def _charged_events(line_rows: pl.DataFrame) -> pl.DataFrame:
    of_events = line_rows.filter(pl.col("event_charge_id").is_not_null())
    return of_events.select("event_charge_id", line_id="id")


def _exception_rows(findings: pl.DataFrame, *, run: Run, shard: int) -> pl.DataFrame:
    return findings.with_columns(run_id=pl.lit(run.pk, dtype=pl.Int64), shard=pl.lit(shard, dtype=pl.Int32))


def to_arrow(table: pl.DataFrame) -> pa.Table:
    """Return *table* with the Arrow types that the COPY encoder reads."""
    return table.to_arrow(compat_level=pl.CompatLevel.oldest())
