"""The lists of master charges and charge periods."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from counterfoil.records.catalog.models import Kind, MasterCharge
from counterfoil.web.customers.lists import ACTIVE, YES_NO
from counterfoil.web.lists.columns import Column
from counterfoil.web.lists.columns import Kind as Shown
from counterfoil.web.lists.listing import Empty, Listing, Noun


class MasterChargeFilters(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Kind.choices, empty_label=_("All"))
    is_active = django_filters.BooleanFilter(label=_("State"), widget=YES_NO)

    class Meta:
        model = MasterCharge
        fields: list[str] = []


MASTER_CHARGES = Listing(
    name="master-charges",
    noun=Noun("master charge", "master charges"),
    columns=(
        Column(
            name="code",
            label=_("Code"),
            kind=Shown.CODE,
            link="master-charge",
            sort=("code",),
            index="unique code",
        ),
        Column(
            name="name", label=_("Name"), link="master-charge", sort=("name",), index="master_charge_by_name"
        ),
        Column(name="kind", label=_("Kind"), value="get_kind_display"),
        Column(name="ledger_code", label=_("Ledger code")),
        Column(
            name="unit_price",
            label=_("Unit price"),
            kind=Shown.PRICE,
            currency="currency",
            sort=("unit_price",),
        ),
        Column(name="currency", label=_("Currency")),
        Column(name="charge_period", label=_("Charge period"), value="charge_period.name"),
        Column(name="tax_category", label=_("Tax"), value="tax_category.name"),
        Column(name="is_active", label=_("State"), kind=Shown.STATE, states=ACTIVE),
    ),
    default_sort="code",
    filters=MasterChargeFilters,
    search=("code__istartswith", "name__icontains", "ledger_code__istartswith"),
    search_hint=_("Code, name, ledger code"),
    empty=Empty(
        title=_("The catalogue is empty"),
        explanation=_(
            "A master charge is what you sell: its price, how often it is billed, how it is taxed."
        ),
        action=_("Add master charge"),
        address_name="master-charge-new",
    ),
)

CHARGE_PERIODS = Listing(
    name="charge-periods",
    noun=Noun("charge period", "charge periods"),
    columns=(
        Column(name="name", label=_("Name"), link="charge-period-edit", sort=("name",), index="unique name"),
        Column(name="length", label=_("Length"), value=lambda row: f"{row.count} × {row.get_unit_display()}"),
        Column(name="anchor", label=_("Anchor"), kind=Shown.DATE),
        Column(name="billing_day", label=_("Billing day"), kind=Shown.COUNT),
        Column(name="part_charging", label=_("Part of a period"), value="get_part_charging_display"),
        Column(name="day_count", label=_("Days counted"), value="get_day_count_display", is_shown=False),
        Column(name="bill_on", label=_("Billed"), value="get_bill_on_display"),
        Column(name="offset_days", label=_("Offset in days"), kind=Shown.COUNT, is_shown=False),
    ),
    default_sort="name",
    search=("name__icontains",),
    search_hint=_("Name"),
    empty=Empty(
        title=_("No charge periods yet"),
        explanation=_(
            "A charge period says how often a charge is billed: monthly in advance from the 1st, for example."
        ),
        action=_("Add charge period"),
        address_name="charge-period-new",
    ),
)
