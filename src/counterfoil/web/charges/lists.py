"""The list of charges: all that is assigned, whoever pays for it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from counterfoil.records.charges.models import Charge
from counterfoil.records.charges.state_queries import (
    ChargeState,
    ending_within,
    in_state,
    paid_by,
    state_of,
    with_own_price,
)
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import surroundings_of
from counterfoil.records.parties.models import BillingCustomer
from counterfoil.web.charges.priced import with_prices
from counterfoil.web.layout.branches import BranchFilter
from counterfoil.web.lists.columns import NOTHING, Column, Kind, State, Tone
from counterfoil.web.lists.listing import BulkAction, Empty, Listing, Noun
from counterfoil.web.prices.shown import today

STATES = {
    ChargeState.RUNNING.value: State(_("Running"), Tone.GOOD),
    ChargeState.PAUSED.value: State(_("Paused"), Tone.WARNING),
    ChargeState.TO_BEGIN.value: State(_("To begin"), Tone.BUSY),
    ChargeState.ENDED.value: State(_("Ended")),
}
MOST_DAYS = 3_660


class ChargeFilters(django_filters.FilterSet):
    code = django_filters.CharFilter(label=_("Master charge"), field_name="master_charge__code")
    customer = django_filters.CharFilter(label=_("Billing customer"), method="of_customer")
    dealer = django_filters.CharFilter(label=_("Dealer"), field_name="client__dealer__code")
    branch = BranchFilter(label=_("Branch"), field_name="client__branch", empty_label=_("All"))
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[(name, state.word) for name, state in STATES.items()],
        empty_label=_("All"),
        method="is_in_state",
    )
    ends_within = django_filters.NumberFilter(
        label=_("Ends within days"), min_value=0, max_value=MOST_DAYS, method="ends_soon"
    )
    own_price = django_filters.ChoiceFilter(
        label=_("Price"),
        choices=[("yes", _("Its own")), ("no", _("Of the price lists"))],
        empty_label=_("All"),
        method="has_own_price",
    )

    class Meta:
        model = Charge
        fields: list[str] = []

    def of_customer(self, rows: QuerySet[Charge], _name: str, account: str) -> QuerySet[Charge]:
        """Return those of *rows* that the customer with this *account* pays."""
        customer = BillingCustomer.objects.filter(account=account).first()
        return paid_by(rows, customer) if customer else rows.none()

    def is_in_state(self, rows: QuerySet[Charge], _name: str, state: str) -> QuerySet[Charge]:
        """Return those of *rows* that stand so today."""
        in_legacy_mode = surroundings_of(self.request.user).is_legacy
        return in_state(rows, ChargeState(state), on=today(), in_legacy_mode=in_legacy_mode)

    def ends_soon(self, rows: QuerySet[Charge], _name: str, days: Decimal) -> QuerySet[Charge]:
        """Return those of *rows* whose last day is today or within so many *days*."""
        return ending_within(rows, int(days), on=today())

    def has_own_price(self, rows: QuerySet[Charge], _name: str, own: str) -> QuerySet[Charge]:
        """Return those of *rows* whose price is their own, or is not."""
        return with_own_price(rows, own=own == "yes")


def put_terms(rows: Sequence[Charge]) -> None:
    """Put on *rows* what each costs today and who says so, who pays, how it stands, and what it bills next."""
    found = with_prices(Charge.objects.filter(pk__in=[row.pk for row in rows]))
    of_charge = {one.terms.charge.pk: one for one in found}
    for row in rows:
        one = of_charge[row.pk]
        row.terms, row.payer = one.terms, one.terms.payer  # type: ignore[attr-defined]
        row.price, row.price_source = one.price, one.source  # type: ignore[attr-defined]
        row.state = state_of(one.terms, on=today()).value  # type: ignore[attr-defined]


def _next_period(row: Any) -> Any:
    period = row.terms.next_period
    return (period.start, period.end) if period else None


CHARGES = Listing(
    name="charges",
    noun=Noun("charge", "charges"),
    columns=(
        Column(
            name="key", label=_("Charge"), kind=Kind.CODE, link="charge", sort=("key",), index="unique key"
        ),
        Column(
            name="description",
            label=_("Description"),
            value="terms.description",
            link="charge",
            is_shown=False,
        ),
        Column(
            name="client",
            label=_("Client"),
            value="client.name",
            link=lambda row: reverse("client", args=[row.client_id]),
        ),
        Column(
            name="customer",
            label=_("Billing customer"),
            value="payer.name",
            link=lambda row: reverse("customer", args=[row.payer.pk]),
        ),
        Column(name="dealer", label=_("Dealer"), value="client.dealer.name", is_shown=False),
        Column(name="code", label=_("Master charge"), kind=Kind.CODE, value="master_charge.code"),
        Column(name="branch", label=_("Branch"), value="client.branch.name", is_shown=False),
        Column(
            name="runs",
            label=pgettext_lazy("charge", "Runs"),
            kind=Kind.PERIOD,
            value=lambda row: (row.starts_on, row.ends_before),
            sort=("starts_on",),
            index="charge_by_start",
        ),
        Column(name="state", label=_("State"), kind=Kind.STATE, states=STATES),
        Column(
            name="quantity",
            label=_("Quantity"),
            kind=Kind.QUANTITY,
            value=lambda row: row.terms.values["quantity"],
        ),
        Column(
            name="price",
            label=_("Unit price"),
            kind=Kind.PRICE,
            currency="master_charge.currency",
            nothing=lambda row: gettext("by tariff") if row.master_charge.tariff_id else NOTHING,
        ),
        Column(name="currency", label=_("Currency"), value="master_charge.currency", is_shown=False),
        Column(name="price_source", label=_("Source")),
        Column(
            name="next", label=pgettext_lazy("column", "Bills next"), kind=Kind.PERIOD, value=_next_period
        ),
        Column(name="po_number", label=_("Purchase order"), is_shown=False),
    ),
    default_sort="key",
    filters=ChargeFilters,
    search=(
        "key__istartswith",
        "client__code__istartswith",
        "client__name__icontains",
        "client__customer__name__icontains",
        "customer__name__icontains",
        "master_charge__code__istartswith",
    ),
    search_hint=_("Charge, client, customer, code"),
    bulk_actions=(
        BulkAction(label=_("Assign to their clients"), address_name="charges-assign", role=Role.BILLER),
        BulkAction(
            label=_("End charges"), address_name="charges-end-ticked", role=Role.BILLER, is_dangerous=True
        ),
    ),
    complete=put_terms,
    empty=Empty(
        title=_("No charges yet"),
        explanation=_(
            "A charge is a master charge assigned to a client. Open a client to assign one, or import a file."
        ),
        action=_("Open the clients"),
        address_name="clients",
    ),
)
