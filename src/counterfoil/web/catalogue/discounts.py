"""The pages of discounts: list and form (billing-rules 4.5)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.flows.ending_terms import remove_discount, without_discount
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.charges.models import Charge, Discount
from counterfoil.records.organisation.models import Role, User
from counterfoil.records.organisation.queries import within_branches, within_branches_of
from counterfoil.records.parties.models import BillingCustomer
from counterfoil.web.access import needs
from counterfoil.web.display import count_text, current_locale, money_text
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed, reason_given
from counterfoil.web.layout.editing import (
    AdmittedForm,
    DayInput,
    KeyField,
    LastDayField,
    edit_page,
    posted,
    suggestions,
)
from counterfoil.web.lists.columns import Column, Kind
from counterfoil.web.lists.listing import Empty, Listing, Noun
from counterfoil.web.lists.page import list_page
from counterfoil.web.prices.shown import today


class DiscountForm(AdmittedForm):
    """A discount: off what, how much, from when to when."""

    charge = KeyField(
        Charge.objects.all(),
        key="key",
        unknown=_("There is no charge with this key. Type it exactly, or choose a suggestion."),
        suggestions="charge-suggestions",
        label=_("Charge"),
        help_text=_("Off each of its lines"),
    )
    master_charge = KeyField(
        MasterCharge.objects.all(),
        key="code",
        unknown=_("There is no master charge with this code. Type it exactly, or choose a suggestion."),
        suggestions="master-charge-suggestions",
        label=_("Master charge"),
        help_text=_("Off each of its lines, whoever pays, or of the billing customer below"),
    )
    customer = KeyField(
        BillingCustomer.objects.all(),
        key="account",
        unknown=_("There is no billing customer with this account. Type it exactly, or choose a suggestion."),
        suggestions="customer-suggestions",
        label=_("Billing customer"),
        help_text=_("Without a charge or a master charge: off whole invoices, spread over their lines"),
    )
    ends_before = LastDayField(
        label=_("Last day"), required=False, help_text=_("The last day on which it is taken. Empty: open")
    )

    class Meta:
        model = Discount
        fields = [
            "key",
            "name",
            "percent",
            "amount",
            "charge",
            "master_charge",
            "customer",
            "starts_on",
            "ends_before",
        ]
        widgets = {"starts_on": DayInput}
        labels = {"key": _("Identifier"), "starts_on": _("First day")}
        help_texts = {
            "key": _("Any text that no other discount has; imports find the discount by it"),
            "percent": _("Percentages are taken first, one after the other"),
            "amount": _(
                "In the customer's currency, of a whole charge period or of an invoice; never more than it"
            ),
            "starts_on": _(
                "A line's first day, or the invoice date, from which on it is taken. Empty: always"
            ),
        }

    def __init__(self, data: Any = None, *, user: User, **more: Any) -> None:
        super().__init__(data, **more)
        charges = within_branches(Charge.objects.all(), user=user, path="client__branch_id")
        self.fields["charge"].queryset = charges  # type: ignore[attr-defined]
        customers = within_branches(BillingCustomer.objects.all(), user=user)
        self.fields["customer"].queryset = customers  # type: ignore[attr-defined]


class DiscountFilters(django_filters.FilterSet):
    charge = django_filters.CharFilter(label=_("Charge"), field_name="charge__key")
    code = django_filters.CharFilter(label=_("Master charge"), field_name="master_charge__code")
    customer = django_filters.CharFilter(label=_("Billing customer"), field_name="customer__account")

    class Meta:
        model = Discount
        fields: list[str] = []


DISCOUNTS = Listing(
    name="discounts",
    noun=Noun("discount", "discounts"),
    columns=(
        Column(
            name="key",
            label=_("Identifier"),
            kind=Kind.CODE,
            link="discount-edit",
            sort=("key",),
            index="unique key",
        ),
        Column(name="name", label=_("Name"), link="discount-edit"),
        Column(name="percent", label=_("Percent"), kind=Kind.PERCENT),
        Column(name="amount", label=_("Amount"), kind=Kind.QUANTITY),
        Column(name="charge", label=_("Charge"), value="charge.key"),
        Column(name="master_charge", label=_("Master charge"), value="master_charge.code"),
        Column(name="customer", label=_("Billing customer"), value="customer.name"),
        Column(
            name="days",
            label=_("Taken"),
            kind=Kind.PERIOD,
            value=lambda row: (row.starts_on, row.ends_before) if row.starts_on or row.ends_before else None,
        ),
    ),
    default_sort="key",
    filters=DiscountFilters,
    search=("key__istartswith", "name__icontains"),
    search_hint=_("Identifier, name"),
    empty=Empty(
        title=_("No discounts yet"),
        explanation=_(
            "A discount is a percentage or an amount off the lines of a charge or a master charge, "
            "or off all that a customer is invoiced."
        ),
        action=_("Add discount"),
        address_name="discount-new",
    ),
)


def seen(request: HttpRequest) -> QuerySet[Discount]:
    """Return the discounts the person may see: of what they see, and of a master charge for everybody."""
    return within_branches_of(
        Discount.objects.select_related("charge", "master_charge", "customer"),
        user=request.user,  # type: ignore[arg-type]
        paths=["charge__client__branch_id", "customer__branch_id"],
        also=Q(charge__isnull=True, customer__isnull=True),
    )


@needs(Role.VIEWER)
def discounts(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    context = {"new": reverse("discount-new"), "new_label": gettext("Add discount")}
    return list_page(
        request, listing=DISCOUNTS, queryset=seen(request), title=gettext("Discounts"), context=context
    )


@needs(Role.BILLER)
def new(request: HttpRequest) -> HttpResponse:
    """Add one; the address may name the charge, master charge or customer it is for."""
    named = {
        name: request.GET[name] for name in ("charge", "master_charge", "customer") if name in request.GET
    }
    return _page(
        request, Discount(), title=gettext("New discount"), verb=gettext("Add discount"), initial=named
    )


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one; what is billed already stays."""
    found = get_object_or_404(seen(request), pk=key)
    return _page(
        request,
        found,
        title=gettext("Edit discount %(name)s") % {"name": found},
        verb=gettext("Store changes"),
        initial={},
    )


