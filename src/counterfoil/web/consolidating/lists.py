"""The list of consolidated billings."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from counterfoil.records.billing.models import ConsolidatedBilling
from counterfoil.records.deliveries.models import TO_SEND_AGAIN, BillingDelivery
from counterfoil.records.organisation.models import Role
from counterfoil.web.layout.editing import DayInput
from counterfoil.web.lists.columns import Column, Kind, State, Tone
from counterfoil.web.lists.listing import BulkAction, Empty, Listing, Noun

STATES = {
    "live": State(_("Live"), Tone.GOOD),
    "void": State(pgettext_lazy("state", "Void")),
    "edited": State(_("Void: edited")),
}
MAKERS = (Role.BILLER, Role.APPROVER)


def state_of(billing: ConsolidatedBilling) -> str:
    """Return whether *billing* is live, void, or was edited into another revision."""
    if not hasattr(billing, "void"):
        return "live"
    return "edited" if billing.void.replaced_by_id else "void"


class BillingFilters(django_filters.FilterSet):
    void = django_filters.ChoiceFilter(
        label=pgettext_lazy("state", "Void"),
        choices=[("no", _("No")), ("yes", _("Yes"))],
        empty_label=_("All"),
        method="is_void",
    )
    undelivered = django_filters.ChoiceFilter(
        label=_("Not sent, or uncertain"),
        choices=[("yes", _("Yes"))],
        empty_label=_("All"),
        method="is_undelivered",
    )
    batch = django_filters.CharFilter(label=_("Batch"), field_name="batch__number", lookup_expr="iexact")
    since = django_filters.DateFilter(
        label=_("Dated from"), field_name="billing_date", lookup_expr="gte", widget=DayInput()
    )
    until = django_filters.DateFilter(
        label=_("Dated until"), field_name="billing_date", lookup_expr="lte", widget=DayInput()
    )

    class Meta:
        model = ConsolidatedBilling
        fields: list[str] = []

    def is_void(
        self, rows: QuerySet[ConsolidatedBilling], _name: str, wanted: str
    ) -> QuerySet[ConsolidatedBilling]:
        """Return those of *rows* that are void, or are not."""
        return rows.filter(void__isnull=wanted == "no")

    def is_undelivered(
        self, rows: QuerySet[ConsolidatedBilling], _name: str, _wanted: str
    ) -> QuerySet[ConsolidatedBilling]:
        """Return those of *rows* of which a delivery failed or may not have arrived."""
        failed = BillingDelivery.objects.filter(state__in=TO_SEND_AGAIN)
        return rows.filter(pk__in=failed.values("billing"))


BILLINGS = Listing(
    name="billings",
    noun=Noun("consolidated billing", "consolidated billings"),
    columns=(
        Column(name="number", label=_("Number"), kind=Kind.CODE, link="billing", sort=("pk",), index="pk"),
        Column(
            name="state", label=pgettext_lazy("state", "Void"), kind=Kind.STATE, value=state_of, states=STATES
        ),
        Column(name="batch", label=_("Batch"), kind=Kind.CODE, value="batch.number"),
        Column(name="customer", label=_("Customer"), value="customer.name", sort=("customer__name",)),
        Column(name="account", label=_("Account"), value="customer.account", is_shown=False),
        Column(name="branch", label=_("Branch"), value="branch.name", is_shown=False),
        Column(name="billing_date", label=_("Date"), kind=Kind.DATE, sort=("billing_date",)),
        Column(name="due_on", label=_("Due"), kind=Kind.DATE, sort=("due_on",)),
        Column(name="po_number", label=_("Purchase order"), is_shown=False),
        Column(name="description", label=_("Description"), is_shown=False),
        Column(name="member_count", label=_("Invoices"), kind=Kind.COUNT, sort=("member_count",)),
        Column(name="tax_minor", label=_("Tax"), kind=Kind.MONEY),
        Column(name="gross_minor", label=_("Total"), kind=Kind.MONEY, sort=("gross_minor",)),
    ),
    default_sort="-number",
    filters=BillingFilters,
    search=("number__istartswith", "customer__name__icontains", "customer__account__istartswith"),
    search_hint=_("Number, customer, account"),
    bulk_actions=(
        BulkAction(label=_("Print"), address_name="billings-print", role=Role.VIEWER),
        BulkAction(label=_("E-mail"), address_name="billings-email", role=Role.BILLER, also=(Role.APPROVER,)),
        BulkAction(
            label=_("Void"),
            address_name="billings-void",
            role=Role.BILLER,
            also=(Role.APPROVER,),
            is_dangerous=True,
        ),
    ),
    sums=(("gross_minor", "currency"),),
    template="consolidating/billings.html",
    empty=Empty(
        title=_("No consolidated billings yet"),
        explanation=_(
            "A consolidated billing gathers sales and service invoices of a customer who uses it. "
            "Switch it on at the customer, then make a batch of what waits."
        ),
        action=_("New batch"),
        address_name="billing-batch-new",
    ),
)
