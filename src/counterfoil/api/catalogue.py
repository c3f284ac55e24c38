"""The rest of the catalogue: charge periods, tax categories, tax rates, and who gets what differently."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once, once_reading
from counterfoil.api.routes import changes, does, reads
from counterfoil.api.seeing import seen, today_of
from counterfoil.api.shapes import BillingDate, DecimalText, Id, Key, Request, decimal_text
from counterfoil.api.storing import Removed, Text, admitted, removed, stored
from counterfoil.flows.price_lists import would_change
from counterfoil.records.catalog.models import BillOn, ChargeOverride, DayCount, PartCharging, Unit
from counterfoil.records.catalog.models import ChargePeriod as PeriodRow
from counterfoil.records.catalog.models import TaxCategory as CategoryRow
from counterfoil.records.catalog.models import TaxRate as RateRow
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer, Dealer

charge_periods = Router(tags=["catalogue"])
tax_categories = Router(tags=["catalogue"])
tax_rates = Router(tags=["catalogue"])
overrides = Router(tags=["catalogue"])
SEES = Need("master_charges:read")
WRITES = Need("master_charges:write", frozenset({Role.BILLER}))


class ChargePeriod(Schema):
    """How often a charge is billed (billing-rules 1 to 3). Without anchor and billing day: from each charge's start."""

    id: int
    name: str
    count: int
    unit: str
    anchor: date | None
    billing_day: int | None
    part_charging: str
    day_count: str
    bill_on: str
    offset_days: int
    split_on_price_change: bool


class ChargePeriodChanges(Request):
    """What is to be changed of a charge period; what is not sent stays."""

    name: Key | None = None
    count: int | None = None
    unit: Unit | None = None
    anchor: BillingDate | None = None
    billing_day: int | None = None
    part_charging: PartCharging | None = None
    day_count: DayCount | None = None
    bill_on: BillOn | None = None
    offset_days: int | None = None
    split_on_price_change: bool | None = None


class ChargePeriodWanted(ChargePeriodChanges):
    """A charge period to be added; what is not sent is one month in advance, parts by days."""

    name: Key


class TaxCategory(Schema):
    """A kind of supply that is taxed alike."""

    id: int
    code: str
    name: str


class TaxCategoryChanges(Request):
    """What is to be changed of a tax category."""

    code: Key | None = None
    name: Text | None = None


class TaxCategoryWanted(TaxCategoryChanges):
    """A tax category to be added."""

    code: Key
    name: Text


class TaxRate(Schema):
    """The percentage of a category from a day on, in a country, or everywhere where that is empty."""

    id: int
    category: str
    country: str
    rate: DecimalText
    valid_from: date


class TaxRateChanges(Request):
    """What is to be changed of a tax rate; documents there are keep the tax they were given."""

    category: Key | None = None
    country: Text | None = None
    rate: DecimalText | None = None
    valid_from: BillingDate | None = None


class TaxRateWanted(TaxRateChanges):
    """A tax rate to be added."""

    category: Key
    rate: DecimalText
    valid_from: BillingDate


class Override(Schema):
    """What one customer, or the clients of one dealer, get differently; what is null is left to the next level."""

    id: int
    code: str
    customer: str | None
    dealer: str | None
    unit_price: DecimalText | None
    quantity: DecimalText | None
    description: str
    charge_period: str | None
    tax_category: str | None
    while_commissioned: bool | None
    assignable: bool | None


class OverrideChanges(Request):
    """What is to be changed of an override."""

    unit_price: DecimalText | None = None
    quantity: DecimalText | None = None
    description: Text | None = None
    charge_period: Key | None = None
    tax_category: Key | None = None
    while_commissioned: bool | None = None
    assignable: bool | None = None


class OverrideWanted(OverrideChanges):
    """An override of a master charge to be added, for a `customer` or for a `dealer`."""

    code: Key
    customer: Key | None = None
    dealer: Key | None = None


class OverrideEffect(Schema):
    """What an override would change: of the running charges it is about, those that get other values.

    `before` and `after` are what a whole period of these costs, null where prices by date or an escalation have a say.
    `priced_nearer` of them a nearer level has priced. `is_all` false: there are more charges than were looked at.
    """

    running: int
    changed: int
    priced_nearer: int
    before: DecimalText | None
    after: DecimalText | None
    is_all: bool


