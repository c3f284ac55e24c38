"""Charges come to an end, after asking in numbers: those ticked, of a client or in the list; and that is undone."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from counterfoil.core.periods import ONE_DAY
from counterfoil.core.refusals import Refusal
from counterfoil.flows import assigning
from counterfoil.flows.admitting import ValuesAreWrong
from counterfoil.flows.ending_service import (
    Restored,
    undo_end_service,
    would_end_service,
    would_undo_end_service,
)
from counterfoil.flows.ending_service import end_service as ending_service
from counterfoil.records.billing.running import CreditBasis
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import Client
from counterfoil.web.access import needs
from counterfoil.web.charges.inline import keys_ticked
from counterfoil.web.charges.lists import CHARGES
from counterfoil.web.charges.many import TYPED, charges_counted
from counterfoil.web.charges.views import home_of, seen
from counterfoil.web.display import count_text, current_locale, money_text, weekday_text
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed
from counterfoil.web.layout.editing import DayInput
from counterfoil.web.lists.asking import nothing_ticked
from counterfoil.web.lists.page import selection_of
from counterfoil.web.prices.shown import today
from counterfoil.web.saying import said

UNDO_SALT = "counterfoil.web.charges.undo"
UNDO_WITHIN = 3600


class EndForm(forms.Form):
    """When charges end."""

    last_day = forms.DateField(
        label=_("Last day"),
        widget=DayInput,
        help_text=_("The last day billed. What is billed beyond it is credited"),
    )


@needs(Role.BILLER)
@require_POST
def end_of_client(request: HttpRequest, client: int) -> HttpResponse:
    """End the charges of a client that are ticked, saying before what the next credit run gives back."""
    clients = within_branches(Client.objects.all(), user=request.user)  # type: ignore[arg-type]
    found = get_object_or_404(clients, pk=client)
    back = home_of(found)
    keys = list(seen(request).filter(client=found, pk__in=keys_ticked(request)).values_list("pk", flat=True))
    if not keys:
        messages.warning(request, nothing_ticked(CHARGES))
        return HttpResponseRedirect(back)
    ticked = [("selected", str(key)) for key in keys]
    return _end_page(
        request,
        keys=keys,
        fields=ticked,
        back=back,
        title=gettext("End charges of %(name)s") % {"name": found},
    )


@needs(Role.BILLER)
@require_POST
def end_ticked(request: HttpRequest) -> HttpResponse:
    """End the charges that are ticked in the list, saying before what the next credit run gives back."""
    rows = sight_of(request).limits(Charge.objects.all(), path="client__branch")
    selection = selection_of(request, listing=CHARGES, queryset=rows)
    back = reverse("charges") + (f"?{request.GET.urlencode()}" if request.GET else "")
    if selection.is_empty:
        messages.warning(request, nothing_ticked(CHARGES))
        return HttpResponseRedirect(back)
    keys = list(selection.queryset.order_by("pk").values_list("pk", flat=True)[: assigning.MOST_AT_ONCE + 1])
    return _end_page(request, keys=keys, fields=selection.fields(), back=back, title=gettext("End charges"))


def _end_page(
    request: HttpRequest,
    *,
    keys: Sequence[int],
    fields: Sequence[tuple[str, str]],
    back: str,
    title: str,
) -> HttpResponse:
    """Ask for the last day of the charges with these *keys*, then say what it comes to, then end them."""
    form = EndForm(request.POST if TYPED in request.POST else None)
    if form.is_valid():
        answer = _end(request, form, keys=keys, fields=fields, back=back)
        if answer is not None:
            return answer
    context = {
        "form": form,
        "title": title,
        "verb": gettext("See what it comes to"),
        "back": back,
        "hidden": fields,
        "sentence": charges_counted(len(keys)),
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
        form.add_error("last_day", said(refusal))
        return None
    _keep_for_undo(request, done, last=last, back=back)
    count = len(done.before)
    day = weekday_text(last, locale=current_locale())
    words = ngettext("%(count)s charge ends on %(day)s.", "%(count)s charges end on %(day)s.", count)
    words = words % {"count": count_text(count, locale=current_locale()), "day": day}
    _say_with_undo(request, words)
    return HttpResponseRedirect(back)


def _keep_for_undo(
    request: HttpRequest, done: assigning.Ended, *, last: date, back: str, client: Client | None = None
) -> None:
    """Keep in the session what is needed to undo what was *done*, also for a *client* as it was before."""
    kept: dict[str, Any] = {
        "before": {str(key): day.isoformat() if day else None for key, day in done.before.items()},
        "ended": (last + ONE_DAY).isoformat(),
        "back": back,
    }
    if client is not None:
        was = client.decommissioned_on
        kept |= {"client": client.pk, "decommissioned": was.isoformat() if was else None}
    request.session["charges-undo"] = signing.dumps(kept, salt=UNDO_SALT)


def _say_with_undo(request: HttpRequest, words: str) -> None:
    messages.success(
        request, format_html('{} <a href="{}">{}</a>', words, reverse("charges-undo"), gettext("Undo"))
    )


def _what_is_ended(
    found: assigning.Ended, *, last: date, fields: Sequence[tuple[str, str]], back: str
) -> Confirmation:
    locale = current_locale()
    figures = [
        (gettext("Charges that end"), count_text(len(found.before), locale=locale)),
        (gettext("Last day"), weekday_text(last, locale=locale)),
        *([(gettext("End by then already"), str(found.unchanged))] if found.unchanged else []),
        *(
            (
                gettext("Credited by the next credit run, %(currency)s") % {"currency": currency},
                money_text(net, currency, locale=locale),
            )
            for currency, net in found.credited.items()
        ),
        *([(gettext("Credit notes"), count_text(found.notes, locale=locale))] if found.notes else []),
        *((gettext("Not credited"), said(told)) for told in found.findings[:3]),
    ]
    return Confirmation(
        title=gettext("End charges"),
        sentence=_ending(found)
        % {
            "count": count_text(len(found.before), locale=locale),
            "day": weekday_text(last, locale=locale),
        },
        figures=figures,
        lasting=gettext("It can be undone for an hour. Credit notes that were issued for it meanwhile stay."),
        verb=gettext("End charges"),
        back=back,
        fields=[*fields, (TYPED, "1"), ("last_day", last.isoformat())],
        is_dangerous=True,
    )


def _ending(found: assigning.Ended) -> str:
    """Return what is asked: how many charges end, and how what is billed beyond that day is given back."""
    count = len(found.before)
    if found.credited and assigning.credit_basis() is CreditBasis.DAILY:
        return ngettext(
            "End %(count)s charge on %(day)s. What is billed beyond it is given back, counted by days, net.",
            "End %(count)s charges on %(day)s. What is billed beyond it is given back, counted by days, net.",
            count,
        )
    if found.credited:
        return ngettext(
            "End %(count)s charge on %(day)s. "
            "What is billed beyond it is given back, counted by whole months, net.",
            "End %(count)s charges on %(day)s. "
            "What is billed beyond it is given back, counted by whole months, net.",
            count,
        )
    if found.findings:
        return ngettext("End %(count)s charge on %(day)s.", "End %(count)s charges on %(day)s.", count)
    return ngettext(
        "End %(count)s charge on %(day)s. Nothing is billed beyond that day.",
        "End %(count)s charges on %(day)s. Nothing is billed beyond that day.",
        count,
    )


@needs(Role.BILLER)
def end_service(request: HttpRequest, client: int) -> HttpResponse:
    """End the service of a client and all its charges in one step, saying before what is given back."""
    clients = within_branches(Client.objects.all(), user=request.user)  # type: ignore[arg-type]
    found = get_object_or_404(clients, pk=client)
    back = reverse("client", args=[found.pk])
    form = EndForm(request.POST if TYPED in request.POST else None, initial={"last_day": today()})
    if form.is_valid():
        answer = _end_service(request, form, client=found, back=back)
        if answer is not None:
            return answer
    context = {
        "form": form,
        "title": gettext("End service of %(client)s") % {"client": found},
        "verb": gettext("See what it comes to"),
        "back": back,
        "hidden": [],
        "sentence": gettext("the service of %(client)s and all its charges") % {"client": found.name},
    }
    return render(request, "charges/many.html", context)


def _end_service(request: HttpRequest, form: forms.Form, *, client: Client, back: str) -> HttpResponse | None:
    """Ask, then end the service; None where it is refused, which the form then says."""
    last: date = form.cleaned_data["last_day"]
    day = {"client": client.name, "day": weekday_text(last, locale=current_locale())}
    try:
        found = would_end_service(copy(client), ends_before=last + ONE_DAY)
        asked = replace(
            _what_is_ended(found, last=last, fields=[], back=back),
            title=gettext("End service"),
            sentence=gettext("%(client)s is served until %(day)s, and its charges end with it.") % day,
            lasting=gettext(
                "What is billed beyond that day is credited by the next credit run. It can be undone for an hour."
            ),
            verb=gettext("End service"),
        )
        if not is_agreed(request, asked):
            return confirm_page(request, asked)
        before = copy(client)
        done = ending_service(client, ends_before=last + ONE_DAY)
    except ValuesAreWrong as refusal:
        form.add_error("last_day", [said(told) for told in refusal.problems.values()])
        return None
    except Refusal as refusal:
        form.add_error("last_day", said(refusal))
        return None
    _keep_for_undo(request, done, last=last, back=back, client=before)
    _say_with_undo(request, gettext("%(client)s is served until %(day)s.") % day)
    return HttpResponseRedirect(back)


@needs(Role.BILLER)
def undo(request: HttpRequest) -> HttpResponse:
    """Give the charges that this person ended last the end they had before, once they agree."""
    try:
        kept = signing.loads(request.session.get("charges-undo", ""), salt=UNDO_SALT, max_age=UNDO_WITHIN)
    except signing.BadSignature:
        messages.warning(request, gettext("There is nothing to undo any more. Edit the charges instead."))
        return HttpResponseRedirect(reverse("clients"))
    before = {int(key): date.fromisoformat(day) if day else None for key, day in kept["before"].items()}
    allowed = set(seen(request).filter(pk__in=before).values_list("pk", flat=True))
    before = {key: day for key, day in before.items() if key in allowed}
    if "client" in kept:
        return _undo_service(request, kept, before=before)
    confirmation = Confirmation(
        title=gettext("Undo ending charges"),
        sentence=ngettext(
            "%(count)s charge gets back the end it had. What was changed meanwhile stays as it is.",
            "%(count)s charges get back the end they had. What was changed meanwhile stays as it is.",
            len(before),
        )
        % {"count": count_text(len(before), locale=current_locale())},
        verb=gettext("Undo ending charges"),
        back=kept["back"],
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    done = assigning.end_as_before(before, ended_before=date.fromisoformat(kept["ended"]))
    del request.session["charges-undo"]
    told = ngettext("%(count)s charge ends as before.", "%(count)s charges end as before.", done)
    messages.success(request, told % {"count": count_text(done, locale=current_locale())})
    return HttpResponseRedirect(kept["back"])


def _undo_service(
    request: HttpRequest, kept: dict[str, Any], *, before: dict[int, date | None]
) -> HttpResponse:
    """Ask in numbers, then let the client that this person ended be served as before."""
    clients = within_branches(Client.objects.all(), user=request.user)  # type: ignore[arg-type]
    client, was = get_object_or_404(clients, pk=kept["client"]), kept["decommissioned"]
    asked: dict[str, Any] = {
        "before": before,
        "ended_before": date.fromisoformat(kept["ended"]),
        "ended": date.fromisoformat(was) if was else None,
    }
    try:
        confirmation = _what_is_restored(
            client, would_undo_end_service(client, today=today(), **asked), back=kept["back"]
        )
        if not is_agreed(request, confirmation):
            return confirm_page(request, confirmation)
        done = undo_end_service(client, **asked)
    except Refusal as refusal:
        messages.error(request, said(refusal))
        return HttpResponseRedirect(kept["back"])
    del request.session["charges-undo"]
    messages.success(request, _what_was_restored(client, done))
    return HttpResponseRedirect(kept["back"])


def _what_was_restored(client: Client, done: Restored) -> str:
    if done.is_served_again:
        return gettext("%(client)s is served as before.") % {"client": client.name}
    told = ngettext("%(count)s charge ends as before.", "%(count)s charges end as before.", done.charges)
    return told % {"count": count_text(done.charges, locale=current_locale())}


def _what_is_restored(client: Client, found: Restored, *, back: str) -> Confirmation:
    locale = current_locale()
    return Confirmation(
        title=gettext("Undo ending the service"),
        sentence=(
            gettext(
                "%(client)s is served as before, and its charges get back the ends they had. What was changed "
                "meanwhile stays as it is."
            )
            if found.is_served_again
            else gettext(
                "The service of %(client)s was changed meanwhile, and stays as it is. Its charges get back the ends "
                "they had, but for those that were changed, too."
            )
        )
        % {"client": client.name},
        figures=[
            (gettext("Charges that get back their end"), count_text(found.charges, locale=locale)),
            *(
                (
                    gettext("Billed again in the next twelve months, net, %(currency)s")
                    % {"currency": currency},
                    money_text(net, currency, locale=locale),
                )
                for currency, net in found.billed_again.items()
            ),
        ],
        lasting=gettext("Credit notes that were issued meanwhile stay; the next run bills their days again."),
        verb=gettext("Undo ending the service"),
        back=back,
    )
