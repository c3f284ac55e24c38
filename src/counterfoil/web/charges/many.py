"""Many charges at once, after asking in numbers: assign to the clients ticked, copy from a template, end, undo."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
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
from counterfoil.records.parties.models import Client
from counterfoil.web.access import needs
from counterfoil.web.charges.inline import keys_ticked
from counterfoil.web.charges.views import seen
from counterfoil.web.customers.lists import CLIENTS
from counterfoil.web.display import (
    count_text,
    current_locale,
    current_zone,
    money_text,
    price_text,
    weekday_text,
)
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed
from counterfoil.web.layout.editing import DayInput, KeyField
from counterfoil.web.lists.page import selection_of
from counterfoil.web.lists.selection import Selection

TYPED = "typed"
UNDO_SALT = "counterfoil.web.charges.undo"
UNDO_WITHIN = 3600
BY_COMMISSIONING = "Empty: from the day each client was commissioned"


class AssignForm(forms.Form):
    """What is assigned to the clients ticked."""

    master_charge = KeyField(
        MasterCharge.objects.filter(is_active=True),
        key="code",
        noun="master charge",
        suggestions="master-charge-suggestions",
        required=True,
        label="Master charge",
        help_text="Its code",
    )
    starts_on = forms.DateField(
        label="First day", required=False, widget=DayInput, help_text=BY_COMMISSIONING
    )
    last_day = forms.DateField(label="Last day", required=False, widget=DayInput, help_text="Empty: open")
    quantity = StepsField(blank=True).formfield(label="Quantity", required=False)
    unit_price = StepsField(blank=True).formfield(
        label="Unit price", required=False, help_text="Empty: as each client's price list says"
    )


class CopyForm(forms.Form):
    """Whose charges are copied to the clients ticked."""

    template = KeyField(
        Client.objects.all(),
        key="code",
        noun="client",
        suggestions="client-suggestions",
        required=True,
        label="Template client",
        help_text="Its code. What it has today is copied: quantities, prices and words, not who pays",
    )
    starts_on = forms.DateField(
        label="First day", required=False, widget=DayInput, help_text=BY_COMMISSIONING
    )

    def __init__(self, *given: Any, user: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        field: Any = self.fields["template"]
        field.queryset = within_branches(field.queryset, user=user)


class EndForm(forms.Form):
    """When charges end."""

    last_day = forms.DateField(
        label="Last day",
        widget=DayInput,
        help_text="The last day billed. What is billed beyond it is credited",
    )


@needs(Role.BILLER)
@require_POST
def assign_to_clients(request: HttpRequest) -> HttpResponse:
    """Assign a master charge to the clients ticked, after asking in numbers."""
    form = AssignForm(request.POST if TYPED in request.POST else None)
    if not form.is_valid():
        return _form_page(request, form, title="Assign a charge to many clients", verb="See what it comes to")
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
    if not form.is_valid():
        return _form_page(request, form, title="Copy charges to many clients", verb="See what it comes to")
    template = form.cleaned_data["template"]
    like = assigning.charges_of_template(template, on=_today())
    if not like:
        form.add_error("template", "It has no charges today. Choose another.")
        return _form_page(request, form, title="Copy charges to many clients", verb="See what it comes to")
    return _assign(request, form, like=like, what=f"{_charges(len(like))} of {template}")


def _selection(request: HttpRequest) -> Selection:
    rows = sight_of(request).limits(Client.objects.all())
    return selection_of(request, listing=CLIENTS, queryset=rows)


def _form_page(request: HttpRequest, form: forms.Form, *, title: str, verb: str) -> HttpResponse:
    selection = _selection(request)
    if selection.is_empty:
        messages.warning(request, "Nothing was ticked. Tick the clients first.")
        return HttpResponseRedirect(reverse("clients"))
    context = {
        "form": form,
        "title": title,
        "verb": verb,
        "back": reverse("clients"),
        "hidden": selection.fields(),
        "sentence": selection.sentence(locale=current_locale()),
    }
    return render(request, "charges/many.html", context)


def _assign(request: HttpRequest, form: forms.Form, *, like: Sequence[Charge], what: str) -> HttpResponse:
    typed, selection = form.cleaned_data, _selection(request)
    last = typed.get("last_day")
    dates = {"starts_on": typed["starts_on"], "ends_before": last + ONE_DAY if last else None}
    try:
        found = assigning.would_assign(selection.queryset, like=like, **dates)
        if not found.charges:
            told = ", ".join(f"{count} {reason}" for reason, count in found.left_out.items())
            form.add_error(None, f"None of them would be assigned anything: {told}.")
            return _form_page(request, form, title="Assign charges", verb="See what it comes to")
        confirmation = _what_is_assigned(request, found, selection=selection, what=what, **dates)
        if not is_agreed(request, confirmation):
            return confirm_page(request, confirmation)
        done = assigning.assign(selection.queryset, like=like, **dates)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _form_page(request, form, title="Assign charges", verb="See what it comes to")
    count = len(done.charges)
    messages.success(request, f"{_charges(count)} {'was' if count == 1 else 'were'} assigned.")
    return HttpResponseRedirect(reverse("clients"))


def _what_is_assigned(
    request: HttpRequest,
    found: assigning.Assigned,
    *,
    selection: Selection,
    what: str,
    starts_on: date | None,
    ends_before: date | None,
) -> Confirmation:
    locale = current_locale()
    clients = len({charge.client_id for charge in found.charges})
    since = weekday_text(starts_on, locale=locale) if starts_on else "each client's commissioning"
    through = f" to {weekday_text(ends_before - ONE_DAY, locale=locale)}" if ends_before else ""
    figures = [
        ("Charges assigned", count_text(len(found.charges), locale=locale)),
        ("Clients", count_text(clients, locale=locale)),
        *(
            (f"A whole period of them, {currency}", price_text(sum_of_prices, currency, locale=locale))
            for currency, sum_of_prices in found.price_of_a_period.items()
        ),
        *(
            (f"Left out: {reason}", count_text(count, locale=locale))
            for reason, count in found.left_out.items()
        ),
        *([("Without a price yet", str(found.without_price))] if found.without_price else []),
        *([("With nobody who pays", str(found.without_payer))] if found.without_payer else []),
    ]
    sentence = f"Assign {what} to {selection.sentence(locale=locale)}, from {since}{through}."
    kept = {"csrfmiddlewaretoken", "agreed", "selected", "everything"}
    return Confirmation(
        title="Assign charges",
        sentence=sentence,
        figures=figures,
        lasting="What a run bills before you end them again is credited by the next credit run.",
        verb="Assign charges",
        back=reverse("clients"),
        fields=[
            *selection.fields(),
            *((name, value) for name, value in request.POST.items() if name not in kept),
        ],
    )


@needs(Role.BILLER)
@require_POST
def end_of_client(request: HttpRequest, client: int) -> HttpResponse:
    """End the charges of a client that are ticked, saying before what the next credit run gives back."""
    clients = within_branches(Client.objects.all(), user=request.user)  # type: ignore[arg-type]
    found = get_object_or_404(clients, pk=client)
    back = reverse("client", args=[found.pk])
    keys = list(seen(request).filter(client=found, pk__in=keys_ticked(request)).values_list("pk", flat=True))
    if not keys:
        messages.warning(request, "Nothing was ticked. Tick the charges first.")
        return HttpResponseRedirect(back)
    form = EndForm(request.POST if TYPED in request.POST else None)
    ticked = [("selected", str(key)) for key in keys]
    if form.is_valid():
        answer = _end(request, form, keys=keys, fields=ticked, back=back)
        if answer is not None:
            return answer
    context = {
        "form": form,
        "title": f"End charges of {found}",
        "verb": "See what it comes to",
        "back": back,
        "hidden": ticked,
        "sentence": _charges(len(keys)),
    }
    return render(request, "charges/many.html", context)


def _end(
    request: HttpRequest,
    form: forms.Form,
    *,
    keys: Sequence[int],
    fields: Sequence[tuple[str, str]],
    back: str,
) -> HttpResponse | None:
    """Ask, then end the charges; None where it is refused, which the form then says."""
    last: date = form.cleaned_data["last_day"]
    try:
        found = assigning.would_end(keys, ends_before=last + ONE_DAY)
        confirmation = _what_is_ended(found, last=last, fields=fields, back=back)
        if not is_agreed(request, confirmation):
            return confirm_page(request, confirmation)
        done = assigning.end(keys, ends_before=last + ONE_DAY)
    except Refusal as refusal:
        form.add_error("last_day", str(refusal))
        return None
    kept = {str(key): day.isoformat() if day else None for key, day in done.before.items()}
    token = signing.dumps(
        {"before": kept, "ended": (last + ONE_DAY).isoformat(), "back": back}, salt=UNDO_SALT
    )
    request.session["charges-undo"] = token
    count = len(done.before)
    words = f"{_charges(count)} {'ends' if count == 1 else 'end'} on {weekday_text(last, locale=current_locale())}."
    messages.success(request, format_html('{} <a href="{}">Undo</a>', words, reverse("charges-undo")))
    return HttpResponseRedirect(back)


def _what_is_ended(
    found: assigning.Ended, *, last: date, fields: Sequence[tuple[str, str]], back: str
) -> Confirmation:
    locale = current_locale()
    basis = {"daily": "by days", "monthly": "by whole months"}[assigning.credit_basis().value]
    figures = [
        ("Charges that end", count_text(len(found.before), locale=locale)),
        ("Last day", weekday_text(last, locale=locale)),
        *([("End by then already", str(found.unchanged))] if found.unchanged else []),
        *(
            (f"Credited by the next credit run, {currency}", money_text(net, currency, locale=locale))
            for currency, net in found.credited.items()
        ),
        *([("Credit notes", count_text(found.notes, locale=locale))] if found.notes else []),
        *(("Not credited", told) for told in found.findings[:3]),
    ]
    count = len(found.before)
    told = "" if found.credited or found.findings else " Nothing is billed beyond that day."
    told = f" What is billed beyond it is given back, counted {basis}, net." if found.credited else told
    return Confirmation(
        title="End charges",
        sentence=f"End {_charges(count)} on {weekday_text(last, locale=locale)}.{told}",
        figures=figures,
        lasting="It can be undone for an hour. Credit notes that were issued for it meanwhile stay.",
        verb="End charges",
        back=back,
        fields=[*fields, (TYPED, "1"), ("last_day", last.isoformat())],
        is_dangerous=True,
    )


@needs(Role.BILLER)
def undo(request: HttpRequest) -> HttpResponse:
    """Give the charges that this person ended last the end they had before, once they agree."""
    try:
        kept = signing.loads(request.session.get("charges-undo", ""), salt=UNDO_SALT, max_age=UNDO_WITHIN)
    except signing.BadSignature:
        messages.warning(request, "There is nothing to undo any more. Edit the charges instead.")
        return HttpResponseRedirect(reverse("clients"))
    before = {int(key): date.fromisoformat(day) if day else None for key, day in kept["before"].items()}
    allowed = set(seen(request).filter(pk__in=before).values_list("pk", flat=True))
    before = {key: day for key, day in before.items() if key in allowed}
    had = "gets back the end it had" if len(before) == 1 else "get back the end they had"
    confirmation = Confirmation(
        title="Undo ending charges",
        sentence=f"{_charges(len(before))} {had}. What was changed meanwhile stays as it is.",
        verb="Undo ending charges",
        back=kept["back"],
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    done = assigning.end_as_before(before, ended_before=date.fromisoformat(kept["ended"]))
    del request.session["charges-undo"]
    messages.success(request, f"{_charges(done)} {'ends' if done == 1 else 'end'} as before.")
    return HttpResponseRedirect(kept["back"])


def _charges(count: int) -> str:
    return f"{count_text(count, locale=current_locale())} {'charge' if count == 1 else 'charges'}"


def _today() -> date:
    return clock.now().astimezone(current_zone()).date()
