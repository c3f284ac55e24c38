"""The queue: which issued documents wait for a consolidated billing instead of going out alone (8.1, 8.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, prefetch_related_objects

from counterfoil.core.consolidation import OFF, Flag, Kind, flag_of_new, kind_of
from counterfoil.core.document import DocumentType
from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing.review import need_reason
from counterfoil.flows.billing.run import selection_of
from counterfoil.flows.consolidating.sending import keep_senders_away
from counterfoil.records.billing import actions as runs
from counterfoil.records.billing import consolidating_actions as actions
from counterfoil.records.billing import consolidating_queries as queries
from counterfoil.records.billing import queries as billing
from counterfoil.records.billing.models import Invoice, QueueChange, Run
from counterfoil.records.deliveries import actions as deliveries
from counterfoil.records.deliveries.models import EMAIL, Delivery, DeliveryState
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.labels import small
from counterfoil.records.organisation.models import User
from counterfoil.records.parties.models import ConsolidationSettings


class NeverQueued(Refusal):
    """{name} is never consolidated: only sales and service invoices, and credit notes of them, are."""


class NotUsingConsolidation(Refusal):
    """{name} is of {customer}, who does not use consolidated billing. Switch it on in the customer's settings first."""


class IsConsolidated(Refusal):
    """{name} is in the consolidated billing {billing}. Take it out of that, or void that, first."""


class LeftTheHouse(Refusal):
    """{name} went out alone ({state}), so it is not consolidated any more."""


class NotToBeQueued(Refusal):
    """{name} is {state}, so it waits for nothing. Choose a draft or an issued document."""


class DraftIsLocked(Refusal):
    """{name} will wait for a consolidated billing: the customer's invoices do while they come to less than a limit.
    Release it once it is issued, or change the customer's settings.
    """


def flag_of(invoice: Invoice) -> Flag:
    """Return whether *invoice* waits for a billing, or, a draft, will (8.1); in a live billing its flag is on."""
    return flags_of([invoice])[invoice.pk]


def flags_of(invoices: Sequence[Invoice]) -> dict[int, Flag]:
    """Return the flags of *invoices* by id; the queries do not grow with their number (8.1)."""
    prefetch_related_objects(list(invoices), "credits")
    kinds = {invoice.pk: _kind_of(invoice) for invoice in invoices}
    issued = [invoice.pk for invoice in invoices if kinds[invoice.pk] and hasattr(invoice, "number")]
    drafts = [invoice for invoice in invoices if kinds[invoice.pk] and not hasattr(invoice, "number")]
    flags = {**_flags_of_drafts(drafts, kinds=kinds), **_flags_of_issued(issued)}
    return {invoice.pk: flags.get(invoice.pk, OFF) for invoice in invoices}


def _flags_of_issued(issued: Sequence[int]) -> dict[int, Flag]:
    """Return the flags of those that wait or are in a live billing."""
    if not issued:
        return {}
    queued = queries.queued_of(issued)
    return {
        **{pk: Flag(is_on=True) for pk in queries.live_billings_of(issued)},
        **{pk: Flag(is_on=True, is_locked=one.is_locked) for pk, one in queued.items()},
    }


def _flags_of_drafts(drafts: Sequence[Invoice], *, kinds: Mapping[int, Kind | None]) -> dict[int, Flag]:
    """Return the flags that *drafts* would have if they were issued now."""
    customers = {draft.customer_id for draft in drafts}
    settings = (
        ConsolidationSettings.objects.select_related("customer").in_bulk(customers) if customers else {}
    )
    if not settings:
        return {}
    changes = QueueChange.objects.filter(invoice__in=[draft.pk for draft in drafts]).order_by("id")
    chosen = dict(changes.values_list("invoice_id", "is_queued"))
    return {
        draft.pk: flag_of_new(
            kinds[draft.pk],
            settings=settings[draft.customer_id].rules() if draft.customer_id in settings else None,
            chosen=chosen.get(draft.pk),
        )
        for draft in drafts
    }


def may_wait(invoice: Invoice) -> bool:
    """Return whether *invoice* is of a kind, and of a customer, that consolidated billing is for (8.1)."""
    if _kind_of(invoice) is None:
        return False
    return ConsolidationSettings.objects.filter(customer_id=invoice.customer_id, is_used=True).exists()


