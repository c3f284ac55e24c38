"""Statements of account: what a customer was invoiced and credited, and what is open."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.routes import reads
from counterfoil.api.seeing import seen, seen_invoices
from counterfoil.api.shapes import PDF, BillingDate, DecimalText, Id
from counterfoil.clock import today
from counterfoil.core.money import format_minor
from counterfoil.core.statement import Statement as Stated
from counterfoil.flows.stating import printed_statements, statements_of
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer

router = Router(tags=["customers"])
SEES = Need("invoices:read")


class StatementEntry(Schema):
    """A document; `open` is what of it is not credited. A credit note is negative, `credits` is its invoice."""

    number: str
    document_type: str
    date: date
    due_date: date
    credits: str | None
    gross: DecimalText
    open: DecimalText


class Ages(Schema):
    """What is open by days overdue: not yet, up to 30, 60, 90, and more."""

    not_due: DecimalText
    up_to_30: DecimalText
    up_to_60: DecimalText
    up_to_90: DecimalText
    more: DecimalText


class Statement(Schema):
    """What stood open on `day` in one currency; `before` is what was open of documents dated before `since`."""

    currency: str
    day: date
    since: date | None
    before: DecimalText
    open: DecimalText
    ages: Ages
    documents: list[StatementEntry]


class StatementList(Schema):
    """One statement a currency. Payments are not on them."""

    items: list[Statement]


class StatementWanted(Schema):
    """As of which `day`, null for today, and from which day on documents are listed, null for all."""

    day: BillingDate | None = None
    since: BillingDate | None = None


@reads(router, "/{customer_id}/statement", need=SEES, answer=StatementList)
def get_statement(
    request: HttpRequest, customer_id: Path[Id], wanted: Query[StatementWanted]
) -> StatementList:
    """Return a customer's documents, what is open of each, and the total by due date."""
    return StatementList(items=[_shape(one) for one in _statements(request, customer_id, wanted)])


@reads(router, "/{customer_id}/statement/pdf", need=SEES, answer=None, extra=PDF)
def get_statement_pdf(
    request: HttpRequest, customer_id: Path[Id], wanted: Query[StatementWanted]
) -> HttpResponse:
    """Return a customer's statement as PDF."""
    content = printed_statements(_statements(request, customer_id, wanted))
    return HttpResponse(content, content_type="application/pdf")


def _statements(request: HttpRequest, customer_id: int, wanted: StatementWanted) -> list[Stated]:
    customers = seen(BillingCustomer.objects.all(), request=request)
    customer = get_object_or_404(customers, pk=customer_id)
    day = wanted.day or today(the_organisation().timezone)
    return statements_of(customer, day=day, since=wanted.since, rows=seen_invoices(request))


def _shape(one: Stated) -> Statement:
    def text(minor: int) -> str:
        return format_minor(minor, one.currency)

    ages = [text(minor) for _name, minor in one.ages]
    return Statement(
        currency=one.currency,
        day=one.day,
        since=one.since,
        before=text(one.before_minor),
        open=text(one.gross_minor),
        ages=Ages(**dict(zip(Ages.model_fields, ages, strict=True))),
        documents=[
            StatementEntry(
                number=entry.number,
                document_type=entry.document_type.value,
                date=entry.dated,
                due_date=entry.due_on,
                credits=entry.credits or None,
                gross=text(entry.gross_minor),
                open=text(entry.open_minor),
            )
            for entry in one.entries
        ],
    )
