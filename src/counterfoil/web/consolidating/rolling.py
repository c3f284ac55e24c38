"""Rolling next dates: who is due, ticked one by one, and only those (billing-rules 8.6)."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from counterfoil import clock
from counterfoil.flows.consolidating import rolling
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.web.access import needs
from counterfoil.web.consolidating.lists import MAKERS
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.saying import said

MOST_SHOWN = 500


@needs(*MAKERS)
def roll(request: HttpRequest) -> HttpResponse:
    """Show whose next date is due, and roll those that are ticked by one cycle each."""
    cutoff = _day(request.GET.get("cutoff", "")) or clock.today(the_organisation().timezone)
    due = sight_of(request).limits(rolling.due_to_roll(cutoff=cutoff), path="customer__branch")
    shown = rolling.rolls_of(list(due[:MOST_SHOWN]))
    if request.method == "POST":
        wanted = set(request.POST.getlist("customer"))
        expected = {
            one.customer_id: one.next_date
            for one in shown
            if f"{one.customer_id} {one.next_date.isoformat()}" in wanted
        }
        rolled = len(rolling.roll(expected))
        words = ngettext(
            "%(count)s next date was rolled forward.", "%(count)s next dates were rolled forward.", rolled
        )
        messages.success(request, words % {"count": rolled})
        return HttpResponseRedirect(request.get_full_path())
    context = {
        "title": gettext("Roll the next consolidated billing date"),
        "cutoff": cutoff,
        "rolls": shown,
        "more": due.count() - len(shown),
        "nobody": said(rolling.NOBODY_IS_DUE),
        "back": reverse("billings"),
        "check": request.GET.get("check", "all"),
    }
    return render(request, "consolidating/roll.html", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
