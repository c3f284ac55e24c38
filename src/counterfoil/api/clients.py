"""Clients: the serviced accounts."""

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
from counterfoil.api.shapes import Id, Key
from counterfoil.records.parties.models import Client as ClientRow

router = Router(tags=["clients"])
SEES = Need("clients:read")


class Client(Schema):
    """A serviced account, served from `commissioned_on` until the day before `decommissioned_on`.

    `customer` is the account that pays unless a charge says otherwise.
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


class ClientFilter(Schema):
    """Which clients are asked for."""

    code: Key | None = None
    customer: Key | None = None
    dealer: Key | None = None


@reads(router, "", need=SEES, answer=Page[Client])
def list_clients(request: HttpRequest, wanted: Query[ClientFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Return the clients you may see, oldest first; of one customer's account or one dealer's code."""
    rows = _seen(request)
    if wanted.code is not None:
        rows = rows.filter(code=wanted.code)
    if wanted.customer is not None:
        rows = rows.filter(customer__account=wanted.customer)
    if wanted.dealer is not None:
        rows = rows.filter(dealer__code=wanted.dealer)
    return page_of(rows, paging=paging, shape=_shape)


@reads(router, "/{client_id}", need=SEES, answer=Client)
def get_client(request: HttpRequest, client_id: Path[Id]) -> Client:
    """Return one client."""
    return _shape(get_object_or_404(_seen(request), pk=client_id))


def _seen(request: HttpRequest) -> Any:
    rows = ClientRow.objects.select_related("branch", "customer", "dealer")
    return seen(rows, request=request)


def _shape(client: ClientRow) -> Client:
    linked = {"customer", "dealer", "branch"}
    plain = {name: getattr(client, name) for name in Client.model_fields if name not in linked}
    return Client(
        **plain,
        customer=client.customer.account if client.customer else None,
        dealer=client.dealer.code if client.dealer else None,
        branch=client.branch.code,
    )
