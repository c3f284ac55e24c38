"""Questions about runs, invoices and exceptions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Count, Max, Model, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import sentence
from counterfoil.records.billing.models import (
    VISIBLE_STATUSES,
    DocumentNumber,
    DocumentType,
    Invoice,
    InvoiceExclusion,
    InvoiceLine,
    InvoiceVoid,
    LineKind,
    Run,
    RunShard,
    RunStatus,
)

AnyModel = TypeVar("AnyModel", bound=Model)


class NoSuchRun(Refusal):
    """There is no run {run}. `counterfoil run list` shows those there are."""


def run_of(run_id: int) -> Run:
    """Return the run with that id. Raises `NoSuchRun`."""
    run = Run.objects.filter(pk=run_id).select_related("definition").first()
    if run is None:
        raise NoSuchRun(run=run_id)
    return run


def runs_due(*, today: date) -> list[int]:
    """Return the authorised runs, by id, with drafts whose invoice date has come and that are not issued yet."""
    due = Run.objects.filter(status=RunStatus.AUTHORISED).order_by("invoice_date", "pk")
    return [
        run_id
        for run_id in due.values_list("pk", flat=True)
        if drafts_to_issue(run_id).filter(invoice_date__lte=today).exists()
    ]


def open_shards(run_id: int) -> list[RunShard]:
    """Return the shards of a run that are still to be stored, in order."""
    return list(RunShard.objects.filter(run_id=run_id, done_at=None).order_by("number"))


def shard_of(run_id: int, number: int) -> RunShard:
    """Return one shard of a run by its number."""
    return RunShard.objects.get(run_id=run_id, number=number)


def draft_ids_in_order(run_id: int) -> list[tuple[int, int | None]]:
    """Return the ranges of ids, [first, end), in which the drafts of a run take their numbers.

    Shard by shard, whichever was stored first, and then what came later: drafts that took the place of others. Where
    shards were stored in their order there is one range; None is an end that is open.
    """
    stored = RunShard.objects.filter(run_id=run_id, invoices__gt=0).order_by("number")
    ranges: list[tuple[int, int | None]] = []
    for first, count in stored.values_list("first_invoice", "invoices"):
        if first is None:
            return [(0, None)]
        begins_at = ranges.pop()[0] if ranges and ranges[-1][1] == first else first
        ranges.append((begins_at, first + count))
    newest = max((end for _first, end in ranges if end is not None), default=0)
    if ranges and ranges[-1][1] == newest:
        return [*ranges[:-1], (ranges[-1][0], None)]
    return [*ranges, (newest, None)]


def charges_done(run_id: int) -> tuple[int, int]:
    """Return how many charges of a run are done, and how many there are."""
    counted = RunShard.objects.filter(run_id=run_id).aggregate(
        done=Coalesce(Sum("charges", filter=Q(done_at__isnull=False)), 0),
        planned=Coalesce(Sum("charges"), 0),
    )
    return counted["done"], counted["planned"]


def with_ends(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Return *runs* with the ids of their first and last invoices, so that `within_run` asks nothing more."""
    of_run = Invoice.objects.filter(run=OuterRef("pk")).order_by("pk").values("pk")
    return runs.annotate(first_invoice=Subquery(of_run[:1]), last_invoice=Subquery(of_run.reverse()[:1]))


def within_run(rows: QuerySet[AnyModel], run: Run, *, path: str = "invoice_id") -> QuerySet[AnyModel]:
    """Return those of *rows* whose invoice, its id found at *path*, lies between the first and the last one of a run.

    It leaves out nothing of the run. It tells the planner where the run lies, which expects it everywhere.
    """
    known: Any = run if hasattr(run, "first_invoice") else with_ends(Run.objects.filter(pk=run.pk)).get()
    if known.first_invoice is None:
        return rows.none()
    return rows.filter(**{f"{path}__gte": known.first_invoice, f"{path}__lte": known.last_invoice})


def visible_invoices() -> QuerySet[Invoice]:
    """Return the invoices there are to see: those of runs that are neither generating nor abandoned."""
    return Invoice.objects.filter(run__status__in=VISIBLE_STATUSES)


