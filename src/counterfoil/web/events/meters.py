"""The pages of meters and their readings (billing-rules 4.4)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil import clock
from counterfoil.flows.recording import record_readings, store_meter
from counterfoil.records.charges.models import Charge, Meter, Reading
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.web.access import needs
from counterfoil.web.display import current_zone
from counterfoil.web.events.forms import MeterForm, ReadingForm
from counterfoil.web.events.lists import METERS
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.editing import posted
from counterfoil.web.layout.history import history_of
from counterfoil.web.lists.page import list_page
from counterfoil.web.templatetags.counterfoil import Tab

MOST_READINGS = 200


def seen(request: HttpRequest) -> QuerySet[Meter]:
    """Return the meters the person may see: those of clients at their branches."""
    rows = Meter.objects.select_related("charge__client", "charge__master_charge__tariff", "charge__span")
    return within_branches(rows, user=request.user, path="charge__client__branch_id")  # type: ignore[arg-type]


@needs(Role.VIEWER)
def meters(request: HttpRequest) -> HttpResponseBase:
    """List them, each with its newest reading."""
    rows = sight_of(request).limits(
        Meter.objects.select_related("charge__client"), path="charge__client__branch"
    )
    context = {"new": reverse("meter-new"), "new_label": gettext("Add meter")}
    return list_page(
        request, listing=METERS, queryset=rows, title=gettext("Meters and readings"), context=context
    )


@needs(Role.VIEWER)
def meter(request: HttpRequest, key: int) -> HttpResponse:
    """Show one with its readings, newest first."""
    found = get_object_or_404(seen(request), pk=key)
    chosen = request.GET.get("tab", "readings")
    context: dict[str, Any] = {
        "meter": found,
        "title": gettext("Meter %(name)s") % {"name": found.key},
        "chosen": chosen,
        "tabs": [
            Tab(gettext("Readings"), "?tab=readings", chosen == "readings"),
            Tab(gettext("History"), "?tab=history", chosen == "history"),
        ],
    }
    if chosen == "history":
        context["history"] = history_of(found)
    else:
        context["readings"] = list(found.readings.order_by("-read_on")[:MOST_READINGS])
    return render(request, "events/meter.html", context)


@needs(Role.BILLER)
def new(request: HttpRequest) -> HttpResponse:
    """Add a meter to a charge."""
    charge = Charge.objects.filter(pk=request.GET.get("charge")).first() if _is_id(request) else None
    form = MeterForm(
        posted(request),
        user=request.user,  # type: ignore[arg-type]
        instance=Meter(),
        initial={"charge": charge.key} if charge else {},
    )
    return _meter_page(
        request, form, title=gettext("New meter"), verb=gettext("Add meter"), back=reverse("meters")
    )


def _is_id(request: HttpRequest) -> bool:
    return request.GET.get("charge", "").isdecimal() and len(request.GET["charge"]) < 19


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change how one counts."""
    found = get_object_or_404(seen(request), pk=key)
    form = MeterForm(posted(request), user=request.user, instance=found)  # type: ignore[arg-type]
    back = reverse("meter", args=[found.pk])
    return _meter_page(
        request,
        form,
        title=gettext("Edit meter %(name)s") % {"name": found},
        verb=gettext("Store changes"),
        back=back,
    )


def _meter_page(request: HttpRequest, form: MeterForm, *, title: str, verb: str, back: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        stored = store_meter(form.instance, fields=list(form.fields))
        messages.success(request, gettext("Meter %(name)s was stored.") % {"name": stored})
        return HttpResponseRedirect(reverse("meter", args=[stored.pk]))
    context = {"form": form, "title": title, "verb": verb, "back": back}
    return render(request, "counterfoil/layout/form.html", context)


@needs(Role.BILLER)
def reading_new(request: HttpRequest, key: int) -> HttpResponse:
    """Add what a meter showed; a second reading of a day corrects the first."""
    found = get_object_or_404(seen(request), pk=key)
    today = clock.now().astimezone(current_zone()).date()
    form = ReadingForm(posted(request), instance=Reading(meter=found), initial={"read_on": today})
    back = reverse("meter", args=[found.pk])
    if request.method == "POST" and form.is_valid():
        record_readings([form.instance])
        messages.success(request, gettext("The reading of meter %(name)s was stored.") % {"name": found})
        return HttpResponseRedirect(back)
    context = {
        "form": form,
        "title": gettext("Add reading of meter %(name)s") % {"name": found},
        "verb": gettext("Add reading"),
        "back": back,
    }
    return render(request, "counterfoil/layout/form.html", context)
