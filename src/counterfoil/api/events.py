"""Events: activations, work orders, dispatches and sales, each with its charges (product C14)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need, token_of
from counterfoil.api.errors import WrongValue
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import does, reads
from counterfoil.api.seeing import seen, today_of
from counterfoil.api.shapes import PDF, BillingDate, DecimalText, Id, Key, Reader, Request, decimal_text
from counterfoil.api.storing import named
from counterfoil.core.money import LARGEST_QUANTITY_STEPS, LARGEST_UNIT_PRICE_STEPS, parse_steps
from counterfoil.core.refusals import shown
from counterfoil.flows.recording import mark_chargeable, record_event
from counterfoil.flows.reporting import printed_report, report_on_event
from counterfoil.records.catalog.models import MasterCharge, TaxCategory
from counterfoil.records.charges.models import BillableEvent, EventCharge, EventKind
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer, Client

router = Router(tags=["events"])
SEES = Need("events:read")
BILLED = Need("invoices:read")
WRITES = Need("events:write", frozenset({Role.BILLER}))

Text = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]


class KeyIsTaken(WrongValue):
    """The event {key} is there already. Send a key that no other event has."""


class NotThatNumber(WrongValue):
    """{value} cannot be a {what}. Send a decimal with at most six places that is not as large."""


class EventLine(Schema):
    """A charge of an event; what is null comes from overrides or the master charge."""

    code: str
    quantity: DecimalText | None
    unit_price: DecimalText | None
    description: str
    tax_category: str | None
    charged_by_line: int | None


class Event(Schema):
    """Something that is charged once, with the day from which on a run bills it; null: not yet."""

    id: int
    key: str
    kind: str
    client: str
    customer: str | None
    occurred_on: date
    to_be_billed_on: date | None
    is_chargeable: bool
    is_charged: bool
    description: str
    po_number: str
    charges: list[EventLine]


class EventFilter(Schema):
    """Which events are asked for."""

    key: Key | None = None
    kind: EventKind | None = None
    client: Key | None = None
    is_charged: bool | None = None


class EventLineWanted(Request):
    """A charge to be made of an event."""

    code: Key
    quantity: DecimalText | None = None
    unit_price: DecimalText | None = None
    description: Text = ""
    tax_category: Key | None = None


class EventWanted(Request):
    """An event to be stored. An activation has one charge; without `to_be_billed_on` it is billed when it occurred."""

    key: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00]+$")]
    kind: EventKind
    client: Key
    customer: Key | None = None
    occurred_on: BillingDate
    to_be_billed_on: BillingDate | None = None
    is_chargeable: bool = True
    description: Text = ""
    po_number: Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")] = ""
    charges: Annotated[list[EventLineWanted], Field(min_length=1, max_length=200)]


class Chargeable(Request):
    """Whether the event is to be charged."""

    is_chargeable: bool


@reads(router, "", need=SEES, answer=Page[Event])
def list_events(request: HttpRequest, wanted: Query[EventFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Return the events you may see, oldest first; of a kind, of a client's code, charged or not."""
    rows = _seen(request)
    if wanted.key is not None:
        rows = rows.filter(key=wanted.key)
    if wanted.kind is not None:
        rows = rows.filter(kind=wanted.kind.value)
    if wanted.client is not None:
        rows = rows.filter(client__code=wanted.client)
    if wanted.is_charged is not None:
        charged = EventCharge.objects.filter(charged__isnull=False).values("event_id")
        rows = rows.filter(pk__in=charged) if wanted.is_charged else rows.exclude(pk__in=charged)
    return page_of(rows, paging=paging, shape=_shape)


@reads(router, "/{event_id}", need=SEES, answer=Event)
def get_event(request: HttpRequest, event_id: Path[Id]) -> Event:
    """Return one event."""
    return _shape(get_object_or_404(_seen(request), pk=event_id))


@reads(router, "/{event_id}/report/pdf", need=SEES, answer=None, extra=PDF)
def get_event_report(request: HttpRequest, event_id: Path[Id], reader: Query[Reader]) -> HttpResponse:
    """Return what is known of an event as PDF: its lines, and what they come to.

    It names the invoice, so the token needs the scope `invoices:read`, too.
    """
    BILLED.check(token_of(request))
    found = get_object_or_404(_seen(request), pk=event_id)
    report = report_on_event(found, day=today_of(request), language=reader.language or "")
    return HttpResponse(printed_report(report), content_type="application/pdf")


