"""Figures of runs: what a run comes to by currency and state, and how it differs from the one before."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from counterfoil.records.billing.models import VISIBLE_STATUSES, Invoice, Run

_AMOUNTS = ("net_minor", "tax_minor", "gross_minor")


@dataclass(frozen=True, kw_only=True)
class Total:
    """What some invoices of one currency come to."""

    currency: str
    documents: int
    lines: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    held: int
    excluded: int
    issued: int


@dataclass(frozen=True, kw_only=True)
class Variance:
    """How the net of a run differs from an earlier one in one currency, by customer."""

    currency: str
    new: int
    new_minor: int
    gone: int
    gone_minor: int
    changed: int
    changed_minor: int
    same: int

    @property
    def difference_minor(self) -> int:
        """Return what the run comes to more than the earlier one."""
        return self.new_minor - self.gone_minor + self.changed_minor


def totals_of(invoices: QuerySet[Invoice]) -> list[Total]:
    """Return what *invoices* come to, by currency; excluded ones are counted, their amounts left out."""
    counted = Q(exclusion__isnull=True)
    rows = (
        invoices.order_by("currency")
        .values("currency")
        .annotate(
            documents=Count("pk", filter=counted),
            lines=Sum("line_count", filter=counted, default=0),
            held=Count("pk", filter=Q(hold__isnull=False)),
            excluded=Count("pk", filter=Q(exclusion__isnull=False)),
            issued=Count("pk", filter=Q(number__isnull=False)),
            **{f"sum_{name}": Sum(name, filter=counted, default=0) for name in _AMOUNTS},
        )
    )
    return [
        Total(
            **{name: row[name] for name in ("currency", "documents", "lines", "held", "excluded", "issued")},
            **{name: int(row[f"sum_{name}"]) for name in _AMOUNTS},
        )
        for row in rows
    ]


def run_before(run: Run) -> Run | None:
    """Return the newest run of the same definition that was generated before *run*, None if there is none."""
    if run.definition_id is None:
        return None
    earlier = Run.objects.filter(definition=run.definition_id, pk__lt=run.pk, status__in=VISIBLE_STATUSES)
    return earlier.order_by("-pk").first()


_VARIANCE = """
WITH now AS (
    SELECT customer_id, currency, sum(net_minor) AS net
    FROM billing_invoice WHERE run_id = %(run)s GROUP BY customer_id, currency
), before AS (
    SELECT customer_id, currency, sum(net_minor) AS net
    FROM billing_invoice WHERE run_id = %(before)s GROUP BY customer_id, currency
)
SELECT currency,
       count(*) FILTER (WHERE before.net IS NULL) AS new,
       COALESCE(sum(now.net) FILTER (WHERE before.net IS NULL), 0)::bigint AS new_minor,
       count(*) FILTER (WHERE now.net IS NULL) AS gone,
       COALESCE(sum(before.net) FILTER (WHERE now.net IS NULL), 0)::bigint AS gone_minor,
       count(*) FILTER (WHERE now.net <> before.net) AS changed,
       COALESCE(sum(now.net - before.net) FILTER (WHERE now.net <> before.net), 0)::bigint AS changed_minor,
       count(*) FILTER (WHERE now.net = before.net) AS same
FROM now FULL JOIN before USING (customer_id, currency)
GROUP BY currency ORDER BY currency
"""


def variance_of(run: Run, *, before: Run) -> list[Variance]:
    """Return how *run* differs from *before*, by currency."""
    with connection.cursor() as cursor:
        cursor.execute(_VARIANCE, {"run": run.pk, "before": before.pk})
        names = [column.name for column in cursor.description]
        return [Variance(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