@needs(Role.BILLER)
def remove(request: HttpRequest, key: int) -> HttpResponse:
    """Say what is billed more without a discount, then take it away."""
    found = get_object_or_404(seen(request), pk=key)
    changed = without_discount(found, today=today())
    locale = current_locale()
    more = [
        (
            gettext("Billed more in the next twelve months, %(currency)s") % {"currency": currency},
            money_text(minor, currency, locale=locale),
        )
        for currency, minor in (changed.more_minor or {}).items()
    ]
    if changed.more_minor is None:
        more = [
            (gettext("Billed more in the next twelve months"), gettext("not worked out: it is off too much"))
        ]
    confirmation = Confirmation(
        title=gettext("Remove discount %(name)s") % {"name": found},
        sentence=gettext(
            "It is taken off nothing any more. To take it until a day, fill in its last day instead."
        ),
        figures=[(gettext("Charges it is off today"), count_text(changed.charges, locale=locale)), *more],
        lasting=gettext(
            "What is billed already stays as it is. The history keeps the discount and your reason."
        ),
        verb=gettext("Remove discount"),
        back=reverse("discount-edit", args=[key]),
        asks_reason=True,
        is_dangerous=True,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    remove_discount(found, reason=reason_given(request))
    messages.success(request, gettext("Discount %(name)s was removed.") % {"name": found})
    return HttpResponseRedirect(reverse("discounts"))


@needs(Role.VIEWER)
def suggest_charges(request: HttpRequest) -> HttpResponse:
    """Suggest the identifiers of charges while one is typed."""
    user: Any = request.user
    rows = within_branches(Charge.objects.all(), user=user, path="client__branch_id")
    return suggestions(request, rows=rows, key="key", label="client__name")


def _page(
    request: HttpRequest, discount: Discount, *, title: str, verb: str, initial: dict[str, str]
) -> HttpResponse:
    back = reverse("discounts")
    user: Any = request.user
    form = DiscountForm(posted(request), user=user, instance=discount, initial=initial)
    context = {"remove": reverse("discount-remove", args=[discount.pk])} if discount.pk else {}
    context["remove_label"] = gettext("Remove discount")
    return edit_page(
        request, form=form, title=title, verb=verb, back=back, done=lambda _stored: back, context=context
    )
