"""The only writer of deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import F, QuerySet

from counterfoil.records.deliveries.models import (
    EMAIL,
    OPEN_STATES,
    Delivery,
    DeliveryState,
    Mail,
    PrintBatch,
)
from counterfoil.records.organisation.models import User
from counterfoil.records.parties.recipients import addresses_sql

_QUEUE_CONNECTOR = """
INSERT INTO deliveries_delivery
    (invoice_id, channel, state, recipient, attempts, external_number, detail, queued_at, changed_at)
SELECT id, %(connector)s, 'queued', '', 0, '', '', %(now)s, %(now)s
FROM unnest(%(invoices)s::bigint[]) AS id
"""

# `core.recipients.mail_kind_of`.
_KIND = "CASE invoice.document_type WHEN 'credit_note' THEN 'credit notes' ELSE 'invoices' END"

_QUEUE_EMAIL = (
    """
INSERT INTO deliveries_delivery
    (invoice_id, channel, state, recipient, attempts, external_number, detail, queued_at, changed_at)
SELECT invoice.id, %(email)s, 'queued', mailed.addresses, 0, '', '', %(now)s, %(now)s
FROM billing_invoice AS invoice
JOIN parties_billingcustomer AS customer ON customer.id = invoice.customer_id
CROSS JOIN LATERAL ("""
    + addresses_sql("customer.email", kind=_KIND)
    + """) AS mailed
WHERE invoice.id = ANY(%(invoices)s) AND customer.delivery = 'email' AND mailed.addresses <> ''
  AND NOT EXISTS (SELECT FROM billing_queuedinvoice AS queued WHERE queued.invoice_id = invoice.id)
ON CONFLICT (invoice_id, channel) DO UPDATE
SET state = 'queued', recipient = EXCLUDED.recipient, detail = '', queued_at = EXCLUDED.queued_at,
    changed_at = EXCLUDED.changed_at
WHERE deliveries_delivery.state = 'cancelled'
"""
)


def queue(*, invoices: Sequence[int], connector: str, by_email: bool, now: datetime) -> None:
    """Queue the delivery of *invoices* (ids): to the *connector* unless empty, by e-mail to who wants it so.

    Those that wait for a consolidated billing go by e-mail with that (billing-rules 8.2); one cancelled for that
    reason is queued again.
    """
    values = {"invoices": list(invoices), "connector": connector, "email": EMAIL, "now": now}
    with connection.cursor() as cursor:
        if connector:
            cursor.execute(_QUEUE_CONNECTOR, values)
        if by_email:
            cursor.execute(_QUEUE_EMAIL, values)


_CANCEL = """
UPDATE deliveries_delivery AS delivery
SET state = 'cancelled', detail = 'The document is void.', changed_at = %(now)s
FROM billing_invoice AS invoice
WHERE invoice.id = delivery.invoice_id AND invoice.run_id = %(run)s
  AND (%(invoices)s::bigint[] IS NULL OR invoice.id = ANY(%(invoices)s::bigint[]))
  AND delivery.state IN ('queued', 'failed')
"""


_CANCEL_MAILS = """
UPDATE deliveries_mail AS mail
SET state = delivery.state, detail = delivery.detail, settled_at = %(now)s
FROM deliveries_delivery AS delivery JOIN billing_invoice AS invoice ON invoice.id = delivery.invoice_id
WHERE delivery.id = mail.delivery_id AND invoice.run_id = %(run)s
  AND delivery.state = 'cancelled' AND mail.state IN ('queued', 'sending')
"""


def cancel(*, run_id: int, invoices: Sequence[int] | None, now: datetime) -> int:
    """Cancel what of a run's documents, or those of *invoices*, was queued or refused. Returns how many."""
    with connection.cursor() as cursor:
        values = {"run": run_id, "invoices": None if invoices is None else list(invoices), "now": now}
        cursor.execute(_CANCEL, values)
        cancelled = int(cursor.rowcount)
        cursor.execute(_CANCEL_MAILS, {"run": run_id, "now": now})
        return cancelled


