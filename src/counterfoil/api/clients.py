"""Clients: the serviced accounts."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need, token_of
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, does, reads
from counterfoil.api.seeing import seen, today_of
from counterfoil.api.shapes import PDF, BillingDate, DecimalText, Id, Key, Reader, Request, decimal_text
from counterfoil.api.storing import LINKS, Text, done_with, stored
from counterfoil.flows.adding_clients import Added, add_client, would_add
from counterfoil.flows.reporting import printed_report, report_on_client
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import Client as ClientRow
from counterfoil.records.parties.queries import IS_SITE

router = Router(tags=["clients"])
SEES = Need("clients:read")
BILLED = Need("invoices:read")
WRITES = Need("clients:write", frozenset({Role.BILLER}))


class Client(Schema):
    """A serviced account, served from `commissioned_on` until the day before `decommissioned_on`.

    `customer` is the account that pays unless a charge says otherwise. Where `of_customer`, an account, or `of_dealer`,
    a code, is set the client is no site: it stands for that customer or dealer itself, follows it, and is not changed.
    """

    id: int
    code: str
    name: str
    address: str
    postcode: str
    city: str
    customer: str | None
    dealer: str | None
    branch: str
    commissioned_on: date | None
    decommissioned_on: date | None
    of_customer: str | None
    of_dealer: str | None


class ClientChanges(Request):
    """What is to be changed of a client; what is not sent stays."""

    code: Key | None = None
    name: Text | None = None
    address: Text | None = None
    postcode: Text | None = None
    city: Text | None = None
    customer: Key | None = None
    dealer: Key | None = None
    branch: Key | None = None
    commissioned_on: BillingDate | None = None
    decommissioned_on: BillingDate | None = None


class ClientWanted(ClientChanges):
    """A client to be added; without `branch` it is of the only one there is.

    It gets the charges that its `template` client has today, from the day it is commissioned; who pays is its own.
    """

    code: Key
    name: Text
    template: Key | None = None
    dry_run: bool = False


class CopiedCharge(Schema):
    """A charge that a new client gets from its template; `amount` is what a whole charge period costs, not rounded."""

    code: str
    description: str
    quantity: DecimalText | None
    unit_price: DecimalText | None
    currency: str
    amount: DecimalText | None


class LeftOut(Schema):
    """How many charges of the template it may not have, and why."""

    reason: str
    count: int


class AddedClient(Client):
    """A client that was added, with the charges of its template; `id` is null in a dry run, which stores nothing."""

    id: int | None  # type: ignore[assignment]
    charges: list[CopiedCharge]
    left_out: list[LeftOut]


class ClientFilter(Schema):
    """Which clients are asked for."""

    code: Key | None = None
    customer: Key | None = None
    dealer: Key | None = None
    is_site: bool | None = None


@reads(router, "", need=SEES, answer=Page[Client])
def list_clients(request: HttpRequest, wanted: Query[ClientFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Return the clients you may see, oldest first; of one customer's account or one dealer's code.

    `is_site` leaves out those that stand for a customer or a dealer itself; false gives these alone.
    """
    rows = _seen(request)
    if wanted.code is not None:
        rows = rows.filter(code=wanted.code)
    if wanted.customer is not None:
        rows = rows.filter(customer__account=wanted.customer)
    if wanted.dealer is not None:
        rows = rows.filter(dealer__code=wanted.dealer)
    if wanted.is_site is not None:
        rows = rows.filter(IS_SITE if wanted.is_site else ~IS_SITE)
    return page_of(rows, paging=paging, shape=_shape)


@reads(router, "/{client_id}", need=SEES, answer=Client)
def get_client(request: HttpRequest, client_id: Path[Id]) -> Client:
    """Return one client."""
    return _shape(get_object_or_404(_seen(request), pk=client_id))


@reads(router, "/{client_id}/report/pdf", need=SEES, answer=None, extra=PDF)
def get_client_report(request: HttpRequest, client_id: Path[Id], reader: Query[Reader]) -> HttpResponse:
    """Return what is known of a client as PDF, in a language or else the organisation's.

    It has what the client was billed, so the token needs the scope `invoices:read`, too.
    """
    BILLED.check(token_of(request))
    found = get_object_or_404(_seen(request), pk=client_id)
    report = report_on_client(found, day=today_of(request), language=reader.language or "")
    return HttpResponse(printed_report(report), content_type="application/pdf")


@does(router, "", need=WRITES, answer=AddedClient, status=201)
def create_client(request: HttpRequest, wanted: ClientWanted) -> HttpResponse:
    """Add a client, with the charges of a template client if one is named: all of it or nothing."""

    def act() -> AddedClient:
        template = LINKS["client"].named(request, wanted.template) if wanted.template is not None else None
        do, today = would_add if wanted.dry_run else add_client, today_of(request)
        added = done_with(
            request,
            ClientRow(),
            wanted,
            beside=("template", "dry_run"),
            act=lambda record: do(record, template=template, today=today, is_sent=True),
        )
        return _added(added, is_stored=not wanted.dry_run)

    return once(request, act, status=201)


@changes(router, "/{client_id}", need=WRITES, answer=Client)
def change_client(request: HttpRequest, client_id: Path[Id], wanted: ClientChanges) -> HttpResponse:
    """Change what is sent of a client; what is billed already stays as it is."""
    found = get_object_or_404(_seen(request), pk=client_id)
    return once(request, lambda: _shape(stored(request, found, wanted)))


def _added(added: Added, *, is_stored: bool) -> AddedClient:
    charges = [
        CopiedCharge(
            code=one.terms.charge.master_charge.code,
            description=one.terms.description,
            quantity=decimal_text(one.terms.values["quantity"]),
            unit_price=decimal_text(one.unit_price),
            currency=one.currency,
            amount=decimal_text(one.amount),
        )
        for one in added.charges
    ]
    told = _shape(added.client).dict() | {"id": added.client.pk if is_stored else None}
    left_out = [LeftOut(reason=why, count=count) for why, count in added.assigned.left_out.items()]
    return AddedClient(**told, charges=charges, left_out=left_out)


def _seen(request: HttpRequest) -> Any:
    rows = ClientRow.objects.select_related("branch", "customer", "dealer")
    return seen(rows, request=request)


def _shape(client: ClientRow) -> Client:
    linked = {"customer", "dealer", "branch", "of_customer", "of_dealer"}
    plain = {name: getattr(client, name) for name in Client.model_fields if name not in linked}
    customer = client.customer.account if client.customer else None
    dealer = client.dealer.code if client.dealer else None
    return Client(
        **plain,
        customer=customer,
        dealer=dealer,
        branch=client.branch.code,
        of_customer=customer if client.own_of_customer_id else None,
        of_dealer=dealer if client.own_of_dealer_id else None,
    )
