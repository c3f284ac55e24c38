"""How a run stands: its counts, control totals, exceptions by their reason, and what is on its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Sum

from counterfoil.flows.billing.issue import why_in_review
from counterfoil.flows.billing.reconcile import Comparison, reconcile
from counterfoil.records.billing import queries
from counterfoil.records.billing.models import (
    BillingException,
    DocumentNumber,
    InvoiceExclusion,
    InvoiceHold,
    Run,
    RunShard,
    RunTotal,
)
from counterfoil.records.deliveries.models import EMAIL, Delivery, DeliveryState


@dataclass(frozen=True, kw_only=True)
class ExceptionKind:
    """How many exceptions of one code there are, with the remedy, which says the same for most of them."""

    code: str
    count: int
    example: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class DeliveryCount:
    """How many documents are in one state on one channel."""

    channel: str
    state: str
    count: int


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """How *run* stands. `totals` are the control totals, stored when it was generated (12.5).

    `reconciliation` compares what was issued with what the connector's system has, once something was sent.
    `waits_because` is why it is in review although its definition authorises it.
    """

    run: Run
    invoices: int
    lines: int
    exceptions: int
    held: int
    excluded: int
    replaced: int
    kept: int
    issued: int
    charges_done: int
    charges: int
    totals: Sequence[RunTotal]
    exception_kinds: Sequence[ExceptionKind]
    deliveries: Sequence[DeliveryCount]
    reconciliation: Sequence[Comparison]
    waits_because: str


def report_of(run: Run) -> RunReport:
    """Return how *run* stands now, by a handful of queries whatever its size."""
    shards = RunShard.objects.filter(run=run)
    stored = shards.filter(done_at__isnull=False)
    sums = stored.aggregate(
        invoices=Sum("invoices"), lines=Sum("lines"), exceptions=Sum("exceptions"), charges=Sum("charges")
    )
    deliveries = _deliveries(run)
    exclusions = InvoiceExclusion.objects.filter(invoice__run=run)
    is_sent = any(one.state == DeliveryState.SENT and one.channel != EMAIL for one in deliveries)
    return RunReport(
        run=run,
        invoices=sums["invoices"] or 0,
        lines=sums["lines"] or 0,
        exceptions=sums["exceptions"] or 0,
        held=InvoiceHold.objects.filter(invoice__run=run).count(),
        excluded=exclusions.filter(replaced_by__isnull=True).count(),
        replaced=exclusions.filter(replaced_by__isnull=False).count(),
        kept=queries.drafts_kept(run.pk).count(),
        issued=DocumentNumber.objects.filter(invoice__run=run).count(),
        charges_done=sums["charges"] or 0,
        charges=shards.aggregate(charges=Sum("charges"))["charges"] or 0,
        totals=list(RunTotal.objects.filter(run=run)),
        exception_kinds=_exception_kinds(run),
        deliveries=deliveries,
        reconciliation=reconcile(run.pk) if is_sent else [],
        waits_because=why_in_review(run),
    )


def _deliveries(run: Run) -> list[DeliveryCount]:
    counted = Delivery.objects.filter(invoice__run=run).values("channel", "state").annotate(count=Count("id"))
    return [DeliveryCount(**row) for row in counted.order_by("channel", "state")]


def _exception_kinds(run: Run) -> list[ExceptionKind]:
    counted = BillingException.objects.filter(run=run).values("code").annotate(count=Count("id"))
    counts: Mapping[str, int] = {row["code"]: row["count"] for row in counted.order_by()}
    examples = BillingException.objects.filter(run=run).order_by("code", "id").distinct("code")
    return [
        ExceptionKind(
            code=example.code, count=counts[example.code], example=example.message, remedy=example.remedy
        )
        for example in examples
    ]
