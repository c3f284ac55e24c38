"""Issued documents taken back: credited by hand, billed again, voided alone or as a whole run."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need, user_of
from counterfoil.api.invoices import Invoice, WhyItIsDone, invoice_shape
from counterfoil.api.repeating import once
from counterfoil.api.routes import does
from counterfoil.api.runs import RunInProgress, in_progress
from counterfoil.api.seeing import seen_invoices, seen_runs
from counterfoil.api.shapes import BillingDate, DecimalText, Id, Key, Request
from counterfoil.clock import now, today
from counterfoil.core.money import parse_minor, parse_steps
from counterfoil.flows.billing.voiding import void_invoices, void_run
from counterfoil.flows.crediting.by_hand import CreditAsked, LineAgain, credit_invoice
from counterfoil.flows.crediting.many import credit_in_full
from counterfoil.flows.crediting.payers import customer_of_account
from counterfoil.records.billing.models import Invoice as InvoiceRow
from counterfoil.records.billing.queries import issued_ids
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import the_organisation

of_invoices = Router(tags=["invoices"])
of_runs = Router(tags=["runs"])
CREDITS = Need("invoices:credit", frozenset({Role.BILLER, Role.APPROVER}))
VOIDS = Need("invoices:void", frozenset({Role.APPROVER}))


class CreditedLine(Request):
    """A line to be credited; `amount` is net, null for all that is left."""

    line_no: int = Field(ge=1)
    amount: DecimalText | None = None


class LineBilledAgain(Request):
    """A line that is billed again otherwise; what is null stays as it was."""

    line_no: int = Field(ge=1)
    quantity: DecimalText | None = None
    unit_price: DecimalText | None = None


class CreditWanted(WhyItIsDone):
    """What is credited: some lines, an amount of the whole invoice, or, if neither is given, all that is left.

    With `bills_again` all is credited and the same days are billed again in the same run, with changes by line,
    to the account `customer` if that is given. `invoice_date` null: today, in the organisation's zone.
    """

    lines: list[CreditedLine] = []
    amount: DecimalText | None = None
    bills_again: bool = False
    again: list[LineBilledAgain] = []
    customer: Key | None = None
    invoice_date: BillingDate | None = None


class Credited(Schema):
    """The run in review that holds the credit note, and the invoice that bills again."""

    run: int
    documents: list[Invoice]


@does(of_invoices, "/{invoice_id}/credit", need=CREDITS, answer=Credited)
def credit_an_invoice(request: HttpRequest, invoice_id: Path[Id], wanted: CreditWanted) -> HttpResponse:
    """Make a credit note by hand, a draft of a run of its own; its invoice's days stay billed."""
    found = get_object_or_404(seen_invoices(request), pk=invoice_id)

    def act() -> Credited:
        run = credit_invoice(_asked(wanted, found), reason=wanted.reason, by=user_of(request), now=now())
        made = seen_invoices(request).filter(run=run).order_by("pk")
        return Credited(run=run.pk, documents=[invoice_shape(one) for one in made])

    return once(request, act)


@does(of_invoices, "/{invoice_id}/void", need=VOIDS, answer=Invoice)
def void_invoice(request: HttpRequest, invoice_id: Path[Id], why: WhyItIsDone) -> HttpResponse:
    """Void an issued document that has not left the house: its days can be billed again, its number stays."""
    get_object_or_404(seen_invoices(request), pk=invoice_id)

    def act() -> Invoice:
        void_invoices([invoice_id], reason=why.reason, by=user_of(request), now=now())
        return invoice_shape(get_object_or_404(seen_invoices(request), pk=invoice_id))

    return once(request, act)


@does(of_runs, "/{run_id}/void", need=VOIDS, answer=RunInProgress)
def void_a_run(request: HttpRequest, run_id: Path[Id], why: WhyItIsDone) -> HttpResponse:
    """Void a whole run, all or nothing: what was billable before it is so again."""
    get_object_or_404(seen_runs(request), pk=run_id)

    def act() -> RunInProgress:
        void_run(run_id, reason=why.reason, by=user_of(request), now=now())
        return in_progress(get_object_or_404(seen_runs(request), pk=run_id))

    return once(request, act)


class RunCreditWanted(WhyItIsDone):
    """Why a whole run is credited; `invoice_date` null: today, in the organisation's zone."""

    invoice_date: BillingDate | None = None


@does(of_runs, "/{run_id}/credit", need=CREDITS, answer=RunInProgress, status=201)
def credit_a_run(request: HttpRequest, run_id: Path[Id], wanted: RunCreditWanted) -> HttpResponse:
    """Credit all that is left of every issued invoice of a run, by one run of credit notes, which is answered."""
    get_object_or_404(seen_runs(request), pk=run_id)

    def act() -> RunInProgress:
        made = credit_in_full(
            issued_ids(run_id),
            invoice_date=wanted.invoice_date or today(the_organisation().timezone),
            reason=wanted.reason,
            by=user_of(request),
            now=now(),
        )
        return in_progress(get_object_or_404(seen_runs(request), pk=made.pk))

    return once(request, act, status=201)


def _asked(wanted: CreditWanted, invoice: InvoiceRow) -> CreditAsked:
    currency = invoice.currency
    return CreditAsked(
        invoice_id=invoice.pk,
        invoice_date=wanted.invoice_date or today(the_organisation().timezone),
        amounts={
            line.line_no: None if line.amount is None else parse_minor(line.amount, currency)
            for line in wanted.lines
        },
        amount=None if wanted.amount is None else parse_minor(wanted.amount, currency),
        bills_again=wanted.bills_again,
        again={
            line.line_no: LineAgain(
                quantity=None if line.quantity is None else parse_steps(line.quantity),
                unit_price=None if line.unit_price is None else parse_steps(line.unit_price),
            )
            for line in wanted.again
        },
        customer=None if wanted.customer is None else customer_of_account(wanted.customer),
    )
