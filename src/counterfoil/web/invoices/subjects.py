"""What lines bill: the charge, the event, the meter that each of them leads to."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, OuterRef, QuerySet, When
from django.db.models.functions import JSONObject
from django.urls import reverse

from counterfoil.records.billing.models import InvoiceLine, LineKind
from counterfoil.records.charges.models import Meter


def with_meters(lines: QuerySet[InvoiceLine]) -> QuerySet[InvoiceLine]:
    """Return *lines* with the `meters`, each its `pk` and `key`, that counted what a line of usage bills."""
    meters = Meter.objects.filter(charge=OuterRef("charge")).order_by("key")
    told = ArraySubquery(meters.values(json=JSONObject(pk="pk", key="key")))
    return lines.annotate(meters=Case(When(kind=LineKind.USAGE, then=told)))


def address_of_subject(line: InvoiceLine) -> str:
    """Return the page of the charge or of the event that *line* bills, "" where it is of neither."""
    if line.charge_id:
        return reverse("charge", args=[line.charge_id])
    if line.event_charge_id and line.event_charge:
        return reverse("event", args=[line.event_charge.event_id])
    return ""
