"""Master charges: the catalogue."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, does, reads
from counterfoil.api.shapes import BillingDate, DecimalText, Id, Key, Request, decimal_text
from counterfoil.api.storing import Text, stored
from counterfoil.records.catalog.models import Kind as KindOfCharge
from counterfoil.records.catalog.models import MasterCharge as MasterChargeRow
from counterfoil.records.catalog.models import Place, RevenueMethod
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import the_organisation

router = Router(tags=["master charges"])
SEES = Need("master_charges:read")
WRITES = Need("master_charges:write", frozenset({Role.BILLER}))


class MasterCharge(Schema):
    """A catalogue item. `unit_price` is the price of one whole charge period, with `price_includes_tax` its gross.

    It may be used at the places of `usable_on`, everywhere where that is empty, and on days in [`active_start`,
    `active_end`), null being open. `earned` is when its revenue is: as `revenue_method` says, else as its kind does.
    """

    id: int
    code: str
    name: str
    kind: str
    ledger_code: str
    currency: str
    unit_price: DecimalText | None
    quantity: DecimalText
    unit: str
    tax_category: str | None
    charge_period: str | None
    escalation: str | None
    tariff: str | None
    paid_by: str
    price_includes_tax: bool
    while_commissioned: bool
    assignable: bool
    is_active: bool
    usable_on: list[Place]
    active_start: date | None
    active_end: date | None
    unit_cost: DecimalText | None
    revenue_method: str
    earned: RevenueMethod


class MasterChargeChanges(Request):
    """What is to be changed of a master charge; what is not sent stays."""

    code: Key | None = None
    name: Text | None = None
    kind: KindOfCharge | None = None
    ledger_code: Text | None = None
    currency: Text | None = None
    unit_price: DecimalText | None = None
    quantity: DecimalText | None = None
    unit: Text | None = None
    tax_category: Key | None = None
    charge_period: Key | None = None
    escalation: Key | None = None
    tariff: Key | None = None
    paid_by: Text | None = None
    price_includes_tax: bool | None = None
    while_commissioned: bool | None = None
    assignable: bool | None = None
    is_active: bool | None = None
    usable_on: list[Place] | None = None
    active_start: BillingDate | None = None
    active_end: BillingDate | None = None
    unit_cost: DecimalText | None = None
    revenue_method: Text | None = None


class MasterChargeWanted(MasterChargeChanges):
    """A master charge to be added; without `currency` it is in that of the organisation."""

    code: Key
    name: Text


class MasterChargeFilter(Schema):
    """Which master charges are asked for."""

    code: Key | None = None


@reads(router, "", need=SEES, answer=Page[MasterCharge])
def list_master_charges(
    request: HttpRequest,  # noqa: ARG001
    wanted: Query[MasterChargeFilter],
    paging: Query[Paging],
) -> dict[str, Any]:
    """Return the catalogue, oldest first."""
    rows = _rows()
    if wanted.code is not None:
        rows = rows.filter(code=wanted.code)
    return page_of(rows, paging=paging, shape=_shape)


@reads(router, "/{master_charge_id}", need=SEES, answer=MasterCharge)
def get_master_charge(request: HttpRequest, master_charge_id: Path[Id]) -> MasterCharge:  # noqa: ARG001
    """Return one master charge."""
    return _shape(get_object_or_404(_rows(), pk=master_charge_id))


@does(router, "", need=WRITES, answer=MasterCharge, status=201)
def create_master_charge(request: HttpRequest, wanted: MasterChargeWanted) -> HttpResponse:
    """Add a master charge."""
    return once(
        request,
        lambda: _shape(stored(request, MasterChargeRow(currency=the_organisation().currency), wanted)),
        status=201,
    )


@changes(router, "/{master_charge_id}", need=WRITES, answer=MasterCharge)
def change_master_charge(
    request: HttpRequest, master_charge_id: Path[Id], wanted: MasterChargeChanges
) -> HttpResponse:
    """Change what is sent of a master charge; what is billed already stays as it is."""
    found = get_object_or_404(_rows(), pk=master_charge_id)
    return once(request, lambda: _shape(stored(request, found, wanted)))


def _rows() -> Any:
    return MasterChargeRow.objects.select_related("tax_category", "charge_period", "escalation", "tariff")


def _shape(master: MasterChargeRow) -> MasterCharge:
    worked_out = {
        "unit_price",
        "quantity",
        "tax_category",
        "charge_period",
        "escalation",
        "tariff",
        "unit_cost",
    }
    plain = {name: getattr(master, name) for name in MasterCharge.model_fields if name not in worked_out}
    return MasterCharge(
        **plain,
        unit_price=decimal_text(master.unit_price),
        quantity=decimal_text(master.quantity),
        unit_cost=decimal_text(master.unit_cost),
        tax_category=master.tax_category.code if master.tax_category else None,
        charge_period=master.charge_period.name if master.charge_period else None,
        escalation=master.escalation.name if master.escalation else None,
        tariff=master.tariff.name if master.tariff else None,
    )