class OverrideFilter(Schema):
    """Which overrides are asked for."""

    code: Key | None = None
    customer: Key | None = None
    dealer: Key | None = None


@reads(charge_periods, "", need=SEES, answer=Page[ChargePeriod])
def list_charge_periods(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:  # noqa: ARG001
    """Return the charge periods, oldest first."""
    return page_of(PeriodRow.objects.all(), paging=paging, shape=_period)


@reads(charge_periods, "/{charge_period_id}", need=SEES, answer=ChargePeriod)
def get_charge_period(request: HttpRequest, charge_period_id: Path[Id]) -> ChargePeriod:  # noqa: ARG001
    """Return one charge period."""
    return _period(get_object_or_404(PeriodRow, pk=charge_period_id))


@does(charge_periods, "", need=WRITES, answer=ChargePeriod, status=201)
def create_charge_period(request: HttpRequest, wanted: ChargePeriodWanted) -> HttpResponse:
    """Add a charge period."""
    return once(request, lambda: _period(stored(request, PeriodRow(), wanted)), status=201)


@changes(charge_periods, "/{charge_period_id}", need=WRITES, answer=ChargePeriod)
def change_charge_period(
    request: HttpRequest, charge_period_id: Path[Id], wanted: ChargePeriodChanges
) -> HttpResponse:
    """Change a charge period, of every charge that has it, from where each is billed to (billing-rules 1.5)."""
    found = get_object_or_404(PeriodRow, pk=charge_period_id)
    return once(request, lambda: _period(stored(request, found, wanted)))


@reads(tax_categories, "", need=SEES, answer=Page[TaxCategory])
def list_tax_categories(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:  # noqa: ARG001
    """Return the tax categories, oldest first."""
    return page_of(CategoryRow.objects.all(), paging=paging, shape=_category)


@does(tax_categories, "", need=WRITES, answer=TaxCategory, status=201)
def create_tax_category(request: HttpRequest, wanted: TaxCategoryWanted) -> HttpResponse:
    """Add a tax category; it needs a rate before anything of it can be billed."""
    return once(request, lambda: _category(stored(request, CategoryRow(), wanted)), status=201)


@changes(tax_categories, "/{tax_category_id}", need=WRITES, answer=TaxCategory)
def change_tax_category(
    request: HttpRequest, tax_category_id: Path[Id], wanted: TaxCategoryChanges
) -> HttpResponse:
    """Rename a tax category."""
    found = get_object_or_404(CategoryRow, pk=tax_category_id)
    return once(request, lambda: _category(stored(request, found, wanted)))


@reads(tax_rates, "", need=SEES, answer=Page[TaxRate])
def list_tax_rates(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:  # noqa: ARG001
    """Return the tax rates, oldest first."""
    return page_of(RateRow.objects.select_related("category"), paging=paging, shape=_rate)


@does(tax_rates, "", need=WRITES, answer=TaxRate, status=201)
def create_tax_rate(request: HttpRequest, wanted: TaxRateWanted) -> HttpResponse:
    """Add the rate of a category from a day on."""
    return once(request, lambda: _rate(stored(request, RateRow(), wanted)), status=201)


@changes(tax_rates, "/{tax_rate_id}", need=WRITES, answer=TaxRate)
def change_tax_rate(request: HttpRequest, tax_rate_id: Path[Id], wanted: TaxRateChanges) -> HttpResponse:
    """Correct a tax rate; documents there are keep the tax they were given."""
    found = get_object_or_404(RateRow.objects.select_related("category"), pk=tax_rate_id)
    return once(request, lambda: _rate(stored(request, found, wanted)))


@reads(overrides, "", need=SEES, answer=Page[Override])
def list_overrides(
    request: HttpRequest, wanted: Query[OverrideFilter], paging: Query[Paging]
) -> dict[str, Any]:
    """Return who gets what differently, oldest first; of a code, of a customer's account, of a dealer's code."""
    asked = {
        "master_charge__code": wanted.code,
        "customer__account": wanted.customer,
        "dealer__code": wanted.dealer,
    }
    rows = _overrides(request).filter(**{path: value for path, value in asked.items() if value is not None})
    return page_of(rows, paging=paging, shape=_override)


@does(overrides, "", need=WRITES, answer=Override, status=201)
def create_override(request: HttpRequest, wanted: OverrideWanted) -> HttpResponse:
    """Let one customer, or the clients of one dealer, have a master charge differently."""

    def act() -> Override:
        return _override(stored(request, ChargeOverride(), wanted, called={"code": "master_charge"}))

    return once(request, act, status=201)


@does(overrides, "/preview", need=WRITES, answer=OverrideEffect)
def preview_override(request: HttpRequest, wanted: OverrideWanted) -> HttpResponse:
    """Return what an override would change for how many charges; nothing is stored."""
    called = {"code": "master_charge"}
    return once_reading(
        request, lambda: _effect(request, admitted(request, ChargeOverride(), wanted, called=called))
    )


@does(overrides, "/{override_id}/preview", need=WRITES, answer=OverrideEffect)
def preview_override_change(
    request: HttpRequest, override_id: Path[Id], wanted: OverrideChanges
) -> HttpResponse:
    """Return what changing an override would change for how many charges; nothing is stored."""
    found = get_object_or_404(_overrides(request), pk=override_id)
    return once_reading(request, lambda: _effect(request, admitted(request, found, wanted)))


def _effect(request: HttpRequest, override: ChargeOverride) -> OverrideEffect:
    found = would_change(override, today=today_of(request))
    amounts = {name: getattr(found, name) for name in ("before", "after")}
    return OverrideEffect(
        running=found.running,
        changed=found.changed,
        priced_nearer=found.priced_nearer,
        is_all=found.is_all,
        **{name: decimal_text(amount) for name, amount in amounts.items()},
    )


@changes(overrides, "/{override_id}", need=WRITES, answer=Override)
def change_override(request: HttpRequest, override_id: Path[Id], wanted: OverrideChanges) -> HttpResponse:
    """Change an override, for all that is not billed yet."""
    found = get_object_or_404(_overrides(request), pk=override_id)
    return once(request, lambda: _override(stored(request, found, wanted)))


@does(overrides, "/{override_id}/remove", need=WRITES, answer=Removed)
def remove_override(request: HttpRequest, override_id: Path[Id]) -> HttpResponse:
    """Take an override back, with its prices by date: the next level decides again for all that is not billed yet."""
    return once(request, lambda: removed(get_object_or_404(_overrides(request), pk=override_id)))


def _overrides(request: HttpRequest) -> Any:
    rows = ChargeOverride.objects.select_related(
        "master_charge", "customer", "dealer", "charge_period", "tax_category"
    )
    customers = seen(BillingCustomer.objects.all(), request=request)
    dealers = seen(Dealer.objects.all(), request=request)
    return rows.filter(Q(customer__in=customers) | Q(dealer__in=dealers))


def _period(period: PeriodRow) -> ChargePeriod:
    return ChargePeriod(**{name: getattr(period, name) for name in ChargePeriod.model_fields})


def _category(category: CategoryRow) -> TaxCategory:
    return TaxCategory(id=category.pk, code=category.code, name=category.name)


def _rate(rate: RateRow) -> TaxRate:
    return TaxRate(
        id=rate.pk,
        category=rate.category.code,
        country=rate.country,
        rate=f"{rate.rate:f}",
        valid_from=rate.valid_from,
    )


def _override(override: ChargeOverride) -> Override:
    return Override(
        id=override.pk,
        code=override.master_charge.code,
        customer=override.customer.account if override.customer else None,
        dealer=override.dealer.code if override.dealer else None,
        unit_price=decimal_text(override.unit_price),
        quantity=decimal_text(override.quantity),
        description=override.description,
        charge_period=override.charge_period.name if override.charge_period else None,
        tax_category=override.tax_category.code if override.tax_category else None,
        while_commissioned=override.while_commissioned,
        assignable=override.assignable,
    )
