"""The lists of billing customers, clients and dealers."""

from __future__ import annotations

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from counterfoil.core.findings import FindingCode
from counterfoil.core.periods import ONE_DAY
from counterfoil.records.billing.models import Run
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer, Client, CustomerGroup, Dealer, DeliveryMethod
from counterfoil.records.parties.queries import IS_SITE
from counterfoil.web.lists.columns import Column, Kind, State, Tone
from counterfoil.web.lists.listing import BulkAction, Empty, Listing, Noun
from counterfoil.web.naming import FINDINGS

ACTIVE = {"True": State(_("Active"), Tone.GOOD), "False": State(_("Inactive"))}
YES_NO = forms.Select(choices=[("", _("All")), ("true", _("Active")), ("false", _("Inactive"))])


class CustomerFilters(django_filters.FilterSet):
    is_active = django_filters.BooleanFilter(label=_("State"), widget=YES_NO)
    delivery = django_filters.ChoiceFilter(
        label=_("Delivery"), choices=DeliveryMethod.choices, empty_label=_("All")
    )
    group = django_filters.ModelChoiceFilter(
        label=_("Group"), queryset=CustomerGroup.objects.all(), null_label=_("In none"), empty_label=_("All")
    )
    currency = django_filters.CharFilter(label=_("Currency"), lookup_expr="iexact")

    class Meta:
        model = BillingCustomer
        fields: list[str] = []


CUSTOMERS = Listing(
    name="billing-customers",
    noun=Noun("billing customer", "billing customers"),
    columns=(
        Column(
            name="account",
            label=_("Account"),
            kind=Kind.CODE,
            link="customer",
            sort=("account",),
            index="unique account",
        ),
        Column(name="name", label=_("Name"), link="customer", sort=("name",), index="customer_by_name"),
        Column(name="email", label=_("E-mail")),
        Column(name="city", label=_("City")),
        Column(name="country", label=_("Country"), is_shown=False),
        Column(name="branch", label=_("Branch"), value="branch.name"),
        Column(name="group", label=_("Group"), value="group.name", is_shown=False),
        Column(name="currency", label=_("Currency")),
        Column(name="payment_terms", label=_("Payment terms"), is_shown=False),
        Column(name="delivery", label=_("Delivery"), value="get_delivery_display"),
        Column(name="is_active", label=_("State"), kind=Kind.STATE, states=ACTIVE),
    ),
    default_sort="account",
    filters=CustomerFilters,
    search=("account__istartswith", "name__icontains", "email__icontains"),
    bulk_actions=(
        BulkAction(label=_("Change"), address_name="customers-change", role=Role.BILLER),
        BulkAction(label=_("Assign a charge"), address_name="customers-assign", role=Role.BILLER),
        BulkAction(label=_("Copy charges from a template"), address_name="customers-copy", role=Role.BILLER),
        BulkAction(
            label=_("E-mail statements"),
            address_name="statements-mail",
            role=Role.BILLER,
            also=(Role.APPROVER, Role.ACCOUNTANT),
        ),
    ),
    search_hint=_("Account, name, e-mail"),
    empty=Empty(
        title=_("No billing customers yet"),
        explanation=_(
            "A billing customer is who is invoiced and pays. Import them from a file, or add one by hand."
        ),
        action=_("Add billing customer"),
        address_name="customer-new",
    ),
)


OF_CLIENTS = (
    FindingCode.NO_CUSTOMER,
    FindingCode.NO_ACCOUNT_OF_CLIENT,
    FindingCode.NO_DEALER,
    FindingCode.NO_ACCOUNT_OF_DEALER,
)
"""The kinds of exceptions that are mended on clients."""


SITES, OWN = "sites", "own"
STANDING_FOR = {
    "customer": State(_("Customer itself")),
    "dealer": State(_("Dealer itself")),
}


def _stands_for(client: Client) -> str | None:
    if client.own_of_customer_id is not None:
        return "customer"
    return None if client.own_of_dealer_id is None else "dealer"


