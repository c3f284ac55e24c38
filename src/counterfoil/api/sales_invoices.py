"""Sales invoices by hand: made as drafts, and made anew while they are not issued."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Router
from pydantic import Field

from counterfoil.api.auth import Need, user_of
from counterfoil.api.errors import WrongValue
from counterfoil.api.events import EventLineWanted, number_of
from counterfoil.api.invoices import Invoice, invoice_shape
from counterfoil.api.repeating import once
from counterfoil.api.routes import does
from counterfoil.api.seeing import seen, seen_invoices
from counterfoil.api.shapes import BillingDate, Id, Key, Request
from counterfoil.api.storing import named
from counterfoil.clock import now
from counterfoil.core.money import LARGEST_QUANTITY_STEPS, LARGEST_UNIT_PRICE_STEPS
from counterfoil.flows import selling as flow
from counterfoil.records.catalog.models import MasterCharge, TaxCategory
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer, Client

router = Router(tags=["invoices"])
SELLS = Need("invoices:write", frozenset({Role.BILLER}))


class NotMadeByHand(WrongValue):
    """{name} is no sales invoice made by hand or imported, so it is not made anew. Adjust or exclude its draft."""


class SaleLineWanted(EventLineWanted):
    """A line: of a master charge of the kind sale, or free text with `description`, `unit_price`, `tax_category`.

    Free text has a `ledger_code`, or the organisation's for free text.
    """

    code: Key | None = None  # type: ignore[assignment]
    ledger_code: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] = ""


class SaleWanted(Request):
    """A sales invoice. Without `client` it is the customer's own; `queue` null: as the customer's settings say."""

    customer: Key
    invoice_date: BillingDate
    key: Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")] = ""
    client: Key | None = None
    po_number: Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")] = ""
    queue: bool | None = None
    lines: Annotated[list[SaleLineWanted], Field(min_length=1, max_length=200)]


@does(router, "", need=SELLS, answer=Invoice, status=201)
def create_sales_invoice(request: HttpRequest, wanted: SaleWanted) -> HttpResponse:
    """Make a sales invoice, a draft of a run of its own; it is issued when that is authorised."""

    def act() -> Invoice:
        draft = flow.make_sale(_sale(request, wanted), by=user_of(request), now=now())
        return invoice_shape(seen_invoices(request).get(pk=draft.pk))

    return once(request, act, status=201)


@does(router, "/{invoice_id}/change", need=SELLS, answer=Invoice)
def change_sales_invoice(request: HttpRequest, invoice_id: Path[Id], wanted: SaleWanted) -> HttpResponse:
    """Let another draft take the place of a sales invoice that is a draft, or void; an issued one is a conflict."""
    found = get_object_or_404(seen_invoices(request), pk=invoice_id)

    def act() -> Invoice:
        former = flow.sale_of(found)
        if former is None:
            raise NotMadeByHand(name=f"Invoice {found.pk}")
        draft = flow.revise_sale(former.pk, _sale(request, wanted), by=user_of(request), now=now())
        return invoice_shape(seen_invoices(request).get(pk=draft.pk))

    return once(request, act)


def _sale(request: HttpRequest, wanted: SaleWanted) -> flow.Sale:
    payers = seen(BillingCustomer.objects.filter(is_active=True), request=request)
    clients = seen(Client.objects.all(), request=request)
    return flow.Sale(
        customer=named(payers, "account", wanted.customer, what="active customer"),
        invoice_date=wanted.invoice_date,
        lines=[_line(one) for one in wanted.lines],
        client=None if wanted.client is None else named(clients, "code", wanted.client, what="client"),
        key=wanted.key,
        po_number=wanted.po_number,
        queues=wanted.queue,
    )


def _line(wanted: SaleLineWanted) -> flow.SaleLine:
    masters, categories = MasterCharge.objects.filter(is_active=True), TaxCategory.objects.all()
    code, category = wanted.code, wanted.tax_category
    return flow.SaleLine(
        master_charge=None if code is None else named(masters, "code", code, what="active master charge"),
        description=wanted.description,
        quantity=number_of(wanted.quantity, what="quantity", largest_steps=LARGEST_QUANTITY_STEPS),
        unit_price=number_of(wanted.unit_price, what="unit price", largest_steps=LARGEST_UNIT_PRICE_STEPS),
        tax_category=None if category is None else named(categories, "code", category, what="tax category"),
        ledger_code=wanted.ledger_code,
    )
