"""One document against last time: what its customer's charges cost then and now, line beside line (product C3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, JSONObject

from counterfoil import clock
from counterfoil.core.money import Rounding
from counterfoil.flows.billing.differing import Row, lines_of, words_for_run
from counterfoil.flows.billing.variance import compare_customer, comparison_to_show
from counterfoil.records.billing.figures import runs_before
from counterfoil.records.billing.models import (
    BillingException,
    CustomerVariance,
    Invoice,
    InvoiceExclusion,
    InvoiceLine,
)
from counterfoil.web.invoices.lists import REASONS, state_of
from counterfoil.web.invoices.subjects import with_meters
from counterfoil.web.lists.columns import State
from counterfoil.web.saying import said

MOST_LINES = 5_000
"""A customer with more of them, in both runs together, is looked at in the list of differences of the run."""

COMPARED = ("draft", "held", "kept", "issued")
"""The states of documents whose lines count."""

_BESIDE = ("client", "event_charge", "charge__client", "charge__span")


@dataclass(frozen=True)
class Beside:
    """A line now and the line of last time beside it, one of which may be missing; *line* is one that is there."""

    row: Row
    line: InvoiceLine
    now: InvoiceLine | None
    before: InvoiceLine | None
    reason: State
    told: str


def last_time() -> Subquery:
    """Return what the customer of an invoice differs by from last time, to be read with it for `last_time_of`."""
    of_run = InvoiceExclusion.objects.filter(invoice__run=OuterRef("comparison_id")).order_by()
    dropped = of_run.values("invoice__run").annotate(n=Count("pk")).values("n")
    rows = CustomerVariance.objects.filter(
        comparison=OuterRef("run_id"), customer=OuterRef("customer_id"), currency=OuterRef("currency")
    )
    told = JSONObject(
        reason="reason",
        before_minor="before_minor",
        difference_minor="difference_minor",
        dropped="comparison__dropped",
        dropped_now=Coalesce(Subquery(dropped), 0),
    )
    return Subquery(rows.values(json=told)[:1])


def last_time_of(invoice: Invoice) -> dict[str, Any] | None:
    """Return what the customer of *invoice*, read with its `last_time`, differs by, as far as its run was compared.

    What was compared before a draft was replaced or excluded is compared anew, where that takes no time.
    """
    known: Any = invoice
    found = known.last_time
    if found is not None and found["dropped"] != found["dropped_now"]:
        compared = comparison_to_show(invoice.run, now=clock.now())
        anew = Invoice.objects.filter(pk=invoice.pk).values_list(last_time())
        [(found,)] = anew if compared is not None else [(None,)]
    return {"amounts": found, "reason": REASONS[found["reason"]]} if found is not None else None


def against_last_time(invoice: Invoice, *, rounding: Rounding) -> dict[str, Any]:
    """Return the lines of *invoice* beside last time's, and those of last time that have none now.

    Of a customer with several documents the latter are those of the clients on this one.
    """
    run = invoice.run
    own = Invoice.objects.filter(customer=invoice.customer_id).order_by().values("customer")
    others = own.filter(run=run.pk, exclusion=None, void=None).exclude(pk=invoice.pk)
    before = (
        runs_before(run)
        .annotate(
            lines_then=_or_nothing(own.filter(run=OuterRef("pk")).annotate(n=Sum("line_count"))),
            lines_now=_or_nothing(own.filter(run=run.pk).annotate(n=Sum("line_count"))),
            has_others=Exists(others),
        )
        .first()
    )
    if before is None or state_of(invoice) not in COMPARED:
        return {"against": before}
    if before.lines_then + before.lines_now > MOST_LINES:
        return {"against": before, "has_many": True}
    found = compare_customer(run, before=before, customer_id=invoice.customer_id, rounding=rounding)
    rows = list(map(Row, found.iter_rows(named=True)))
    beside = _beside(invoice, _rows_of(invoice, rows) if before.has_others else rows)
    return {
        "against": before,
        "beside": beside,
        "before_minor": sum(one.row.before_minor for one in beside),
        "now_minor": sum(one.row.now_minor for one in beside),
        "difference_minor": sum(one.row.difference_minor for one in beside),
    }


def _or_nothing(lines: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(lines.values("n")), 0)


def _rows_of(invoice: Invoice, rows: Sequence[Row]) -> list[Row]:
    """Return those of a customer's *rows* that are of *invoice*, of several."""
    own = dict(invoice.lines.values_list("pk", "client_id"))
    clients = set(own.values())
    return [row for row in rows if row.line_id in own or (row.line_id is None and row.client_id in clients)]


def _beside(invoice: Invoice, rows: Sequence[Row]) -> Sequence[Beside]:
    rows = [row for row in rows if row.line_id is not None or row.currency == invoice.currency]
    aside = BillingException.objects.filter(run=invoice.run_id, charge=OuterRef("charge"))
    stored = InvoiceLine.objects.annotate(set_aside=Subquery(aside.values("message")[:1]))
    lines: Any = lines_of(rows, among=with_meters(stored.select_related(*_BESIDE)))
    rows = [
        Row({**row.values, "set_aside": lines[row.line_id or row.before_line_id].set_aside}) for row in rows
    ]
    words = words_for_run(rows, run=invoice.run, lines=lines)
    beside = [
        Beside(
            row=row,
            line=lines[row.line_id or row.before_line_id],
            now=lines.get(row.line_id),
            before=lines.get(row.before_line_id),
            reason=REASONS[row.reason],
            told=said(told),
        )
        for row, told in zip(rows, words, strict=True)
    ]
    return sorted(beside, key=lambda one: (one.now is None, one.line.line_no))
