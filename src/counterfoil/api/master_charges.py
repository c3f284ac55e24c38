"""Master charges: the catalogue."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.routes import reads
from counterfoil.api.shapes import DecimalText, Id, Key, decimal_text
from counterfoil.records.catalog.models import MasterCharge as MasterChargeRow

router = Router(tags=["master charges"])
SEES = Need("master_charges:read")


class MasterCharge(Schema):
    """A catalogue item. `unit_price` is the price of one whole charge period, with `price_includes_tax` its gross."""

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
    price_includes_tax: bool
    while_commissioned: bool
    assignable: bool
    is_active: bool


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


def _rows() -> Any:
    return MasterChargeRow.objects.select_related("tax_category", "charge_period")


def _shape(master: MasterChargeRow) -> MasterCharge:
    worked_out = {"unit_price", "quantity", "tax_category", "charge_period"}
    plain = {name: getattr(master, name) for name in MasterCharge.model_fields if name not in worked_out}
    return MasterCharge(
        **plain,
        unit_price=decimal_text(master.unit_price),
        quantity=decimal_text(master.quantity),
        tax_category=master.tax_category.code if master.tax_category else None,
        charge_period=master.charge_period.name if master.charge_period else None,
    )
