"""Billing customers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.routes import reads
from counterfoil.api.seeing import seen
from counterfoil.api.shapes import Id, Key
from counterfoil.records.parties.models import BillingCustomer, recipients_of

router = Router(tags=["customers"])
SEES = Need("customers:read")


class Customer(Schema):
    """Who is invoiced and pays. `account` is the key into the accounting package."""

    id: int
    account: str
    name: str
    emails: list[str]
    currency: str
    country: str
    address: str
    postcode: str
    city: str
    tax_id: str
    tax_status: str
    payment_terms: str
    delivery: str
    language: str
    branch: str
    is_active: bool


class CustomerFilter(Schema):
    """Which customers are asked for."""

    account: Key | None = None


@reads(router, "", need=SEES, answer=Page[Customer])
def list_customers(
    request: HttpRequest, wanted: Query[CustomerFilter], paging: Query[Paging]
) -> dict[str, Any]:
    """Return the billing customers you may see, oldest first."""
    rows = _seen(request)
    if wanted.account is not None:
        rows = rows.filter(account=wanted.account)
    return page_of(rows, paging=paging, shape=_shape)


@reads(router, "/{customer_id}", need=SEES, answer=Customer)
def get_customer(request: HttpRequest, customer_id: Path[Id]) -> Customer:
    """Return one billing customer."""
    return _shape(get_object_or_404(_seen(request), pk=customer_id))


def _seen(request: HttpRequest) -> Any:
    return seen(BillingCustomer.objects.select_related("branch"), request=request)


def _shape(customer: BillingCustomer) -> Customer:
    plain = {
        name: getattr(customer, name) for name in Customer.model_fields if name not in {"emails", "branch"}
    }
    return Customer(**plain, emails=list(recipients_of(customer.email)), branch=customer.branch.code)
