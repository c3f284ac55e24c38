"""Questions about deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Count, F, Func, JSONField, Q, QuerySet
from django.db.models.functions import Cast

from counterfoil.core.document import DocumentType
from counterfoil.core.recipients import addresses_in, mail_kind_of
from counterfoil.records.billing.models import Invoice
from counterfoil.records.deliveries.models import Delivery, DeliveryState, Mail, PrintBatch
from counterfoil.records.organisation.models import User

_HAPPENED = (Path(__file__).parent / "sql" / "what_happened_to_invoice.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Happened:
    """What happened to a document beside what stands on its own row; *by* None: nobody."""

    moment: datetime
    what: str
    about: str
    beside: str
    state: str
    reason: str
    by: User | None


def what_happened_to(invoice: Invoice, *, most: int) -> list[Happened]:
    """Return at most *most* of what happened to *invoice*, the newest first: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_HAPPENED, {"invoice": invoice.pk, "most": most})
        return [
            Happened(
                moment=moment,
                what=what,
                about=about,
                beside=beside,
                state=state,
                reason=reason,
                by=User(first_name=first, last_name=last, username=username) if username else None,
            )
            for moment, what, about, beside, state, reason, first, last, username in cursor.fetchall()
        ]


def recipients_now(invoice: Invoice) -> str:
    """Return the present addresses of the customer's that get *invoice* when it goes alone, separated by ;"""
    kind = mail_kind_of(DocumentType(invoice.document_type))
    return "; ".join(addresses_in(invoice.customer.email, kind=kind))


def ids_printed(*, since: datetime) -> QuerySet[PrintBatch, Any]:
    """Return the ids of the documents in print batches that were asked for since and did not fail, for a query."""
    each = Func(F("invoices"), function="jsonb_array_elements", output_field=JSONField())
    batches = PrintBatch.objects.filter(failure="", asked_at__gte=since).order_by()
    return batches.values_list(Cast(each, BigIntegerField()))


def of_run(run_id: int) -> QuerySet[Delivery]:
    """Return the deliveries of a run's invoices."""
    return Delivery.objects.filter(invoice__run_id=run_id)


def channels_of(run_id: int) -> list[str]:
    """Return the channels over which a run's invoices go."""
    return list(of_run(run_id).order_by("channel").values_list("channel", flat=True).distinct())


def states_by_channel(run_id: int) -> dict[str, dict[str, int]]:
    """Return how many deliveries of a run are in which state, by channel."""
    counted: dict[str, dict[str, int]] = {}
    rows = of_run(run_id).order_by("channel", "state").values_list("channel", "state").annotate(n=Count("pk"))
    for channel, state, n in rows:
        counted.setdefault(channel, {})[state] = n
    return counted


def _still_to_send(run_id: int, *, channel: str) -> QuerySet[Delivery]:
    """Queued ones, but for documents that were voided meanwhile."""
    queued = of_run(run_id).filter(channel=channel, state=DeliveryState.QUEUED)
    return queued.filter(invoice__void__isnull=True)


def count_cancellable(run_id: int, *, invoices: Sequence[int] | None) -> int:
    """Return how many deliveries of a run's documents, or those of *invoices*, voiding would cancel."""
    waiting = of_run(run_id).filter(state__in=[DeliveryState.QUEUED, DeliveryState.FAILED])
    return (waiting if invoices is None else waiting.filter(invoice_id__in=invoices)).count()


def count_to_send(run_id: int, *, channel: str) -> int:
    """Return how many deliveries are still to be sent over a channel."""
    return _still_to_send(run_id, channel=channel).count()


def to_send(run_id: int, *, channel: str, after: int, limit: int) -> list[Delivery]:
    """Return the next deliveries to be sent over a channel, by id."""
    waiting = _still_to_send(run_id, channel=channel).filter(pk__gt=after)
    return list(waiting.select_related("invoice__branch").order_by("pk")[:limit])


def under_way(run_id: int, *, channel: str) -> list[Delivery]:
    """Return the deliveries that somebody began to send and never settled."""
    return list(of_run(run_id).filter(channel=channel, state=DeliveryState.SENDING))


def locked(delivery_ids: Sequence[int], *, states: Sequence[str]) -> list[Delivery]:
    """Lock and return those of the deliveries that are in one of *states*."""
    chosen = Delivery.objects.filter(pk__in=delivery_ids, state__in=states).select_related(
        "invoice__customer", "invoice__void", "invoice__run"
    )
    return list(chosen.select_for_update(of=("self",)).order_by("pk"))


def mails(
    *, number: str | None = None, account: str | None = None, state: str | None = None
) -> QuerySet[Mail]:
    """Return the log of e-mails with what lies beside it, of one document, one customer's account or in one state."""
    rows = Mail.objects.select_related(
        "delivery__invoice__number", "billing__billing", "statement__round", "customer", "asked_by"
    )
    if number is not None:
        rows = rows.filter(Q(delivery__invoice__number__number=number) | Q(billing__billing__number=number))
    if account is not None:
        rows = rows.filter(customer__account=account)
    return rows if state is None else rows.filter(state=state)


def undelivered(run_id: int, *, states: Sequence[str]) -> list[int]:
    """Return the ids of a run's deliveries that are in one of *states*."""
    return list(of_run(run_id).filter(state__in=states).values_list("pk", flat=True))
