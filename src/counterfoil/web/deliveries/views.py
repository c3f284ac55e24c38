"""The list of deliveries: what is on its way out, and what became of it."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from counterfoil.records.deliveries.models import Delivery, DeliveryState
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.deliveries.channels import channel_choices, channel_name
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.lists.columns import Column, Kind, State, Tone
from counterfoil.web.lists.listing import BulkAction, Empty, Listing, Noun
from counterfoil.web.lists.page import list_page
from counterfoil.web.saying import said_again

STATES = {
    "queued": State(_("Queued"), Tone.BUSY),
    "sending": State(_("Sending"), Tone.BUSY),
    "sent": State(_("Sent"), Tone.GOOD),
    "failed": State(_("Failed"), Tone.BAD),
    "uncertain": State(_("Uncertain"), Tone.WARNING),
    "cancelled": State(_("Cancelled")),
}


class DeliveryFilters(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label=_("State"), choices=DeliveryState.choices, empty_label=_("All"))
    channel = django_filters.ChoiceFilter(
        label=pgettext_lazy("channel", "By"), choices=channel_choices, empty_label=_("All")
    )

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
                label=_("Invoice"),
                kind=Kind.CODE,
                value="invoice.number.number",
                link=lambda row: reverse("invoice", args=[row.invoice_id]),
                sort=sort,
                index=index,
            ),
            Column(
                name="channel",
                label=pgettext_lazy("channel", "By"),
                value=lambda row: channel_name(row.channel),
            ),
            Column(name="recipient", label=_("To")),
            Column(name="state", label=_("State"), kind=Kind.STATE, states=STATES),
            Column(name="attempts", label=_("Attempts"), kind=Kind.COUNT),
            Column(name="external_number", label=_("External number"), kind=Kind.CODE),
            Column(name="detail", label=_("What was said"), value=lambda row: said_again(row.detail)),
            Column(name="changed_at", label=_("Changed"), kind=Kind.MOMENT),
        ),
        default_sort="-invoice",
        filters=DeliveryFilters,
        search=(
            "invoice__number__number__istartswith",
            "invoice__customer__name__icontains",
            "invoice__customer__account__istartswith",
            "invoice__customer__email__icontains",
        ),
        search_hint=_("Number, customer, account, address"),
        empty=Empty(
            title=_("Nothing is on its way"),
            explanation=_(
                "Invoices are delivered once their run is authorised: by e-mail, and to the connector."
            ),
        ),
        **more,
    )


DELIVERIES = _listing(
    "deliveries",
    sort=("pk",),
    index="primary key",
    bulk_actions=(
        BulkAction(
            label=_("Send again"), address_name="deliveries-resend", role=Role.BILLER, also=(Role.APPROVER,)
        ),
    ),
)
DELIVERIES_OF_RUN = _listing(
    "deliveries-of-run",
    sort=("invoice", "channel"),
    index="delivery_once_a_channel",
    template="runs/review.html",
    bulk_actions=(
        BulkAction(label=_("Send again"), address_name="run-resend", role=Role.BILLER, also=(Role.APPROVER,)),
    ),
)


def seen(request: HttpRequest) -> QuerySet[Delivery]:
    """Return the deliveries that the person may see."""
    return sight_of(request).limits(
        Delivery.objects.select_related("invoice__number"), path="invoice__branch"
    )


@needs(Role.VIEWER)
def deliveries(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    return list_page(request, listing=DELIVERIES, queryset=seen(request), title=gettext("Deliveries"))
