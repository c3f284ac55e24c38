"""Send one document by e-mail because a person says so: for the first time, or again (product D2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import sentence
from counterfoil.flows.billing.deliver import resend
from counterfoil.flows.billing.review import ReasonMissing
from counterfoil.flows.billing.starting import DELIVER
from counterfoil.records.billing import consolidating_queries as queries
from counterfoil.records.billing.consolidating_actions import lock_consolidating
from counterfoil.records.billing.models import Invoice, RunStatus
from counterfoil.records.deliveries import actions
from counterfoil.records.deliveries.models import EMAIL, Delivery, DeliveryState
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.deliveries.queries import recipients_now
from counterfoil.records.organisation.models import User

MOST_REASON = 300
NOT_ISSUED, WITH_BILLING, NOBODY, ON_ITS_WAY = "not_issued", "with_billing", "nobody", "on_its_way"


class NotToBeMailed(Refusal):
    """{document} is {state}, and only documents that are issued are sent. Nothing was sent."""


class GoesWithBilling(Refusal):
    """{document} goes out with a consolidated billing, not alone. E-mail that, or release the document first."""


class NobodyToMailTo(Refusal):
    """{customer} has no e-mail address for this document. Give the customer one, then send it."""


class AlreadyOnItsWay(Refusal):
    """{document} is on its way already. Wait until it was sent."""


class WasSentAlready(Refusal):
    """{document} was sent to {recipients} already. Say that it is to be sent again, and why, if it really is."""


def send_by_mail(
    invoice: Invoice, *, again: bool = False, reason: str = "", by: User | None, now: datetime
) -> Delivery:
    """Queue *invoice* to be mailed to its customer's present addresses, and have a worker send it.

    What was sent is sent once more only if *again* is said, with a *reason*. Raises `NotToBeMailed`, `GoesWithBilling`,
    `NobodyToMailTo`, `AlreadyOnItsWay`, `WasSentAlready`, `ReasonMissing`.
    """
    name = invoice.number.number if hasattr(invoice, "number") else f"Draft {invoice.pk}"
    with transaction.atomic():
        # Nobody puts it on the queue for a billing between the look at that and this mail.
        lock_consolidating()
        _check_issued(invoice, name=name)
        if again and not reason.strip():
            raise ReasonMissing
        facts = {"invoice_id": invoice.pk, "recipients": recipients_now(invoice), "now": now}
        delivery = actions.queue_new_mail(**facts)
        if delivery is not None:
            actions.log_wish([delivery], by=by, reason=reason[:MOST_REASON], now=now)
        else:
            delivery = Delivery.objects.get(invoice=invoice, channel=EMAIL)
            _check_repeats(delivery, again=again, name=name)
            if not resend(
                [delivery.pk], now=now, by=by, reason=reason[:MOST_REASON], by_hand=True, although_sent=again
            ):
                raise AlreadyOnItsWay(document=name)
        queue_work(DELIVER, run_id=invoice.run_id)
    return delivery


@dataclass(frozen=True, kw_only=True)
class Mailable:
    """Which of several documents would be mailed for the first time and which again, and by why the others are not."""

    first: Sequence[int]
    again: Sequence[int]
    left_out: Mapping[str, Sequence[int]]


def mailable_among(invoices: Sequence[Invoice]) -> Mailable:
    """Return what `send_many` would do with *invoices*, which have beside them what their state is read from."""
    ids = [invoice.pk for invoice in invoices]
    with_billings = {*queries.queued_of(ids), *queries.live_billings_of(ids)}
    before = {one.invoice_id: one.state for one in Delivery.objects.filter(invoice_id__in=ids, channel=EMAIL)}
    first, again = [], []
    left_out: dict[str, list[int]] = {}
    for invoice in invoices:
        state = before.get(invoice.pk)
        why = _why_not(invoice, goes_with_billing=invoice.pk in with_billings, state=state)
        if why:
            left_out.setdefault(why, []).append(invoice.pk)
        else:
            (again if state in (DeliveryState.SENT, DeliveryState.UNCERTAIN) else first).append(invoice.pk)
    return Mailable(first=first, again=again, left_out=left_out)


def _why_not(invoice: Invoice, *, goes_with_billing: bool, state: str | None) -> str:
    if hasattr(invoice, "void") or invoice.run.status == RunStatus.VOIDED or not hasattr(invoice, "number"):
        return NOT_ISSUED
    if goes_with_billing:
        return WITH_BILLING
    if not recipients_now(invoice):
        return NOBODY
    return ON_ITS_WAY if state in (DeliveryState.QUEUED, DeliveryState.SENDING) else ""


def send_many(invoices: Sequence[Invoice], *, reason: str, by: User | None, now: datetime) -> int:
    """Queue all of *invoices* to be mailed, those that were sent once more, and return how many; all or none.

    Raises as `send_by_mail` does, for the first that cannot be sent.
    """
    with transaction.atomic():
        for invoice in invoices:
            send_by_mail(invoice, again=True, reason=reason, by=by, now=now)
    return len(invoices)


def _check_issued(invoice: Invoice, *, name: str) -> None:
    if hasattr(invoice, "void") or invoice.run.status == RunStatus.VOIDED:
        raise NotToBeMailed(document=name, state=sentence("void"))
    if not hasattr(invoice, "number"):
        raise NotToBeMailed(document=name, state=sentence("a draft"))
    if queries.queued_of([invoice.pk]) or queries.live_billings_of([invoice.pk]):
        raise GoesWithBilling(document=name)
    if not recipients_now(invoice):
        raise NobodyToMailTo(customer=invoice.customer.name)


def _check_repeats(delivery: Delivery, *, again: bool, name: str) -> None:
    if delivery.state in (DeliveryState.QUEUED, DeliveryState.SENDING):
        raise AlreadyOnItsWay(document=name)
    if delivery.state in (DeliveryState.SENT, DeliveryState.UNCERTAIN) and not again:
        raise WasSentAlready(document=name, recipients=delivery.recipient)
