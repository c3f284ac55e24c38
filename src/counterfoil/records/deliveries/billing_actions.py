"""The only writer of deliveries of consolidated billings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import F, QuerySet

from counterfoil.records.deliveries.models import (
    EMAIL,
    OPEN_STATES,
    BillingDelivery,
    DeliveryState,
    Mail,
)
from counterfoil.records.parties.recipients import addresses_sql

# Those who want their documents by e-mail; a billing asked for again goes to the present address.
_QUEUE = (
    """
INSERT INTO deliveries_billingdelivery AS delivery
    (billing_id, channel, state, recipient, attempts, detail, queued_at, changed_at)
SELECT billing.id, %(email)s, 'queued', mailed.addresses, 0, '', %(now)s, %(now)s
FROM billing_consolidatedbilling AS billing
JOIN parties_billingcustomer AS customer ON customer.id = billing.customer_id
CROSS JOIN LATERAL ("""
    + addresses_sql("customer.email", kind="'consolidated billings'")
    + """) AS mailed
WHERE mailed.addresses <> ''
"""
)

_OF_BATCH = _QUEUE + " AND billing.batch_id = %(batch)s AND customer.delivery = 'email'"

_OF_BILLINGS = (
    _QUEUE
    + """
  AND billing.id = ANY(%(billings)s) AND (customer.delivery = 'email' OR NOT %(only_who_want_it)s)
  AND NOT EXISTS (SELECT FROM billing_billingvoid AS void WHERE void.billing_id = billing.id)
ON CONFLICT (billing_id, channel) DO UPDATE
SET state = 'queued', recipient = EXCLUDED.recipient, detail = '', queued_at = EXCLUDED.queued_at,
    changed_at = EXCLUDED.changed_at,
    left_at = COALESCE(
        delivery.left_at, CASE WHEN delivery.state IN ('sent', 'uncertain') THEN delivery.changed_at END
    )
WHERE delivery.state IN ('failed', 'uncertain', 'sent', 'cancelled')
"""
)


def queue_batch(batch_id: int, *, now: datetime) -> int:
    """Queue the e-mails of a new batch's billings, for customers who want theirs so. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_BATCH, {"email": EMAIL, "batch": batch_id, "now": now})
        return int(cursor.rowcount)


def queue_billings(billing_ids: Sequence[int], *, only_who_want_it: bool, now: datetime) -> int:
    """Queue the e-mails of live billings, also again. Returns how many."""
    values = {"email": EMAIL, "billings": list(billing_ids), "only_who_want_it": only_who_want_it, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_OF_BILLINGS, values)
        return int(cursor.rowcount)


def cancel(billing_ids: Sequence[int], *, now: datetime) -> int:
    """Cancel what of billings was queued or refused. Returns how many."""
    waiting = BillingDelivery.objects.filter(
        billing__in=list(billing_ids), state__in=(DeliveryState.QUEUED, DeliveryState.FAILED)
    )
    why = {"state": DeliveryState.CANCELLED, "detail": "The billing is void."}
    _open_mails(list(waiting.values_list("pk", flat=True))).update(**why, settled_at=now)
    return waiting.update(**why, changed_at=now)


def start_sending(delivery: BillingDelivery, *, subject: str, message_id: str, now: datetime) -> None:
    """Note, before the mail server is asked, what is under way, also in the log of e-mails."""
    BillingDelivery.objects.filter(pk=delivery.pk).update(
        state=DeliveryState.SENDING, attempts=F("attempts") + 1, changed_at=now
    )
    facts = {
        "state": DeliveryState.SENDING,
        "recipients": delivery.recipient,
        "subject": subject,
        "message_id": message_id,
        "begun_at": now,
    }
    if not _open_mails([delivery.pk]).update(**facts):
        Mail.objects.create(billing=delivery, customer_id=delivery.billing.customer_id, **facts)


def settle(deliveries: Sequence[BillingDelivery], *, now: datetime) -> None:
    """Store the state and the detail that *deliveries* now carry, in the log as well."""
    for delivery in deliveries:
        settled_at = None if delivery.state in OPEN_STATES else now
        _open_mails([delivery.pk]).update(state=delivery.state, detail=delivery.detail, settled_at=settled_at)
        delivery.changed_at = now
        if delivery.state in (DeliveryState.SENT, DeliveryState.UNCERTAIN):
            delivery.left_at = delivery.left_at or now
    BillingDelivery.objects.bulk_update(
        deliveries, ["state", "detail", "changed_at", "left_at"], batch_size=2_000
    )


def close_mails(*, now: datetime) -> None:
    """Close entries of the log that a backup's restoring left open: their billings are no longer on their way."""
    left = Mail.objects.filter(state__in=OPEN_STATES, billing__isnull=False)
    left.exclude(billing__state__in=OPEN_STATES).update(state=DeliveryState.UNCERTAIN, settled_at=now)


def _open_mails(delivery_ids: Sequence[int]) -> QuerySet[Mail]:
    return Mail.objects.filter(billing__in=delivery_ids, state__in=OPEN_STATES)
