"""When clients were commissioned before the present time (billing-rules 2.1)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.clients import SEES, WRITES
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, does, reads
from counterfoil.api.seeing import seen
from counterfoil.api.shapes import BillingDate, Id, Request
from counterfoil.api.storing import Removed, removed, stored
from counterfoil.records.parties.models import Client, PastCommissioning

of_clients = Router(tags=["clients"])


class Commissioning(Schema):
    """A time that a client was commissioned before: from `starts_on` until the day before `ends_before`."""

    id: int
    starts_on: date
    ends_before: date


class CommissioningChanges(Request):
    """What is to be changed of a past commissioning."""

    starts_on: BillingDate | None = None
    ends_before: BillingDate | None = None


class CommissioningWanted(CommissioningChanges):
    """A past commissioning to be added; the present one is the client's `commissioned_on`."""

    starts_on: BillingDate
    ends_before: BillingDate


@reads(of_clients, "/{client_id}/commissionings", need=SEES, answer=Page[Commissioning])
def list_commissionings(request: HttpRequest, client_id: Path[Id], paging: Query[Paging]) -> dict[str, Any]:
    """Return when a client was commissioned before, in the order in which it was stored."""
    client = get_object_or_404(_clients(request), pk=client_id)
    return page_of(client.past_commissionings.order_by(), paging=paging, shape=_shape)


@does(of_clients, "/{client_id}/commissionings", need=WRITES, answer=Commissioning, status=201)
def create_commissioning(
    request: HttpRequest, client_id: Path[Id], wanted: CommissioningWanted
) -> HttpResponse:
    """Add a time the client was commissioned before."""
    client = get_object_or_404(_clients(request), pk=client_id)
    past = PastCommissioning(client=client)
    return once(request, lambda: _shape(stored(request, past, wanted)), status=201)


@changes(of_clients, "/{client_id}/commissionings/{commissioning_id}", need=WRITES, answer=Commissioning)
def change_commissioning(
    request: HttpRequest, client_id: Path[Id], commissioning_id: Path[Id], wanted: CommissioningChanges
) -> HttpResponse:
    """Change one; what is billed and no longer served is credited by the next run of credits."""
    found = _one(request, client_id, commissioning_id)
    return once(request, lambda: _shape(stored(request, found, wanted)))


@does(of_clients, "/{client_id}/commissionings/{commissioning_id}/remove", need=WRITES, answer=Removed)
def remove_commissioning(
    request: HttpRequest, client_id: Path[Id], commissioning_id: Path[Id]
) -> HttpResponse:
    """Take one back; what was billed of its days is credited by the next run of credits."""
    return once(request, lambda: removed(_one(request, client_id, commissioning_id)))


def _clients(request: HttpRequest) -> Any:
    return seen(Client.objects.all(), request=request)


def _one(request: HttpRequest, client_id: int, commissioning_id: int) -> PastCommissioning:
    rows = PastCommissioning.objects.filter(client__in=_clients(request), client=client_id)
    return get_object_or_404(rows, pk=commissioning_id)


def _shape(past: PastCommissioning) -> Commissioning:
    return Commissioning(id=past.pk, starts_on=past.starts_on, ends_before=past.ends_before)
