"""Charges: master charges assigned to clients."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.routes import reads
from counterfoil.api.seeing import seen
from counterfoil.api.shapes import DecimalText, Id, Key, decimal_text
from counterfoil.records.charges.models import Charge as ChargeRow

router = Router(tags=["charges"])
SEES = Need("charges:read")


class Charge(Schema):
    """A charge over [`starts_on`, `ends_before`); what is null comes from overrides or the master charge.

    [`billed_from`, `billed_to`) are the days billed so far.
    """

    id: int
    key: str
    client: str
    code: str
    customer: str | None
    starts_on: date
    ends_before: date | None
    quantity: DecimalText | None
    unit_price: DecimalText | None
    description: str
    po_number: str
    charge_period: str | None
    tax_category: str | None
    while_commissioned: bool | None
    billed_from: date | None
    billed_to: date | None


class ChargeFilter(Schema):
    """Which charges are asked for."""

    key: Key | None = None
    client: Key | None = None
    code: Key | None = None


@reads(router, "", need=SEES, answer=Page[Charge])
def list_charges(request: HttpRequest, wanted: Query[ChargeFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Return the charges you may see, oldest first; of one client's code or one master charge's code."""
    rows = _seen(request)
    if wanted.key is not None:
        rows = rows.filter(key=wanted.key)
    if wanted.client is not None:
        rows = rows.filter(client__code=wanted.client)
    if wanted.code is not None:
        rows = rows.filter(master_charge__code=wanted.code)
    return page_of(rows, paging=paging, shape=_shape)


@reads(router, "/{charge_id}", need=SEES, answer=Charge)
def get_charge(request: HttpRequest, charge_id: Path[Id]) -> Charge:
    """Return one charge."""
    return _shape(get_object_or_404(_seen(request), pk=charge_id))


def _seen(request: HttpRequest) -> Any:
    rows = ChargeRow.objects.select_related(
        "client", "master_charge", "customer", "charge_period", "tax_category", "span"
    )
    return seen(rows, request=request, path="client__branch")


def _shape(charge: ChargeRow) -> Charge:
    span = getattr(charge, "span", None)
    return Charge(
        id=charge.pk,
        key=charge.key,
        client=charge.client.code,
        code=charge.master_charge.code,
        customer=charge.customer.account if charge.customer else None,
        starts_on=charge.starts_on,
        ends_before=charge.ends_before,
        quantity=decimal_text(charge.quantity),
        unit_price=decimal_text(charge.unit_price),
        description=charge.description,
        po_number=charge.po_number,
        charge_period=charge.charge_period.name if charge.charge_period else None,
        tax_category=charge.tax_category.code if charge.tax_category else None,
        while_commissioned=charge.while_commissioned,
        billed_from=span.billed_from if span else None,
        billed_to=span.billed_to if span else None,
    )
