"""Figures of runs: what a run comes to by currency and state, and which one it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from counterfoil.records.billing.models import BatchDefinition, Invoice, Run, RunStatus

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


def run_before(run: Run) -> Run | None:
    """Return the run that *run* is compared with: the newest one before it that was authorised or issued.

    Of the same definition; for a run given on the spot, of the same selection. None if there is none.
    """
    earlier = _comparable(definition=run.definition, selection=run.selection)
    return earlier.filter(pk__lt=run.pk).first()


def run_before_request(*, definition: BatchDefinition | None, selection: dict[str, Any]) -> Run | None:
    """Return the run that a new one of *definition*, or of *selection* alone, is compared with."""
    return _comparable(definition=definition, selection=selection).first()


def _comparable(*, definition: BatchDefinition | None, selection: dict[str, Any]) -> QuerySet[Run]:
    done = Run.objects.filter(status__in=(RunStatus.AUTHORISED, RunStatus.ISSUED)).order_by("-pk")
    if definition is not None:
        return done.filter(definition=definition)
    return done.filter(definition=None, selection=selection)
