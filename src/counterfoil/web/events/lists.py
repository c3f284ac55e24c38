"""The lists of events, by kind, and of meters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.records.billing.models import InvoiceLine
from counterfoil.records.charges.models import BillableEvent, EventCharge, EventKind, Meter, Reading
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import Client
from counterfoil.web.layout.editing import DayInput
from counterfoil.web.lists.columns import Column, Kind, State, Tone
from counterfoil.web.lists.listing import BulkAction, Empty, Listing, Noun

STATES = {
    "charged": State(_("Charged"), Tone.GOOD),
    "to_be_billed": State(_("To be billed"), Tone.BUSY),
    "no_day": State(_("No day yet"), Tone.WARNING),
    "not_chargeable": State(_("Not chargeable")),
}


class EventFilters(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[(code, state.word) for code, state in STATES.items()],
        method="in_state",
        empty_label=_("All"),
    )
    occurred_on = django_filters.DateFilter(label=_("Occurred from"), lookup_expr="gte", widget=DayInput())

    class Meta:
        model = BillableEvent
        fields: list[str] = []

    def in_state(self, rows: QuerySet[Any], _name: str, state: str) -> QuerySet[Any]:
        """Return the events that are in *state* now."""
        if state == "charged":
            return rows.filter(charges__charged__isnull=False).distinct()
        rows = rows.filter(charges__charged__isnull=True).distinct()
        if state == "not_chargeable":
            return rows.filter(is_chargeable=False)
        return rows.filter(is_chargeable=True, to_be_billed_on__isnull=state == "no_day")


class KindFilters(EventFilters):
    kind = django_filters.ChoiceFilter(
        label=_("Kind"),
        choices=[(kind.value, kind.label) for kind in (EventKind.DISPATCH, EventKind.SALE)],
        empty_label=_("All"),
    )


def with_invoices_and_payers(events: Sequence[Any]) -> None:
    """Put on each event the newest line that charged it, `line`, or None, and its `payers`: three queries a page."""
    lines = dict(
        BillableEvent.objects.filter(pk__in=[event.pk for event in events])
        .values_list("pk")
        .annotate(line=Max("charges__charged__line_id"))
    )
    stored = InvoiceLine.objects.select_related("invoice__number").in_bulk(
        [line for line in lines.values() if line]
    )
    for event in events:
        event.line = stored.get(lines.get(event.pk))
        event.payers = []
    by_id = {event.pk: event for event in events}
    for charge in EventCharge.objects.filter(event__in=by_id).select_related("who_pays__payer"):
        payers = by_id[charge.event_id].payers
        if charge.who_pays.payer is not None and charge.who_pays.payer not in payers:
            payers.append(charge.who_pays.payer)


def state_of(event: Any) -> str:
    """Return what has become of an event that `with_invoices` has seen."""
    if event.line is not None:
        return "charged"
    if not event.is_chargeable:
        return "not_chargeable"
    return "to_be_billed" if event.to_be_billed_on else "no_day"


def events_of(client: Client, *, most: int) -> list[BillableEvent]:
    """Return the newest events of *client*, at most *most*, each with its `line`, its `payers` and its `state`."""
    return newest_events(BillableEvent.objects.filter(client=client), most=most)


def newest_events(rows: QuerySet[BillableEvent], *, most: int) -> list[BillableEvent]:
    """Return the newest of *rows*, no sales invoices, as `events_of` does."""
    rows = rows.filter(is_invoice=False).select_related("client")
    events = list(rows.order_by("-occurred_on", "-pk")[:most])
    with_invoices_and_payers(events)
    for event in events:
        event.state = STATES[state_of(event)]
    return events


def _invoice_of(event: Any) -> str | None:
    if event.line is None:
        return None
    invoice = event.line.invoice
    return (
        str(invoice.number.number)
        if hasattr(invoice, "number")
        else gettext("draft %(invoice)s") % {"invoice": invoice.pk}
    )


def _events(name: str, noun: Noun, *, empty: Empty, shows_kind: bool = False) -> Listing:
    return Listing(
        name=name,
        noun=noun,
        columns=(
            Column(
                name="key",
                label=_("Identifier"),
                kind=Kind.CODE,
                link="event",
                sort=("pk",),
                index="primary key",
            ),
            *((Column(name="kind", label=_("Kind"), value="get_kind_display"),) if shows_kind else ()),
            Column(name="description", label=_("What happened")),
            Column(
                name="client",
                label=_("Client"),
                value="client.name",
                link=lambda row: reverse("client", args=[row.client_id]),
            ),
            Column(
                name="customer",
                label=_("Pays"),
                value=lambda row: ", ".join(map(str, row.payers)) or gettext("nobody"),
                is_shown=False,
            ),
            Column(name="occurred_on", label=_("Occurred"), kind=Kind.DATE, sort=("occurred_on",)),
            Column(
                name="to_be_billed_on",
                label=_("To be billed"),
                kind=Kind.DATE,
                sort=("to_be_billed_on",),
            ),
            Column(name="state", label=_("State"), kind=Kind.STATE, value=state_of, states=STATES),
            Column(
                name="invoice",
                label=_("Invoice"),
                kind=Kind.CODE,
                value=_invoice_of,
                link=lambda row: reverse("invoice", args=[row.line.invoice_id]) if row.line else "",
            ),
        ),
        default_sort="-key",
        filters=KindFilters if shows_kind else EventFilters,
        search=("key__istartswith", "description__icontains", "client__name__icontains"),
        search_hint=_("Identifier, words, client"),
        complete=with_invoices_and_payers,
        bulk_actions=(
            BulkAction(label=_("Mark chargeable"), address_name="events-chargeable", role=Role.BILLER),
            BulkAction(
                label=_("Mark not chargeable"), address_name="events-not-chargeable", role=Role.BILLER
            ),
        ),
        empty=empty,
    )


ACTIVATIONS = _events(
    "activations",
    Noun("activation", "activations"),
    empty=Empty(
        title=_("No activations yet"),
        explanation=_(
            "An activation is an alarm response that is charged once. Import them, or add one by hand."
        ),
        action=_("Import activations"),
        address_name="imports",
    ),
)
WORK_ORDERS = _events(
    "work-orders",
    Noun("work order", "work orders"),
    empty=Empty(
        title=_("No work orders yet"),
        explanation=_("A work order is a job with several charge lines and the day it is to be billed."),
        action=_("Import work orders"),
        address_name="imports",
    ),
)
OTHER_EVENTS = _events(
    "dispatch-and-sales",
    Noun("event", "events"),
    shows_kind=True,
    empty=Empty(
        title=_("No dispatches or sales yet"),
        explanation=_("A dispatch is charged like a work order; a sale gives a sales invoice."),
        action=_("Import them"),
        address_name="imports",
    ),
)


class MeterFilters(django_filters.FilterSet):
    may_be_estimated = django_filters.BooleanFilter(
        label=_("Estimates"),
        widget=forms.Select(
            choices=[("", _("All")), ("true", _("May be estimated")), ("false", _("Must be read"))]
        ),
    )

    class Meta:
        model = Meter
        fields: list[str] = []


def with_newest_reading(meters: Sequence[Any]) -> None:
    """Put on each meter its newest reading, `newest`, or None: one query for a page."""
    readings = Reading.objects.filter(meter__in=meters).order_by("meter_id", "-read_on").distinct("meter_id")
    newest = {reading.meter_id: reading for reading in readings}
    for meter in meters:
        meter.newest = newest.get(meter.pk)


def meters_of(client: Client, *, most: int) -> list[Meter]:
    """Return the meters of *client*, at most *most*, each with its newest reading."""
    meters = list(Meter.objects.filter(charge__client=client).select_related("charge").order_by("key")[:most])
    with_newest_reading(meters)
    return meters


METERS = Listing(
    name="meters",
    noun=Noun("meter", "meters"),
    columns=(
        Column(name="key", label=_("Meter"), kind=Kind.CODE, link="meter", sort=("key",), index="unique key"),
        Column(name="name", label=_("Name")),
        Column(
            name="charge",
            label=_("Charge"),
            value="charge.key",
            link=lambda row: reverse("charge", args=[row.charge_id]),
        ),
        Column(
            name="client",
            label=_("Client"),
            value="charge.client.name",
            link=lambda row: reverse("client", args=[row.charge.client_id]),
        ),
        Column(name="read_on", label=_("Last read"), kind=Kind.DATE, value="newest.read_on"),
        Column(name="value", label=_("Reading"), kind=Kind.QUANTITY, value="newest.value"),
        Column(name="tolerance_days", label=_("Tolerance, days"), kind=Kind.COUNT, is_shown=False),
        Column(name="may_be_estimated", label=_("May be estimated"), kind=Kind.YES_NO),
    ),
    default_sort="key",
    template="events/meters.html",
    filters=MeterFilters,
    search=("key__istartswith", "name__icontains", "charge__client__name__icontains"),
    search_hint=_("Meter, client"),
    complete=with_newest_reading,
    empty=Empty(
        title=_("No meters yet"),
        explanation=_("A meter counts the usage of a charge whose master charge has a tariff."),
        action=_("Add meter"),
        address_name="meter-new",
    ),
)
