"""The history of each audited object: who changed what when, before and after, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema

from counterfoil.api.auth import Need, user_of
from counterfoil.api.routes import reads
from counterfoil.api.seeing import seen, seen_invoices, seen_runs
from counterfoil.api.shapes import Id
from counterfoil.flows.auditing import Told, changes_of_object, told
from counterfoil.flows.document_history import Entry, history_of_billing, history_of_invoice
from counterfoil.records.billing.models import BatchDefinition, ConsolidatedBilling
from counterfoil.records.catalog.models import ChargePeriod, MasterCharge
from counterfoil.records.charges.models import BillableEvent, Charge, Discount, Meter
from counterfoil.records.organisation.queries import within_branches_of
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer

router = Router(tags=["audit"])
MOST_ENTRIES = 100


class ValueChange(Schema):
    """One value before and after, in words."""

    field: str
    before: str
    after: str


class HistoryEntry(Schema):
    """What one person did to the object at one moment."""

    moment: datetime
    who: str
    what: str
    changes: list[ValueChange]
    reason: str


class History(Schema):
    """What happened to an object, the newest first; a hundred entries at most."""

    items: list[HistoryEntry]


def _shape(entry: Told) -> HistoryEntry:
    changes = [ValueChange(field=one.field, before=one.before, after=one.after) for one in entry.differences]
    return HistoryEntry(
        moment=entry.moment, who=entry.who, what=entry.what, changes=changes, reason=entry.reason
    )


def _add(resource: str, *, scope: str, rows: Callable[[HttpRequest], Any]) -> None:
    """Add the route of one *resource*: the history of one of *rows*, those that the person may see."""

    def get_history(request: HttpRequest, key: Path[Id]) -> History:
        found = get_object_or_404(rows(request), pk=key)
        newest = list(changes_of_object(found).order_by("-moment", "-id")[:MOST_ENTRIES])
        return History(items=[_shape(entry) for entry in told(newest)])

    get_history.__name__ = f"get_history_of_{resource.replace('-', '_')}"
    get_history.__doc__ = f"Return what happened to one of {resource}, the newest first."
    reads(router, f"/{resource}/{{key}}/history", need=Need(scope), answer=History)(get_history)


def _add_of_documents(
    resource: str,
    *,
    scope: str,
    rows: Callable[[HttpRequest], Any],
    history: Callable[[Any], Sequence[Entry]],
) -> None:
    """Add the route of documents, which never change: what happened to one is said by the rows beside it."""

    def get_history(request: HttpRequest, key: Path[Id]) -> History:
        found = get_object_or_404(rows(request), pk=key)
        return History(
            items=[
                HistoryEntry(moment=one.moment, who=one.who, what=one.what, changes=[], reason=one.reason)
                for one in history(found)
            ]
        )

    get_history.__name__ = f"get_history_of_{resource.replace('-', '_')}"
    get_history.__doc__ = f"Return what happened to one of {resource}, the newest first."
    reads(router, f"/{resource}/{{key}}/history", need=Need(scope), answer=History)(get_history)


def _billings(request: HttpRequest) -> Any:
    return seen(ConsolidatedBilling.objects.select_related("created_by", "void__voided_by"), request=request)


def _discounts(request: HttpRequest) -> Any:
    return within_branches_of(
        Discount.objects.all(),
        user=user_of(request),
        paths=["charge__client__branch_id", "customer__branch_id"],
        also=Q(charge__isnull=True, customer__isnull=True),
    )


def _of(model: Any, *, path: str = "branch") -> Callable[[HttpRequest], Any]:
    return lambda request: seen(model.objects.all(), request=request, path=path)


def _all(model: Any) -> Callable[[HttpRequest], Any]:
    return lambda _request: model.objects.all()


_add("customers", scope="customers:read", rows=_of(BillingCustomer))
_add("clients", scope="clients:read", rows=_of(Client))
_add("dealers", scope="dealers:read", rows=_of(Dealer))
_add("charges", scope="charges:read", rows=_of(Charge, path="client__branch"))
_add("events", scope="events:read", rows=_of(BillableEvent, path="client__branch"))
_add("meters", scope="meters:read", rows=_of(Meter, path="charge__client__branch"))
_add("master-charges", scope="master_charges:read", rows=_all(MasterCharge))
_add("charge-periods", scope="master_charges:read", rows=_all(ChargePeriod))
_add("definitions", scope="definitions:read", rows=_of(BatchDefinition))
_add("runs", scope="runs:read", rows=seen_runs)
_add("discounts", scope="discounts:read", rows=_discounts)
_add_of_documents("invoices", scope="invoices:read", rows=seen_invoices, history=history_of_invoice)
_add_of_documents("consolidated-billings", scope="invoices:read", rows=_billings, history=history_of_billing)
