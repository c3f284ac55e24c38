"""The queue: which issued documents wait for a consolidated billing instead of going out alone (8.1, 8.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from counterfoil.core.consolidation import OFF, Flag, Kind, flag_of_new, kind_of
from counterfoil.core.document import DocumentType
from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing.review import need_reason
from counterfoil.flows.billing.run import selection_of
from counterfoil.flows.consolidating.sending import keep_senders_away
from counterfoil.records.billing import actions as runs
from counterfoil.records.billing import consolidating_actions as actions
from counterfoil.records.billing import queries as billing
from counterfoil.records.billing.models import BillingMember, Invoice, QueueChange, Run
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
class InBilling:
    """A live consolidated billing that a document is in."""

    pk: int
    number: str
    due_on: date


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Whether a document waits for a consolidated billing, or may do so; *billing* is the live one that it is in."""

    flag: Flag
    billing: InBilling | None = None
    may_wait: bool = False


def flag_of(invoice: Invoice) -> Flag:
    """Return whether *invoice* waits for a billing, or, a draft, will (8.1); in a live billing its flag is on."""
    return waiting_of(with_waiting(Invoice.objects.all()).get(pk=invoice.pk)).flag


def with_waiting(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Return *invoices* with all that `waiting_of` looks at: what somebody chose last, and the live billing of each."""
    changes = QueueChange.objects.filter(invoice=OuterRef("pk")).order_by("-id")
    live = BillingMember.objects.filter(invoice=OuterRef("pk"), is_live=True)
    billing = JSONObject(pk="billing_id", number="billing__number", due_on="billing__due_on")
    return invoices.select_related(*WAITS_BY).annotate(
        chosen_to_wait=Subquery(changes.values("is_queued")[:1]),
        live_billing=Subquery(live.values(json=billing)[:1]),
    )


def waiting_of(invoice: Invoice) -> Waiting:
    """Return whether *invoice*, one `with_waiting`, waits for a billing, or may (8.1)."""
    known: Any = invoice
    live = known.live_billing
    billing = InBilling(**{**live, "due_on": date.fromisoformat(live["due_on"])}) if live else None
    kind, settings = _kind_of(invoice), getattr(invoice.customer, "consolidation", None)
    may = kind is not None and settings is not None and settings.is_used
    if kind is None:
        return Waiting(flag=OFF)
    if not hasattr(invoice, "number"):
        rules = settings.rules() if settings is not None else None
        return Waiting(flag=flag_of_new(kind, settings=rules, chosen=known.chosen_to_wait), may_wait=may)
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
        waiting = {invoice.pk: waiting_of(invoice) for invoice in invoices}
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
        flags = {invoice.pk: waiting_of(invoice).flag for invoice in invoices}
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
    found = with_waiting(billing.with_state(Invoice.objects.filter(pk__in=invoice_ids))).select_related("run")
    invoices = list(found.order_by("pk"))
    for invoice in invoices:
        if live := waiting_of(invoice).billing:
            raise IsConsolidated(name=_name(invoice), billing=live.number)
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
