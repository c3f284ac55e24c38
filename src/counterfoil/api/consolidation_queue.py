"""What waits for a consolidated billing, and how customers' invoices are consolidated."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need, user_of
from counterfoil.api.consolidating import MAKES, Count, customers_seen, ids_seen
from counterfoil.api.invoices import WhyItIsDone
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, does, reads
from counterfoil.api.shapes import BillingDate, DecimalText, Id, Request
from counterfoil.clock import now
from counterfoil.core.money import format_minor, parse_minor
from counterfoil.flows.consolidating import queueing
from counterfoil.flows.consolidating import settings as flow
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer

of_invoices = Router(tags=["invoices"])
of_customers = Router(tags=["customers"])
SEES_CUSTOMERS = Need("customers:read")
WRITES_CUSTOMERS = Need("customers:write", frozenset({Role.BILLER}))


class SettingsWanted(Request):
    """What is to be changed of how a customer's invoices are consolidated; what is not sent stays.

    `limit` is what they come to less than, both with tax.
    """

    is_used: bool = True
    cycle: str = Field(default="", max_length=40, pattern=r"^[^\x00]*$")
    next_date: BillingDate | None = None
    minimum: DecimalText | None = None
    limit: DecimalText | None = None
    takes_sales: bool = False
    takes_service: bool = False


class Settings(Schema):
    """How a customer's invoices are consolidated, in the customer's currency."""

    is_used: bool
    cycle: str
    next_date: date | None
    minimum: DecimalText | None
    limit: DecimalText | None
    takes_sales: bool
    takes_service: bool


class QueueWanted(Request):
    """Invoices, by id."""

    invoices: list[Id] = Field(min_length=1, max_length=1_000)


class ReleaseWanted(QueueWanted, WhyItIsDone):
    """Invoices, by id, and why they go out alone."""


@reads(of_customers, "/{customer_id}/consolidation", need=SEES_CUSTOMERS, answer=Settings)
def get_settings(request: HttpRequest, customer_id: Path[Id]) -> Settings:
    """Return how a customer's sales and service invoices are consolidated."""
    return _settings(get_object_or_404(customers_seen(request), pk=customer_id))


@changes(of_customers, "/{customer_id}/consolidation", need=WRITES_CUSTOMERS, answer=Settings)
def change_settings(request: HttpRequest, customer_id: Path[Id], wanted: SettingsWanted) -> HttpResponse:
    """Change what is sent of how a customer's sales and service invoices are consolidated."""
    customer = get_object_or_404(customers_seen(request), pk=customer_id)
    sent = wanted.model_dump(exclude_unset=True)
    amounts = {"minimum": "minimum_minor", "limit": "limit_minor"}

    def act() -> Settings:
        changed = {}
        for name, value in sent.items():
            is_amount = name in amounts and value is not None
            changed[amounts.get(name, name)] = parse_minor(value, customer.currency) if is_amount else value
        flow.change_settings(customer, changed)
        return _settings(customer)

    return once(request, act)


@does(of_invoices, "/add", need=MAKES, answer=Count)
def queue_invoices(request: HttpRequest, wanted: QueueWanted) -> HttpResponse:
    """Let invoices wait for a consolidated billing instead of going out alone."""

    def act() -> Count:
        ids = ids_seen(request, wanted.invoices)
        return Count(count=queueing.put_on_queue(ids, by=user_of(request), now=now()))

    return once(request, act)


@does(of_invoices, "/release", need=MAKES, answer=Count)
def release_invoices(request: HttpRequest, wanted: ReleaseWanted) -> HttpResponse:
    """Take invoices off the queue, so that they go out alone."""

    def act() -> Count:
        ids = ids_seen(request, wanted.invoices)
        done = queueing.release(ids, reason=wanted.reason, by=user_of(request), now=now())
        return Count(count=done)

    return once(request, act)


def _settings(customer: BillingCustomer) -> Settings:
    stored = flow.settings_of(customer)
    amounts = {"minimum": stored.minimum_minor, "limit": stored.limit_minor} if stored else {}
    return Settings(
        is_used=stored is not None and stored.is_used,
        cycle=stored.cycle if stored else "",
        next_date=stored.next_date if stored else None,
        takes_sales=stored is not None and stored.takes_sales,
        takes_service=stored is not None and stored.takes_service,
        **{
            name: None if amounts.get(name) is None else format_minor(amounts[name] or 0, customer.currency)
            for name in ("minimum", "limit")
        },
    )
