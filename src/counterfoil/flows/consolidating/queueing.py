"""The queue: which issued documents wait for a consolidated billing instead of going out alone (8.1, 8.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

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
from counterfoil.records.billing.models import ConsolidatedBilling, Invoice, QueueChange, Run
from counterfoil.records.deliveries import actions as deliveries
from counterfoil.records.deliveries.models import EMAIL, Delivery, DeliveryState
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.labels import small
from counterfoil.records.organisation.models import User


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


WAITS_BY = ("number", "credits", "queued", "customer__consolidation")
"""What lies beside a document and says whether it waits."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Whether a document waits for a consolidated billing, or may do so; *billing* is the live one that it is in."""

    flag: Flag
    billing: ConsolidatedBilling | None = None
    may_wait: bool = False


def flag_of(invoice: Invoice) -> Flag:
    """Return whether *invoice* waits for a billing, or, a draft, will (8.1); in a live billing its flag is on."""
    found = Invoice.objects.select_related(*WAITS_BY).get(pk=invoice.pk)
    return waiting_of([found])[found.pk].flag


def waiting_of(invoices: Sequence[Invoice]) -> dict[int, Waiting]:
    """Return by id whether each of *invoices* waits, or may (8.1).

    Two queries where they were read with WAITS_BY.
    """
    fit = [invoice for invoice in invoices if _kind_of(invoice) is not None]
    drafts = [one.pk for one in fit if not hasattr(one, "number") and hasattr(one.customer, "consolidation")]
    chosen = _chosen_in_review(drafts) if drafts else {}
    issued = [one.pk for one in fit if hasattr(one, "number") and not hasattr(one, "queued")]
    live = queries.live_billings_of(issued) if issued else {}
    return {
        invoice.pk: _waiting(invoice, chosen=chosen.get(invoice.pk), billing=live.get(invoice.pk))
        for invoice in invoices
    }


def _chosen_in_review(drafts: Sequence[int]) -> dict[int, bool]:
    """Return what somebody chose for some of *drafts*, by id: the newest choice counts."""
    changes = QueueChange.objects.filter(invoice__in=drafts).order_by("id")
    return dict(changes.values_list("invoice_id", "is_queued"))


def _waiting(invoice: Invoice, *, chosen: bool | None, billing: ConsolidatedBilling | None) -> Waiting:
    kind, settings = _kind_of(invoice), getattr(invoice.customer, "consolidation", None)
    may = kind is not None and settings is not None and settings.is_used
    if kind is None:
        return Waiting(flag=OFF)
    if not hasattr(invoice, "number"):
        rules = settings.rules() if settings is not None else None
        return Waiting(flag=flag_of_new(kind, settings=rules, chosen=chosen), may_wait=may)
    if hasattr(invoice, "queued"):
        return Waiting(flag=Flag(is_on=True, is_locked=invoice.queued.is_locked), may_wait=may)
    return Waiting(flag=Flag(is_on=billing is not None), billing=billing, may_wait=may)


def put_on_queue(invoice_ids: Sequence[int], *, by: User | None, now: datetime) -> int:
    """Let documents wait for a billing: what of them is queued to go out alone is cancelled (8.2). Returns how many.

    Raises `NeverQueued`, `NotUsingConsolidation`, `IsConsolidated`, `LeftTheHouse`, `NotToBeQueued`, and
    `MailIsSent` while they are sent.
    """
    with transaction.atomic():
        invoices = _locked(invoice_ids)
        waiting = waiting_of(invoices)
        changed = [invoice for invoice in invoices if not waiting[invoice.pk].flag.is_on]
        issued = [invoice.pk for invoice in changed if hasattr(invoice, "number")]
        if issued:
            keep_senders_away()
        for invoice in changed:
            _need_fit(invoice, may_wait=waiting[invoice.pk].may_wait)
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
        flags = {pk: one.flag for pk, one in waiting_of(invoices).items()}
        changed = [invoice for invoice in invoices if flags[invoice.pk].is_on]
        by_run: dict[int, list[int]] = defaultdict(list)
        for invoice in changed:
            if hasattr(invoice, "number"):
                by_run[invoice.run_id].append(invoice.pk)
            elif flags[invoice.pk].is_locked:
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
    found = billing.with_state(Invoice.objects.filter(pk__in=invoice_ids)).select_related("run", *WAITS_BY)
    invoices = list(found.order_by("pk"))
    live = queries.live_billings_of([invoice.pk for invoice in invoices])
    for invoice in invoices:
        if invoice.pk in live:
            raise IsConsolidated(name=_name(invoice), billing=live[invoice.pk].number)
        state = billing.state_of(invoice, run=invoice.run)
        if state not in ("draft", "held", "issued"):
            raise NotToBeQueued(name=_name(invoice), state=billing.STATE_WORDS.get(state, state))
    return invoices


def _need_fit(invoice: Invoice, *, may_wait: bool) -> None:
    """Raise a refusal unless *invoice* may be put on the queue."""
    if _kind_of(invoice) is None:
        raise NeverQueued(name=_name(invoice))
    if not may_wait:
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
