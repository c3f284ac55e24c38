"""Issue: drafts become documents, with a number and a due date, in batches (billing-rules 7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import polars as pl
from django.db import transaction

from counterfoil.core.document import DocumentType
from counterfoil.core.numbering import NumberPattern, SeriesKey, check_date_order
from counterfoil.core.refusals import Refusal
from counterfoil.engine.numbering import DRAFTS, number_drafts
from counterfoil.flows.billing.load import read
from counterfoil.flows.billing.persist import to_arrow
from counterfoil.flows.billing.run import Progress, selection_of
from counterfoil.flows.stopping import stop_here
from counterfoil.records.billing import actions, queries
from counterfoil.records.billing.models import DocumentSeries, Run, RunStatus
from counterfoil.records.deliveries import actions as deliveries
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import the_organisation

DOCUMENTS_A_BATCH = 20_000


class RunNotInReview(Refusal):
    """Run {run} is {status}, so it cannot be authorised. Only a run in review can."""


class FourEyes(Refusal):
    """Run {run} must be authorised by somebody other than who generated it. Ask a colleague who may approve."""


class RunNotAuthorised(Refusal):
    """Run {run} is {status}, so it cannot be issued. Authorise it first."""


class NotYetDated(Refusal):
    """Run {run} is dated {invoice_date} and is issued on that day. Nothing to do until then."""


def authorise(run_id: int, *, by: User | None, now: datetime) -> Run:
    """Mark the run as authorised by *by*; `issue` then gives the numbers.

    Raises `RunNotInReview`, `FourEyes` where the organisation wants two people, and `DateBeforeLastIssued` if
    a number series has a later document already.
    """
    with transaction.atomic():
        run = actions.lock_run(run_id)
        if run.status != RunStatus.IN_REVIEW:
            raise RunNotInReview(run=run_id, status=run.get_status_display().lower())
        by_same = by is None or run.generated_by_id == by.pk
        if the_organisation().four_eyes and by_same:
            raise FourEyes(run=run_id)
        for series in actions.series_for_run(run):
            _check_date(series, run=run)
        return actions.mark_authorised(run, by=by, now=now)


def issue(
    run_id: int,
    *,
    today: date,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> Run:
    """Give every draft of an authorised run its number, its due date and its deliveries; resumable.

    Each batch is one transaction; held drafts are left and are issued by a later call once released. Raises
    `RunNotAuthorised`, and `NotYetDated` before the invoice date (billing-rules 7.2).
    """
    run = queries.run_of(run_id)
    if run.status not in (RunStatus.AUTHORISED, RunStatus.ISSUED):
        raise RunNotAuthorised(run=run_id, status=run.get_status_display().lower())
    if run.invoice_date > today:
        raise NotYetDated(run=run_id, invoice_date=run.invoice_date)
    planned, issued = queries.drafts_to_issue(run_id).count(), 0
    while count := _issue_batch(run_id, now=now()):
        issued += count
        stop_here(f"after-issue-{issued}")
        if progress:
            progress(issued, max(planned, issued))
    with transaction.atomic():
        return actions.mark_issued(actions.lock_run(run_id), now=now())


def _issue_batch(run_id: int, *, now: datetime) -> int:
    """Issue the next documents of the run in one transaction and return how many."""
    with transaction.atomic():
        run = actions.lock_run(run_id)
        series = actions.lock_series(actions.series_for_run(run))
        for one in series:
            _check_date(one, run=run)
        drafts = read(
            "drafts",
            DRAFTS,
            run=run_id,
            year=run.invoice_date.year,
            payment_terms=the_organisation().payment_terms,
            batch=DOCUMENTS_A_BATCH,
        )
        if drafts.is_empty():
            return 0
        numbers = number_drafts(
            drafts,
            next_seq={one.pk: one.next_seq for one in series},
            patterns={one.pk: NumberPattern(one.pattern) for one in series},
            branches={one.pk: one.branch.code for one in series},
            invoice_date=run.invoice_date,
        )
        actions.store_numbers(
            to_arrow(numbers.with_columns(issued_at=pl.lit(now, dtype=pl.Datetime("us", "UTC"))))
        )
        given = dict(numbers.group_by("series_id").agg(pl.col("seq").max()).iter_rows())
        actions.advance_series(given, invoice_date=run.invoice_date)
        selection = selection_of(run)
        deliveries.queue(
            invoices=numbers.get_column("invoice_id").to_list(),
            connector=selection.connector,
            by_email=selection.send_email,
            now=now,
        )
        return numbers.height


def _check_date(series: DocumentSeries, *, run: Run) -> None:
    key = SeriesKey(series.branch.code, DocumentType(series.document_type), series.year or None)
    check_date_order(
        series=key,
        invoice_date=run.invoice_date,
        last_issued=series.last_date,
        in_date_order=not series.any_date_order,
    )