def credit_notes_among(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Return the credit notes of *rows*: few among many, so an index of their own finds them."""
    return rows.filter(document_type=DocumentType.CREDIT_NOTE)


KEPT = Q(gross_minor=0, run__selection__keeps_zero=True)
"""Documents over 0.00 of runs that keep them: stored, without a number, not delivered (billing-rules 5.5)."""


def drafts_to_issue(run_id: int) -> QuerySet[Invoice]:
    """Return the invoices of a run that are neither held, excluded, kept nor issued."""
    return _untouched(run_id).exclude(KEPT)


def drafts_kept(run_id: int) -> QuerySet[Invoice]:
    """Return the invoices of a run that are kept: over 0.00, and never to be issued (billing-rules 5.5)."""
    return _untouched(run_id).filter(KEPT)


def _untouched(run_id: int) -> QuerySet[Invoice]:
    return Invoice.objects.filter(
        run_id=run_id, hold__isnull=True, exclusion__isnull=True, number__isnull=True
    )


def series_needed(drafts: QuerySet[Invoice]) -> dict[date, list[tuple[int, str]]]:
    """Return by invoice date, the earliest first, the branches and document types of *drafts* (7.2)."""
    needed: dict[date, list[tuple[int, str]]] = {}
    rows = drafts.order_by("invoice_date", "branch_id", "document_type").values_list(
        "invoice_date", "branch_id", "document_type"
    )
    for invoice_date, branch_id, document_type in rows.distinct():
        needed.setdefault(invoice_date, []).append((branch_id, document_type))
    return needed


def revisers_of(invoices: QuerySet[Invoice]) -> set[int]:
    """Return the ids of those who adjusted, waived, or dated or rated anew what *invoices* took the place of (12.8)."""
    found: set[int] = set()
    standing = set(invoices.filter(replaces__isnull=False).values_list("pk", flat=True))
    while standing:
        replaced = InvoiceExclusion.objects.filter(replaced_by__in=standing)
        standing = set(replaced.values_list("invoice_id", flat=True))
        found |= set(replaced.filter(excluded_by__isnull=False).values_list("excluded_by_id", flat=True))
    return found


def revised_by(user_id: int | None, *, run: Any) -> QuerySet[InvoiceExclusion]:
    """Return what that user took out of *run*, a run or a reference to one, for another draft to take its place."""
    return InvoiceExclusion.objects.filter(invoice__run=run, replaced_by__isnull=False, excluded_by=user_id)


def live_invoices(run_id: int, *, invoices: Sequence[int] | None) -> QuerySet[Invoice]:
    """Return the documents of a run, or those of its *invoices*, that count: neither excluded nor voided."""
    counting = Invoice.objects.filter(run_id=run_id, exclusion__isnull=True, void__isnull=True)
    return counting if invoices is None else counting.filter(pk__in=invoices)


def names_of(invoice_ids: Sequence[int]) -> dict[int, str]:
    """Return by id the number of each document, or what a draft is called."""
    numbers = Invoice.objects.filter(pk__in=invoice_ids).values_list("pk", "number__number")
    return {pk: number or f"draft {pk}" for pk, number in numbers}


def event_lines(run_id: int, *, invoices: Sequence[int] | None) -> list[int]:
    """Return the ids of the lines that charge events, of a run or of some of its *invoices*."""
    lines = InvoiceLine.objects.filter(event_charge__isnull=False)
    chosen = (
        lines.filter(invoice__run_id=run_id) if invoices is None else lines.filter(invoice_id__in=invoices)
    )
    return list(chosen.values_list("pk", flat=True))


def lines_billed_again(run_id: int) -> dict[int, int]:
    """Return for the lines of events that a run bills again, by id, the lines of the invoice it credits for that."""
    credited = Invoice.objects.filter(run_id=run_id, credits__isnull=False).values("credits_id")
    of_events = InvoiceLine.objects.filter(event_charge__isnull=False).exclude(kind=LineKind.CREDIT)
    before = dict(of_events.filter(invoice__in=credited).values_list("event_charge_id", "pk"))
    again = of_events.filter(invoice__run_id=run_id).values_list("pk", "event_charge_id")
    return {pk: before[event_charge] for pk, event_charge in again if event_charge in before}


def up_to_last_number(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Return *invoices* up to the newest one that has a number: what is newer need not be looked at for issued ones."""
    last = DocumentNumber.objects.aggregate(last=Max("invoice_id"))["last"]
    return invoices.none() if last is None else invoices.filter(pk__lte=last)


# What was generated, and came later, is more than what was issued: drafts, or what was excluded or voided, remain.
_RUNS_WITH_DRAFTS = """
SELECT run.id FROM billing_run AS run
WHERE run.status IN ('in_review', 'authorised') OR run.status = 'issued' AND
      (SELECT coalesce(sum(documents), 0) FROM billing_runtotal WHERE run_id = run.id)
      + (SELECT count(*) FROM billing_invoice WHERE run_id = run.id AND shard = 0)
      > (SELECT coalesce(sum(documents), 0) FROM billing_issueddue WHERE run_id = run.id)
ORDER BY run.id
"""


def runs_with_drafts() -> list[int]:
    """Return the ids of the runs in which drafts may be, by the sums that are kept of them."""
    with connection.cursor() as cursor:
        cursor.execute(_RUNS_WITH_DRAFTS)
        return [run_id for (run_id,) in cursor.fetchall()]


def voided_among(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Return those of *invoices* that are void, with their run or by themselves."""
    runs = list(Run.objects.filter(status=RunStatus.VOIDED).values_list("pk", flat=True))
    if not runs:
        return invoices.filter(void__isnull=False)
    by_themselves = InvoiceVoid.objects.values("invoice_id")
    return invoices.filter(Q(run_id__in=runs) | Q(pk__in=by_themselves))


def with_state(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Return *invoices* with what lies beside them, so that `state_of` asks nothing more."""
    return invoices.select_related("hold", "exclusion", "number", "void")


def is_held(invoice: Invoice) -> bool:
    """Return whether the draft is kept back from issue."""
    return hasattr(invoice, "hold")


# What `state_of` returns, as messages say it.
STATE_WORDS = {
    "generating": sentence("generating"),
    "draft": sentence("draft"),
    "held": sentence("held"),
    "kept": sentence("kept"),
    "excluded": sentence("excluded"),
    "replaced": sentence("replaced"),
    "issued": sentence("issued"),
    "voided": sentence("voided"),
    "abandoned": sentence("abandoned"),
}


def state_of(invoice: Invoice, *, run: Run) -> str:
    """Return what became of *invoice*: generating, draft, held, kept, excluded, replaced, issued, voided, abandoned."""
    if run.status in (RunStatus.ABANDONED, RunStatus.GENERATING):
        return str(run.status)
    if hasattr(invoice, "number"):
        return "voided" if run.status == RunStatus.VOIDED or hasattr(invoice, "void") else "issued"
    if hasattr(invoice, "exclusion"):
        return "replaced" if invoice.exclusion.replaced_by_id else "excluded"
    if run.status == RunStatus.VOIDED:
        return "voided"
    if is_held(invoice):
        return "held"
    return "kept" if is_kept(invoice, run=run) else "draft"


def is_kept(invoice: Invoice, *, run: Run) -> bool:
    """Return whether *invoice* comes to 0.00 and *run* keeps such ones (billing-rules 5.5)."""
    return invoice.gross_minor == 0 and bool(run.selection.get("keeps_zero"))


def issued_ids(run_id: int) -> list[int]:
    """Return the ids of the run's invoices that have numbers and are not void."""
    issued = Invoice.objects.filter(run_id=run_id, number__isnull=False, void__isnull=True)
    return list(issued.order_by("id").values_list("id", flat=True))


def issued_totals(run_id: int) -> list[dict[str, Any]]:
    """Return by currency what the run's issued invoices come to, named as control totals are.

    Lines are those another system is given: of an amalgamated invoice one a tax category and rate (C11).
    """
    issued = Invoice.objects.filter(run_id=run_id, number__isnull=False, void__isnull=True).order_by(
        "currency"
    )
    spared = _lines_spared_by_amalgamation(run_id)
    return [
        {**row, "lines": row["lines"] - spared.get(row["currency"], 0)}
        for row in issued.values("currency").annotate(
            documents=Count("id"),
            lines=Sum("line_count"),
            net_minor=Sum("net_minor"),
            tax_minor=Sum("tax_minor"),
            gross_minor=Sum("gross_minor"),
        )
    ]


_LINES_SPARED = """
SELECT currency, sum(line_count - formal_lines)::bigint
FROM (
    SELECT invoice.currency, invoice.line_count, count(DISTINCT (line.tax_category_id, line.tax_rate)) AS formal_lines
    FROM billing_invoice AS invoice
    JOIN billing_live_invoice AS live ON live.id = invoice.id
    JOIN billing_documentnumber AS number ON number.invoice_id = invoice.id
    JOIN billing_invoiceline AS line ON line.invoice_id = invoice.id
    WHERE invoice.run_id = %s AND invoice.is_amalgamated
    GROUP BY invoice.id
) AS amalgamated
GROUP BY currency
"""


def _lines_spared_by_amalgamation(run_id: int) -> dict[str, int]:
    """Return by currency how many lines fewer the run's issued invoices have by being amalgamated."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES_SPARED, [run_id])
        return dict(cursor.fetchall())
