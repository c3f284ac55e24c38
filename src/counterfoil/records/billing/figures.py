"""Figures of runs: what a run comes to by currency and state, and which one it is compared with."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import JSONObject

from counterfoil.records.billing.models import BatchDefinition, Invoice, Run, RunStatus, VarianceTotal
from counterfoil.records.billing.queries import drafts_to_issue
from counterfoil.records.parties.models import DeliveryMethod

COMPARABLE = (RunStatus.AUTHORISED, RunStatus.ISSUED)
_AMOUNTS = ("net_minor", "tax_minor", "gross_minor")
_COUNTS = ("currency", "documents", "lines", "held", "excluded", "replaced", "issued", "voided")


@dataclass(frozen=True, kw_only=True)
class Total:
    """What some invoices of one currency come to; drafts that were replaced count as `replaced` alone."""

    currency: str
    documents: int
    lines: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    held: int
    excluded: int
    replaced: int
    issued: int
    voided: int


def totals_of(invoices: QuerySet[Invoice]) -> list[Total]:
    """Return what *invoices* come to, by currency; excluded and void ones are counted, their amounts left out."""
    counted = Q(exclusion__isnull=True, void__isnull=True)
    rows = (
        invoices.order_by("currency")
        .values("currency")
        .annotate(
            documents=Count("pk", filter=counted),
            lines=Sum("line_count", filter=counted, default=0),
            held=Count("pk", filter=Q(hold__isnull=False)),
            excluded=Count("pk", filter=Q(exclusion__isnull=False, exclusion__replaced_by__isnull=True)),
            replaced=Count("pk", filter=Q(exclusion__replaced_by__isnull=False)),
            issued=Count("pk", filter=Q(number__isnull=False, void__isnull=True)),
            voided=Count("pk", filter=Q(void__isnull=False)),
            **{f"sum_{name}": Sum(name, filter=counted, default=0) for name in _AMOUNTS},
        )
    )
    return [
        Total(
            **{name: row[name] for name in _COUNTS},
            **{name: int(row[f"sum_{name}"]) for name in _AMOUNTS},
        )
        for row in rows
    ]


# What a run generated, and what changed since: drafts that came later (shard 0, or in the place of others), and what
# was excluded, voided or held. Each part is found by an index and is small beside the run.
_TOTALS_OF_RUN = """
WITH parts AS (
    SELECT currency, documents, lines, net_minor, tax_minor, gross_minor,
           0 AS held, 0 AS excluded, 0 AS replaced, 0 AS issued, 0 AS voided
    FROM billing_runtotal WHERE run_id = %(run)s
    UNION ALL
    SELECT currency, 1, line_count, net_minor, tax_minor, gross_minor, 0, 0, 0, 0, 0
    FROM billing_invoice
    WHERE id IN (SELECT id FROM billing_invoice WHERE run_id = %(run)s AND shard = 0
                 UNION SELECT replaced_by_id FROM billing_invoiceexclusion WHERE replaced_by_id IS NOT NULL)
      AND run_id = %(run)s
    UNION ALL
    SELECT currency, -1, -line_count, -net_minor, -tax_minor, -gross_minor, 0,
           CASE WHEN replaced_by_id IS NULL THEN 1 ELSE 0 END, CASE WHEN replaced_by_id IS NULL THEN 0 ELSE 1 END, 0, 0
    FROM billing_invoiceexclusion AS exclusion JOIN billing_invoice AS invoice ON invoice.id = exclusion.invoice_id
    WHERE invoice.run_id = %(run)s
    UNION ALL
    SELECT currency, -1, -line_count, -net_minor, -tax_minor, -gross_minor, 0, 0, 0, 0, 1
    FROM billing_invoicevoid AS void JOIN billing_invoice AS invoice ON invoice.id = void.invoice_id
    WHERE invoice.run_id = %(run)s
    UNION ALL
    SELECT currency, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0
    FROM billing_invoicehold AS hold JOIN billing_invoice AS invoice ON invoice.id = hold.invoice_id
    WHERE invoice.run_id = %(run)s
    UNION ALL
    SELECT currency, 0, 0, 0, 0, 0, 0, 0, 0, documents, 0 FROM billing_issueddue WHERE run_id = %(run)s
)
SELECT currency, sum(documents)::bigint, sum(lines)::bigint, sum(net_minor)::bigint, sum(tax_minor)::bigint,
       sum(gross_minor)::bigint, sum(held)::bigint, sum(excluded)::bigint, sum(replaced)::bigint,
       sum(issued)::bigint, sum(voided)::bigint
FROM parts GROUP BY currency ORDER BY currency
"""


def totals_of_run(run: Run) -> list[Total]:
    """Return what all invoices of *run* come to, as `totals_of` does, without reading them where sums are kept.

    Sums are kept of what was generated and of what is issued; while a run is between the two, or void, its
    invoices are read.
    """
    if run.status not in (RunStatus.IN_REVIEW, RunStatus.ISSUED):
        return totals_of(Invoice.objects.filter(run=run))
    names = [field.name for field in fields(Total)]
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS_OF_RUN, {"run": run.pk})
        return [Total(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


# What is held is not issued now.
_TO_ISSUE = """
SELECT currency, count(*), sum(line_count)::bigint, sum(net_minor)::bigint, sum(tax_minor)::bigint,
       sum(gross_minor)::bigint
