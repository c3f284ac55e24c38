"""Statements of account: what a customer was invoiced and credited, and what is open (product D1)."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from counterfoil.core.document import DocumentType, Party
from counterfoil.core.refusals import Refusal
from counterfoil.core.statement import Statement, StatementEntry, ages_of, with_open
from counterfoil.documents.render import render_statements
from counterfoil.flows.billing.documents import buyer_of, look_of, seller_of
from counterfoil.records.billing.consolidating_queries import due_dates_of
from counterfoil.records.billing.models import Invoice, RunStatus
from counterfoil.records.organisation.models import Branch
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer

MOST_ENTRIES = 2_000


class TooManyForAStatement(Refusal):
    """{customer} has {count} documents, and a statement lists {most}. Begin it later."""


class StatementEndsBeforeItBegins(Refusal):
    """The statement would begin on {since} and be as of {day}. Let it begin earlier."""


def statements_of(
    customer: BillingCustomer, *, day: date, since: date | None = None, rows: QuerySet[Invoice] | None = None
) -> list[Statement]:
    """Return the statements of *customer* as of *day*, one a currency; without any document, one of nothing.

    It comes from the branch whose documents all of it are, else from the organisation.
    Documents dated before *since* are summed up. *rows* are those that may be seen, None for all. Raises
    `TooManyForAStatement` and `StatementEndsBeforeItBegins`.
    """
    need_days(day=day, since=since)
    by_currency: dict[str, list[StatementEntry]] = {}
    issued = list(_issued(customer, day=day, rows=rows))
    seller = seller_of(the_organisation(), branch=_only_branch_of(issued))
    due_dates = due_dates_of(issued)
    for invoice in issued:
        by_currency.setdefault(invoice.currency, []).append(_entry(invoice, due_on=due_dates[invoice.pk]))
    chosen = by_currency or {customer.currency: []}
    return [
        _statement(customer, entries, seller=seller, currency=currency, day=day, since=since)
        for currency, entries in sorted(chosen.items())
    ]


def need_days(*, day: date, since: date | None) -> None:
    """Raise `StatementEndsBeforeItBegins` where *since* lies after *day*."""
    if since is not None and since > day:
        raise StatementEndsBeforeItBegins(since=since, day=day)


def issued_up_to(day: date, *, rows: QuerySet[Invoice] | None = None) -> QuerySet[Invoice]:
    """Return what was issued up to *day* and is not void, of *rows*, None for all."""
    seen = Invoice.objects.all() if rows is None else rows
    issued = seen.filter(number__isnull=False, void__isnull=True, invoice_date__lte=day)
    return issued.exclude(run__status=RunStatus.VOIDED)


def printed_statements(statements: list[Statement]) -> bytes:
    """Return *statements* as one PDF in the look of now. Raises `DocumentNotPrinted`."""
    return render_statements(statements, look=look_of(the_organisation()))


def _statement(
    customer: BillingCustomer,
    entries: list[StatementEntry],
    *,
    seller: Party,
    currency: str,
    day: date,
    since: date | None,
) -> Statement:
    settled = with_open(entries)
    listed = tuple(entry for entry in settled if since is None or entry.dated >= since)
    if len(listed) > MOST_ENTRIES:
        raise TooManyForAStatement(customer=customer.name, count=len(listed), most=MOST_ENTRIES)
    return Statement(
        day=day,
        since=since,
        currency=currency,
        seller=seller,
        buyer=buyer_of(customer),
        language=customer.language or the_organisation().language,
        before_minor=sum(entry.open_minor for entry in settled if since and entry.dated < since),
        entries=listed,
        ages=ages_of(settled, day=day),
    )


def _only_branch_of(issued: list[Invoice]) -> Branch | None:
    """Return the branch of all *issued* documents, None where they are of several or there are none."""
    branches = {invoice.branch_id: invoice.branch for invoice in issued}
    return next(iter(branches.values())) if len(branches) == 1 else None


def _issued(customer: BillingCustomer, *, day: date, rows: QuerySet[Invoice] | None) -> QuerySet[Invoice]:
    """Return what was issued to *customer* up to *day* and is not void, in the order of its dates."""
    valid = (
        issued_up_to(day, rows=rows)
        .filter(customer=customer)
        .select_related("number", "branch", "credits__number")
    )
    return valid.order_by("invoice_date", "pk")


def _entry(invoice: Invoice, *, due_on: date) -> StatementEntry:
    return StatementEntry(
        number=invoice.number.number,
        document_type=DocumentType(invoice.document_type),
        dated=invoice.invoice_date,
        due_on=due_on,
        gross_minor=invoice.gross_minor,
        credits=invoice.credits.number.number if invoice.credits else "",
    )
