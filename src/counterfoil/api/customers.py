"""Billing customers."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need
from counterfoil.api.errors import WrongValue
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, does, reads
from counterfoil.api.seeing import seen
from counterfoil.api.shapes import Id, Key, Request
from counterfoil.api.storing import Text, stored
from counterfoil.core.recipients import MailKind, addresses_in, listed_in
from counterfoil.core.recipients import Recipient as Stored
from counterfoil.records.organisation.models import Role, TaxStatus
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer, DeliveryMethod

router = Router(tags=["customers"])
SEES = Need("customers:read")
WRITES = Need("customers:write", frozenset({Role.BILLER}))


class Recipient(Schema):
    """An address and what is mailed to it."""

    address: str
    gets: list[MailKind]


class RecipientWanted(Request):
    """An address, and what it gets: everything unless `gets` says less."""

    address: Text
    gets: Annotated[list[MailKind], Field(min_length=1)] = list(MailKind)

    def __str__(self) -> str:
        return str(Stored(self.address, frozenset(self.gets)))


class Customer(Schema):
    """Who is invoiced and pays. `account` is the key into the accounting package; `emails` are all its addresses."""

    id: int
    account: str
    name: str
    emails: list[str]
    recipients: list[Recipient]
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
    billing_link: str | None
    group: str | None
    branch: str
    is_active: bool


class CustomerChanges(Request):
    """What is to be changed of a billing customer; what is not sent stays.

    `recipients` say who gets what; in place of them `emails` get everything.
    """

    account: Key | None = None
    name: Text | None = None
    emails: Annotated[list[Text], Field(max_length=50)] | None = None
    recipients: Annotated[list[RecipientWanted], Field(max_length=50)] | None = None
    currency: Text | None = None
    country: Text | None = None
    address: Text | None = None
    postcode: Text | None = None
    city: Text | None = None
    tax_id: Text | None = None
    tax_status: TaxStatus | None = None
    payment_terms: Text | None = None
    delivery: DeliveryMethod | None = None
    language: Text | None = None
    billing_link: Key | None = None
    group: Key | None = None
    branch: Key | None = None
    is_active: bool | None = None


class CustomerWanted(CustomerChanges):
    """A billing customer to be added. Without `currency` it pays in the organisation's; `branch` where there is one."""

    account: Key
    name: Text


class SaidTwice(WrongValue):
    """Both emails and recipients were sent. Send recipients to say who gets what, else emails."""


class CustomerFilter(Schema):
    """Which customers are asked for."""

    account: Key | None = None
    group: Key | None = None


@reads(router, "", need=SEES, answer=Page[Customer])
def list_customers(
    request: HttpRequest, wanted: Query[CustomerFilter], paging: Query[Paging]
) -> dict[str, Any]:
    """Return the billing customers you may see, oldest first."""
    rows = _seen(request)
    if wanted.account is not None:
        rows = rows.filter(account=wanted.account)
    if wanted.group is not None:
        rows = rows.filter(group__name=wanted.group)
    return page_of(rows, paging=paging, shape=_shape)


@reads(router, "/{customer_id}", need=SEES, answer=Customer)
def get_customer(request: HttpRequest, customer_id: Path[Id]) -> Customer:
    """Return one billing customer."""
    return _shape(get_object_or_404(_seen(request), pk=customer_id))


@does(router, "", need=WRITES, answer=Customer, status=201)
def create_customer(request: HttpRequest, wanted: CustomerWanted) -> HttpResponse:
    """Add a billing customer."""

    def act() -> Customer:
        return _stored(request, BillingCustomer(currency=the_organisation().currency), wanted)

    return once(request, act, status=201)


@changes(router, "/{customer_id}", need=WRITES, answer=Customer)
def change_customer(request: HttpRequest, customer_id: Path[Id], wanted: CustomerChanges) -> HttpResponse:
    """Change what is sent of a billing customer; documents there are stay as they are."""
    found = get_object_or_404(_seen(request), pk=customer_id)
    return once(request, lambda: _stored(request, found, wanted))


def _stored(request: HttpRequest, customer: BillingCustomer, wanted: CustomerChanges) -> Customer:
    if {"emails", "recipients"} <= wanted.model_fields_set:
        raise SaidTwice
    return _shape(stored(request, customer, wanted, called={"emails": "email", "recipients": "email"}))


def _seen(request: HttpRequest) -> Any:
    return seen(BillingCustomer.objects.select_related("branch", "billing_link", "group"), request=request)


def _shape(customer: BillingCustomer) -> Customer:
    plain = {
        name: getattr(customer, name)
        for name in Customer.model_fields
        if name not in {"emails", "recipients", "branch", "billing_link", "group"}
    }
    return Customer(
        **plain,
        emails=list(addresses_in(customer.email)),
        recipients=[
            Recipient(address=one.address, gets=[kind for kind in MailKind if kind in one.kinds])
            for one in listed_in(customer.email)
        ],
        branch=customer.branch.code,
        billing_link=customer.billing_link.name if customer.billing_link else None,
        group=customer.group.name if customer.group else None,
    )
