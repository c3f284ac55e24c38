"""Statements of account by e-mail: to chosen customers, or to all."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need, user_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import does, reads
from counterfoil.api.seeing import seen
from counterfoil.api.shapes import BillingDate, Id, Key, Request
from counterfoil.api.storing import named
from counterfoil.clock import now, today
from counterfoil.flows import stating_by_mail as flow
from counterfoil.flows.billing.mailing import MOST_REASON
from counterfoil.records.deliveries.models import DeliveryState, Mail, StatementRound
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer

router = Router(tags=["customers"])
SENDS = Need("runs:deliver", frozenset({Role.BILLER, Role.APPROVER, Role.ACCOUNTANT}))


class StatementsWanted(Request):
    """To which `customers`, null for all active ones; as of `day`, null for today; documents from `since` on.

    `only_open`: none where nothing is open. `again`: also where one of that day went out; that needs a `reason`.
    """

    customers: Annotated[list[Key], Field(max_length=1_000)] | None = None
    day: BillingDate | None = None
    since: BillingDate | None = None
    only_open: bool = True
    again: bool = False
    reason: Annotated[str, Field(max_length=MOST_REASON, pattern=r"^[^\x00]*$")] = ""


class MailedStatements(Schema):
    """Statements sent at once: how many are in which state."""

    id: int
    day: date
    since: date | None
    asked_at: datetime
    states: dict[DeliveryState, int]


@does(router, "", need=SENDS, answer=MailedStatements, status=202)
def mail_statements(request: HttpRequest, wanted: StatementsWanted) -> HttpResponse:
    """Have statements sent to their customers, each at most once a day it is as of."""
    rows = seen(BillingCustomer.objects.filter(is_active=True), request=request)
    if wanted.customers is not None:
        every = seen(BillingCustomer.objects.all(), request=request)
        rows = every.filter(account__in=wanted.customers)
        for unknown in set(wanted.customers).difference(rows.values_list("account", flat=True)):
            named(every, "account", unknown, what="customer")
    asked = flow.Wanted(
        day=wanted.day or today(the_organisation().timezone),
        since=wanted.since,
        only_open=wanted.only_open,
        again=wanted.again,
        reason=wanted.reason,
    )

    def act() -> MailedStatements:
        return _shape(request, flow.mail_statements(rows, wanted=asked, by=user_of(request), now=now()))

    return once(request, act, status=202)


@reads(router, "/{round_id}", need=SENDS, answer=MailedStatements)
def get_mailed_statements(request: HttpRequest, round_id: Path[Id]) -> MailedStatements:
    """Return how far statements sent at once are."""
    return _shape(request, get_object_or_404(StatementRound, pk=round_id))


@does(router, "/{round_id}/cancel", need=SENDS, answer=MailedStatements)
def cancel_mailed_statements(request: HttpRequest, round_id: Path[Id]) -> HttpResponse:
    """Cancel the statements that are not on their way yet; what was sent stays."""
    found = get_object_or_404(StatementRound, pk=round_id)

    def act() -> MailedStatements:
        customers = seen(BillingCustomer.objects.all(), request=request)
        flow.cancel_round(found.pk, customers=customers, now=now())
        return _shape(request, found)

    return once(request, act)


def _shape(request: HttpRequest, found: StatementRound) -> MailedStatements:
    mails = seen(Mail.objects.filter(statement__round=found), request=request, path="customer__branch")
    counted = mails.order_by("state").values_list("state").annotate(Count("pk"))
    return MailedStatements(
        id=found.pk,
        day=found.day,
        since=found.since,
        asked_at=found.asked_at,
        states={DeliveryState(state): count for state, count in counted},
    )
