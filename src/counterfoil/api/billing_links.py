"""Links to the other system's pages of customers and invoices."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need
from counterfoil.api.repeating import once, once_reading
from counterfoil.api.routes import does, reads
from counterfoil.api.seeing import seen, seen_invoices
from counterfoil.api.shapes import Id, Request
from counterfoil.flows import linking as flow
from counterfoil.records.organisation.models import BillingLink as LinkRow
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer

router = Router(tags=["organisation"])
of_customers = Router(tags=["customers"])
of_invoices = Router(tags=["invoices"])
SEES = Need("organisation:read")
CHANGES = Need("organisation:write", frozenset({Role.ADMINISTRATOR}))
SEES_CUSTOMERS = Need("customers:read")
SEES_INVOICES = Need("invoices:read")
Template = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]


class BillingLink(Schema):
    """Templates of the pages of a customer and of an invoice; `is_usual`: of customers without one of their own."""

    name: str
    customer_page: str
    invoice_page: str
    is_usual: bool


class BillingLinkList(Schema):
    """All billing links."""

    items: list[BillingLink]


class BillingLinkWanted(Request):
    """A billing link to be added, or changed if there is one of this name; null stays."""

    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00]*$")]
    customer_page: Template | None = None
    invoice_page: Template | None = None
    is_usual: bool | None = None


class TemplatesTried(Request):
    """Templates to be tried; nothing is stored."""

    customer_page: Template = ""
    invoice_page: Template = ""


class SampleLinks(Schema):
    """Where the templates lead for a customer and an invoice that do not exist."""

    customer_page: str
    invoice_page: str


class PageThere(Schema):
    """The address in the other system, null if there is none."""

    address: str | None


@reads(router, "", need=SEES, answer=BillingLinkList)
def list_billing_links(request: HttpRequest) -> BillingLinkList:  # noqa: ARG001
    """Return all billing links, by name."""
    usual = the_organisation().billing_link_id
    return BillingLinkList(items=[_shape(one, usual=usual) for one in LinkRow.objects.all()])


@does(router, "", need=CHANGES, answer=BillingLink)
def store_billing_link(request: HttpRequest, wanted: BillingLinkWanted) -> HttpResponse:
    """Add or change a billing link."""

    def act() -> BillingLink:
        record = LinkRow.objects.filter(name=wanted.name).first() or LinkRow(name=wanted.name)
        stored = flow.store_link(record, **wanted.dict(exclude={"name"}))
        return _shape(stored, usual=the_organisation().billing_link_id)

    return once(request, act)


@does(router, "/try", need=CHANGES, answer=SampleLinks)
def try_billing_link(request: HttpRequest, wanted: TemplatesTried) -> HttpResponse:
    """Return where templates would lead; nothing is stored."""

    def act() -> SampleLinks:
        found = flow.samples(customer_page=wanted.customer_page, invoice_page=wanted.invoice_page)
        return SampleLinks(customer_page=found.customer_page, invoice_page=found.invoice_page)

    return once_reading(request, act)


@reads(of_customers, "/{customer_id}/link", need=SEES_CUSTOMERS, answer=PageThere)
def get_customer_link(request: HttpRequest, customer_id: Path[Id]) -> PageThere:
    """Return where the other system shows a billing customer."""
    found = get_object_or_404(seen(BillingCustomer.objects.all(), request=request), pk=customer_id)
    return PageThere(address=flow.link_of_customer(found, usual=the_organisation().billing_link) or None)


@reads(of_invoices, "/{invoice_id}/link", need=SEES_INVOICES, answer=PageThere)
def get_invoice_link(request: HttpRequest, invoice_id: Path[Id]) -> PageThere:
    """Return where the other system shows a document."""
    found = get_object_or_404(seen_invoices(request), pk=invoice_id)
    return PageThere(address=flow.link_of_invoice(found, usual=the_organisation().billing_link) or None)


def _shape(row: LinkRow, *, usual: int | None) -> BillingLink:
    return BillingLink(
        name=row.name,
        customer_page=row.customer_page,
        invoice_page=row.invoice_page,
        is_usual=row.pk == usual,
    )
