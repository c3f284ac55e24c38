"""What lines bill: the charge, the event, the meter that each of them leads to."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from counterfoil.records.billing.models import InvoiceLine, LineKind
from counterfoil.records.charges.models import Meter


def put_meters(lines: Sequence[InvoiceLine]) -> None:
    """Put on *lines*, all of a page at once, the `meters` that counted what each bills."""
    metered = {line.charge_id for line in lines if line.kind == LineKind.USAGE} - {None}
    found: dict[int, list[Meter]] = {}
    for meter in Meter.objects.filter(charge__in=metered) if metered else ():
        found.setdefault(meter.charge_id, []).append(meter)
    for line in lines:
        line.meters = found.get(line.charge_id or 0, []) if line.kind == LineKind.USAGE else []  # type: ignore[attr-defined]


def address_of_subject(line: InvoiceLine) -> str:
    """Return the page of the charge or of the event that *line* bills, "" where it is of neither."""
    if line.charge_id:
        return reverse("charge", args=[line.charge_id])
    if line.event_charge_id and line.event_charge:
        return reverse("event", args=[line.event_charge.event_id])
    return ""
