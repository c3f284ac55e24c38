"""One document against last time: what its customer's charges cost then and now, line beside line (product C3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from counterfoil import clock
from counterfoil.flows.billing.differing import Row, lines_of, words_for_run
from counterfoil.flows.billing.variance import compare_customer, comparison_to_show
from counterfoil.records.billing.figures import run_before
from counterfoil.records.billing.models import CustomerVariance, Invoice, InvoiceExclusion, InvoiceLine, Run
from counterfoil.web.invoices.lists import REASONS, state_of
from counterfoil.web.invoices.subjects import put_meters
from counterfoil.web.lists.columns import State
from counterfoil.web.saying import said

MOST_LINES = 5_000
"""A customer with more of them, in both runs together, is looked at in the list of differences of the run."""

COMPARED = ("draft", "held", "kept", "issued")
"""The states of documents whose lines count."""


@dataclass(frozen=True)
class Beside:
    """A line now and the line of last time beside it, one of which may be missing; *line* is one that is there."""

    row: Row
    line: InvoiceLine
    now: InvoiceLine | None
    before: InvoiceLine | None
    reason: State
    told: str


def last_time_of(invoice: Invoice) -> dict[str, Any] | None:
    """Return what the customer of *invoice* differs by from last time, as far as its run was compared.

    What was compared before a draft was replaced or excluded is compared anew, where that takes no time.
    """
    found = _difference_of(invoice)
    if found is not None and found.comparison.dropped != found.dropped_now:
        compared = comparison_to_show(invoice.run, now=clock.now())
        found = _difference_of(invoice) if compared is not None else None
    return {"amounts": found, "reason": REASONS[found.reason]} if found is not None else None


def _difference_of(invoice: Invoice) -> Any:
    of_run = InvoiceExclusion.objects.filter(invoice__run=OuterRef("comparison_id")).order_by()
    dropped = of_run.values("invoice__run").annotate(n=Count("pk")).values("n")
    rows = CustomerVariance.objects.annotate(dropped_now=Coalesce(Subquery(dropped), 0))
    return (
        rows.filter(comparison=invoice.run_id, customer=invoice.customer_id, currency=invoice.currency)
        .select_related("comparison")
        .first()
    )


def against_last_time(invoice: Invoice) -> dict[str, Any]:
    """Return the lines of *invoice* beside last time's, and those of last time that have none now.

    Of a customer with several documents the latter are those of the clients on this one.
    """
    run = invoice.run
    before = run_before(run)
    if before is None or state_of(invoice) not in COMPARED:
        return {"against": before}
    of_both = Invoice.objects.filter(run__in=[run.pk, before.pk], customer=invoice.customer_id)
    if (of_both.aggregate(lines=Sum("line_count"))["lines"] or 0) > MOST_LINES:
        return {"against": before, "has_many": True}
    beside = _beside(invoice, before=before)
    return {
        "against": before,
        "beside": beside,
        "before_minor": sum(one.row.before_minor for one in beside),
        "now_minor": sum(one.row.now_minor for one in beside),
        "difference_minor": sum(one.row.difference_minor for one in beside),
    }


def _beside(invoice: Invoice, *, before: Run) -> Sequence[Beside]:
    found = compare_customer(invoice.run, before=before, customer_id=invoice.customer_id)
    own = dict(invoice.lines.values_list("pk", "client_id"))
    is_alone = not Invoice.objects.filter(
        run=invoice.run_id, customer=invoice.customer_id, exclusion=None, void=None
    ).exclude(pk=invoice.pk).exists()  # fmt: skip
    clients = set(own.values())
    rows = [
        row
        for row in map(Row, found.iter_rows(named=True))
        if row.line_id in own
        or (
            row.line_id is None
            and row.currency == invoice.currency
            and (is_alone or row.client_id in clients)
        )
    ]
    lines = lines_of(rows, also=("client", "event_charge"))
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
    put_meters([one.line for one in beside])
    return sorted(beside, key=lambda one: (one.now is None, one.line.line_no))
