"""Variance: how a run, or a preview, differs from the run of the same kind before it (product C3).

Of a stored run it is computed once and kept, so that its review reads it by an index; what is kept is derived,
and made anew when drafts were dropped since or the run before was taken back. Read in ranges of customers, so
that no run is too large.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl
import pyarrow as pa
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from counterfoil.core.money import Rounding
from counterfoil.core.refusals import Refusal
from counterfoil.engine import due
from counterfoil.engine import variance as engine
from counterfoil.engine.variance import COMPARED, CUSTOMER_VARIANCES, TOTAL_VARIANCES, VARIANCES
from counterfoil.flows.billing.load import read
from counterfoil.flows.billing.persist import to_arrow
from counterfoil.flows.billing.preview import Preview
from counterfoil.flows.billing.run import Request
from counterfoil.records.billing import actions, queries, variance_actions
from counterfoil.records.billing.figures import run_before, run_before_request, with_run_before
from counterfoil.records.billing.models import (
    VISIBLE_STATUSES,
    InvoiceExclusion,
    Run,
    RunComparison,
    RunShard,
    RunStatus,
)
from counterfoil.records.deliveries.outbox import AlreadyQueued, queue_work_once
from counterfoil.records.labels import small
from counterfoil.records.organisation.queries import the_organisation

CHARGES_AT_ONCE = 1_000_000
LINES_COMPARED_WHILE_WAITING = 20_000
"""A run of so many lines is compared while somebody waits; a larger one by a worker."""

COMPARE = "compare_run"


_COUNTS = pl.col("^.*_lines$")


class NotComparable(Refusal):
    """Run {run} is {status}: there is nothing to compare. Choose one that is in review, authorised or issued."""


@dataclass(frozen=True)
class Kind:
    """What makes runs of one kind: their definition, or on the spot their selection; and where this one stands.

    *run_id* None: it is a preview, later than all runs.
    """

    definition_id: int | None
    selection: Mapping[str, Any]
    _: KW_ONLY
    cutoff: date
    run_id: int | None


@dataclass(frozen=True, kw_only=True)
class Variance:
    """What a run or preview differs by from the run *before*; tables of engine.variance.

    *lines* holds those that differ and those that do not.
    """

    before: Run
    totals: pl.DataFrame
    customers: pl.DataFrame
    lines: pl.DataFrame


def compare_runs(run: Run, *, before: Run) -> Variance:
    """Return how the lines of *run* that count now differ from those of *before*. Raises `NotComparable`."""
    for one in (run, before):
        if one.status not in VISIBLE_STATUSES:
            raise NotComparable(run=one.pk, status=small(RunStatus(one.status).label))
    kind = Kind(run.definition_id, run.selection, cutoff=run.cutoff, run_id=run.pk)
    rounding = _rounding()
    parts = [
        _compared(_lines_of(run, *customers), _lines_of(before, *customers), kind=kind, rounding=rounding)
        for customers in _ranges(run)
    ]
    return together(parts, before=before)


def compare_customer(run: Run, *, before: Run, customer_id: int, rounding: Rounding) -> pl.DataFrame:
    """Return VARIANCES of what *run* bills one customer against what *before* did."""
    kind = Kind(run.definition_id, run.selection, cutoff=run.cutoff, run_id=run.pk)
    alone = (customer_id, customer_id + 1)
    return _compared(_lines_of(run, *alone), _lines_of(before, *alone), kind=kind, rounding=rounding)


def compare_preview(preview: Preview, *, request: Request, against: int | None = None) -> Variance | None:
    """Return how *preview* differs from run *against*, or the one before; None if there is none."""
    before = (
        queries.run_of(against)
        if against is not None
        else run_before_request(definition=request.definition, selection=request.selection.to_json())
    )
    if before is None:
        return None
    definition_id = request.definition.pk if request.definition else None
    kind = Kind(definition_id, request.selection.to_json(), cutoff=request.cutoff, run_id=None)
    then = _lines_of(before, None, None)
    lines = _compared(lines_of_preview(preview), then, kind=kind, rounding=_rounding())
    return together([lines], before=before)


def lines_of_preview(preview: Preview) -> pl.DataFrame:
    """Return the lines of *preview* as COMPARED; `line_id` is their place in it, counted from 0."""
    payers = preview.invoices.select("invoice_no", "customer_id", "currency")
    placed = preview.lines.with_columns(line_id=pl.int_range(pl.len(), dtype=pl.Int64))
    return COMPARED.promise(placed.join(payers, on="invoice_no", how="left", maintain_order="left"))


@dataclass(frozen=True, kw_only=True)
class LastTime:
    """The run that another one is compared with, and their comparison as it is kept, if that is still true."""

    before: Run | None
    comparison: RunComparison | None


def with_last_time(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Return *runs* with what `last_time_of` would otherwise ask for."""
    of_run = InvoiceExclusion.objects.filter(invoice__run=OuterRef("pk")).order_by().values("invoice__run")
    dropped = Coalesce(Subquery(of_run.annotate(n=Count("pk")).values("n")), 0)
    return with_run_before(runs.select_related("comparison__before")).annotate(dropped_now=dropped)


