"""The log of e-mails, and sending one document by e-mail."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need, user_of
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import does, reads
from counterfoil.api.seeing import seen, seen_invoices
from counterfoil.api.shapes import Id, Key, Request
from counterfoil.clock import now
from counterfoil.flows.billing.mailing import MOST_REASON, send_by_mail
from counterfoil.records.deliveries.models import Delivery, DeliveryState, Mail
from counterfoil.records.deliveries.queries import mails
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import given_branches

router = Router(tags=["deliveries"])
of_invoices = Router(tags=["invoices"])
SEES = Need("invoices:read")
SENDS = Need("runs:deliver", frozenset({Role.BILLER, Role.APPROVER}))


class Email(Schema):
    """One e-mail: to whom it went, when, and what became of it. `asked_by` wanted it sent, or sent again.

    It is of an `invoice`, a consolidated `billing`, or a statement of account as of `statement_day`.
    """

    id: int
    invoice: int | None
    number: str | None
    billing: str | None
    statement_day: date | None
    customer: str
    recipients: str
    subject: str
    message_id: str
    state: DeliveryState
    detail: str
    asked_by: str | None
    reason: str
    begun_at: datetime
    settled_at: datetime | None


class EmailFilter(Schema):
    """Which e-mails are asked for."""

    number: Key | None = None
    customer: Key | None = None
    state: DeliveryState | None = None


class EmailWanted(Request):
    """`again`: although it was sent, or may have been; that needs a `reason`."""

    again: bool = False
    reason: Annotated[str, Field(max_length=MOST_REASON, pattern=r"^[^\x00]*$")] = ""


class EmailQueued(Schema):
    """The delivery, to be sent by a worker."""

    delivery: int
    state: DeliveryState
    recipients: str


@reads(router, "", need=SEES, answer=Page[Email])
def list_emails(request: HttpRequest, wanted: Query[EmailFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Return the e-mails of documents you may see, the newest first."""
    rows = mails(number=wanted.number, account=wanted.customer, state=wanted.state)
    statements = rows.filter(statement__isnull=False)
    limited = rows
    if given_branches(user_of(request)):
        of_statements = seen(statements, request=request, path="customer__branch")
        of_billings = seen(rows, request=request, path="billing__billing__branch")
        limited = seen(rows, request=request, path="delivery__invoice__branch") | of_billings | of_statements
    return page_of(limited, paging=paging, shape=_shape, newest_first=True)


@does(of_invoices, "/{invoice_id}/email", need=SENDS, answer=EmailQueued, status=202)
def email_invoice(request: HttpRequest, invoice_id: Path[Id], wanted: EmailWanted) -> HttpResponse:
    """Have a document sent to its customer's present addresses; what was sent, only `again`."""
    invoice = get_object_or_404(seen_invoices(request), pk=invoice_id)

    def act() -> EmailQueued:
        queued = send_by_mail(
            invoice, again=wanted.again, reason=wanted.reason, by=user_of(request), now=now()
        )
        delivery = Delivery.objects.get(pk=queued.pk)
        return EmailQueued(delivery=delivery.pk, state=delivery.state, recipients=delivery.recipient)

    return once(request, act, status=202)


def _shape(mail: Mail) -> Email:
    invoice = mail.delivery.invoice if mail.delivery else None
    plain = {
        name: getattr(mail, name)
        for name in (
            "recipients",
            "subject",
            "message_id",
            "state",
            "detail",
            "reason",
            "begun_at",
            "settled_at",
        )
    }
    return Email(
        id=mail.pk,
        invoice=invoice.pk if invoice else None,
        billing=mail.billing.billing.number if mail.billing else None,
        number=invoice.number.number if invoice else None,
        statement_day=mail.statement.round.day if mail.statement else None,
        customer=mail.customer.account,
        asked_by=mail.asked_by.username if mail.asked_by else None,
        **plain,
    )
