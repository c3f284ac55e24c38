"""A billing run: load · rate · persist, shard by shard; visible at one stroke when the last shard is in."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, as_completed
from dataclasses import dataclass
from datetime import date, datetime

from django.db import OperationalError, connections, transaction
from psycopg.errors import DeadlockDetected

from counterfoil.core.crediting import CreditBasis
from counterfoil.core.money import Rounding
from counterfoil.core.refusals import Refusal
from counterfoil.engine.billing import Billed, Loaded, Terms, bill
from counterfoil.engine.credit_frames import Creditable
from counterfoil.engine.crediting import credit
from counterfoil.engine.grouping import Grouping
from counterfoil.flows.billing.load import (
    ShardRange,
    load_shard,
    plan_event_shards,
    plan_shards,
    reading,
    shared_snapshot,
)
from counterfoil.flows.billing.persist import store_shard
from counterfoil.flows.billing.selection import Selection
from counterfoil.flows.billing.workers import Workers, do_shard, workers_as_set
from counterfoil.flows.closing import check_books_open
from counterfoil.flows.crediting.loading import load_creditable, plan_credit_shards
from counterfoil.flows.stopping import stop_here
from counterfoil.records.billing import actions, queries
from counterfoil.records.billing.models import BatchDefinition, Run, RunShard
from counterfoil.records.charges.actions import EventChargedMeanwhile, SpanMovedMeanwhile
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import the_organisation

SHARD_CHARGES = 50_000
ATTEMPTS = 5
POOLS = 3

Progress = Callable[[int, int], None]
"""Called with the number of charges done and the number there are."""


class RunCollides(Refusal):
    """Other runs keep billing the same days as run {run}. Wait until they are finished, then resume this one."""


class WorkersDied(Refusal):
    """Worker processes of run {run} were killed {times} times, perhaps for want of memory. What is stored stays:
    resume the run, with fewer processes or with a smaller COUNTERFOIL_SHARD_CHARGES for the next one.
    """


@dataclass(frozen=True, kw_only=True)
class Request:
    """A run that somebody asks for: what, by when, dated when; *tax_point* None is the invoice date (5.1)."""

    title: str
    selection: Selection
    cutoff: date
    invoice_date: date
    definition: BatchDefinition | None = None
    tax_point: date | None = None


def generate(
    request: Request,
    *,
    by: User | None,
    now: Callable[[], datetime],
    progress: Progress | None = None,
    shard_charges: int = SHARD_CHARGES,
    workers: Workers | None = None,
) -> Run:
    """Generate the run that *request* asks for: drafts to be reviewed, none visible before all are stored."""
    run = open_run(request, by=by, now=now(), shard_charges=shard_charges)
    stop_here("after-open")
    return resume(run, now=now, progress=progress, workers=workers)


def open_run(
    request: Request,
    *,
    by: User | None,
    now: datetime,
    shard_charges: int = SHARD_CHARGES,
    scheduled_for: datetime | None = None,
) -> Run:
    """Store a new run with its shards still to do; `resume` does them, here or on a worker.

    *scheduled_for* is the moment its definition's schedule had it due, None where somebody asked for it.
    Raises `BooksClosed` if it is dated in a closed period (7.5).
    """
    check_books_open(request.invoice_date)
    with transaction.atomic():
        return actions.open_run(
            Run(
                definition=request.definition,
                title=request.title,
                selection=request.selection.to_json(),
                cutoff=request.cutoff,
                invoice_date=request.invoice_date,
                tax_point=request.tax_point,
                generated_by=by,
                started_at=now,
                scheduled_for=scheduled_for,
            ),
            shards=[
                RunShard(
                    number=shard.number,
                    first_customer=shard.first_customer,
                    last_customer=shard.last_customer,
                    charges=shard.charges,
                    credited=shard.credited,
                )
                for shard in shards_of(request.selection, shard_charges=shard_charges)
            ],
        )


def shards_of(selection: Selection, *, shard_charges: int) -> list[ShardRange]:
    """Return the shards of a run of *selection*: by who pays now, or in a credit run by who was billed."""
    if selection.credits:
        return plan_credit_shards(selection, shard_charges=shard_charges)
    if selection.events is not None:
        return plan_event_shards(selection.events, shard_charges=shard_charges)
    return plan_shards(shard_charges=shard_charges)


def resume(
    run: Run,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
    workers: Workers | None = None,
) -> Run:
    """Do the shards of *run* that are still missing, then make it visible (billing-rules 12.2).

    They are done by *workers*, None being those the settings name. Raises `RunNotGenerating` if the run is past
    that, `RunCollides` if other runs bill the same days all the time, and `WorkersDied`.
    """
    missing = {shard.number: shard for shard in queries.open_shards(run.pk)}
    with shared_snapshot() as snapshot:
        for _pool in range(POOLS):
            try:
                with (workers or workers_as_set())() as executor:
                    _do_shards(missing, run.pk, executor, snapshot=snapshot, now=now, progress=progress)
                break
            except BrokenExecutor:
                # A pool of processes breaks whole when one is killed; what is missing goes to a new one.
                continue
        else:
            raise WorkersDied(run=run.pk, times=POOLS)
    stop_here("before-finish")
    with transaction.atomic():
        run = actions.finish_generating(run.pk, now=now())
    stop_here("after-generate")
    return run


def bill_and_store_shard(
    run_id: int, number: int, *, snapshot: str | None, now: Callable[[], datetime]
) -> None:
    """Load, rate and store one shard; on today's data if another run billed some of its days meanwhile."""
    try:
        with reading(snapshot):
            run, shard = queries.run_of(run_id), _range_of(queries.shard_of(run_id, number))
            terms = terms_of(run)
        for _attempt in range(ATTEMPTS):
            billed = bill_shard(shard, terms=terms, selection=selection_of(run), snapshot=snapshot)
            try:
                with transaction.atomic():
                    store_shard(billed, run=run, shard=number, now=now())
                stop_here(f"after-shard-{number}")
                return
            except (SpanMovedMeanwhile, EventChargedMeanwhile):
                snapshot = None
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected):
                    raise
                snapshot = None
        raise RunCollides(run=run_id)
    finally:
        connections.close_all()


