"""The dashboard: what was billed month by month, what waits, what went wrong. Each figure leads to its list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from counterfoil.records.billing import queries
from counterfoil.records.billing.models import Invoice, RunStatus
from counterfoil.records.deliveries.models import Delivery, DeliveryState
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.display import current_locale, money_text
from counterfoil.web.exceptions.views import seen as exceptions_seen_by
from counterfoil.web.exceptions.views import words_of
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.runs.seeing import runs_seen_by

MONTHS_SHOWN = 13
MOST_RUNS = 8
MOST_KINDS = 8
UNDELIVERED = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.FAILED, DeliveryState.UNCERTAIN)


@needs(Role.VIEWER)
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show where things stand."""
    user: Any = request.user
    sight = sight_of(request)
    runs = runs_seen_by(user)
    months = _billed_by_month(sight.limits(queries.visible_invoices()))
    kinds = exceptions_seen_by(user).order_by().values("code").annotate(count=Count("pk")).order_by("-count")
    deliveries = sight.limits(Delivery.objects.filter(state__in=UNDELIVERED), path="invoice__branch")
    context = {
        "title": "Dashboard",
        "months": months,
        "chart": _chart(months),
        "runs": list(
            runs.filter(status__in=[RunStatus.GENERATING, RunStatus.IN_REVIEW]).order_by("-pk")[:MOST_RUNS]
        ),
        "kinds": [{**kind, "words": words_of(kind["code"])} for kind in kinds[:MOST_KINDS]],
        "deliveries": _by_state(deliveries),
        "is_fresh": not months and not runs.exists(),
        "start": reverse("run-new"),
    }
    return render(request, "dashboard/dashboard.html", context)


def _billed_by_month(invoices: QuerySet[Invoice]) -> list[dict[str, Any]]:
    """Return the net billed by recurring charges in each of the last thirteen months with invoices, by currency."""
    rows = (
        invoices.filter(document_type="contract", exclusion__isnull=True)
        .order_by()
        .annotate(month=TruncMonth("invoice_date"))
        .values("month", "currency")
        .annotate(net_minor=Sum("net_minor"), documents=Count("pk"))
        .order_by("month", "currency")
    )
    shown = sorted({row["month"] for row in rows})[-MONTHS_SHOWN:]
    return [{**row, "net_minor": int(row["net_minor"])} for row in rows if row["month"] in shown]


def _chart(months: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what the chart draws: months, and per currency the amounts in minor units with their texts."""
    names = sorted({row["month"] for row in months})
    by_place = {(row["month"], row["currency"]): row["net_minor"] for row in months}
    series = []
    for currency in sorted({row["currency"] for row in months}):
        amounts = [by_place.get((month, currency), 0) for month in names]
        texts = [money_text(amount, currency, locale=current_locale()) for amount in amounts]
        series.append({"name": currency, "values": amounts, "texts": texts})
    return {"months": [f"{month:%b %Y}" for month in names], "series": series}


def _by_state(deliveries: QuerySet[Delivery]) -> list[dict[str, Any]]:
    counted = deliveries.order_by().values("state").annotate(count=Count("pk")).order_by("state")
    return [{**row, "label": DeliveryState(row["state"]).label} for row in counted]
