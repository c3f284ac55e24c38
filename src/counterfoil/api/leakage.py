"""Leakage: billable charges, and charges of events, that no active definition selects."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema

from counterfoil.api.auth import Need, user_of
from counterfoil.api.paging import Page, Paging, cursor_of, id_in
from counterfoil.api.routes import reads
from counterfoil.api.seeing import seen, today_of
from counterfoil.api.shapes import DecimalText
from counterfoil.core.money import format_minor
from counterfoil.flows.billing.leaking import (
    Leak,
    leaking_behind,
    leaking_charges,
    leaking_events,
    leaks_of,
)
from counterfoil.records.billing.models import Payer
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.queries import surroundings_of

router = Router(tags=["exceptions"])
SEES = Need("exceptions:read")


class LeakShape(Schema):
    """What leaks, and what it would bill today, net; `net` null: nothing is due, or it cannot be billed, see `problem`.

    `charge` is its key, null for a charge of an event, which `event` names; `id` is that of either.
    """

    id: int
    charge: str | None
    event: str | None
    client: str
    kind: str
    payer: str
    branch: str
    currency: str | None
    net: DecimalText | None
    problem: str


@reads(router, "/leakage", need=SEES, answer=Page[LeakShape])
def list_leakage(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Return the charges with days left to bill that no active definition selects, oldest first."""
    rows = leaking_charges(around=surroundings_of(user_of(request)))
    return _page(request, seen(rows, request=request, path="client__branch"), paging=paging)


@reads(router, "/leakage/events", need=SEES, answer=Page[LeakShape])
def list_leaking_events(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Return the charges of chargeable events that no active definition selects, oldest first."""
    rows = leaking_events(around=surroundings_of(user_of(request)))
    return _page(request, seen(rows, request=request, path="event__client__branch"), paging=paging)


def _page(request: HttpRequest, rows: QuerySet[Any], *, paging: Paging) -> dict[str, Any]:
    """Return the next page; it may hold fewer than asked for, even none, while there is a next one."""
    after = id_in(paging.cursor) if paging.cursor else 0
    found, after_them = leaking_behind(rows, after, most=paging.limit)
    leaks = leaks_of(found, today=today_of(request))
    next_cursor = None if after_them is None else cursor_of(after_them)
    return {"items": [leak_shape(leak) for leak in leaks], "next_cursor": next_cursor}


def leak_shape(leak: Leak) -> LeakShape:
    """Return what leaks as the API shows it."""
    row: Any = leak.row
    is_charge = isinstance(row, Charge)
    client = row.client if is_charge else row.event.client
    return LeakShape(
        id=row.pk,
        charge=row.key if is_charge else None,
        event=None if is_charge else row.event.key,
        client=client.code,
        kind=row.master_charge.kind if is_charge else row.event.kind,
        payer=(Payer.DEALER if row.by_dealer else Payer.DIRECT).value,
        branch=client.branch.code,
        currency=leak.would_bill.currency or None,
        net=format_minor(leak.would_bill.net_minor, leak.would_bill.currency)
        if leak.would_bill.currency
        else None,
        problem=leak.would_bill.problem,
    )
