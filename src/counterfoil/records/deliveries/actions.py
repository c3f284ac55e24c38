"""The only writer of deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import F

from counterfoil.records.deliveries.models import EMAIL, Delivery, DeliveryState

_QUEUE_CONNECTOR = """
INSERT INTO deliveries_delivery
    (invoice_id, channel, state, recipient, attempts, external_number, detail, queued_at, changed_at)
SELECT id, %(connector)s, 'queued', '', 0, '', '', %(now)s, %(now)s
FROM unnest(%(invoices)s::bigint[]) AS id
"""

_QUEUE_EMAIL = """
INSERT INTO deliveries_delivery
    (invoice_id, channel, state, recipient, attempts, external_number, detail, queued_at, changed_at)
SELECT invoice.id, %(email)s, 'queued', customer.email, 0, '', '', %(now)s, %(now)s
FROM billing_invoice AS invoice
JOIN parties_billingcustomer AS customer ON customer.id = invoice.customer_id
WHERE invoice.id = ANY(%(invoices)s) AND customer.delivery = 'email' AND customer.email <> ''
"""


def queue(*, invoices: Sequence[int], connector: str, by_email: bool, now: datetime) -> None:
    """Queue the delivery of *invoices* (ids): to the *connector* unless empty, by e-mail to who wants it so."""
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


def cancel(*, run_id: int, invoices: Sequence[int] | None, now: datetime) -> int:
    """Cancel what of a run's documents, or those of *invoices*, was queued or refused. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CANCEL, {"run": run_id, "invoices": None if invoices is None else list(invoices), "now": now}
        )
        return int(cursor.rowcount)


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
