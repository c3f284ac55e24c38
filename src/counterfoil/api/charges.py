"""Charges: master charges assigned to clients, or to billing customers or dealers themselves."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.errors import WrongValue
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, does, reads
from counterfoil.api.seeing import seen
from counterfoil.api.shapes import BillingDate, DecimalText, Id, Key, Request, decimal_text
from counterfoil.api.storing import LINKS, Text, done_with, stored
from counterfoil.flows.editing import store_sent
from counterfoil.flows.own_clients import would_be_own_client
from counterfoil.records.charges.models import Charge as ChargeRow
from counterfoil.records.organisation.models import Role

router = Router(tags=["charges"])
CALLED = {"code": "master_charge"}
WHOM = ("client", "of_customer", "of_dealer")
SEES = Need("charges:read")
WRITES = Need("charges:write", frozenset({Role.BILLER}))


class Charge(Schema):
    """A charge over [`starts_on`, `ends_before`); what is null comes from overrides or the master charge.

    `paid_by`, `direct` or `dealer`, counts in legacy customer mode, where `customer` is null; empty: as the
    master charge says. [`billed_from`, `billed_to`) are the days billed so far. Where `of_customer`, an account, or
    `of_dealer`, a code, is set that customer or dealer itself is charged, and `client` is what stands for it.
    """

    id: int
    key: str
    client: str
    code: str
    customer: str | None
    paid_by: str
    starts_on: date
    ends_before: date | None
    quantity: DecimalText | None
    unit_price: DecimalText | None
    description: str
    po_number: str
    charge_period: str | None
    tax_category: str | None
    escalation: str | None
    while_commissioned: bool | None
    billed_from: date | None
    billed_to: date | None
    of_customer: str | None
    of_dealer: str | None


class ChargeChanges(Request):
    """What is to be changed of a charge; what is not sent stays."""

    key: Key | None = None
    code: Key | None = None
    customer: Key | None = None
    paid_by: Text | None = None
    starts_on: BillingDate | None = None
    ends_before: BillingDate | None = None
    quantity: DecimalText | None = None
    unit_price: DecimalText | None = None
    description: Text | None = None
    po_number: Text | None = None
    charge_period: Key | None = None
    tax_category: Key | None = None
    escalation: Key | None = None
    while_commissioned: bool | None = None


class ChargeWanted(ChargeChanges):
    """A master charge, by its `code`, to be assigned. What is not sent comes from the levels below it.

    It is assigned to a `client`, or to a billing customer or a dealer itself: send one of the three. That pays then, so
    `customer` and `while_commissioned` are left out.
    """

    key: Key
    client: Key | None = None
    of_customer: Key | None = None
    of_dealer: Key | None = None
    code: Key
    starts_on: BillingDate


class ChargeFilter(Schema):
    """Which charges are asked for."""

    key: Key | None = None
    client: Key | None = None
    of_customer: Key | None = None
    of_dealer: Key | None = None
    code: Key | None = None


class NameOneOwner(WrongValue):
    """Say once who is charged: send `client`, or `of_customer`, or `of_dealer`, and one of them only."""


@reads(router, "", need=SEES, answer=Page[Charge])
def list_charges(request: HttpRequest, wanted: Query[ChargeFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Return the charges you may see, oldest first; of one client's code or one master charge's code.

    `of_customer` and `of_dealer` give what is charged to that customer or dealer itself.
    """
    rows = _seen(request)
    if wanted.key is not None:
        rows = rows.filter(key=wanted.key)
    if wanted.client is not None:
        rows = rows.filter(client__code=wanted.client)
    if wanted.of_customer is not None:
        rows = rows.filter(client__own_of_customer__account=wanted.of_customer)
    if wanted.of_dealer is not None:
        rows = rows.filter(client__own_of_dealer__code=wanted.of_dealer)
    if wanted.code is not None:
        rows = rows.filter(master_charge__code=wanted.code)
    return page_of(rows, paging=paging, shape=_shape)


@reads(router, "/{charge_id}", need=SEES, answer=Charge)
def get_charge(request: HttpRequest, charge_id: Path[Id]) -> Charge:
    """Return one charge."""
    return _shape(get_object_or_404(_seen(request), pk=charge_id))


@does(router, "", need=WRITES, answer=Charge, status=201)
def create_charge(request: HttpRequest, wanted: ChargeWanted) -> HttpResponse:
    """Add a charge of a client, or of a billing customer or a dealer itself."""

    def act() -> Charge:
        charge = done_with(
            request,
            _of_whom(request, wanted),
            wanted,
            beside=WHOM,
            called=CALLED,
            act=lambda record: store_sent(record, fields=[]),
        )
        return _shape(charge)

    return once(request, act, status=201)


@changes(router, "/{charge_id}", need=WRITES, answer=Charge)
def change_charge(request: HttpRequest, charge_id: Path[Id], wanted: ChargeChanges) -> HttpResponse:
    """Change what is sent of a charge; what is billed already stays as it is."""
    found = get_object_or_404(_seen(request), pk=charge_id)
    return once(request, lambda: _shape(stored(request, found, wanted, called=CALLED)))


def _of_whom(request: HttpRequest, wanted: ChargeWanted) -> ChargeRow:
    """Return a new charge of what *wanted* names. Raises `NameOneOwner` and `NothingCalledSo`."""
    given = {word: getattr(wanted, word) for word in WHOM if getattr(wanted, word) is not None}
    if len(given) != 1:
        raise NameOneOwner
    [(word, key)] = given.items()
    whom = LINKS[word.removeprefix("of_")].named(request, key)
    return ChargeRow(client=whom if word == "client" else would_be_own_client(whom))


def _seen(request: HttpRequest) -> Any:
    rows = ChargeRow.objects.select_related(
        "client__own_of_customer",
        "client__own_of_dealer",
        "master_charge",
        "customer",
        "charge_period",
        "tax_category",
        "escalation",
        "span",
    )
    return seen(rows, request=request, path="client__branch")


def _shape(charge: ChargeRow) -> Charge:
    span, client = getattr(charge, "span", None), charge.client
    return Charge(
        id=charge.pk,
        key=charge.key,
        client=client.code,
        code=charge.master_charge.code,
        customer=charge.customer.account if charge.customer else None,
        paid_by=charge.paid_by,
        starts_on=charge.starts_on,
        ends_before=charge.ends_before,
        quantity=decimal_text(charge.quantity),
        unit_price=decimal_text(charge.unit_price),
        description=charge.description,
        po_number=charge.po_number,
        charge_period=charge.charge_period.name if charge.charge_period else None,
        tax_category=charge.tax_category.code if charge.tax_category else None,
        escalation=charge.escalation.name if charge.escalation else None,
        while_commissioned=charge.while_commissioned,
        billed_from=span.billed_from if span else None,
        billed_to=span.billed_to if span else None,
        of_customer=client.own_of_customer.account if client.own_of_customer else None,
        of_dealer=client.own_of_dealer.code if client.own_of_dealer else None,
    )
