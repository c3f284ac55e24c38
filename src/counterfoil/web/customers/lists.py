"""The lists of billing customers, clients and dealers."""

from __future__ import annotations

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from counterfoil.core.periods import ONE_DAY
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer, Client, CustomerGroup, Dealer, DeliveryMethod
from counterfoil.web.lists.columns import Column, Kind, State, Tone
from counterfoil.web.lists.listing import BulkAction, Empty, Listing, Noun

ACTIVE = {"True": State("Active", Tone.GOOD), "False": State("Inactive")}
YES_NO = forms.Select(choices=[("", "All"), ("true", "Active"), ("false", "Inactive")])


class CustomerFilters(django_filters.FilterSet):
    is_active = django_filters.BooleanFilter(label="State", widget=YES_NO)
    delivery = django_filters.ChoiceFilter(
        label="Delivery", choices=DeliveryMethod.choices, empty_label="All"
    )
    group = django_filters.ModelChoiceFilter(
        label="Group", queryset=CustomerGroup.objects.all(), null_label="In none", empty_label="All"
    )
    currency = django_filters.CharFilter(label="Currency", lookup_expr="iexact")

    class Meta:
        model = BillingCustomer
        fields: list[str] = []


CUSTOMERS = Listing(
    name="billing-customers",
    noun=Noun("billing customer", "billing customers"),
    columns=(
        Column(
            name="account",
            label="Account",
            kind=Kind.CODE,
            link="customer",
            sort=("account",),
            index="unique account",
        ),
        Column(name="name", label="Name", link="customer", sort=("name",), index="customer_by_name"),
        Column(name="email", label="E-mail"),
        Column(name="city", label="City"),
        Column(name="country", label="Country", is_shown=False),
        Column(name="branch", label="Branch", value="branch.name"),
        Column(name="group", label="Group", value="group.name", is_shown=False),
        Column(name="currency", label="Currency"),
        Column(name="payment_terms", label="Payment terms", is_shown=False),
        Column(name="delivery", label="Delivery", value="get_delivery_display"),
        Column(name="is_active", label="State", kind=Kind.STATE, states=ACTIVE),
    ),
    default_sort="account",
    filters=CustomerFilters,
    search=("account__istartswith", "name__icontains", "email__icontains"),
    bulk_actions=(
        BulkAction(
            label="E-mail statements",
            address_name="statements-mail",
            role=Role.BILLER,
            also=(Role.APPROVER, Role.ACCOUNTANT),
        ),
    ),
    search_hint="Account, name, e-mail",
    empty=Empty(
        title="No billing customers yet",
        explanation="A billing customer is who is invoiced and pays. Import them from a file, or add one by hand.",
        action="Add billing customer",
        address_name="customer-new",
    ),
)


class ClientFilters(django_filters.FilterSet):
    customer = django_filters.CharFilter(label=_("Billing customer"), field_name="customer__account")
    dealer = django_filters.CharFilter(label=_("Dealer"), field_name="dealer__code")
    is_served = django_filters.BooleanFilter(
        label="Service",
        field_name="decommissioned_on",
        lookup_expr="isnull",
        widget=forms.Select(
            choices=[("", "All"), ("true", "Not decommissioned"), ("false", "Decommissioned")]
        ),
    )
    has_dealer = django_filters.BooleanFilter(
        label="Through",
        field_name="dealer",
        lookup_expr="isnull",
        widget=forms.Select(choices=[("", "All"), ("true", "Direct"), ("false", "A dealer")]),
    )

    class Meta:
        model = Client
        fields: list[str] = []


CLIENTS = Listing(
    name="clients",
    noun=Noun("client", "clients"),
    columns=(
        Column(name="code", label="Code", kind=Kind.CODE, link="client", sort=("code",), index="unique code"),
        Column(name="name", label="Name", link="client", sort=("name",), index="client_by_name"),
        Column(name="city", label="City"),
        Column(name="customer", label="Billing customer", value="customer.name"),
        Column(name="dealer", label="Dealer", value="dealer.name"),
        Column(name="branch", label="Branch", value="branch.name"),
        Column(name="commissioned_on", label="Commissioned", kind=Kind.DATE, sort=("commissioned_on",)),
        Column(
            name="decommissioned_on",
            label="Last day with service",
            kind=Kind.DATE,
            value=lambda row: row.decommissioned_on and row.decommissioned_on - ONE_DAY,
            is_shown=False,
        ),
    ),
    default_sort="code",
    filters=ClientFilters,
    search=(
        "code__istartswith",
        "name__icontains",
        "city__icontains",
        "customer__account__istartswith",
        "customer__name__icontains",
        "dealer__code__istartswith",
        "dealer__name__icontains",
    ),
    search_hint=_("Code, name, city, customer, dealer"),
    bulk_actions=(
        BulkAction(label="Assign a charge", address_name="clients-assign", role=Role.BILLER),
        BulkAction(label="Copy charges from a template", address_name="clients-copy", role=Role.BILLER),
    ),
    empty=Empty(
        title="No clients yet",
        explanation="A client is what is serviced: a monitored site, a managed company. Charges are assigned to it.",
        action="Add client",
        address_name="client-new",
    ),
)


class DealerFilters(django_filters.FilterSet):
    is_active = django_filters.BooleanFilter(label="State", widget=YES_NO)

    class Meta:
        model = Dealer
        fields: list[str] = []


DEALERS = Listing(
    name="dealers",
    noun=Noun("dealer", "dealers"),
    columns=(
        Column(name="code", label="Code", kind=Kind.CODE, link="dealer", sort=("code",), index="unique code"),
        Column(name="name", label="Name", link="dealer", sort=("name",), index="dealer_by_name"),
        Column(name="customer", label="Billing customer", value="customer.name"),
        Column(name="branch", label="Branch", value="branch.name"),
        Column(name="is_active", label="State", kind=Kind.STATE, states=ACTIVE),
    ),
    default_sort="code",
    filters=DealerFilters,
    search=("code__istartswith", "name__icontains"),
    search_hint="Code, name",
    empty=Empty(
        title="No dealers yet",
        explanation="A dealer is a reseller that owns clients. It may be a billing customer too.",
        action="Add dealer",
        address_name="dealer-new",
    ),
)
