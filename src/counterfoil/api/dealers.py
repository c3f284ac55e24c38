"""Dealers: resellers that own clients."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, does, reads
from counterfoil.api.seeing import seen
from counterfoil.api.shapes import Id, Key, Request
from counterfoil.api.storing import Text, stored
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import Dealer as DealerRow

router = Router(tags=["dealers"])
SEES = Need("dealers:read")
WRITES = Need("dealers:write", frozenset({Role.BILLER}))


class Dealer(Schema):
    """A reseller. `customer` is the account that pays where the dealer is a billing customer too."""

    id: int
    code: str
    name: str
    customer: str | None
    branch: str
    is_active: bool


class DealerChanges(Request):
    """What is to be changed of a dealer; what is not sent stays."""

    code: Key | None = None
    name: Text | None = None
    customer: Key | None = None
    branch: Key | None = None
    is_active: bool | None = None


class DealerWanted(DealerChanges):
    """A dealer to be added; without `branch` it is of the only one there is."""

    code: Key
    name: Text


class DealerFilter(Schema):
    """Which dealers are asked for."""

    code: Key | None = None


@reads(router, "", need=SEES, answer=Page[Dealer])
def list_dealers(request: HttpRequest, wanted: Query[DealerFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Return the dealers you may see, oldest first."""
    rows = _seen(request)
    if wanted.code is not None:
        rows = rows.filter(code=wanted.code)
    return page_of(rows, paging=paging, shape=_shape)


@reads(router, "/{dealer_id}", need=SEES, answer=Dealer)
def get_dealer(request: HttpRequest, dealer_id: Path[Id]) -> Dealer:
    """Return one dealer."""
    return _shape(get_object_or_404(_seen(request), pk=dealer_id))


@does(router, "", need=WRITES, answer=Dealer, status=201)
def create_dealer(request: HttpRequest, wanted: DealerWanted) -> HttpResponse:
    """Add a dealer."""
    return once(request, lambda: _shape(stored(request, DealerRow(), wanted)), status=201)


@changes(router, "/{dealer_id}", need=WRITES, answer=Dealer)
def change_dealer(request: HttpRequest, dealer_id: Path[Id], wanted: DealerChanges) -> HttpResponse:
    """Change what is sent of a dealer; what is billed already stays as it is."""
    found = get_object_or_404(_seen(request), pk=dealer_id)
    return once(request, lambda: _shape(stored(request, found, wanted)))


def _seen(request: HttpRequest) -> Any:
    return seen(DealerRow.objects.select_related("branch", "customer"), request=request)


def _shape(dealer: DealerRow) -> Dealer:
    return Dealer(
        id=dealer.pk,
        code=dealer.code,
        name=dealer.name,
        customer=dealer.customer.account if dealer.customer else None,
        branch=dealer.branch.code,
        is_active=dealer.is_active,
    )