def bill_shard(
    shard: ShardRange, *, terms: Terms, selection: Selection, snapshot: str | None = None
) -> Billed:
    """Return what *shard* owes, or is to be credited, on the data of *snapshot*, or of this moment; stores nothing."""
    with reading(snapshot):
        loaded = load(shard, selection=selection)
    return rated(loaded, terms=terms, selection=selection)


def load(shard: ShardRange, *, selection: Selection) -> Loaded | Creditable:
    """Return what *shard* is rated by, or credited by, read within the transaction that is open."""
    if selection.credits:
        return load_creditable(shard, selection=selection)
    return load_shard(shard, selection=selection)


def rated(loaded: Loaded | Creditable, *, terms: Terms, selection: Selection) -> Billed:
    """Return what a shard owes, or is to be credited, by what was *loaded* of it."""
    if isinstance(loaded, Creditable):
        return credit(loaded, terms=terms, basis=CreditBasis(selection.credit_basis))
    return bill(loaded, terms=terms)


def terms_of(run: Run) -> Terms:
    """Return what *run* was asked to do, in the organisation's ways."""
    return _terms(
        selection_of(run), cutoff=run.cutoff, invoice_date=run.invoice_date, tax_point=run.tax_point
    )


def terms_of_request(request: Request) -> Terms:
    """Return what a run of *request* would be asked to do, in the organisation's ways."""
    return _terms(
        request.selection,
        cutoff=request.cutoff,
        invoice_date=request.invoice_date,
        tax_point=request.tax_point,
    )


def selection_of(run: Run) -> Selection:
    """Return the selection stored with *run*."""
    return Selection.from_json(run.selection)


def _terms(selection: Selection, *, cutoff: date, invoice_date: date, tax_point: date | None) -> Terms:
    organisation = the_organisation()
    return Terms(
        cutoff=cutoff,
        invoice_date=invoice_date,
        tax_point=tax_point,
        grouping=Grouping(selection.grouping),
        past_periods_allowed=selection.past_periods_allowed,
        rounding=Rounding(organisation.rounding),
        seller_country=organisation.country,
        seller_tax_status=organisation.tax_status,
    )


def _range_of(shard: RunShard) -> ShardRange:
    return ShardRange(
        number=shard.number,
        first_customer=shard.first_customer,
        last_customer=shard.last_customer,
        charges=shard.charges,
        credited=None if shard.credited is None else tuple(shard.credited),
    )


def _do_shards(
    missing: dict[int, RunShard],
    run_id: int,
    executor: Executor,
    *,
    snapshot: str,
    now: Callable[[], datetime],
    progress: Progress | None,
) -> None:
    """Have the *missing* shards done and take them out, by number.

    At the first failure no more are started, and it is raised when those under way are done.
    """
    planned = queries.charges_done(run_id)[1]
    futures = {
        executor.submit(do_shard, run_id=run_id, number=number, snapshot=snapshot, now=now): number
        for number in missing
    }
    try:
        for future in as_completed(futures):
            future.result()
            del missing[futures[future]]
            if progress:
                progress(planned - sum(shard.charges for shard in missing.values()), planned)
    finally:
        for future in futures:
            future.cancel()
