"""Prices by date, and how prices grow (billing-rules 4.2 and 4.3)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.errors import WrongValue
from counterfoil.api.invoices import WhyItIsDone
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, does, reads
from counterfoil.api.seeing import seen
from counterfoil.api.shapes import BillingDate, DecimalText, Id, Key, Request, SmallNumber, decimal_text
from counterfoil.api.storing import LINKS, Removed, removed, stored
from counterfoil.clock import today
from counterfoil.flows.ending_terms import end_escalation
from counterfoil.flows.price_lists import price_list_entry
from counterfoil.records.catalog.models import Escalation as EscalationRow
from counterfoil.records.charges.models import Charge, PriceChange
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer, Dealer

prices = Router(tags=["prices"])
escalations = Router(tags=["prices"])
SEES_PRICES = Need("charges:read")
WRITES_PRICES = Need("charges:write", frozenset({Role.BILLER}))
SEES_ESCALATIONS = Need("master_charges:read")
WRITES_ESCALATIONS = Need("master_charges:write", frozenset({Role.BILLER}))


class NotOnePrice(WrongValue):
    """The request does not say whose price it is. Send charge; or code; or code and customer; or code and dealer."""


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


class PriceChanges(Request):
    """What is to be changed of a price; `unit_price` null leaves the price to the next level from that day on."""

    valid_from: BillingDate | None = None
    unit_price: DecimalText | None = None


class PriceWanted(PriceChanges):
    """A price to be added: of a `charge`, of a master charge's `code`, or of a code for a `customer` or a `dealer`."""

    charge: Key | None = None
    code: Key | None = None
    customer: Key | None = None
    dealer: Key | None = None
    valid_from: BillingDate
    unit_price: DecimalText | None


class Escalation(Schema):
    """How prices grow: by `rate` percent, rounded to `step`, every so many periods or on a date (each year)."""

    id: int
    name: str
    rate: DecimalText
    every_periods: int | None
    on_date: date | None
    yearly: bool
    step: DecimalText


class EscalationEnded(Schema):
    """How many charges stop growing, and of how many the prices they have grown to were kept."""

    charges: int
    master_charges: int
    prices_kept: int


class EscalationChanges(Request):
    """What is to be changed of an escalation; what is not sent stays."""

    name: Key | None = None
    rate: DecimalText | None = None
    every_periods: SmallNumber | None = None
    on_date: BillingDate | None = None
    yearly: bool | None = None
    step: DecimalText | None = None


class EscalationWanted(EscalationChanges):
    """An escalation to be added: every so many periods, or on a date; rounded to `step`, 0.01 unless it is sent."""

    name: Key
    rate: DecimalText


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


@does(prices, "", need=WRITES_PRICES, answer=Price, status=201)
def create_price(request: HttpRequest, wanted: PriceWanted) -> HttpResponse:
    """Add a price from a day on; what is billed already stays as it is."""

    def act() -> Price:
        change = _of_whom(request, wanted)
        dated = PriceChanges(valid_from=wanted.valid_from, unit_price=wanted.unit_price)
        return _price(stored(request, change, dated))

    return once(request, act, status=201)


@changes(prices, "/{price_id}", need=WRITES_PRICES, answer=Price)
def change_price(request: HttpRequest, price_id: Path[Id], wanted: PriceChanges) -> HttpResponse:
    """Change a price by date, or the day it begins, for all that is not billed yet."""
    found = get_object_or_404(_seen(request), pk=price_id)
    return once(request, lambda: _price(stored(request, found, wanted)))


@does(prices, "/{price_id}/remove", need=WRITES_PRICES, answer=Removed)
def remove_price(request: HttpRequest, price_id: Path[Id]) -> HttpResponse:
    """Take a price by date back: from its day on the one before it holds again."""
    return once(request, lambda: removed(get_object_or_404(_seen(request), pk=price_id)))


@reads(escalations, "", need=SEES_ESCALATIONS, answer=Page[Escalation])
def list_escalations(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Return the escalations, oldest first."""
    del request
    return page_of(EscalationRow.objects.all(), paging=paging, shape=_escalation)


@reads(escalations, "/{escalation_id}", need=SEES_ESCALATIONS, answer=Escalation)
def get_escalation(request: HttpRequest, escalation_id: Path[Id]) -> Escalation:  # noqa: ARG001
    """Return one escalation."""
    return _escalation(get_object_or_404(EscalationRow, pk=escalation_id))


@does(escalations, "", need=WRITES_ESCALATIONS, answer=Escalation, status=201)
def create_escalation(request: HttpRequest, wanted: EscalationWanted) -> HttpResponse:
    """Add an escalation; charges and master charges name it."""
    return once(request, lambda: _escalation(stored(request, EscalationRow(), wanted)), status=201)


@changes(escalations, "/{escalation_id}", need=WRITES_ESCALATIONS, answer=Escalation)
def change_escalation(
    request: HttpRequest, escalation_id: Path[Id], wanted: EscalationChanges
) -> HttpResponse:
    """Change how prices grow, of everything that names it; what is billed already stays as it is."""
    found = get_object_or_404(EscalationRow, pk=escalation_id)
    return once(request, lambda: _escalation(stored(request, found, wanted)))


@does(escalations, "/{escalation_id}/end", need=WRITES_ESCALATIONS, answer=EscalationEnded)
def end_the_escalation(request: HttpRequest, escalation_id: Path[Id], wanted: WhyItIsDone) -> HttpResponse:
    """Take an escalation away: prices that it has raised stay as they are today, set by hand."""
    day = today(the_organisation().timezone)

    def act() -> EscalationEnded:
        found = get_object_or_404(EscalationRow, pk=escalation_id)
        ended = end_escalation(found, today=day, reason=wanted.reason)
        return EscalationEnded(
            charges=ended.charges, master_charges=ended.master_charges, prices_kept=ended.kept
        )

    return once(request, act)


def _of_whom(request: HttpRequest, wanted: PriceWanted) -> PriceChange:
    """Return a price without day and amount, of whom *wanted* says. Raises `NotOnePrice`, `NothingCalledSo`."""
    links = {"charge": "charge", "code": "master_charge", "customer": "customer", "dealer": "dealer"}
    found = {
        word: LINKS[name].named(request, getattr(wanted, word))
        for word, name in links.items()
        if getattr(wanted, word) is not None
    }
    match sorted(found):
        case ["charge"]:
            return PriceChange(charge=found["charge"])
        case ["code"]:
            return PriceChange(master_charge=found["code"])
        case ["code", "customer"] | ["code", "dealer"]:
            whose = found.get("customer") or found["dealer"]
            return PriceChange(override=price_list_entry(found["code"], whose=whose))
    raise NotOnePrice


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
