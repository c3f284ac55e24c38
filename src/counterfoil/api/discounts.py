"""Discounts: what is taken off lines and invoices (billing-rules 4.5)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need, user_of
from counterfoil.api.invoices import WhyItIsDone
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, does, reads
from counterfoil.api.shapes import BillingDate, DecimalText, Id, Key, Request, decimal_text
from counterfoil.api.storing import Removed, Text, stored
from counterfoil.flows.ending_terms import remove_discount
from counterfoil.records.charges.models import Discount as DiscountRow
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches_of

router = Router(tags=["discounts"])
SEES = Need("discounts:read")
WRITES = Need("discounts:write", frozenset({Role.BILLER}))
CALLED = {"code": "master_charge"}


class Discount(Schema):
    """A percentage or an amount off the lines of a charge or master charge, or off a customer's invoices.

    Taken where a line's first day, or the invoice date, lies in [`starts_on`, `ends_before`); null is open.
    """

    id: int
    key: str
    name: str
    percent: DecimalText | None
    amount: DecimalText | None
    charge: str | None
    code: str | None
    customer: str | None
    starts_on: date | None
    ends_before: date | None


class DiscountChanges(Request):
    """What is to be changed of a discount; what is not sent stays."""

    key: Key | None = None
    name: Text | None = None
    percent: DecimalText | None = None
    amount: DecimalText | None = None
    charge: Key | None = None
    code: Key | None = None
    customer: Key | None = None
    starts_on: BillingDate | None = None
    ends_before: BillingDate | None = None


class DiscountWanted(DiscountChanges):
    """A discount to be added: a percentage or an amount, off a charge, or off a code, a customer, or both."""

    key: Key
    name: Text


class DiscountFilter(Schema):
    """Which discounts are asked for."""

    key: Key | None = None
    charge: Key | None = None
    code: Key | None = None
    customer: Key | None = None


@reads(router, "", need=SEES, answer=Page[Discount])
def list_discounts(
    request: HttpRequest, wanted: Query[DiscountFilter], paging: Query[Paging]
) -> dict[str, Any]:
    """Return the discounts you may see, oldest first; of a charge, a master charge's code, a customer's account."""
    asked = {
        "key": wanted.key,
        "charge__key": wanted.charge,
        "master_charge__code": wanted.code,
        "customer__account": wanted.customer,
    }
    rows = _seen(request).filter(**{path: value for path, value in asked.items() if value is not None})
    return page_of(rows, paging=paging, shape=_shape)


@reads(router, "/{discount_id}", need=SEES, answer=Discount)
def get_discount(request: HttpRequest, discount_id: Path[Id]) -> Discount:
    """Return one discount."""
    return _shape(get_object_or_404(_seen(request), pk=discount_id))


@does(router, "", need=WRITES, answer=Discount, status=201)
def create_discount(request: HttpRequest, wanted: DiscountWanted) -> HttpResponse:
    """Add a discount; it is taken off whatever is billed from now on."""
    return once(request, lambda: _shape(stored(request, DiscountRow(), wanted, called=CALLED)), status=201)


@changes(router, "/{discount_id}", need=WRITES, answer=Discount)
def change_discount(request: HttpRequest, discount_id: Path[Id], wanted: DiscountChanges) -> HttpResponse:
    """Change a discount; what is billed already stays as it is. `ends_before` ends it."""
    found = get_object_or_404(_seen(request), pk=discount_id)
    return once(request, lambda: _shape(stored(request, found, wanted, called=CALLED)))


@does(router, "/{discount_id}/remove", need=WRITES, answer=Removed)
def remove_the_discount(request: HttpRequest, discount_id: Path[Id], wanted: WhyItIsDone) -> HttpResponse:
    """Take a discount away: what is not billed yet is billed without it."""

    def act() -> Removed:
        remove_discount(get_object_or_404(_seen(request), pk=discount_id), reason=wanted.reason)
        return Removed(id=discount_id)

    return once(request, act)


def _seen(request: HttpRequest) -> Any:
    return within_branches_of(
        DiscountRow.objects.select_related("charge", "master_charge", "customer"),
        user=user_of(request),
        paths=["charge__client__branch_id", "customer__branch_id"],
        also=Q(charge__isnull=True, customer__isnull=True),
    )


def _shape(discount: DiscountRow) -> Discount:
    return Discount(
        id=discount.pk,
        key=discount.key,
        name=discount.name,
        percent=decimal_text(discount.percent),
        amount=decimal_text(discount.amount),
        charge=discount.charge.key if discount.charge else None,
        code=discount.master_charge.code if discount.master_charge else None,
        customer=discount.customer.account if discount.customer else None,
        starts_on=discount.starts_on,
        ends_before=discount.ends_before,
    )
