"""Many charges at once, after asking in numbers: assigned to what is ticked, or copied to it from a template.

Ticked are clients, charges, meaning their clients, or billing customers or dealers that are charged themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.core.periods import ONE_DAY
from counterfoil.core.refusals import Refusal
from counterfoil.flows import assigning
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.charges.models import Charge
from counterfoil.records.fields import StepsField
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer
from counterfoil.web.access import needs
from counterfoil.web.charges.lists import CHARGES
from counterfoil.web.customers.lists import CLIENTS, CUSTOMERS, DEALERS
from counterfoil.web.display import (
    count_text,
    current_locale,
    current_zone,
    price_text,
    weekday_text,
)
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed
from counterfoil.web.layout.editing import DayInput, KeyField
from counterfoil.web.lists.listing import Listing
from counterfoil.web.lists.page import selection_of
from counterfoil.web.lists.selection import Selection
from counterfoil.web.saying import said

TYPED = "typed"
BY_COMMISSIONING = _("Empty: from the day each client was commissioned")
_THEMSELVES: tuple[tuple[str, Listing, type[Any], Any], ...] = (
    ("customers", CUSTOMERS, BillingCustomer, _("Billing customers")),
    ("dealers", DEALERS, Dealer, _("Dealers")),
)


class AssignForm(forms.Form):
    """What is assigned to the clients ticked."""

    master_charge = KeyField(
        MasterCharge.objects.filter(is_active=True),
        key="code",
        unknown=_("There is no master charge with this code. Type it exactly, or choose a suggestion."),
        suggestions="master-charge-suggestions",
        required=True,
        label=_("Master charge"),
        help_text=_("Its code"),
    )
    starts_on = forms.DateField(
        label=_("First day"), required=False, widget=DayInput, help_text=BY_COMMISSIONING
    )
    last_day = forms.DateField(
        label=_("Last day"), required=False, widget=DayInput, help_text=_("Empty: open")
    )
    quantity = StepsField(blank=True).formfield(label=_("Quantity"), required=False)
    unit_price = StepsField(blank=True).formfield(
        label=_("Unit price"), required=False, help_text=_("Empty: as each client's price list says")
    )


class OwnAssignForm(AssignForm):
    """What is assigned to the customers or dealers ticked themselves."""

    starts_on = forms.DateField(label=_("First day"), widget=DayInput)


class CopyForm(forms.Form):
    """Whose charges are copied to the clients ticked."""

    template = KeyField(
        Client.objects.all(),
        key="code",
        unknown=_("There is no client with this code. Type it exactly, or choose a suggestion."),
        suggestions="client-suggestions",
        required=True,
        label=_("Template client"),
        help_text=_("Its code. What it has today is copied: quantities, prices and words, not who pays"),
    )
    starts_on = forms.DateField(
        label=_("First day"), required=False, widget=DayInput, help_text=BY_COMMISSIONING
    )

    def __init__(self, *given: Any, user: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        field: Any = self.fields["template"]
        field.queryset = within_branches(field.queryset, user=user)


class OwnCopyForm(CopyForm):
    """Whose charges are copied to the customers or dealers ticked themselves."""

    starts_on = forms.DateField(label=_("First day"), widget=DayInput)


@needs(Role.BILLER)
@require_POST
def assign_to_clients(request: HttpRequest) -> HttpResponse:
    """Assign a master charge to the clients ticked, after asking in numbers."""
    form = AssignForm(request.POST if TYPED in request.POST else None)
    return _assign_typed(request, form, title=gettext("Assign a charge to many clients"))


@needs(Role.BILLER)
@require_POST
def assign_to_customers(request: HttpRequest) -> HttpResponse:
    """Assign a master charge to the billing customers ticked themselves, after asking in numbers."""
    form = OwnAssignForm(request.POST if TYPED in request.POST else None)
    return _assign_typed(request, form, title=gettext("Assign a charge to many billing customers themselves"))


@needs(Role.BILLER)
@require_POST
def assign_to_dealers(request: HttpRequest) -> HttpResponse:
    """Assign a master charge to the dealers ticked themselves, after asking in numbers."""
    form = OwnAssignForm(request.POST if TYPED in request.POST else None)
    return _assign_typed(request, form, title=gettext("Assign a charge to many dealers themselves"))


def _assign_typed(request: HttpRequest, form: AssignForm, *, title: str) -> HttpResponse:
    if not form.is_valid():
        return _form_page(request, form, title=title, verb=gettext("See what it comes to"))
    typed = form.cleaned_data
    like = assigning.like_one(
        typed["master_charge"], quantity=typed["quantity"], unit_price=typed["unit_price"]
    )
    return _assign(request, form, like=like, what=str(typed["master_charge"]))


@needs(Role.BILLER)
@require_POST
def copy_to_clients(request: HttpRequest) -> HttpResponse:
    """Copy the charges of a template client to the clients ticked, after asking in numbers."""
    form = CopyForm(request.POST if TYPED in request.POST else None, user=request.user)
    return _copy_typed(request, form, title=gettext("Copy charges to many clients"))


@needs(Role.BILLER)
@require_POST
def copy_to_customers(request: HttpRequest) -> HttpResponse:
    """Copy the charges of a template client to the billing customers ticked themselves, after asking in numbers."""
    form = OwnCopyForm(request.POST if TYPED in request.POST else None, user=request.user)
    return _copy_typed(request, form, title=gettext("Copy charges to many billing customers themselves"))


@needs(Role.BILLER)
@require_POST
def copy_to_dealers(request: HttpRequest) -> HttpResponse:
    """Copy the charges of a template client to the dealers ticked themselves, after asking in numbers."""
    form = OwnCopyForm(request.POST if TYPED in request.POST else None, user=request.user)
    return _copy_typed(request, form, title=gettext("Copy charges to many dealers themselves"))


def _copy_typed(request: HttpRequest, form: CopyForm, *, title: str) -> HttpResponse:
    if not form.is_valid():
        return _form_page(request, form, title=title, verb=gettext("See what it comes to"))
    template = form.cleaned_data["template"]
    like = assigning.charges_of_template(template, on=_today())
    if not like:
        form.add_error("template", gettext("It has no charges today. Choose another."))
        return _form_page(request, form, title=title, verb=gettext("See what it comes to"))
    return _assign(
        request,
        form,
        like=like,
        what=gettext("%(charges)s of %(template)s")
        % {"charges": charges_counted(len(like)), "template": template},
    )


@needs(Role.BILLER)
@require_POST
def assign_to_clients_of_charges(request: HttpRequest) -> HttpResponse:
    """Assign a master charge to the clients of the charges ticked, after asking in numbers."""
    return assign_to_clients(request)


@dataclass(frozen=True, kw_only=True)
class Ticked:
    """To whom something is assigned: the clients, customers or dealers ticked, or the clients of the charges ticked."""

    selection: Selection
    whom: assigning.Whom
    sentence: str
    back: str
    noun: str


def _ticked(request: HttpRequest) -> Ticked:
    sight, locale = sight_of(request), current_locale()
    for page, listing, model, noun in _THEMSELVES:
        if request.path in {reverse(f"{page}-assign"), reverse(f"{page}-copy")}:
            found = selection_of(request, listing=listing, queryset=sight.limits(model.objects.all()))
            sentence = found.sentence(locale=locale)
            return Ticked(
                selection=found,
                whom=found.queryset,
                sentence=sentence,
                back=reverse(page),
                noun=str(noun),
            )
    clients = sight.limits(Client.objects.all())
    if request.path == reverse("charges-assign"):
        rows = sight.limits(Charge.objects.all(), path="client__branch")
        found = selection_of(request, listing=CHARGES, queryset=rows)
        clients = clients.filter(pk__in=found.queryset.order_by().values("client_id"))
        sentence = gettext("the clients of %(charges)s") % {"charges": found.sentence(locale=locale)}
        return Ticked(
            selection=found,
            whom=clients,
            sentence=sentence,
            back=reverse("charges"),
            noun=gettext("Clients"),
        )
    found = selection_of(request, listing=CLIENTS, queryset=clients)
    sentence = found.sentence(locale=locale)
    return Ticked(
        selection=found,
        whom=found.queryset,
        sentence=sentence,
        back=reverse("clients"),
        noun=gettext("Clients"),
    )


def _form_page(request: HttpRequest, form: forms.Form, *, title: str, verb: str) -> HttpResponse:
    ticked = _ticked(request)
    if ticked.selection.is_empty:
        messages.warning(
            request,
            gettext("Nothing was ticked. Tick the %(many)s first.")
            % {"many": ticked.selection.listing.noun.many},
        )
        return HttpResponseRedirect(ticked.back)
    context = {
        "form": form,
        "title": title,
        "verb": verb,
        "back": ticked.back,
        "hidden": ticked.selection.fields(),
        "sentence": ticked.sentence,
    }
    return render(request, "charges/many.html", context)


def _assign(request: HttpRequest, form: forms.Form, *, like: Sequence[Charge], what: str) -> HttpResponse:
    typed, ticked = form.cleaned_data, _ticked(request)
    last = typed.get("last_day")
    dates = {"starts_on": typed["starts_on"], "ends_before": last + ONE_DAY if last else None}
    try:
        found = assigning.would_assign(ticked.whom, like=like, **dates)
        if not found.charges:
            told = ", ".join(f"{count} {said(reason)}" for reason, count in found.left_out.items())
            form.add_error(
                None, gettext("None of them would be assigned anything: %(told)s.") % {"told": told}
            )
            return _form_page(
                request, form, title=gettext("Assign charges"), verb=gettext("See what it comes to")
            )
        confirmation = _what_is_assigned(request, found, ticked=ticked, what=what, **dates)
        if not is_agreed(request, confirmation):
            return confirm_page(request, confirmation)
        done = assigning.assign(ticked.whom, like=like, **dates)
    except Refusal as refusal:
        form.add_error(None, said(refusal))
        return _form_page(
            request, form, title=gettext("Assign charges"), verb=gettext("See what it comes to")
        )
    count = len(done.charges)
    told = ngettext("%(count)s charge was assigned.", "%(count)s charges were assigned.", count)
    messages.success(request, told % {"count": count_text(count, locale=current_locale())})
    return HttpResponseRedirect(ticked.back)


def _what_is_assigned(
    request: HttpRequest,
    found: assigning.Assigned,
    *,
    ticked: Ticked,
    what: str,
    starts_on: date | None,
    ends_before: date | None,
) -> Confirmation:
    locale = current_locale()
    reached = len({charge.client_id for charge in found.charges})
    figures = [
        (gettext("Charges assigned"), count_text(len(found.charges), locale=locale)),
        (ticked.noun, count_text(reached, locale=locale)),
        *(
            (
                gettext("A whole period of them, %(currency)s") % {"currency": currency},
                price_text(sum_of_prices, currency, locale=locale),
            )
            for currency, sum_of_prices in found.price_of_a_period.items()
        ),
        *(
            (gettext("Left out: %(reason)s") % {"reason": said(reason)}, count_text(count, locale=locale))
            for reason, count in found.left_out.items()
        ),
        *([(gettext("Without a price yet"), str(found.without_price))] if found.without_price else []),
        *([(gettext("With nobody who pays"), str(found.without_payer))] if found.without_payer else []),
    ]
    sentence = _assigning(starts_on=starts_on, ends_before=ends_before) % {
        "what": what,
        "ticked": ticked.sentence,
        "since": weekday_text(starts_on, locale=locale) if starts_on else "",
        "through": weekday_text(ends_before - ONE_DAY, locale=locale) if ends_before else "",
    }
    kept = {"csrfmiddlewaretoken", "agreed", "selected", "everything"}
    return Confirmation(
        title=gettext("Assign charges"),
        sentence=sentence,
        figures=figures,
        lasting=gettext("What a run bills before you end them again is credited by the next credit run."),
        verb=gettext("Assign charges"),
        back=ticked.back,
        fields=[
            *ticked.selection.fields(),
            *((name, value) for name, value in request.POST.items() if name not in kept),
        ],
    )


def _assigning(*, starts_on: date | None, ends_before: date | None) -> str:
    """Return what is asked, with the days still to be filled in that are given."""
    if starts_on is None:
        if ends_before is None:
            return gettext("Assign %(what)s to %(ticked)s, from each client's commissioning.")
        return gettext("Assign %(what)s to %(ticked)s, from each client's commissioning to %(through)s.")
    if ends_before is None:
        return gettext("Assign %(what)s to %(ticked)s, from %(since)s.")
    return gettext("Assign %(what)s to %(ticked)s, from %(since)s to %(through)s.")


def charges_counted(count: int) -> str:
    """Return "1 charge", or how many."""
    words = ngettext("%(count)s charge", "%(count)s charges", count)
    return words % {"count": count_text(count, locale=current_locale())}


def _today() -> date:
    return clock.now().astimezone(current_zone()).date()
