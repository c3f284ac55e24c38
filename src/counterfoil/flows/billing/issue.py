"""Issue: drafts become documents, with a number and a due date, in batches (billing-rules 7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import product

import polars as pl
from django.db import transaction
from django.db.models import QuerySet

from counterfoil.core.document import DocumentType
from counterfoil.core.numbering import DateBeforeLastIssued, NumberPattern, SeriesKey, check_date_order
from counterfoil.core.refusals import Refusal
from counterfoil.engine.numbering import DRAFTS, number_drafts
from counterfoil.flows.billing.load import read, read_by_index
from counterfoil.flows.billing.persist import to_arrow
from counterfoil.flows.billing.run import Progress, selection_of
from counterfoil.flows.closing import BooksClosed, check_books_open
from counterfoil.flows.stopping import stop_here
from counterfoil.records.billing import actions, queries
from counterfoil.records.billing import consolidating_actions as consolidating
from counterfoil.records.billing import series_actions as numbered
from counterfoil.records.billing.figures import ToIssue
from counterfoil.records.billing.models import DocumentSeries, Invoice, Run, RunStatus
from counterfoil.records.billing.summing_actions import sum_up_issued
from counterfoil.records.deliveries import actions as deliveries
from counterfoil.records.labels import small
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import the_organisation

DOCUMENTS_A_BATCH = 20_000


class RunNotInReview(Refusal):
    """Run {run} is {status}, so it cannot be authorised. Only a run in review can."""


class FourEyes(Refusal):
    """Run {run} must be authorised by somebody other than who generated it. Ask a colleague who may approve."""


class AdjusterMayNotAuthorise(Refusal):
    """You revised drafts of run {run}; the organisation wants four eyes. Have some other colleague authorise it."""


class SecondPersonNeeded(Refusal):
    """Run {run} waits for a second person: its definition authorises it, but the organisation wants four eyes.
    Have somebody who may approve look at it and authorise it.
    """


class RunNotAuthorised(Refusal):
    """Run {run} is {status}, so it cannot be issued. Authorise it first."""


class NotYetDated(Refusal):
    """Run {run} is dated {invoice_date} and is issued on that day. Nothing to do until then."""


def authorise(run_id: int, *, by: User | None, now: datetime) -> Run:
    """Mark the run as authorised by *by*; `issue` then gives the numbers.

    Raises `RunNotInReview`; `FourEyes` and `AdjusterMayNotAuthorise` where the organisation wants two people;
    `BooksClosed`, and `DateBeforeLastIssued` if a number series has a later document already.
    """
    with transaction.atomic():
        run = actions.lock_run(run_id)
        if run.status != RunStatus.IN_REVIEW:
            raise RunNotInReview(run=run_id, status=small(RunStatus(run.status).label))
        _check_four_eyes(run, by=by)
        check_dates(queries.drafts_to_issue(run_id))
        return actions.mark_authorised(run, by=by, now=now)


def authorise_by_definition(run_id: int, *, now: datetime) -> str:
    """Authorise a run whose definition says so; return why it stays in review instead, "" if it does not (C2).

    Nothing fails: under four eyes it waits for a second person, and where a date is refused for somebody to
    decide.
    """
    because = why_in_review(queries.run_of(run_id))
    if not because:
        authorise(run_id, by=None, now=now)
    return because


def why_in_review(run: Run) -> str:
    """Return why *run* is in review although its definition authorises it; "" if there is no reason."""
    if run.status != RunStatus.IN_REVIEW or not selection_of(run).authorised:
        return ""
    if the_organisation().four_eyes:
        return SecondPersonNeeded(run=run.pk).sentence
    try:
        check_dates(queries.drafts_to_issue(run.pk))
    except (DateBeforeLastIssued, BooksClosed) as refusal:
        return refusal.sentence
    return ""


def check_dates(drafts: QuerySet[Invoice]) -> None:
    """Raise `BooksClosed` or `DateBeforeLastIssued` if one of *drafts* cannot be issued with its date (7.2, 7.5)."""
    for invoice_date, documents in queries.series_needed(drafts).items():
        check_books_open(invoice_date)
        for series in numbered.series_for(documents, invoice_date=invoice_date, makes_new=False):
            _check_date(series, invoice_date=invoice_date)


def first_date_for(drafts: QuerySet[Invoice]) -> date:
    """Return the first day that *drafts* could all be dated: not before their own, their series' or the books'."""
    needed = queries.series_needed(drafts)
    last = [
        series.last_date
        for invoice_date, documents in needed.items()
        for series in numbered.series_for(documents, invoice_date=invoice_date, makes_new=False)
    ]
    closed_before = the_organisation().books_closed_before
    return max(day for day in [*needed, *last, closed_before] if day is not None)


def next_numbers(drafts: Iterable[ToIssue]) -> list[str]:
    """Return the first number that each series of *drafts* would give now; none is taken."""
    needed: dict[date, list[tuple[int, str]]] = {}
    for one in drafts:
        needed.setdefault(one.invoice_date, []).append((one.branch_id, one.document_type))
    return [
        NumberPattern(series.pattern).number(
            seq=series.next_seq, year=invoice_date.year, branch=series.branch.code
        )
        for invoice_date, found in numbered.series_by_date(needed, makes_new=False).items()
        for series in found
    ]


def issue(
    run_id: int,
    *,
    today: date,
    now: Callable[[], datetime],
    progress: Progress | None = None,
) -> Run:
    """Give every draft of an authorised run its number, its due date and its deliveries; resumable.

    Numbers follow the order of the shards, whatever the workers did. Each batch is one transaction; held drafts are
    left and are issued by a later call once released, drafts dated after *today* by one on their day. Raises
    `RunNotAuthorised`, and `NotYetDated` if all are dated later (7.2).
    """
    run = queries.run_of(run_id)
    if run.status not in (RunStatus.AUTHORISED, RunStatus.ISSUED):
        raise RunNotAuthorised(run=run_id, status=small(RunStatus(run.status).label))
    waiting = queries.drafts_to_issue(run_id)
    due = queries.series_needed(waiting.filter(invoice_date__lte=today))
    if not due and run.invoice_date > today:
        raise NotYetDated(run=run_id, invoice_date=run.invoice_date)
    planned, issued = waiting.filter(invoice_date__lte=today).count(), 0
    in_order = queries.draft_ids_in_order(run_id)
    for (invoice_date, documents), (first, end) in product(due.items(), in_order):
        while batch := _issue_batch(
            run_id, invoice_date=invoice_date, documents=documents, first=first, end=end, now=now()
        ):
            issued, first = issued + len(batch), batch[-1] + 1
            stop_here(f"after-issue-{issued}")
            if progress:
                progress(issued, max(planned, issued))
    with transaction.atomic():
        run = actions.lock_run(run_id)
        sum_up_issued(run_id)
        return run if waiting.exists() else actions.mark_issued(run, now=now())


def _issue_batch(
    run_id: int,
    *,
    invoice_date: date,
    documents: Sequence[tuple[int, str]],
    first: int,
    end: int | None,
    now: datetime,
) -> list[int]:
    """Issue the next documents of that date, ids from *first* and before *end*, in one transaction; return their ids.

    What was issued by earlier batches is not looked through again. A draft released behind their back waits for the
    next call.
    """
    check_books_open(invoice_date)
    with transaction.atomic():
        read_by_index()
        run = actions.lock_run(run_id)
        selection = selection_of(run)
        series = numbered.lock_series(numbered.series_for(documents, invoice_date=invoice_date))
        drafts = read(
            "drafts",
            DRAFTS,
            run=run_id,
            invoice_date=invoice_date,
            first=first,
            end=end,
            series=[one.pk for one in series],
            payment_terms=the_organisation().payment_terms,
            keeps_zero=selection.keeps_zero,
            batch=DOCUMENTS_A_BATCH,
        )
        if drafts.is_empty():
            return []
        for one in series:
            _check_date(one, invoice_date=invoice_date)
        numbers = number_drafts(
            drafts,
            next_seq={one.pk: one.next_seq for one in series},
            patterns={one.pk: NumberPattern(one.pattern) for one in series},
            branches={one.pk: one.branch.code for one in series},
            invoice_date=invoice_date,
        )
        actions.store_numbers(
            to_arrow(numbers.with_columns(issued_at=pl.lit(now, dtype=pl.Datetime("us", "UTC"))))
        )
        given = dict(numbers.group_by("series_id").agg(pl.col("seq").max()).iter_rows())
        numbered.advance_series(given, invoice_date=invoice_date)
        issued = numbers.get_column("invoice_id").to_list()
        consolidating.queue_new(issued)
        deliveries.queue(
            invoices=issued,
            connector=selection.connector,
            by_email=selection.send_email,
            now=now,
        )
        return issued


def _check_four_eyes(run: Run, *, by: User | None) -> None:
    if not the_organisation().four_eyes:
        return
    if by is None or run.generated_by_id == by.pk:
        raise FourEyes(run=run.pk)
    if by.pk in queries.revisers_of(Invoice.objects.filter(run=run)):
        raise AdjusterMayNotAuthorise(run=run.pk)


def _check_date(series: DocumentSeries, *, invoice_date: date) -> None:
    key = SeriesKey(series.branch.code, DocumentType(series.document_type), series.year or None)
    check_date_order(
        series=key,
        invoice_date=invoice_date,
        last_issued=series.last_date,
        in_date_order=not series.any_date_order,
    )