def cancel_email(invoices: Sequence[int], *, now: datetime) -> int:
    """Cancel what of *invoices* (ids) was to go out alone by e-mail: a consolidated billing carries it (8.2)."""
    waiting = Delivery.objects.filter(
        invoice__in=list(invoices), channel=EMAIL, state__in=(DeliveryState.QUEUED, DeliveryState.FAILED)
    )
    ids = list(waiting.values_list("pk", flat=True))
    why = {"state": DeliveryState.CANCELLED, "detail": "It goes out with a consolidated billing."}
    Mail.objects.filter(delivery__in=ids, state__in=OPEN_STATES).update(**why, settled_at=now)
    return waiting.filter(pk__in=ids).update(**why, changed_at=now)


def start_sending(deliveries: Sequence[Delivery], *, now: datetime) -> None:
    """Note, before the other side is asked, that these deliveries are under way."""
    Delivery.objects.filter(pk__in=[one.pk for one in deliveries]).update(
        state=DeliveryState.SENDING, attempts=F("attempts") + 1, changed_at=now
    )


def settle(deliveries: Sequence[Delivery], *, now: datetime) -> None:
    """Store the state, the external number and the detail that *deliveries* now carry."""
    for delivery in deliveries:
        delivery.changed_at = now
    Delivery.objects.bulk_update(
        deliveries, ["state", "external_number", "detail", "changed_at"], batch_size=2_000
    )


def queue_again(deliveries: Sequence[Delivery], *, now: datetime) -> None:
    """Queue deliveries that failed, or that a person decided to send again, to the recipients they now carry."""
    for delivery in deliveries:
        delivery.state, delivery.detail, delivery.changed_at = DeliveryState.QUEUED, "", now
    Delivery.objects.bulk_update(deliveries, ["state", "detail", "recipient", "changed_at"], batch_size=2_000)


def queue_new_mail(*, invoice_id: int, recipients: str, now: datetime) -> Delivery | None:
    """Queue the delivery by e-mail of a document that has none yet; None if it has one."""
    facts = {"state": DeliveryState.QUEUED, "recipient": recipients, "queued_at": now, "changed_at": now}
    queued, is_new = Delivery.objects.get_or_create(invoice_id=invoice_id, channel=EMAIL, defaults=facts)
    return queued if is_new else None


def log_wish(deliveries: Sequence[Delivery], *, by: User | None, reason: str, now: datetime) -> None:
    """Note in the log of e-mails that somebody wants *deliveries* sent, to the recipients they now carry."""
    Mail.objects.bulk_create(
        Mail(
            delivery=one,
            customer_id=one.invoice.customer_id,
            state=DeliveryState.QUEUED,
            recipients=one.recipient,
            asked_by=by,
            reason=reason,
            begun_at=now,
        )
        for one in deliveries
    )


def log_begun(delivery: Delivery, *, subject: str, message_id: str, now: datetime) -> None:
    """Note in the log, before the server is asked, what is sent of *delivery*: in the open entry if there is one."""
    facts = {
        "state": DeliveryState.SENDING,
        "recipients": delivery.recipient,
        "subject": subject,
        "message_id": message_id,
        "begun_at": now,
    }
    if not _open_mails([delivery]).update(**facts):
        customer = delivery.invoice.customer_id
        Mail.objects.create(delivery=delivery, customer_id=customer, **facts)


def log_settled(deliveries: Sequence[Delivery], *, now: datetime) -> None:
    """Note in the log what became of the open e-mails of *deliveries*; what is tried again by itself stays open."""
    for delivery in deliveries:
        settled_at = None if delivery.state in OPEN_STATES else now
        _open_mails([delivery]).update(state=delivery.state, detail=delivery.detail, settled_at=settled_at)


def close_mails(deliveries: Sequence[Delivery], *, now: datetime) -> None:
    """Close entries of the log that were left open by a backup's restoring: nobody knows what became of them."""
    _open_mails(deliveries).update(state=DeliveryState.UNCERTAIN, settled_at=now)


def _open_mails(deliveries: Sequence[Delivery]) -> QuerySet[Mail]:
    return Mail.objects.filter(delivery_id__in=[one.pk for one in deliveries], state__in=OPEN_STATES)


def create_print_batch(batch: PrintBatch) -> PrintBatch:
    """Store a new *batch* of documents to be printed."""
    batch.save(force_insert=True)
    return batch


def note_printed(batch: PrintBatch, *, done: int, now: datetime, failure: str = "") -> None:
    """Note that so many documents of *batch* are in its files, and why it went no further, if so."""
    batch.done, batch.failure = done, failure
    batch.ended_at = now if failure or done >= batch.documents else None
    batch.save(update_fields=["done", "failure", "ended_at"])