@does(router, "", need=WRITES, answer=Event, status=201)
def create_event(request: HttpRequest, wanted: EventWanted) -> HttpResponse:
    """Store an event with its charges; the next run whose cut-off reaches its day bills it."""

    def act() -> Event:
        if BillableEvent.objects.filter(key=wanted.key).exists():
            raise KeyIsTaken(key=shown(wanted.key))
        day = wanted.to_be_billed_on
        if day is None and wanted.kind is EventKind.ACTIVATION:
            day = wanted.occurred_on
        event = BillableEvent(
            key=wanted.key,
            kind=wanted.kind.value,
            client=named(_clients(request), "code", wanted.client, what="client"),
            customer=_payer(request, wanted.customer),
            occurred_on=wanted.occurred_on,
            to_be_billed_on=day,
            is_chargeable=wanted.is_chargeable,
            description=wanted.description,
            po_number=wanted.po_number,
        )
        record_event(event, charges=[_charge(one) for one in wanted.charges])
        return _shape(_seen(request).get(pk=event.pk))

    return once(request, act, status=201)


@does(router, "/{event_id}/chargeable", need=WRITES, answer=Event)
def set_chargeable(request: HttpRequest, event_id: Path[Id], wanted: Chargeable) -> HttpResponse:
    """Say whether an event is to be charged; one that is charged already is a conflict."""
    get_object_or_404(_seen(request), pk=event_id)

    def act() -> Event:
        mark_chargeable([event_id], chargeable=wanted.is_chargeable)
        return _shape(_seen(request).get(pk=event_id))

    return once(request, act)


def _seen(request: HttpRequest) -> QuerySet[BillableEvent]:
    charges = EventCharge.objects.select_related("master_charge", "tax_category", "charged")
    rows = BillableEvent.objects.filter(is_invoice=False).select_related("client", "customer")
    rows = rows.prefetch_related(Prefetch("charges", charges.order_by("line_no")))
    return seen(rows, request=request, path="client__branch")


def _clients(request: HttpRequest) -> QuerySet[Client]:
    return seen(Client.objects.all(), request=request)


def _payer(request: HttpRequest, account: str | None) -> BillingCustomer | None:
    if account is None:
        return None
    payers = seen(BillingCustomer.objects.all(), request=request)
    return named(payers, "account", account, what="customer")


def _charge(wanted: EventLineWanted) -> EventCharge:
    category = wanted.tax_category
    return EventCharge(
        master_charge=named(MasterCharge.objects.all(), "code", wanted.code, what="master charge"),
        quantity=number_of(wanted.quantity, what="quantity", largest_steps=LARGEST_QUANTITY_STEPS),
        unit_price=number_of(wanted.unit_price, what="unit price", largest_steps=LARGEST_UNIT_PRICE_STEPS),
        description=wanted.description,
        tax_category=None
        if category is None
        else named(TaxCategory.objects.all(), "code", category, what="tax category"),
    )


def number_of(text: str | None, *, what: str, largest_steps: int) -> Decimal | None:
    """Return the decimal that *text* writes. Raises `NotThatNumber` beyond six places or *largest_steps*."""
    if text is None:
        return None
    places = text.partition(".")[2]
    if len(places) > 6 or len(text) > 30 or abs(parse_steps(text)) > largest_steps:
        raise NotThatNumber(value=shown(text), what=what)
    return Decimal(text)


def _shape(event: BillableEvent) -> Event:
    lines = [
        EventLine(
            code=one.master_charge.code,
            quantity=decimal_text(one.quantity),
            unit_price=decimal_text(one.unit_price),
            description=one.description,
            tax_category=one.tax_category.code if one.tax_category else None,
            charged_by_line=one.charged.line_id if hasattr(one, "charged") else None,
        )
        for one in event.charges.all()
    ]
    return Event(
        id=event.pk,
        key=event.key,
        kind=event.kind,
        client=event.client.code,
        customer=event.customer.account if event.customer else None,
        occurred_on=event.occurred_on,
        to_be_billed_on=event.to_be_billed_on,
        is_chargeable=event.is_chargeable,
        is_charged=any(line.charged_by_line is not None for line in lines),
        description=event.description,
        po_number=event.po_number,
        charges=lines,
    )
