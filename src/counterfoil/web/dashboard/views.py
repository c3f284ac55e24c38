"""The dashboard: what was issued month by month, what waits, what went wrong. Each figure leads to its list."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil import clock
from counterfoil.records.billing.figures import with_differences
from counterfoil.records.billing.models import IssuedDue, Run, RunStatus, RunTotal
from counterfoil.records.deliveries.models import Delivery
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.dashboard.change import change_panel
from counterfoil.web.dashboard.revenue import revenue_panel
from counterfoil.web.dashboard.waiting import (
    age_bars,
    exception_kinds,
    next_runs_for,
    undelivered,
    waiting_of,
)
from counterfoil.web.display import current_zone
from counterfoil.web.exceptions.views import seen as exceptions_seen_by
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.runs.seeing import runs_seen_by

MOST_RUNS = 12
IN_HAND = (RunStatus.GENERATING, RunStatus.IN_REVIEW, RunStatus.AUTHORISED)
COUNTING = (RunStatus.IN_REVIEW, RunStatus.AUTHORISED, RunStatus.ISSUED)


@needs(Role.VIEWER)
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show where things stand."""
    user: Any = request.user
    today = clock.now().astimezone(current_zone()).date()
    sight = sight_of(request)
    in_hand, of_month = _runs_shown(request, today=today)
    organisation: Any = request.organisation or None  # type: ignore[attr-defined]
    revenue = revenue_panel(
        request, today=today, waiting=in_hand, currency=organisation.currency if organisation else "EUR"
    )
    context = {
        "title": gettext("Dashboard"),
        "today": today,
        "revenue": revenue,
        "change": change_panel(of_month, currency=revenue["currency"]),
        "waiting": waiting_of(in_hand, today=today),
        "next_runs": next_runs_for(user),
        "kinds": exception_kinds(exceptions_seen_by(user)),
        "deliveries": undelivered(sight.limits(Delivery.objects.all(), path="invoice__branch")),
        "ages": age_bars(sight.limits(IssuedDue.objects.all()), today=today),
        "is_fresh": not revenue["currencies"] and not in_hand,
        "start": reverse("run-new"),
    }
    return render(request, "dashboard/dashboard.html", context)


def _runs_in_sight(request: HttpRequest) -> QuerySet[Run]:
    """Return the runs the person may see; with a branch chosen, those that bill it alone."""
    runs = runs_seen_by(request.user)  # type: ignore[arg-type]
    chosen = sight_of(request).chosen
    return runs.filter(selection__branch_id=chosen.pk) if chosen else runs


def _runs_shown(request: HttpRequest, *, today: date) -> tuple[list[Run], list[Run]]:
    """Return the runs in hand, and the newest dated in this month that bill or credit something still; one query.

    Each has what it came to when it was generated, and what it differs by from the one before it.
    """
    runs = _runs_in_sight(request)
    first = today.replace(day=1)
    next_first = (first + timedelta(days=32)).replace(day=1)
    in_hand = Q(status__in=IN_HAND)
    of_month = Q(invoice_date__gte=first, invoice_date__lt=next_first, status__in=COUNTING)
    newest = [runs.filter(which).order_by("-pk").values("pk")[:MOST_RUNS] for which in (in_hand, of_month)]
    totals = RunTotal.objects.filter(run=OuterRef("pk")).values(
        json=JSONObject(currency="currency", net_minor="net_minor", gross_minor="gross_minor")
    )
    found = list(
        with_differences(runs)
        .filter(Q(pk__in=newest[0]) | Q(pk__in=newest[1]))
        .annotate(came_to=ArraySubquery(totals))
        .order_by("-pk")
    )
    dated = [run for run in found if first <= run.invoice_date < next_first and run.status in COUNTING]
    return [run for run in found if run.status in IN_HAND][:MOST_RUNS], dated[:MOST_RUNS]