def put_on_queue(invoice_ids: Sequence[int], *, by: User | None, now: datetime) -> int:
    """Let documents wait for a billing: what of them is queued to go out alone is cancelled (8.2). Returns how many.

    Raises `NeverQueued`, `NotUsingConsolidation`, `IsConsolidated`, `LeftTheHouse`, `NotToBeQueued`, and
    `MailIsSent` while they are sent.
    """
    with transaction.atomic():
        invoices = _locked(invoice_ids)
        changed = [invoice for invoice in invoices if not flag_of(invoice).is_on]
        issued = [invoice.pk for invoice in changed if hasattr(invoice, "number")]
        if issued:
            keep_senders_away()
        for invoice in changed:
            _need_fit(invoice)
        actions.queue_by_hand(issued)
        deliveries.cancel_email(issued, now=now)
        actions.note_queue_changes(
            [invoice.pk for invoice in changed], is_queued=True, reason="", by=by, now=now
        )
        return len(changed)


def release(invoice_ids: Sequence[int], *, reason: str, by: User | None, now: datetime) -> int:
    """Take documents off the queue, locked or not: they go out alone (8.1, 8.2). Returns how many.

    Raises `ReasonMissing`, `IsConsolidated`, `NotToBeQueued`, and `DraftIsLocked`.
    """
    need_reason(reason)
    with transaction.atomic():
        invoices = _locked(invoice_ids)
        changed = [invoice for invoice in invoices if flag_of(invoice).is_on]
        by_run: dict[int, list[int]] = defaultdict(list)
        for invoice in changed:
            if hasattr(invoice, "number"):
                by_run[invoice.run_id].append(invoice.pk)
            elif flag_of(invoice).is_locked:
                raise DraftIsLocked(name=_name(invoice))
        actions.unqueue([pk for issued in by_run.values() for pk in issued])
        actions.note_queue_changes(
            [invoice.pk for invoice in changed], is_queued=False, reason=reason, by=by, now=now
        )
        for run in Run.objects.filter(pk__in=by_run):
            if selection_of(run).send_email:
                deliveries.queue(invoices=by_run[run.pk], connector="", by_email=True, now=now)
                queue_work("deliver_run", run_id=run.pk)
        return len(changed)


def _locked(invoice_ids: Sequence[int]) -> list[Invoice]:
    """Return documents whose flag may be changed. Raises `IsConsolidated` and `NotToBeQueued`.

    Their runs are locked first, as whoever issues and voids does: a draft is not issued while its flag changes.
    """
    for run_id in sorted(
        Invoice.objects.filter(pk__in=invoice_ids).values_list("run_id", flat=True).distinct()
    ):
        runs.lock_run(run_id)
    actions.lock_consolidating()
    found = billing.with_state(Invoice.objects.filter(pk__in=invoice_ids)).select_related(
        "run", "customer", "credits"
    )
    invoices = list(found.order_by("pk"))
    live = queries.live_billings_of([invoice.pk for invoice in invoices])
    for invoice in invoices:
        if invoice.pk in live:
            raise IsConsolidated(name=_name(invoice), billing=live[invoice.pk].number)
        state = billing.state_of(invoice, run=invoice.run)
        if state not in ("draft", "held", "issued"):
            raise NotToBeQueued(name=_name(invoice), state=billing.STATE_WORDS.get(state, state))
    return invoices


def _need_fit(invoice: Invoice) -> None:
    """Raise a refusal unless *invoice* may be put on the queue."""
    if _kind_of(invoice) is None:
        raise NeverQueued(name=_name(invoice))
    if not may_wait(invoice):
        raise NotUsingConsolidation(name=_name(invoice), customer=invoice.customer.account)
    gone = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNCERTAIN)
    mails = Delivery.objects.filter(invoice=invoice, channel=EMAIL)
    for mail in mails.filter(Q(state__in=gone) | Q(mails__state__in=gone))[:1]:
        state = mail.state if mail.state in gone else DeliveryState.SENT
        raise LeftTheHouse(name=_name(invoice), state=small(DeliveryState(state).label))


def _kind_of(invoice: Invoice) -> Kind | None:
    credited = DocumentType(invoice.credits.document_type) if invoice.credits else None
    return kind_of(DocumentType(invoice.document_type), credited=credited)


def _name(invoice: Invoice) -> str:
    return invoice.number.number if hasattr(invoice, "number") else f"Draft {invoice.pk}"
