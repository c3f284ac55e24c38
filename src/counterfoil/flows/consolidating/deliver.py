"""Billings by e-mail: the list and a copy of each document, one PDF, each at most once (billing-rules 8.2, 12.6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from counterfoil.core.billing_document import BillingDocument
from counterfoil.core.refusals import Refusal
from counterfoil.documents.look import Look
from counterfoil.documents.mail import compose
from counterfoil.documents.mail_transport import Mailbox
from counterfoil.documents.render import render_billings
from counterfoil.flows.billing.deliver import open_the_mailbox
from counterfoil.flows.billing.documents import seller_of
from counterfoil.flows.consolidating.documents import with_looks
from counterfoil.flows.consolidating.sending import SEND, keep_senders_away
from counterfoil.flows.posting import CUT_OFF, only_sender, post_once, sender_of
from counterfoil.records.billing.models import ConsolidatedBilling
from counterfoil.records.deliveries import billing_actions as actions
from counterfoil.records.deliveries.models import EMAIL, BillingDelivery, DeliveryState
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.organisation.queries import the_organisation

MAILS_A_BATCH = 20


class NobodyToMailBillingsTo(Refusal):
    """No e-mail was queued: the billings are void, on their way, or their customers have no address. Print them."""


def pdf_of(billings: Sequence[ConsolidatedBilling]) -> bytes:
    """Return *billings* as one PDF, of each its list and a copy of each of its documents."""
    return render_billings(with_looks(billings))


def queue_mails(billing_ids: Sequence[int], *, now: datetime) -> int:
    """Queue the e-mails of live billings, first ones or again, and have them sent; return how many.

    Raises `NobodyToMailBillingsTo` if there is none, and `MailIsSent` while others are sent.
    """
    with transaction.atomic():
        keep_senders_away()
        queued = actions.queue_billings(billing_ids, only_who_want_it=False, now=now)
        if not queued:
            raise NobodyToMailBillingsTo
        queue_work(SEND)
        return queued


def send_billings(*, now: Callable[[], datetime]) -> dict[str, int]:
    """Send every queued e-mail of billings; return how many are in each state. Repeat it as often as you like.

    One whose sending was cut off becomes *uncertain*: only a person sends it again. Raises `MailIsSent` while
    somebody else sends.
    """
    with only_sender():
        cut_off = BillingDelivery.objects.filter(channel=EMAIL, state=DeliveryState.SENDING)
        _settle(list(cut_off), state=DeliveryState.UNCERTAIN, detail=CUT_OFF, now=now)
        with transaction.atomic():
            actions.close_mails(now=now())
        mailbox = open_the_mailbox()
        try:
            newest = 0
            while batch := _next(after=newest):
                billings = with_looks([delivery.billing for delivery in batch])
                for delivery, (billing, look) in zip(batch, billings, strict=True):
                    _mail(delivery, billing, look=look, mailbox=mailbox, now=now)
                newest = batch[-1].pk
        finally:
            mailbox.close()
    return _counted()


def _next(*, after: int) -> list[BillingDelivery]:
    queued = BillingDelivery.objects.filter(channel=EMAIL, state=DeliveryState.QUEUED, pk__gt=after)
    return list(queued.select_related("billing__branch").order_by("pk")[:MAILS_A_BATCH])


def _counted() -> dict[str, int]:
    rows = BillingDelivery.objects.order_by("state").values_list("state").annotate(count=Count("pk"))
    return dict(rows)


def _mail(
    delivery: BillingDelivery,
    billing: BillingDocument,
    *,
    look: Look,
    mailbox: Mailbox,
    now: Callable[[], datetime],
) -> None:
    """Send one billing and store what became of it. Raises `MailDelayed` when the server cannot be used."""
    organisation = the_organisation()
    try:
        message = compose(
            billing,
            render_billings([(billing, look)]),
            recipients=delivery.recipient.split(";"),
            sender=sender_of(seller_of(organisation, branch=delivery.billing.branch)),
            delivery_key=f"{billing.reference}:{delivery.pk}:{delivery.attempts}",
            sent_at=now(),
            look=look,
        )
    except Refusal as error:
        _settle([delivery], state=DeliveryState.FAILED, detail=str(error), now=now)
        return
    post_once(
        message,
        mailbox=mailbox,
        start=lambda subject, message_id: actions.start_sending(
            delivery, subject=subject, message_id=message_id, now=now()
        ),
        settle=lambda state, detail: _settle([delivery], state=state, detail=detail, now=now),
        stop="after-send-billing",
    )


def _settle(
    deliveries: list[BillingDelivery], *, state: str, detail: str, now: Callable[[], datetime]
) -> None:
    for delivery in deliveries:
        delivery.state, delivery.detail = state, detail
    with transaction.atomic():
        actions.settle(deliveries, now=now())