class ClientFilters(django_filters.FilterSet):
    customer = django_filters.CharFilter(label=_("Billing customer"), field_name="customer__account")
    dealer = django_filters.CharFilter(label=_("Dealer"), field_name="dealer__code")
    exception = django_filters.ChoiceFilter(
        label=_("Not billed for"),
        choices=[(code.value, FINDINGS[code]) for code in OF_CLIENTS],
        empty_label=_("All"),
        method="with_exception",
    )
    is_served = django_filters.BooleanFilter(
        label=_("Service"),
        field_name="decommissioned_on",
        lookup_expr="isnull",
        widget=forms.Select(
            choices=[("", _("All")), ("true", _("Not decommissioned")), ("false", _("Decommissioned"))]
        ),
    )
    has_dealer = django_filters.BooleanFilter(
        label=_("Through"),
        field_name="dealer",
        lookup_expr="isnull",
        widget=forms.Select(choices=[("", _("All")), ("true", _("Direct")), ("false", _("A dealer"))]),
    )
    stands_for = django_filters.ChoiceFilter(
        label=_("Stands for"),
        choices=[(SITES, _("Sites")), (OWN, _("Customers and dealers themselves"))],
        empty_label=_("All"),
        method="standing_for",
    )

    class Meta:
        model = Client
        fields: list[str] = []

    def standing_for(self, rows: QuerySet[Client], _name: str, what: str) -> QuerySet[Client]:
        """Return those of *rows* that are sites, or those that stand for a customer or a dealer itself."""
        return rows.filter(IS_SITE if what == SITES else ~IS_SITE)

    def with_exception(self, rows: QuerySet[Client], _name: str, code: str) -> QuerySet[Client]:
        """Return those of *rows* that the newest runs could not bill for that reason."""
        from counterfoil.web.exceptions.views import of_newest

        about = of_newest(Run.objects.all()).filter(code=code)
        return rows.filter(pk__in=about.values("client"))


CLIENTS = Listing(
    name="clients",
    noun=Noun("client", "clients"),
    columns=(
        Column(
            name="code", label=_("Code"), kind=Kind.CODE, link="client", sort=("code",), index="unique code"
        ),
        Column(name="name", label=_("Name"), link="client", sort=("name",), index="client_by_name"),
        Column(
            name="stands_for",
            label=_("Stands for"),
            kind=Kind.STATE,
            value=_stands_for,
            states=STANDING_FOR,
            nothing=lambda _row: "",
        ),
        Column(name="city", label=_("City")),
        Column(name="customer", label=_("Billing customer"), value="customer.name"),
        Column(name="dealer", label=_("Dealer"), value="dealer.name"),
        Column(name="branch", label=_("Branch"), value="branch.name"),
        Column(name="commissioned_on", label=_("Commissioned"), kind=Kind.DATE, sort=("commissioned_on",)),
        Column(
            name="decommissioned_on",
            label=_("Last day with service"),
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
        BulkAction(label=_("Change"), address_name="clients-change", role=Role.BILLER),
        BulkAction(label=_("Assign a charge"), address_name="clients-assign", role=Role.BILLER),
        BulkAction(label=_("Copy charges from a template"), address_name="clients-copy", role=Role.BILLER),
    ),
    empty=Empty(
        title=_("No clients yet"),
        explanation=_(
            "A client is what is serviced: a monitored site, a managed company. Charges are assigned to it."
        ),
        action=_("Add client"),
        address_name="client-new",
    ),
)


class DealerFilters(django_filters.FilterSet):
    is_active = django_filters.BooleanFilter(label=_("State"), widget=YES_NO)

    class Meta:
        model = Dealer
        fields: list[str] = []


DEALERS = Listing(
    name="dealers",
    noun=Noun("dealer", "dealers"),
    columns=(
        Column(
            name="code", label=_("Code"), kind=Kind.CODE, link="dealer", sort=("code",), index="unique code"
        ),
        Column(name="name", label=_("Name"), link="dealer", sort=("name",), index="dealer_by_name"),
        Column(name="customer", label=_("Billing customer"), value="customer.name"),
        Column(name="branch", label=_("Branch"), value="branch.name"),
        Column(name="is_active", label=_("State"), kind=Kind.STATE, states=ACTIVE),
    ),
    default_sort="code",
    filters=DealerFilters,
    search=("code__istartswith", "name__icontains"),
    search_hint=_("Code, name"),
    bulk_actions=(
        BulkAction(label=_("Assign a charge"), address_name="dealers-assign", role=Role.BILLER),
        BulkAction(label=_("Copy charges from a template"), address_name="dealers-copy", role=Role.BILLER),
    ),
    empty=Empty(
        title=_("No dealers yet"),
        explanation=_("A dealer is a reseller that owns clients. It may be a billing customer too."),
        action=_("Add dealer"),
        address_name="dealer-new",
    ),
)
