"""Change many billing customers or clients at once: chosen first, then asked in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from counterfoil.flows.editing import store_many
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import is_legacy, within_branches
from counterfoil.records.parties.models import BillingCustomer, CustomerGroup, Dealer, DeliveryMethod
from counterfoil.web.access import needs
from counterfoil.web.customers import clients, views
from counterfoil.web.customers.forms import customer_field, dealer_field
from counterfoil.web.customers.lists import CLIENTS, CUSTOMERS
from counterfoil.web.display import current_locale
from counterfoil.web.lists.asking import Question, after_asking, nothing_ticked
from counterfoil.web.lists.listing import Listing
from counterfoil.web.lists.page import selection_of

CHANGES = "changes"
NONE = "none"
AS_IT_IS = ("", _("Leave as it is"))


class ChangesForm(forms.Form):
    """What is to be changed; what is left empty stays with each as it is."""

    def changes(self) -> dict[str, Any]:
        """Return the new values by the fields of the record, of those that were chosen."""
        raise NotImplementedError

    def told(self) -> list[tuple[str, str]]:
        """Return label and new value of what was chosen."""
        chosen = [field for field in self if self.cleaned_data.get(field.name)]
        return [(str(field.label), _told(field.field, self.cleaned_data[field.name])) for field in chosen]


def _told(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.BooleanField):
        return gettext("Yes")
    choices = dict(field.choices) if type(field) is forms.ChoiceField else {}
    return str(choices.get(value, value))


class CustomerChanges(ChangesForm):
    """What many billing customers can be given at once."""

    group = forms.ChoiceField(label=_("Customer group"), required=False)
    payment_terms = forms.CharField(
        label=_("Payment terms"), required=False, max_length=60, help_text=_("Such as “14 days”")
    )
    delivery = forms.ChoiceField(
        label=_("Delivery"), required=False, choices=[AS_IT_IS, *DeliveryMethod.choices]
    )
    is_active = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[AS_IT_IS, ("yes", _("Active: is billed")), ("no", _("Inactive: becomes an exception"))],
    )

    def __init__(self, data: Any = None, **_more: Any) -> None:
        super().__init__(data)
        groups = [(str(one.pk), one.name) for one in CustomerGroup.objects.all()]
        self.fields["group"].choices = [AS_IT_IS, (NONE, _("In none")), *groups]  # type: ignore[attr-defined]

    def changes(self) -> dict[str, Any]:
        given = {name: value for name, value in self.cleaned_data.items() if value}
        if "group" in given:
            given["group_id"] = None if given["group"] == NONE else int(given["group"])
            del given["group"]
        if "is_active" in given:
            given["is_active"] = given["is_active"] == "yes"
        return given


class ClientChanges(ChangesForm):
    """What many clients can be given at once."""

    dealer = dealer_field(help_text=_("Code of the new one. Empty: left as it is"))
    has_no_dealer = forms.BooleanField(label=_("Without a dealer from now on"), required=False)
    customer = customer_field(help_text=_("Account of who pays from now on, unless a charge says otherwise"))

    def __init__(self, data: Any = None, *, request: HttpRequest) -> None:
        super().__init__(data)
        for name in ("dealer", "customer"):
            field: Any = self.fields[name]
            field.queryset = within_branches(field.queryset, user=request.user)  # type: ignore[arg-type]
        if is_legacy():
            del self.fields["customer"]

    def clean(self) -> Any:
        """Refuse another dealer together with none."""
        if self.cleaned_data.get("dealer") and self.cleaned_data.get("has_no_dealer"):
            self.add_error("has_no_dealer", gettext("Give a dealer, or tick this, not both."))
        return self.cleaned_data

    def changes(self) -> dict[str, Any]:
        given: dict[str, Any] = {}
        dealer: Dealer | None = self.cleaned_data.get("dealer")
        customer: BillingCustomer | None = self.cleaned_data.get("customer")
        if dealer is not None or self.cleaned_data.get("has_no_dealer"):
            given["dealer_id"] = dealer.pk if dealer else None
        if customer is not None:
            given["customer_id"] = customer.pk
        return given


@needs(Role.BILLER)
@require_POST
def change_customers(request: HttpRequest) -> HttpResponse:
    """Ask what the ticked customers are given, then in numbers whether, then store it."""
    question = Question(
        verb=gettext("Change billing customers"),
        sentence=gettext("Change %(ticked)s. What is not listed stays with each as it is."),
        done=ngettext_lazy(
            "%(count)s billing customer was changed.", "%(count)s billing customers were changed.", "count"
        ),
        lasting=gettext(
            "Documents that were issued stay as they are. The history of each keeps what it was."
        ),
        asks_reason=False,
    )
    form = CustomerChanges(request.POST if CHANGES in request.POST else None)
    return _change(
        request, question, form=form, listing=CUSTOMERS, rows=views.seen(request), page="customers"
    )


@needs(Role.BILLER)
@require_POST
def change_clients(request: HttpRequest) -> HttpResponse:
    """Ask what the ticked clients are given, then in numbers whether, then store it."""
    question = Question(
        verb=gettext("Change clients"),
        sentence=gettext("Change %(ticked)s. What is not listed stays with each as it is."),
        done=ngettext_lazy("%(count)s client was changed.", "%(count)s clients were changed.", "count"),
        lasting=gettext(
            "Documents that were issued stay as they are. The history of each keeps what it was."
        ),
        asks_reason=False,
    )
    form = ClientChanges(request.POST if CHANGES in request.POST else None, request=request)
    return _change(request, question, form=form, listing=CLIENTS, rows=clients.seen(request), page="clients")


def _change(
    request: HttpRequest,
    question: Question,
    *,
    form: ChangesForm,
    listing: Listing,
    rows: QuerySet[Any],
    page: str,
) -> HttpResponse:
    back = f"{reverse(page)}?{request.GET.urlencode()}".removesuffix("?")
    if not form.is_valid() or not form.changes():
        selection = selection_of(request, listing=listing, queryset=rows)
        if selection.is_empty:
            messages.warning(request, nothing_ticked(listing))
            return HttpResponseRedirect(back)
        if form.is_bound and not form.errors:
            form.add_error(None, gettext("Nothing was chosen. Say what to change."))
        context = {
            "form": form,
            "fields": [(CHANGES, "1"), *selection.fields()],
            "sentence": selection.sentence(locale=current_locale()),
            "title": question.verb,
            "back": back,
        }
        return render(request, "customers/many.html", context)
    changes = form.changes()
    asked = Question(
        verb=question.verb,
        sentence=question.sentence,
        done=question.done,
        lasting=question.lasting,
        asks_reason=False,
        figures=form.told(),
        fields=[(CHANGES, "1"), *((name, form.data[name]) for name in form.fields if form.data.get(name))],
    )

    def act(ids: list[int]) -> int:
        return store_many(_changed(rows.filter(pk__in=ids), changes), fields=list(changes))

    return after_asking(request, asked, listing=listing, rows=rows, back=back, act=act)


def _changed(rows: QuerySet[Any], changes: dict[str, Any]) -> Sequence[Model]:
    found = list(rows.order_by("pk"))
    for row in found:
        for name, value in changes.items():
            setattr(row, name, value)
    return found
