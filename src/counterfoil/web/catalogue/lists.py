"""The lists of master charges and charge periods."""

from __future__ import annotations

import django_filters

from counterfoil.records.catalog.models import Kind, MasterCharge
from counterfoil.web.customers.lists import ACTIVE, YES_NO
from counterfoil.web.lists.columns import Column
from counterfoil.web.lists.columns import Kind as Shown
from counterfoil.web.lists.listing import Empty, Listing, Noun


class MasterChargeFilters(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label="Kind", choices=Kind.choices, empty_label="All")
    is_active = django_filters.BooleanFilter(label="State", widget=YES_NO)

    class Meta:
        model = MasterCharge
        fields: list[str] = []


MASTER_CHARGES = Listing(
    name="master-charges",
    noun=Noun("master charge", "master charges"),
    columns=(
        Column(
            name="code",
            label="Code",
            kind=Shown.CODE,
            link="master-charge",
            sort=("code",),
            index="unique code",
        ),
        Column(
            name="name", label="Name", link="master-charge", sort=("name",), index="master_charge_by_name"
        ),
        Column(name="kind", label="Kind", value="get_kind_display"),
        Column(name="ledger_code", label="Ledger code"),
        Column(
            name="unit_price", label="Unit price", kind=Shown.PRICE, currency="currency", sort=("unit_price",)
        ),
        Column(name="currency", label="Currency"),
        Column(name="charge_period", label="Charge period", value="charge_period.name"),
        Column(name="tax_category", label="Tax", value="tax_category.name"),
        Column(name="is_active", label="State", kind=Shown.STATE, states=ACTIVE),
    ),
    default_sort="code",
    filters=MasterChargeFilters,
    search=("code__istartswith", "name__icontains", "ledger_code__istartswith"),
    search_hint="Code, name, ledger code",
    empty=Empty(
        title="The catalogue is empty",
        explanation="A master charge is what you sell: its price, how often it is billed, how it is taxed.",
        action="Add master charge",
        address_name="master-charge-new",
    ),
)

CHARGE_PERIODS = Listing(
    name="charge-periods",
    noun=Noun("charge period", "charge periods"),
    columns=(
        Column(name="name", label="Name", link="charge-period-edit", sort=("name",), index="unique name"),
        Column(name="length", label="Length", value=lambda row: f"{row.count} × {row.get_unit_display()}"),
        Column(name="anchor", label="Anchor", kind=Shown.DATE),
        Column(name="billing_day", label="Billing day", kind=Shown.COUNT),
        Column(name="part_charging", label="Part of a period", value="get_part_charging_display"),
        Column(name="day_count", label="Days counted", value="get_day_count_display", is_shown=False),
        Column(name="bill_on", label="Billed", value="get_bill_on_display"),
        Column(name="offset_days", label="Offset in days", kind=Shown.COUNT, is_shown=False),
    ),
    default_sort="name",
    search=("name__icontains",),
    search_hint="Name",
    empty=Empty(
        title="No charge periods yet",
        explanation="A charge period says how often a charge is billed: monthly in advance from the 1st, for example.",
        action="Add charge period",
        address_name="charge-period-new",
    ),
)
