"""The list of deliveries: what is on its way out, and what became of it."""

from __future__ import annotations

from typing import Any

import django_filters
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from counterfoil.records.deliveries.models import Delivery, DeliveryState
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.lists.columns import Column, Kind, State, Tone
from counterfoil.web.lists.listing import BulkAction, Empty, Listing, Noun
from counterfoil.web.lists.page import list_page

STATES = {
    "queued": State("Queued", Tone.BUSY),
    "sending": State("Sending", Tone.BUSY),
    "sent": State("Sent", Tone.GOOD),
    "failed": State("Failed", Tone.BAD),
    "uncertain": State("Uncertain", Tone.WARNING),
    "cancelled": State("Cancelled"),
}


class DeliveryFilters(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label="State", choices=DeliveryState.choices, empty_label="All")
    channel = django_filters.CharFilter(label="By", lookup_expr="exact")

    class Meta:
        model = Delivery
        fields: list[str] = []


def _listing(name: str, *, sort: tuple[str, ...], index: str, **more: Any) -> Listing:
    return Listing(
        name=name,
        noun=Noun("delivery", "deliveries"),
        columns=(
            Column(
                name="invoice",
                label="Invoice",
                kind=Kind.CODE,
                value="invoice.number.number",
                link=lambda row: reverse("invoice", args=[row.invoice_id]),
                sort=sort,
                index=index,
            ),
            Column(name="channel", label="By"),
            Column(name="recipient", label="To"),
            Column(name="state", label="State", kind=Kind.STATE, states=STATES),
            Column(name="attempts", label="Attempts", kind=Kind.COUNT),
            Column(name="external_number", label="External number", kind=Kind.CODE),
            Column(name="detail", label="What was said"),
            Column(name="changed_at", label="Changed", kind=Kind.MOMENT),
        ),
        default_sort="-invoice",
        filters=DeliveryFilters,
        search=(
            "invoice__number__number__istartswith",
            "invoice__customer__name__icontains",
            "invoice__customer__account__istartswith",
            "invoice__customer__email__icontains",
        ),
        search_hint="Number, customer, account, address",
        empty=Empty(
            title="Nothing is on its way",
            explanation="Invoices are delivered once their run is authorised: by e-mail, and to the connector.",
        ),
        **more,
    )


DELIVERIES = _listing("deliveries", sort=("pk",), index="primary key")
DELIVERIES_OF_RUN = _listing(
    "deliveries-of-run",
    sort=("invoice", "channel"),
    index="delivery_once_a_channel",
    template="runs/review.html",
    bulk_actions=(
        BulkAction(label="Send again", address_name="run-resend", role=Role.BILLER, also=(Role.APPROVER,)),
    ),
)


@needs(Role.VIEWER)
def deliveries(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    rows = sight_of(request).limits(
        Delivery.objects.select_related("invoice__number"), path="invoice__branch"
    )
    return list_page(request, listing=DELIVERIES, queryset=rows, title="Deliveries")
