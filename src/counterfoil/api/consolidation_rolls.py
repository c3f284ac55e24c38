"""Rolling next dates of consolidated billing: whose is due, and rolling it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import does, reads
from counterfoil.api.seeing import seen
from counterfoil.api.shapes import BillingDate, Request
from counterfoil.clock import today
from counterfoil.flows.consolidating import rolling
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import the_organisation

router = Router(tags=["consolidated billings"])
SEES = Need("invoices:read")
MAKES = Need("billings:write", frozenset({Role.BILLER, Role.APPROVER}))


class Rolled(Schema):
    """A customer whose next date is due, and where a roll would move it, or moved it."""

    customer: str
    cycle: str
    next_date: date
    rolled_to: date


class Rolls(Schema):
    """Customers whose next dates were rolled."""

    customers: list[Rolled]


class Due(Schema):
    """Up to which next date; null: today."""

    cutoff: BillingDate | None = None


class RollWanted(Request):
    """Whose next date is rolled, by account, and which date that is: another one meanwhile stays as it is."""

    next_dates: dict[str, BillingDate] = Field(min_length=1, max_length=10_000)


@reads(router, "", need=SEES, answer=Page[Rolled])
def list_due_to_roll(request: HttpRequest, wanted: Query[Due], paging: Query[Paging]) -> dict[str, Any]:
    """Return the customers whose next date is due to be rolled."""
    due = due_to_roll(request, cutoff=wanted.cutoff)
    return page_of(
        due, paging=paging, by="customer_id", shape=lambda one: _rolled(rolling.rolls_of([one])[0])
    )


@does(router, "", need=MAKES, answer=Rolls)
def roll_next_dates(request: HttpRequest, wanted: RollWanted) -> HttpResponse:
    """Roll next dates by one cycle each: those of the customers named, if they are still the dates named.

    The answer holds those that this call rolled, and no others.
    """

    def act() -> Rolls:
        named = due_to_roll(request, cutoff=max(wanted.next_dates.values())).filter(
            customer__account__in=list(wanted.next_dates)
        )
        wanted_now = [
            one for one in rolling.rolls_of(list(named)) if wanted.next_dates[one.account] == one.next_date
        ]
        moved = rolling.roll({one.customer_id: one.next_date for one in wanted_now})
        return Rolls(customers=[_rolled(one) for one in wanted_now if one.customer_id in moved])

    return once(request, act)


def due_to_roll(request: HttpRequest, *, cutoff: date | None) -> Any:
    """Return the settings of those the person sees whose next date is due, up to *cutoff*, None being today."""
    day = cutoff or today(the_organisation().timezone)
    return seen(rolling.due_to_roll(cutoff=day), request=request, path="customer__branch")


def _rolled(one: rolling.Roll) -> Rolled:
    return Rolled(customer=one.account, cycle=one.cycle, next_date=one.next_date, rolled_to=one.rolled_to)
