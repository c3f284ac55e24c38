"""Prices by date, and how prices grow (billing-rules 4.2 and 4.3)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.routes import reads
from counterfoil.api.seeing import seen
from counterfoil.api.shapes import DecimalText, Id, Key, decimal_text
from counterfoil.records.catalog.models import Escalation as EscalationRow
from counterfoil.records.charges.models import Charge, PriceChange
from counterfoil.records.parties.models import BillingCustomer, Dealer

prices = Router(tags=["prices"])
escalations = Router(tags=["prices"])
SEES_PRICES = Need("charges:read")
SEES_ESCALATIONS = Need("master_charges:read")


class Price(Schema):
    """From `valid_from` on, the price of a charge, of a master charge's `code`, or of one for a customer or dealer.

    Without `unit_price` this level leaves the price to the next from that day on.
    """

    id: int
    charge: str | None
    code: str | None
    customer: str | None
    dealer: str | None
    valid_from: date
    unit_price: DecimalText | None


class PriceFilter(Schema):
    """Which prices are asked for."""

    charge: Key | None = None
    code: Key | None = None
    customer: Key | None = None
    dealer: Key | None = None


class Escalation(Schema):
    """How prices grow: by `rate` percent, rounded to `step`, every so many periods or on a date (each year)."""

    id: int
    name: str
    rate: DecimalText
    every_periods: int | None
    on_date: date | None
    yearly: bool
    step: DecimalText


@reads(prices, "", need=SEES_PRICES, answer=Page[Price])
def list_prices(request: HttpRequest, wanted: Query[PriceFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Return the prices by date you may see, oldest first; of a charge, a code, a customer or dealer."""
    rows = _seen(request)
    if wanted.code is not None:
        rows = rows.filter(Q(master_charge__code=wanted.code) | Q(override__master_charge__code=wanted.code))
    asked = {
        "charge__key": wanted.charge,
        "override__customer__account": wanted.customer,
        "override__dealer__code": wanted.dealer,
    }
    rows = rows.filter(**{path: value for path, value in asked.items() if value is not None})
    return page_of(rows, paging=paging, shape=_price)


@reads(prices, "/{price_id}", need=SEES_PRICES, answer=Price)
def get_price(request: HttpRequest, price_id: Path[Id]) -> Price:
    """Return one price by date."""
    return _price(get_object_or_404(_seen(request), pk=price_id))


@reads(escalations, "", need=SEES_ESCALATIONS, answer=Page[Escalation])
def list_escalations(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Return the escalations, oldest first."""
    del request
    return page_of(EscalationRow.objects.all(), paging=paging, shape=_escalation)


def _seen(request: HttpRequest) -> Any:
    charges = seen(Charge.objects.all(), request=request, path="client__branch")
    customers = seen(BillingCustomer.objects.all(), request=request)
    dealers = seen(Dealer.objects.all(), request=request)
    rows = PriceChange.objects.select_related(
        "charge",
        "master_charge",
        "override__master_charge",
        "override__customer",
        "override__dealer",
    )
    return rows.filter(
        Q(master_charge__isnull=False)
        | Q(charge__in=charges)
        | Q(override__customer__in=customers)
        | Q(override__dealer__in=dealers)
    )


def _price(change: PriceChange) -> Price:
    override = change.override
    master = override.master_charge if override else change.master_charge
    return Price(
        id=change.pk,
        charge=change.charge.key if change.charge else None,
        code=master.code if master else None,
        customer=override.customer.account if override and override.customer else None,
        dealer=override.dealer.code if override and override.dealer else None,
        valid_from=change.valid_from,
        unit_price=decimal_text(change.unit_price),
    )


def _escalation(row: EscalationRow) -> Escalation:
    return Escalation(
        id=row.pk,
        name=row.name,
        rate=decimal_text(row.rate),
        every_periods=row.every_periods,
        on_date=row.on_date,
        yearly=row.yearly,
        step=decimal_text(row.step),
    )
