"""Void: documents that have not left the house are taken back, one, several or a whole run (billing-rules 7.5, 12.4).

All or nothing: spans go back to where they were, events are chargeable again, what was queued is cancelled. The
numbers stay, and the documents say that they are void.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db import connection, transaction

from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import sentence
from counterfoil.flows.billing.blockers import FOR_ISSUED, Against, Blockers, billed_further, blockers_of
from counterfoil.flows.billing.deliver import AlreadyDelivering
from counterfoil.flows.billing.load import read
from counterfoil.flows.billing.paid_again import keep_payers
from counterfoil.flows.billing.persist import to_arrow
from counterfoil.flows.billing.review import SPANS_TO_SET_BACK, abandon, free_events, need_reason
from counterfoil.flows.billing.voidable import stands_against
from counterfoil.flows.consolidating.sending import sender_key
from counterfoil.flows.stopping import stop_here
from counterfoil.records.billing import actions, queries
from counterfoil.records.billing import consolidating_actions as consolidating
from counterfoil.records.billing.figures import Total, totals_of
from counterfoil.records.billing.models import Invoice, Run, RunStatus
from counterfoil.records.billing.summing_actions import forget_issued, subtract_issued
from counterfoil.records.charges.actions import move_spans
from counterfoil.records.deliveries import actions as deliveries
from counterfoil.records.deliveries import queries as delivered
from counterfoil.records.labels import small
from counterfoil.records.organisation.models import User


class NotVoidable(Refusal):
    """Nothing was voided: {blockers}. Take back first what came later; credit what left the house or lies in
    closed books.
    """


class NotIssued(Refusal):
    """{name} is {state}, so it is not voided. Only issued documents are; exclude a draft instead."""


class AlreadyTakenBack(Refusal):
    """Run {run} is {status} already. Nothing to do."""


@dataclass(frozen=True, kw_only=True)
class Voiding:
    """What voiding would take back and restore."""

    totals: Sequence[Total]
    charges: int
    event_charges: int
    deliveries: int

    @property
    def documents(self) -> int:
        """Return how many documents would be void."""
        return sum(total.documents for total in self.totals)


@dataclass(frozen=True, kw_only=True)
class NotNow:
    """What stands against voiding a run, by kind."""

    against: Sequence[Against]


def voiding_of_run(run_id: int, *, most: int) -> Voiding | NotNow:
    """Return what `void_run` would do at this moment, or what stands against it; changes nothing.

    Of each kind the first *most* documents are named.
    """
    spans = read("spans_to_set_back", SPANS_TO_SET_BACK, run=run_id, invoices=None)
    against = stands_against(run_id, invoices=None, spans=spans, most=most)
    return NotNow(against=against) if against else _voiding(run_id, invoices=None, spans=spans)


def voiding_of_invoice(invoice: Invoice) -> Voiding | Blockers:
    """Return what `void_invoices` would do to one document at this moment, or what blocks it; changes nothing."""
    alone = [invoice.pk]
    spans = read("spans_to_set_back", SPANS_TO_SET_BACK, run=invoice.run_id, invoices=alone)
    blockers = _blockers(invoice.run_id, invoices=alone, spans=spans)
    return blockers or _voiding(invoice.run_id, invoices=alone, spans=spans)


def void_invoices(invoice_ids: Sequence[int], *, reason: str, by: User | None, now: datetime) -> int:
    """Void issued documents, all or none. Returns how many.

    Raises `ReasonMissing`, `NotIssued`, `AlreadyDelivering`, and `NotVoidable`, which names each blocker: a charge
    billed further, a document that left the house, is credited, or is dated in closed books; and
    `WouldBePaidByAnother` for an event that was billed before the customer mode was moved.
    """
    need_reason(reason)
    with transaction.atomic():
        by_run: dict[int, list[int]] = {}
        for pk, run_id in Invoice.objects.filter(pk__in=invoice_ids).values_list("pk", "run_id"):
            by_run.setdefault(run_id, []).append(pk)
        for run_id in sorted(by_run):
            actions.lock_run(run_id)
        actions.lock_invoices(list(invoice_ids))
        _need_issued(invoice_ids)
        for run_id in sorted(by_run, reverse=True):
            _take_back(run_id, invoices=by_run[run_id], now=now)
            subtract_issued(run_id, invoices=by_run[run_id])
            actions.void(by_run[run_id], reason=reason, by=by, now=now)
        stop_here("before-void")
    stop_here("after-void")
    return len(set(invoice_ids))


def void_run(run_id: int, *, reason: str, by: User | None, now: datetime) -> Run:
    """Void every document of a run, restoring the billable state before it (12.4).

    A run of which nothing is authorised is abandoned. Raises as `void_invoices` does, and `AlreadyTakenBack`.
    """
    need_reason(reason)
    with transaction.atomic():
        run = actions.lock_run(run_id)
        if run.status in (RunStatus.ABANDONED, RunStatus.VOIDED):
            raise AlreadyTakenBack(run=run_id, status=small(RunStatus(run.status).label))
        if run.status in (RunStatus.GENERATING, RunStatus.IN_REVIEW):
            return abandon(run_id, reason=reason, now=now)
        actions.lock_invoices_of_run(run_id)
        _take_back(run_id, invoices=None, now=now)
        forget_issued(run_id)
        run = actions.mark_voided(run, because=reason, by=by, now=now)
        stop_here("before-void")
    stop_here("after-void")
    return run


def _need_issued(invoice_ids: Sequence[int]) -> None:
    chosen = queries.with_state(Invoice.objects.filter(pk__in=invoice_ids)).select_related("run")
    for invoice in chosen.order_by("pk"):
        state = queries.state_of(invoice, run=invoice.run)
        if state != "issued":
            number = getattr(invoice, "number", None)
            raise NotIssued(
                name=number.number if number else sentence("Invoice {invoice}", invoice=invoice.pk),
                state=queries.STATE_WORDS.get(state, state),
            )


def _take_back(run_id: int, *, invoices: list[int] | None, now: datetime) -> None:
    """Restore what documents of a locked run had taken, in the caller's transaction."""
    _keep_senders_away(run_id)
    actions.lock_credited(run_id, invoices=invoices)
    _take_off_queue(run_id, invoices=invoices)
    spans = read("spans_to_set_back", SPANS_TO_SET_BACK, run=run_id, invoices=invoices)
    blockers = _blockers(run_id, invoices=invoices, spans=spans)
    if blockers:
        raise NotVoidable(blockers=blockers.words)
    move_spans(to_arrow(spans.drop("blocked_by")))
    of_events = queries.event_lines(run_id, invoices=invoices)
    free_events(run_id, invoices=invoices)
    keep_payers(of_events)
    deliveries.cancel(run_id=run_id, invoices=invoices, now=now)


def _take_off_queue(run_id: int, *, invoices: list[int] | None) -> None:
    """Let none of the documents be taken into a consolidated billing any more; those that are in one block it (8.9)."""
    consolidating.lock_consolidating()
    if invoices is None:
        consolidating.unqueue_run(run_id)
    else:
        consolidating.unqueue(invoices)


def _blockers(run_id: int, *, invoices: list[int] | None, spans: pl.DataFrame) -> Blockers:
    found = blockers_of(run_id, invoices=invoices, kinds=FOR_ISSUED)
    return found.and_(billed_further(spans))


def _keep_senders_away(run_id: int) -> None:
    """Keep everybody from sending over the run's channels until this transaction ends."""
    for channel in delivered.channels_of(run_id):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [sender_key(channel)])
            if not cursor.fetchone()[0]:
                raise AlreadyDelivering(run=run_id, channel=channel)


def _voiding(run_id: int, *, invoices: list[int] | None, spans: pl.DataFrame) -> Voiding:
    return Voiding(
        totals=totals_of(queries.live_invoices(run_id, invoices=invoices)),
        charges=spans.height,
        event_charges=len(queries.event_lines(run_id, invoices=invoices)),
        deliveries=delivered.count_cancellable(run_id, invoices=invoices),
    )
