"""A customer's settings of consolidated billing (billing-rules 8.1, 8.4, 8.6)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.core.consolidation import AmountNotPositive, MinimumNotBelowLimit
from counterfoil.core.money import format_minor, parse_minor
from counterfoil.core.periods import NotALength
from counterfoil.core.refusals import Refusal
from counterfoil.flows.consolidating.settings import change_settings, settings_of
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer, ConsolidationSettings
from counterfoil.web.access import needs
from counterfoil.web.customers.views import address, seen
from counterfoil.web.display import current_locale, point_for_comma
from counterfoil.web.layout.editing import DayInput, posted
from counterfoil.web.saying import said


class ConsolidationForm(forms.Form):
    """How a customer's sales and service invoices are consolidated."""

    is_used = forms.BooleanField(label=_("Use consolidated billing"), required=False, initial=True)
    cycle = forms.CharField(
        label=_("Consolidated billing cycle"),
        required=False,
        help_text=_("Such as “1 month” or “2 weeks”. Only used with a next date."),
    )
    next_date = forms.DateField(
        label=_("Next consolidated billing date"),
        required=False,
        widget=DayInput,
        show_hidden_initial=True,
        help_text=_(
            "Invoices are listed once it has come, those dated up to it. Empty: they are not held "
            "back, and nothing is rolled."
        ),
    )
    minimum = forms.CharField(
        label=_("Minimum consolidated billing amount"),
        required=False,
        help_text=_("With tax. Less is carried to the next cycle; empty: no minimum."),
    )
    takes_sales = forms.BooleanField(label=_("Automatically consolidate sales invoices"), required=False)
    takes_service = forms.BooleanField(label=_("Automatically consolidate service invoices"), required=False)
    limit = forms.CharField(
        label=_("When total amount is less than"),
        required=False,
        help_text=_(
            "With tax. Every new invoice of both types then waits, and only a release takes it off; "
            "a batch checks the types above while they come to less. Empty: any amount."
        ),
    )

    def __init__(self, data: Any = None, *, customer: BillingCustomer) -> None:
        self.customer = customer
        super().__init__(data, initial=_shown(settings_of(customer), currency=customer.currency))

    def clean_minimum(self) -> int | None:
        """Return the minimum in minor units."""
        return self._amount("minimum")

    def clean_limit(self) -> int | None:
        """Return X in minor units."""
        return self._amount("limit")

    def _amount(self, name: str) -> int | None:
        text = self.cleaned_data[name].strip()
        try:
            text = point_for_comma(text, locale=current_locale())
            return parse_minor(text, self.customer.currency) if text else None
        except Refusal as refusal:
            raise forms.ValidationError(said(refusal)) from refusal

    def changes(self) -> dict[str, Any]:
        """Return what was typed; a next date that nobody touched is left out, since it may be rolled meanwhile."""
        values = self.cleaned_data
        next_date = {"next_date": values["next_date"]} if "next_date" in self.changed_data else {}
        return {
            "is_used": values["is_used"],
            "cycle": values["cycle"],
            "minimum_minor": values["minimum"],
            "limit_minor": values["limit"],
            "takes_sales": values["takes_sales"],
            "takes_service": values["takes_service"],
            **next_date,
        }


# At which field a refusal is told; others stand above the form.
FIELDS: dict[type[Refusal], str] = {
    NotALength: "cycle",
    MinimumNotBelowLimit: "minimum",
    AmountNotPositive: "minimum",
}


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change them."""
    customer = get_object_or_404(seen(request), pk=key)
    form = ConsolidationForm(posted(request), customer=customer)
    if request.method == "POST" and form.is_valid():
        try:
            change_settings(customer, form.changes())
        except Refusal as refusal:
            form.add_error(FIELDS.get(type(refusal)), said(refusal))
        else:
            messages.success(
                request,
                gettext("How invoices of %(customer)s are consolidated was changed.")
                % {"customer": customer},
            )
            return HttpResponseRedirect(address(customer))
    context = {
        "form": form,
        "title": gettext("Consolidated billing of %(name)s") % {"name": customer.name},
        "verb": gettext("Store settings"),
        "back": address(customer),
        "history_record": settings_of(customer),
    }
    return render(request, "counterfoil/layout/form.html", context)


def _shown(settings: ConsolidationSettings | None, *, currency: str) -> dict[str, Any]:
    if settings is None:
        return {}
    amounts = {"minimum": settings.minimum_minor, "limit": settings.limit_minor}
    return {
        "is_used": settings.is_used,
        "cycle": settings.cycle,
        "next_date": settings.next_date,
        "takes_sales": settings.takes_sales,
        "takes_service": settings.takes_service,
        **{name: "" if minor is None else format_minor(minor, currency) for name, minor in amounts.items()},
    }
