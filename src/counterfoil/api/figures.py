"""Figures over many runs: what was issued month by month, and what is due when."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.routes import reads
from counterfoil.api.seeing import seen
from counterfoil.api.shapes import DecimalText
from counterfoil.clock import today
from counterfoil.core.money import format_minor
from counterfoil.records.billing import sums
from counterfoil.records.billing.models import IssuedDue, IssuedRevenue, RecurringRevenue
from counterfoil.records.organisation.queries import the_organisation

router = Router(tags=["invoices"])
SEES = Need("invoices:read")


class RevenueWanted(Schema):
    """How many months, this one the last; by what; and what was issued, or what recurring charges are a month."""

    by: Literal["kind", "dealer"] = "kind"
    measure: Literal["issued", "monthly"] = "issued"
    months: Annotated[int, Field(ge=1, le=120)] = 13


class RevenueShape(Schema):
    """What was issued in a month, net. `key` is the kind or the dealer's code, "" for none.

    Credit notes are of the kind `credited`.
    """

    month: date
    key: str
    name: str
    currency: str
    net: DecimalText


class Revenues(Schema):
    """By month, key and currency; what nothing was issued of is left out."""

    revenue: list[RevenueShape]


class AgeShape(Schema):
    """What is due between two days, both included; null is open."""

    due_from: date | None
    due_until: date | None
    currency: str
    documents: int
    gross: DecimalText


class Ages(Schema):
    """Five ages a currency: not due yet, up to 30, 60 and 90 days overdue, and longer. Payments are not known."""

    due: list[AgeShape]


@reads(router, "/revenue", need=SEES, answer=Revenues)
def revenue(request: HttpRequest, wanted: Query[RevenueWanted]) -> Revenues:
    """Return what was issued, net, by month of the documents' dates, and by kind of charge or dealer."""
    months = sums.first_of_months(today(the_organisation().timezone), months=wanted.months)
    if wanted.measure == "monthly":
        recurring = seen(RecurringRevenue.objects.all(), request=request)
        read = sums.monthly_by_dealer if wanted.by == "dealer" else sums.monthly_by_kind
        found = read(recurring, since=months[0], until=months[-1])
    else:
        rows = seen(IssuedRevenue.objects.all(), request=request)
        found = (sums.by_dealer if wanted.by == "dealer" else sums.by_kind)(rows, since=months[0])
    return Revenues(
        revenue=[
            RevenueShape(
                month=row.month,
                key=row.key,
                name=row.name,
                currency=row.currency,
                net=format_minor(row.net_minor, row.currency),
            )
            for row in found
        ]
    )


@reads(router, "/due", need=SEES, answer=Ages)
def due(request: HttpRequest) -> Ages:
    """Return what was issued, gross, by how long it is overdue."""
    found = sums.ages(
        seen(IssuedDue.objects.all(), request=request), today=today(the_organisation().timezone)
    )
    return Ages(
        due=[
            AgeShape(
                due_from=age.due_from,
                due_until=age.due_until,
                currency=age.currency,
                documents=age.documents,
                gross=format_minor(age.gross_minor, age.currency),
            )
            for age in found
        ]
    )
