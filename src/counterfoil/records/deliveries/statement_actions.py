"""The only writer of statements that are mailed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import connection
from django.db.models import F, Q, QuerySet

from counterfoil.records.deliveries.models import Mail
from counterfoil.records.deliveries.statements import (
    OPEN_STATES,
    DeliveryState,
    StatementDelivery,
    StatementRound,
)
from counterfoil.records.organisation.models import User
from counterfoil.records.parties.models import BillingCustomer

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('counterfoil statements', 0))"


def lock_statements() -> None:
    """Let one transaction at a time choose to whom statements are sent."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)


def open_round(
    recipients: Mapping[int, str],
    *,
    day: date,
    since: date | None,
    reason: str,
    by: User | None,
    now: datetime,
) -> StatementRound:
    """Queue a statement to each customer (id) in *recipients*, to its addresses, with their entries in the log."""
    opened = StatementRound.objects.create(day=day, since=since, reason=reason, asked_by=by, asked_at=now)
    queued = StatementDelivery.objects.bulk_create(
        StatementDelivery(
            round=opened, customer_id=customer, recipient=addresses, queued_at=now, changed_at=now
        )
        for customer, addresses in recipients.items()
    )
    Mail.objects.bulk_create(
        Mail(
            statement=one,
            customer_id=one.customer_id,
            state=DeliveryState.QUEUED,
            recipients=one.recipient,
            asked_by=by,
            reason=reason,
            begun_at=now,
        )
        for one in queued
    )
    return opened


def start_sending(delivery: StatementDelivery, *, subject: str, message_id: str, now: datetime) -> bool:
    """Note, before the mail server is asked, what is under way; return False if it is not queued any more."""
    queued = StatementDelivery.objects.filter(pk=delivery.pk, state=DeliveryState.QUEUED)
    if not queued.update(state=DeliveryState.SENDING, attempts=F("attempts") + 1, changed_at=now):
        return False
    Mail.objects.filter(statement=delivery, state__in=OPEN_STATES).update(
        state=DeliveryState.SENDING, subject=subject, message_id=message_id, begun_at=now
    )
    return True


def cancel_queued(opened: StatementRound, *, customers: QuerySet[BillingCustomer], now: datetime) -> int:
    """Cancel what of a round is queued still, of *customers*, in the log as well; return how many."""
    queued = StatementDelivery.objects.filter(
        round=opened, state=DeliveryState.QUEUED, customer__in=customers
    ).select_for_update()
    ids = [one.pk for one in queued.order_by("pk")]
    StatementDelivery.objects.filter(pk__in=ids).update(state=DeliveryState.CANCELLED, changed_at=now)
    Mail.objects.filter(statement__in=ids, state__in=OPEN_STATES).update(
        state=DeliveryState.CANCELLED, settled_at=now
    )
    return len(ids)


def settle(deliveries: Sequence[StatementDelivery], *, state: str, detail: str, now: datetime) -> None:
    """Store what became of *deliveries*, in the log as well."""
    ids = [one.pk for one in deliveries]
    StatementDelivery.objects.filter(pk__in=ids).update(state=state, detail=detail, changed_at=now)
    settled_at = None if state in OPEN_STATES else now
    Mail.objects.filter(statement__in=ids, state__in=OPEN_STATES).update(
        state=state, detail=detail, settled_at=settled_at
    )


def close_mails(*, now: datetime) -> None:
    """Close entries of the log that a backup's restoring left open: their statements are no longer on their way."""
    left = Mail.objects.filter(Q(state__in=OPEN_STATES) & Q(statement__isnull=False))
    left.exclude(statement__state__in=OPEN_STATES).update(state=DeliveryState.UNCERTAIN, settled_at=now)
