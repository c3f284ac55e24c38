"""Invoices: what they say, their PDF, and the review of drafts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need, user_of
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import does, reads
from counterfoil.api.seeing import seen_invoices
from counterfoil.api.shapes import PDF, BillingDate, DecimalText, Id, Key, Reason, Request, decimal_text
from counterfoil.clock import now
from counterfoil.core.money import format_minor
from counterfoil.documents.render import render_pdf, render_summary
from counterfoil.flows.billing import review
from counterfoil.flows.billing.documents import documents_with_looks
from counterfoil.records.billing.consolidating_queries import due
from counterfoil.records.billing.models import Invoice as InvoiceRow
from counterfoil.records.billing.models import InvoiceLine, LineKind
from counterfoil.records.billing.queries import state_of
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer

router = Router(tags=["invoices"])
SEES = Need("invoices:read")
REVIEWS = Need("invoices:write", frozenset({Role.BILLER, Role.APPROVER}))


class Invoice(Schema):
    """A document. `number` and `due_on` are null until it is issued; in a live consolidated billing it is due when that
    is. A credit note's amounts are negative, and `credits` is the number of its invoice.
    """

    id: int
    number: str | None
    state: str
    document_type: str
    credits: str | None
    run: int
    customer: str
    branch: str
    currency: str
    invoice_date: date
    po_number: str
    is_amalgamated: bool
    due_on: date | None
    issued_at: datetime | None
    lines: int
    net: DecimalText
    tax: DecimalText
    gross: DecimalText


class Line(Schema):
    """One service period [`period_start`, `period_end`) of one charge; `fraction` is the share of it billed.

    An adjustment has no charge: `adjusts` is the number of the line beside it that it is about, and `reason` why
    somebody added it, or waived a line. `net` is after `discount`. With `includes_tax` the unit price and the
    discount include the tax.
    """

    line_no: int
    kind: str
    charge: str | None
    adjusts: int | None
    reason: str | None
    client: str
    code: str
    ledger_code: str
    description: str
    period_start: date
    period_end: date
    bill_date: date
    fraction: str
    quantity: DecimalText
    unit_price: DecimalText
    price_level: str
    tax_category: str
    tax_rate: DecimalText
    includes_tax: bool
    discount: DecimalText
    net: DecimalText
    tax: DecimalText


class InvoiceFilter(Schema):
    """Which invoices are asked for."""

    run: Id | None = None
    customer: Key | None = None
    number: Key | None = None
    due_from: BillingDate | None = None
    due_until: BillingDate | None = None


class WhyItIsDone(Request):
    """The reason for a decision, for whoever looks at it later."""

    reason: Reason


@reads(router, "", need=SEES, answer=Page[Invoice])
def list_invoices(
    request: HttpRequest, wanted: Query[InvoiceFilter], paging: Query[Paging]
) -> dict[str, Any]:
    """Return the invoices you may see, oldest first; of a run, of an account, or due from or until a day."""
    rows = seen_invoices(request)
    if wanted.run is not None:
        rows = rows.filter(run_id=wanted.run)
    if wanted.customer is not None:
        customer = (
            BillingCustomer.objects.filter(account=wanted.customer).values_list("pk", flat=True).first()
        )
        rows = rows.filter(customer_id=customer) if customer else rows.none()
    if wanted.number is not None:
        rows = rows.filter(number__number=wanted.number)
    if wanted.due_from or wanted.due_until:
        rows = due(rows, since=wanted.due_from, until=wanted.due_until)
    return page_of(rows, paging=paging, shape=invoice_shape)


@reads(router, "/{invoice_id}", need=SEES, answer=Invoice)
def get_invoice(request: HttpRequest, invoice_id: Path[Id]) -> Invoice:
    """Return one invoice."""
    return invoice_shape(_invoice(request, invoice_id))


@reads(router, "/{invoice_id}/lines", need=SEES, answer=Page[Line])
def list_invoice_lines(request: HttpRequest, invoice_id: Path[Id], paging: Query[Paging]) -> dict[str, Any]:
    """Return the lines of one invoice, in their order."""
    invoice = _invoice(request, invoice_id)
    rows = InvoiceLine.objects.filter(invoice_id=invoice.pk).select_related(
        "charge", "client", "tax_category", "refers_to", "reason"
    )
    return page_of(
        rows, paging=paging, shape=lambda line: _line_shape(line, currency=invoice.currency), by="line_no"
    )


@reads(router, "/{invoice_id}/pdf", need=SEES, answer=None, extra=PDF)
def get_invoice_pdf(request: HttpRequest, invoice_id: Path[Id]) -> HttpResponse:
    """Return one invoice as PDF; an issued one is the same for ever."""
    invoice = _invoice(request, invoice_id)
    [(document, look)] = documents_with_looks([invoice])
    answer = HttpResponse(render_pdf(document, look=look), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="invoice-{invoice.pk}.pdf"'
    return answer


@reads(router, "/{invoice_id}/summary", need=SEES, answer=None, extra=PDF)
def get_charge_summary(request: HttpRequest, invoice_id: Path[Id]) -> HttpResponse:
    """Return the charge summary of one invoice as PDF: every single line, also where it is amalgamated."""
    invoice = _invoice(request, invoice_id)
    [(document, look)] = documents_with_looks([invoice])
    answer = HttpResponse(render_summary(document, look=look), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="invoice-{invoice.pk}-summary.pdf"'
    return answer


@does(router, "/{invoice_id}/hold", need=REVIEWS, answer=Invoice)
def hold_invoice(request: HttpRequest, invoice_id: Path[Id], why: WhyItIsDone) -> HttpResponse:
    """Keep a draft back from issue; its days stay billed."""
    _invoice(request, invoice_id)

    def act() -> Invoice:
        review.hold([invoice_id], reason=why.reason, by=user_of(request), now=now())
        return invoice_shape(_invoice(request, invoice_id))

    return once(request, act)


@does(router, "/{invoice_id}/release", need=REVIEWS, answer=Invoice)
def release_invoice(request: HttpRequest, invoice_id: Path[Id]) -> HttpResponse:
    """End the hold on a draft."""
    _invoice(request, invoice_id)

    def act() -> Invoice:
        review.release([invoice_id], by=user_of(request))
        return invoice_shape(_invoice(request, invoice_id))

    return once(request, act)


@does(router, "/{invoice_id}/exclude", need=REVIEWS, answer=Invoice)
def exclude_invoice(request: HttpRequest, invoice_id: Path[Id], why: WhyItIsDone) -> HttpResponse:
    """Take a draft out of its run; the next run bills its days again."""
    _invoice(request, invoice_id)

    def act() -> Invoice:
        review.exclude([invoice_id], reason=why.reason, by=user_of(request), now=now())
        return invoice_shape(_invoice(request, invoice_id))

    return once(request, act)


def invoice_shape(invoice: InvoiceRow) -> Invoice:
    """Return *invoice* as the API shows it; it comes from `seen_invoices`, so this asks nothing more."""
    number = getattr(invoice, "number", None)
    return Invoice(
        id=invoice.pk,
        number=number.number if number else None,
        state=state_of(invoice, run=invoice.run),
        document_type=invoice.document_type,
        credits=invoice.credits.number.number if invoice.credits else None,
        run=invoice.run_id,
        customer=invoice.customer.account,
        branch=invoice.branch.code,
        currency=invoice.currency,
        invoice_date=invoice.invoice_date,
        po_number=invoice.po_number,
        is_amalgamated=invoice.is_amalgamated,
        due_on=invoice.billing_due_on or (number.due_on if number else None),
        issued_at=number.issued_at if number else None,
        lines=invoice.line_count,
        net=format_minor(invoice.net_minor, invoice.currency),
        tax=format_minor(invoice.tax_minor, invoice.currency),
        gross=format_minor(invoice.gross_minor, invoice.currency),
    )


def _invoice(request: HttpRequest, invoice_id: int) -> InvoiceRow:
    return get_object_or_404(seen_invoices(request), pk=invoice_id)


def _line_shape(line: InvoiceLine, *, currency: str) -> Line:
    whole = line.fraction_num == line.fraction_den
    return Line(
        line_no=line.line_no,
        kind=line.kind,
        charge=line.charge.key if line.charge else None,
        adjusts=line.refers_to.line_no if line.kind == LineKind.ADJUSTMENT else None,
        reason=line.reason.reason if hasattr(line, "reason") else None,
        client=line.client.code,
        code=line.code,
        ledger_code=line.ledger_code,
        description=line.description,
        period_start=line.period_start,
        period_end=line.period_end,
        bill_date=line.bill_date,
        fraction="1" if whole else f"{line.fraction_num}/{line.fraction_den}",
        quantity=decimal_text(line.quantity),
        unit_price=decimal_text(line.unit_price),
        price_level=line.price_level,
        tax_category=line.tax_category.code,
        tax_rate=decimal_text(line.tax_rate),
        includes_tax=line.includes_tax,
        discount=format_minor(line.discount_minor, currency),
        net=format_minor(line.net_minor, currency),
        tax=format_minor(line.tax_minor, currency),
    )
