"""The panels: one line explained; what a client's charges, or one of them, bill in the next twelve months."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil import clock
from counterfoil.core.explained import Step
from counterfoil.flows.explaining import explain_line
from counterfoil.flows.forecasting import Forecast, forecast_charges
from counterfoil.records.billing.models import InvoiceLine
from counterfoil.records.billing.queries import visible_invoices
from counterfoil.records.charges.models import Charge
from counterfoil.records.charges.state_queries import paid_by
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer
from counterfoil.web.access import needs
from counterfoil.web.display import current_zone
from counterfoil.web.invoices.subjects import with_meters
from counterfoil.web.saying import said

MOST_CHARGES = 200
MOST_TOGETHER = 2_000


def lines_seen(request: HttpRequest) -> QuerySet[InvoiceLine]:
    """Return the lines the person may see: those of visible invoices of their branches."""
    lines = InvoiceLine.objects.filter(invoice__in=visible_invoices())
    return within_branches(lines, user=request.user, path="invoice__branch_id")  # type: ignore[arg-type]


@needs(Role.VIEWER)
def line(request: HttpRequest, key: int) -> HttpResponse:
    """Show why a line costs what it costs: in the panel of the page that asks, else as a page of its own."""
    found = explain_line(key, lines=lines_seen(request))
    if found is None:
        raise Http404
    context = {
        "explanation": replace(found, steps=[_spoken(step) for step in found.steps]),
        "title": gettext("Why: %(description)s") % {"description": found.description},
        "line": _with_ways(key),
    }
    return render(request, _template(request, "line"), context)


def _spoken(step: Step) -> Step:
    """Return *step* as the person's language says it."""
    return replace(step, label=said(step.label), value=said(step.value), why=said(step.why))


def _with_ways(key: int) -> InvoiceLine:
    """Return a line with all that it leads to at hand."""
    ways = ("client", "charge", "event_charge__event", "invoice__customer", "invoice__number")
    return with_meters(InvoiceLine.objects.select_related(*ways)).get(pk=key)


@needs(Role.VIEWER)
def of_client(request: HttpRequest, key: int) -> HttpResponse:
    """Show what the charges of a client bill in the next twelve months, and next."""
    clients = within_branches(Client.objects.all(), user=request.user)  # type: ignore[arg-type]
    found = get_object_or_404(clients, pk=key)
    charges = found.charges.select_related("master_charge").order_by("key")[:MOST_CHARGES]
    shown = _shown(forecast_charges(charges, today=_today()))
    is_beside = bool(request.htmx)  # type: ignore[attr-defined]
    context = {"client": found, "most": MOST_CHARGES, "is_beside": is_beside, **shown}
    return render(
        request,
        _template(request, "forecast"),
        {**context, "title": gettext("Forecast: %(name)s") % {"name": found.name}},
    )


@needs(Role.VIEWER)
def of_charge(request: HttpRequest, key: int) -> HttpResponse:
    """Show what one charge bills in the next twelve months, line by line."""
    charges = within_branches(Charge.objects.all(), user=request.user, path="client__branch_id")  # type: ignore[arg-type]
    found = get_object_or_404(charges.select_related("master_charge", "client"), pk=key)
    shown = _shown(forecast_charges([found], today=_today()))
    context = {"charge": found, "client": found.client, "lines": shown["forecast"].charges[0].lines, **shown}
    return render(
        request,
        _template(request, "forecast"),
        {**context, "title": gettext("Forecast: %(name)s") % {"name": found.key}},
    )


@needs(Role.VIEWER)
def of_customer(request: HttpRequest, key: int) -> HttpResponse:
    """Show what the charges that a customer pays for bill in the next twelve months, together."""
    found = get_object_or_404(within_branches(BillingCustomer.objects.all(), user=request.user), pk=key)  # type: ignore[arg-type]
    return _together(request, found, paid_by(Charge.objects.all(), found))


@needs(Role.VIEWER)
def of_dealer(request: HttpRequest, key: int) -> HttpResponse:
    """Show what the charges of a dealer's clients bill in the next twelve months, together."""
    found = get_object_or_404(within_branches(Dealer.objects.all(), user=request.user), pk=key)  # type: ignore[arg-type]
    return _together(request, found, Charge.objects.filter(client__dealer=found))


def _together(request: HttpRequest, whose: Any, charges: QuerySet[Charge]) -> HttpResponse:
    some = list(charges.select_related("master_charge").order_by("pk")[: MOST_TOGETHER + 1])
    shown = _shown(forecast_charges(some[:MOST_TOGETHER], today=_today()))
    page = "dealer" if isinstance(whose, Dealer) else "customer"
    context = {"is_some": len(some) > MOST_TOGETHER, "most": MOST_TOGETHER, "name": whose.name, **shown}
    context["back"] = reverse(page, args=[whose.pk])
    title = gettext("Forecast: %(name)s") % {"name": whose.name}
    return render(request, _template(request, "together"), {**context, "title": title})


def _today() -> Any:
    return clock.now().astimezone(current_zone()).date()


def _shown(forecast: Forecast) -> dict[str, Any]:
    return {
        "forecast": forecast,
        "totals": [(code, sums, sum(sums)) for code, sums in forecast.totals.items()],
    }


def _template(request: HttpRequest, name: str) -> str:
    is_part = request.htmx  # type: ignore[attr-defined]
    return f"explain/{name}.html" if is_part else f"explain/{name}_page.html"
