"""Send one document by e-mail because a person says so: for the first time, or again (product D2)."""

from __future__ import annotations

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