def last_time_of(run: Run) -> LastTime:
    """Return what *run* is compared with, and the comparison if it is kept and still true."""
    known: Any = run if hasattr(run, "before_id") else with_last_time(Run.objects.filter(pk=run.pk)).get()
    if known.before_id is None:
        return LastTime(before=None, comparison=None)
    kept = getattr(known, "comparison", None)
    if kept is not None and (kept.before_id, kept.dropped) == (known.before_id, known.dropped_now):
        return LastTime(before=kept.before, comparison=kept)
    return LastTime(before=queries.run_of(known.before_id), comparison=None)


def comparison_of(run: Run) -> RunComparison | None:
    """Return the kept comparison of *run* with the run before it if it is still true, else None; one query."""
    return last_time_of(run).comparison


def keep_comparison(run: Run, *, now: datetime) -> RunComparison | None:
    """Compare *run* with the one before it and keep what was found; None if there is none. Can run twice."""
    before = run_before(run)
    if before is None or run.status not in VISIBLE_STATUSES:
        return None
    dropped = _dropped(run)
    found = compare_runs(run, before=before)
    with transaction.atomic():
        locked = actions.lock_run(run.pk)
        kept = variance_actions.begin_comparison(locked, before=before, dropped=dropped, now=now)
        differing = found.lines.filter(pl.col("reason") != engine.SAME)
        variance_actions.store_variances(
            totals=_rows(found.totals.with_columns(_COUNTS.cast(pl.Int32)), run=run),
            customers=_rows(found.customers, run=run),
            lines=_rows(differing, run=run),
        )
        return kept


def comparison_to_show(run: Run, *, now: datetime) -> LastTime:
    """Return what *run* is compared with, and the comparison, made at once where that takes no time.

    A run before, and no comparison: `start_comparing` is to be asked.
    """
    known = last_time_of(run)
    if known.comparison is not None or known.before is None:
        return known
    lines = RunShard.objects.filter(run=run).aggregate(lines=Sum("lines"))["lines"] or 0
    if lines > LINES_COMPARED_WHILE_WAITING:
        return known
    return replace(known, comparison=keep_comparison(run, now=now))


def start_comparing(run_id: int) -> None:
    """Have a worker compare the run with the one before it, unless that is waited for already."""
    with suppress(AlreadyQueued), transaction.atomic():
        queue_work_once(COMPARE, once=f"{COMPARE} {run_id}", run_id=run_id)


def _rounding() -> Rounding:
    return Rounding(the_organisation().rounding)


def _compared(now: pl.DataFrame, before: pl.DataFrame, *, kind: Kind, rounding: Rounding) -> pl.DataFrame:
    """Return VARIANCES of the lines *now* against those *before*; what the calendar does is neither new nor gone."""
    found = engine.compare(now=now, before=before, rounding=rounding)
    gone, new = due.charges_alone(found, "gone"), due.charges_alone(found, "new")
    return due.told_apart(
        found,
        now=now,
        before=before,
        going_on=read("charges_going_on", due.GOING_ON, charges=gone) if gone else due.GOING_ON.empty(),
        billed_before=_billed_before(new, kind=kind) if new else due.BILLED_BEFORE.empty(),
        cutoff=kind.cutoff,
    )


def _billed_before(charges: Sequence[int], *, kind: Kind) -> pl.DataFrame:
    return read(
        "charges_billed_before",
        due.BILLED_BEFORE,
        charges=charges,
        run=kind.run_id,
        definition=kind.definition_id,
        selection=json.dumps(kind.selection),
    )


def together(parts: Sequence[pl.DataFrame], *, before: Run) -> Variance:
    """Return the variance against *before* of which the VARIANCES are *parts*."""
    lines = pl.concat([VARIANCES.empty(), *parts])
    return Variance(
        before=before,
        totals=TOTAL_VARIANCES.promise(engine.totals(lines)),
        customers=CUSTOMER_VARIANCES.promise(engine.by_customer(lines)),
        lines=lines,
    )


def _lines_of(run: Run, first_customer: int | None, before_customer: int | None) -> pl.DataFrame:
    return read(
        "compared_lines",
        COMPARED,
        run=run.pk,
        first_customer=first_customer,
        before_customer=before_customer,
    )


def _ranges(run: Run) -> Iterator[tuple[int | None, int | None]]:
    """Yield ranges [first, before) of customers that together hold everybody, each with about a million charges."""
    shards = RunShard.objects.filter(run=run, first_customer__isnull=False).order_by("first_customer")
    first, charges = None, 0
    for customer, planned in shards.values_list("first_customer", "charges"):
        if charges and charges + planned > CHARGES_AT_ONCE:
            yield first, customer
            first, charges = customer, 0
        charges += planned
    yield first, None


def _dropped(run: Run) -> int:
    return InvoiceExclusion.objects.filter(invoice__run=run).count()


def _rows(table: pl.DataFrame, *, run: Run) -> pa.Table:
    return to_arrow(table.with_columns(comparison_id=pl.lit(run.pk, dtype=pl.Int64)))
