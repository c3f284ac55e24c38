"""A billing run: load · rate · persist, shard by shard; visible at one stroke when the last shard is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.db import OperationalError, connections, transaction
from psycopg.errors import DeadlockDetected

from counterfoil.core.crediting import CreditBasis
from counterfoil.core.money import Rounding
from counterfoil.core.refusals import Refusal
from counterfoil.engine.billing import Billed, Terms, bill
from counterfoil.engine.crediting import credit
from counterfoil.engine.grouping import Grouping
from counterfoil.flows.billing.load import ShardRange, load_shard, plan_shards, reading, shared_snapshot
from counterfoil.flows.billing.persist import store_shard
from counterfoil.flows.billing.selection import Selection
from counterfoil.flows.closing import check_books_open
from counterfoil.flows.crediting.loading import load_creditable
from counterfoil.flows.stopping import stop_here
from counterfoil.records.billing import actions, queries
from counterfoil.records.billing.models import BatchDefinition, Run
from counterfoil.records.charges.actions import EventChargedMeanwhile, SpanMovedMeanwhile
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import the_organisation

SHARD_CHARGES = 50_000
SHARDS_AT_ONCE = 2
ATTEMPTS = 5

Progress = Callable[[int, int], None]
"""Called with the number of charges done and the number there are."""


class RunCollides(Refusal):
    """Other runs keep billing the same days as run {run}. Wait until they are finished, then resume this one."""


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
) -> Run:
    """Generate the run that *request* asks for: drafts to be reviewed, none visible before all are stored."""
    run = open_run(request, by=by, now=now(), shard_charges=shard_charges)
    stop_here("after-open")
    return resume(run, now=now, progress=progress)


def open_run(request: Request, *, by: User | None, now: datetime, shard_charges: int = SHARD_CHARGES) -> Run:
    """Store a new run with its shards still to do; `resume` does them, here or on a worker.

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
            ),
            shards=[
                (shard.number, shard.first_customer, shard.last_customer, shard.charges)
                for shard in plan_shards(shard_charges=shard_charges)
            ],
        )


def resume(
    run: Run,
    *,
    now: Callable[[], datetime],
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Run:
    """Do the shards of *run* that are still missing, then make it visible (billing-rules 12.2).

    Raises `RunNotGenerating` if the run is past that, and `RunCollides` if other runs bill the same days all
    the time.
    """
    terms = terms_of(run)
    with shared_snapshot() as snapshot, _threads(executor) as pool:
        futures = {
            pool.submit(bill_and_store_shard, run, shard, terms=terms, snapshot=snapshot, now=now): shard
            for shard in _open_shards(run)
        }
        _wait_for(futures, run=run, progress=progress)
    stop_here("before-finish")
    with transaction.atomic():
        run = actions.finish_generating(run.pk, now=now())
    stop_here("after-generate")
    return run


def bill_and_store_shard(
    run: Run, shard: ShardRange, *, terms: Terms, snapshot: str | None, now: Callable[[], datetime]
) -> None:
    """Load, rate and store one shard; on today's data if another run billed some of its days meanwhile."""
    try:
        for _attempt in range(ATTEMPTS):
            billed = bill_shard(shard, terms=terms, selection=selection_of(run), snapshot=snapshot)
            try:
                with transaction.atomic():
                    store_shard(billed, run=run, shard=shard.number, now=now())
                stop_here(f"after-shard-{shard.number}")
                return
            except (SpanMovedMeanwhile, EventChargedMeanwhile):
                snapshot = None
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected):
                    raise
                snapshot = None
        raise RunCollides(run=run.pk)
    finally:
        connections.close_all()


def bill_shard(
    shard: ShardRange, *, terms: Terms, selection: Selection, snapshot: str | None = None
) -> Billed:
    """Return what *shard* owes, or is to be credited, on the data of *snapshot*, or of this moment; stores nothing."""
    if selection.credits:
        with reading(snapshot):
            creditable = load_creditable(shard, selection=selection)
        return credit(creditable, terms=terms, basis=CreditBasis(selection.credit_basis))
    with reading(snapshot):
        loaded = load_shard(shard, selection=selection)
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


def _open_shards(run: Run) -> list[ShardRange]:
    return [
        ShardRange(
            number=shard.number,
            first_customer=shard.first_customer,
            last_customer=shard.last_customer,
            charges=shard.charges,
        )
        for shard in queries.open_shards(run.pk)
    ]


@contextmanager
def _threads(executor: Executor | None) -> Iterator[Executor]:
    """Lend *executor*, or threads of this process: one shard is read and rated while another is stored."""
    if executor is not None:
        yield executor
        return
    with ThreadPoolExecutor(max_workers=SHARDS_AT_ONCE, thread_name_prefix="shard") as threads:
        yield threads


def _wait_for(futures: dict[Future[None], ShardRange], *, run: Run, progress: Progress | None) -> None:
    """Wait for every shard; at the first failure start no more, and raise it when those under way are done."""
    done, planned = queries.charges_done(run.pk)
    try:
        for future in as_completed(futures):
            future.result()
            done += futures[future].charges
            if progress:
                progress(done, planned)
    finally:
        for future in futures:
            future.cancel()
