"""Drafts that are revised: adjusted, waived, dated anew, rated anew; a new draft takes the place of the old one."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema
from pydantic import Field

from counterfoil.api.auth import user_of
from counterfoil.api.invoices import REVIEWS, Invoice, WhyItIsDone, invoice_shape
from counterfoil.api.repeating import once, once_reading
from counterfoil.api.routes import does
from counterfoil.api.seeing import seen_invoices
from counterfoil.api.shapes import BillingDate, DecimalText, Id, Key, Reason, Request
from counterfoil.clock import now
from counterfoil.core.money import format_minor
from counterfoil.flows.billing import rerating, revising
from counterfoil.records.billing.models import Invoice as InvoiceRow
from counterfoil.records.billing.models import InvoiceLine

router = Router(tags=["invoices"])

LineNumbers = Annotated[list[Annotated[int, Field(ge=1, le=2**31 - 1)]], Field(min_length=1, max_length=1000)]


class AdjustmentWanted(Request):
    """How much to add to each of the lines, by number; above or below zero."""

    lines: LineNumbers
    amount: DecimalText
    reason: Reason
    tax_category: Key | None = None


class WaiverWanted(Request):
    """Which lines to bill at 0.00."""

    lines: LineNumbers
    reason: Reason


class DateShown(Request):
    """The date to look at."""

    invoice_date: BillingDate


class DateWanted(DateShown):
    """The new invoice date, and why."""

    reason: Reason


class Redated(Schema):
    """What a new date does to a draft."""

    draft: int
    currency: str
    date_before: date
    date_after: date
    due_before: date
    due_after: date
    tax_before: DecimalText
    tax_after: DecimalText
    gross_before: DecimalText
    gross_after: DecimalText


class Rerated(Schema):
    """The drafts that took the place of the one rated anew; `gone` if nothing is owed any more."""

    drafts: list[Invoice]
    gone: int
    exceptions: int


@does(router, "/{invoice_id}/adjust", need=REVIEWS, answer=Invoice)
def adjust_invoice(request: HttpRequest, invoice_id: Path[Id], wanted: AdjustmentWanted) -> HttpResponse:
    """Add a further line to lines of a draft; the answer is the draft that took its place."""
    _draft(request, invoice_id)

    def act() -> Invoice:
        [new] = revising.adjust(
            _line_ids(invoice_id, wanted.lines),
            amount=wanted.amount,
            reason=wanted.reason,
            by=user_of(request),
            now=now(),
            tax_category=wanted.tax_category,
        )
        return invoice_shape(_draft(request, new))

    return once(request, act)


@does(router, "/{invoice_id}/waive", need=REVIEWS, answer=Invoice)
def waive_lines(request: HttpRequest, invoice_id: Path[Id], wanted: WaiverWanted) -> HttpResponse:
    """Bill lines of a draft at 0.00; the answer is the draft that took its place."""
    _draft(request, invoice_id)

    def act() -> Invoice:
        [new] = revising.waive(
            _line_ids(invoice_id, wanted.lines), reason=wanted.reason, by=user_of(request), now=now()
        )
        return invoice_shape(_draft(request, new))

    return once(request, act)


@does(router, "/{invoice_id}/redate-preview", need=REVIEWS, answer=Redated)
def preview_redate(request: HttpRequest, invoice_id: Path[Id], wanted: DateShown) -> HttpResponse:
    """Return what another date would do to a draft's tax and due date; nothing is stored."""
    _draft(request, invoice_id)

    def act() -> Redated:
        [shown] = revising.redated([invoice_id], invoice_date=wanted.invoice_date)
        return _redated_shape(shown)

    return once_reading(request, act)


@does(router, "/{invoice_id}/redate", need=REVIEWS, answer=Invoice)
def redate_invoice(request: HttpRequest, invoice_id: Path[Id], wanted: DateWanted) -> HttpResponse:
    """Date a draft anew: tax and due date are worked out again; the answer is the draft that took its place."""
    _draft(request, invoice_id)

    def act() -> Invoice:
        [new] = revising.redate(
            [invoice_id],
            invoice_date=wanted.invoice_date,
            reason=wanted.reason,
            by=user_of(request),
            now=now(),
        )
        return invoice_shape(_draft(request, new))

    return once(request, act)


@does(router, "/{invoice_id}/rerate", need=REVIEWS, answer=Rerated)
def rerate_invoice(request: HttpRequest, invoice_id: Path[Id], why: WhyItIsDone) -> HttpResponse:
    """Rate a draft anew on today's data, inside its run."""
    _draft(request, invoice_id)

    def act() -> Rerated:
        done = rerating.rerate([invoice_id], reason=why.reason, by=user_of(request), now=now())
        drafts = [invoice_shape(_draft(request, pk)) for pk in done.drafts]
        return Rerated(drafts=drafts, gone=done.gone, exceptions=done.exceptions)

    return once(request, act)


def _draft(request: HttpRequest, invoice_id: int) -> InvoiceRow:
    return get_object_or_404(seen_invoices(request), pk=invoice_id)


def _line_ids(invoice_id: int, numbers: list[int]) -> list[int]:
    known = dict(InvoiceLine.objects.filter(invoice_id=invoice_id).values_list("line_no", "pk"))
    if set(numbers) - set(known):
        raise Http404
    return [known[number] for number in numbers]


def _redated_shape(shown: revising.Redated) -> Redated:
    return Redated(
        draft=shown.invoice_id,
        currency=shown.currency,
        date_before=shown.date_before,
        date_after=shown.date_after,
        due_before=shown.due_before,
        due_after=shown.due_after,
        tax_before=format_minor(shown.tax_before_minor, shown.currency),
        tax_after=format_minor(shown.tax_after_minor, shown.currency),
        gross_before=format_minor(shown.gross_before_minor, shown.currency),
        gross_after=format_minor(shown.gross_after_minor, shown.currency),
    )