FROM billing_invoicehold AS hold JOIN billing_invoice AS invoice ON invoice.id = hold.invoice_id
WHERE invoice.run_id = %(run)s
  AND NOT EXISTS (SELECT FROM billing_invoiceexclusion AS exclusion WHERE exclusion.invoice_id = invoice.id)
GROUP BY currency
"""


def totals_to_issue(run: Run) -> list[Total]:
    """Return what the drafts of *run* come to that authorising it would issue: neither held nor kept (12.1).

    Of a run in review by its kept sums, but where it keeps documents over 0.00: which these are has to be read.
    """
    if run.status != RunStatus.IN_REVIEW or run.selection.get("keeps_zero"):
        return totals_of(drafts_to_issue(run.pk).order_by())
    with connection.cursor() as cursor:
        cursor.execute(_TO_ISSUE, {"run": run.pk})
        held = {currency: amounts for currency, *amounts in cursor.fetchall()}
    names = ("documents", "lines", *_AMOUNTS)
    found = []
    for total in totals_of_run(run):
        less = dict(zip(names, held.get(total.currency, [0] * len(names)), strict=True))
        found.append(replace(total, **{name: getattr(total, name) - less[name] for name in names}))
    return [total for total in found if total.documents]


@dataclass(frozen=True, kw_only=True)
class ToIssue:
    """Drafts that one series numbers on one date, in one currency: how many they are and where they go."""

    invoice_date: date
    branch_id: int
    document_type: str
    currency: str
    documents: int
    gross_minor: int
    by_email: int
    on_paper: int


def drafts_by_series(run: Run) -> list[ToIssue]:
    """Return what authorising *run* would issue, in the order of dates and series; its drafts are read once."""
    series = ("invoice_date", "branch_id", "document_type", "currency")
    mailed = Q(customer__delivery=DeliveryMethod.EMAIL) & ~Q(customer__email="")
    rows = drafts_to_issue(run.pk).order_by(*series).values(*series)
    counted = rows.annotate(
        documents=Count("pk"),
        gross=Sum("gross_minor"),
        by_email=Count("pk", filter=mailed),
        on_paper=Count("pk", filter=Q(customer__delivery=DeliveryMethod.PRINT)),
    )
    return [ToIssue(gross_minor=int(row.pop("gross")), **row) for row in counted]


def run_before(run: Run) -> Run | None:
    """Return the run that *run* is compared with: the newest one before it that was authorised or issued.

    Of the same definition; for a run given on the spot, of the same selection. None if there is none.
    """
    return runs_before(run).first()


def runs_before(run: Run) -> QuerySet[Run]:
    """Return the runs that *run* could be compared with, the one that it is first."""
    return _comparable(definition=run.definition_id, selection=run.selection).filter(pk__lt=run.pk)


def with_run_before(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Return *runs*, each with the id of the run that it is compared with as `before_id`, None where there is none."""
    done = Run.objects.filter(status__in=COMPARABLE, pk__lt=OuterRef("pk")).order_by("-pk").values("pk")
    of_definition = done.filter(definition=OuterRef("definition"))
    on_the_spot = done.filter(definition=None, selection=OuterRef("selection"))
    return runs.annotate(
        before_id=Case(
            When(definition__isnull=False, then=Subquery(of_definition[:1])),
            default=Subquery(on_the_spot[:1]),
        )
    )


def with_differences(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Return *runs* with what `kept_differences` would otherwise ask for."""
    names = [one.name for one in VarianceTotal._meta.concrete_fields if not one.is_relation]
    totals = VarianceTotal.objects.filter(comparison=OuterRef("pk")).order_by("currency")
    return runs.annotate(
        differences=ArraySubquery(totals.values(json=JSONObject(**{name: name for name in names})))
    )


def kept_differences(run: Run) -> list[VarianceTotal]:
    """Return by currency what *run* differs by from the run before it, as their comparison is kept."""
    known: Any = run if hasattr(run, "differences") else with_differences(Run.objects.filter(pk=run.pk)).get()
    return [VarianceTotal(comparison_id=run.pk, **one) for one in known.differences]


def run_before_request(*, definition: BatchDefinition | None, selection: dict[str, Any]) -> Run | None:
    """Return the run that a new one of *definition*, or of *selection* alone, is compared with."""
    return _comparable(definition=definition.pk if definition else None, selection=selection).first()


def _comparable(*, definition: int | None, selection: dict[str, Any]) -> QuerySet[Run]:
    done = Run.objects.filter(status__in=COMPARABLE).order_by("-pk")
    if definition is not None:
        return done.filter(definition=definition)
    return done.filter(definition=None, selection=selection)
