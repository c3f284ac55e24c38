"""The list of overrides: what customers and dealers get differently, all price lists in one (product A3)."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.records.catalog.models import ChargeOverride
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.lists.columns import Column, Kind
from counterfoil.web.lists.listing import Empty, Listing, Noun
from counterfoil.web.lists.page import list_page
from counterfoil.web.prices.views import seen_overrides


class OverrideFilters(django_filters.FilterSet):
    whose = django_filters.ChoiceFilter(
        label=_("Whose"),
        choices=[("customer", _("Customers")), ("dealer", _("Dealers"))],
        empty_label=_("All"),
        method="is_of",
    )
    assignable = django_filters.BooleanFilter(
        label=_("Assignable"),
        widget=forms.Select(
            choices=[("", _("All")), ("true", _("May be assigned")), ("false", _("May not"))]
        ),
    )

    class Meta:
        model = ChargeOverride
        fields: list[str] = []

    def is_of(self, rows: QuerySet[ChargeOverride], _name: str, whose: str) -> QuerySet[ChargeOverride]:
        """Return the overrides of customers, or those of dealers."""
        return rows.filter(**{f"{whose}__isnull": False})


def _price_list(row: Any) -> str:
    """Return the address of the price list that *row* stands in."""
    kind = "customer" if row.customer_id else "dealer"
    return reverse(f"{kind}-overrides", args=[row.customer_id or row.dealer_id])


OVERRIDES = Listing(
    name="price-lists",
    noun=Noun("override", "overrides"),
    columns=(
        Column(
            name="whose",
            label=_("Price list of"),
            value=lambda row: (row.customer or row.dealer).name,
            link=_price_list,
        ),
        Column(
            name="kind",
            label=_("Whose"),
            value=lambda row: gettext("Customer") if row.customer_id else gettext("Dealer"),
        ),
        Column(
            name="master_charge",
            label=_("Master charge"),
            value=lambda row: str(row.master_charge),
            link=lambda row: reverse("master-charge", args=[row.master_charge_id]),
            sort=("master_charge_id", "pk"),
        ),
        Column(
            name="unit_price",
            label=_("Unit price"),
            kind=Kind.PRICE,
            currency="master_charge.currency",
            link="override-prices",
        ),
        Column(
            name="usual",
            label=_("Usual price"),
            kind=Kind.PRICE,
            value="master_charge.unit_price",
            currency="master_charge.currency",
        ),
        Column(name="quantity", label=_("Quantity"), kind=Kind.QUANTITY),
        Column(name="charge_period", label=_("Charge period"), value="charge_period.name"),
        Column(name="tax_category", label=_("Tax"), value="tax_category.name", is_shown=False),
        Column(name="description", label=_("Description"), is_shown=False),
        Column(name="while_commissioned", label=_("While commissioned"), kind=Kind.YES_NO, is_shown=False),
        Column(name="assignable", label=_("May be assigned"), kind=Kind.YES_NO),
        Column(
            name="entered",
            label=_("Order entered"),
            kind=Kind.COUNT,
            value="pk",
            sort=("pk",),
            index="primary key",
            is_shown=False,
        ),
    ),
    default_sort="-entered",
    filters=OverrideFilters,
    search=(
        "master_charge__code__istartswith",
        "master_charge__name__icontains",
        "customer__name__icontains",
        "customer__account__istartswith",
        "dealer__name__icontains",
    ),
    search_hint=_("Customer, dealer, master charge"),
    empty=Empty(
        title=_("Nobody gets anything differently yet"),
        explanation=_(
            "A price list is what one customer or dealer gets differently from the master charges: "
            "prices, periods, and what may be assigned. Open a dealer or a customer, then Price list."
        ),
        action=_("Dealers"),
        address_name="dealers",
    ),
)


@needs(Role.VIEWER)
def price_lists(request: HttpRequest) -> HttpResponseBase:
    """List what customers and dealers get differently, newest first."""
    rows = seen_overrides(request).select_related("charge_period", "tax_category")
    return list_page(request, listing=OVERRIDES, queryset=rows, title=gettext("Price lists"))
