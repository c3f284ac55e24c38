"""Questions about consolidated billings and the queue for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.contrib.postgres.aggregates import ArrayAgg, BoolOr
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from counterfoil.core.refusals import Refusal, shown
from counterfoil.records.billing.models import (
    BillingMember,
    ConsolidatedBilling,
    ConsolidationBatch,
    Invoice,
    IssuedDue,
    QueuedInvoice,
    Run,
    RunStatus,
)
from counterfoil.records.parties.models import ConsolidationSettings


class NoSuchBilling(Refusal):
    """There is no consolidated billing {number}. `counterfoil consolidate list` shows those there are."""


class NoSuchBatch(Refusal):
    """There is no batch {number} of consolidated billings. `counterfoil consolidate list` shows those there are."""


def billing_numbered(number: str) -> ConsolidatedBilling:
    """Return the billing with that number, B10001-0; without a revision, the newest. Raises `NoSuchBilling`."""
    wanted = number.strip().upper()
    found = with_state(ConsolidatedBilling.objects.all()).filter(number=wanted).first()
    if found is None:
        revisions = with_state(ConsolidatedBilling.objects.all()).filter(number__startswith=f"{wanted}-")
        found = revisions.order_by("-revision").first() if wanted else None
    if found is None:
        raise NoSuchBilling(number=shown(number))
    return found


def batch_numbered(number: str) -> ConsolidationBatch:
    """Return the batch with that number. Raises `NoSuchBatch`."""
    found = ConsolidationBatch.objects.filter(number=number.strip()).first()
    if found is None:
        raise NoSuchBatch(number=shown(number))
    return found


def with_state(billings: QuerySet[ConsolidatedBilling]) -> QuerySet[ConsolidatedBilling]:
    """Return *billings* with what lies beside them, so that nothing more is asked to show them."""
    return billings.select_related("customer", "branch", "batch", "void", "void__replaced_by")


def is_void(billing: ConsolidatedBilling) -> bool:
    """Return whether the billing is void, or was edited into another revision."""
    return hasattr(billing, "void")


def seqs_taken(*, after: int) -> list[int]:
    """Return the sequences of billings from *after* on: those that somebody typed."""
    typed = ConsolidatedBilling.objects.filter(seq__gte=after)
    return list(typed.values_list("seq", flat=True).distinct())


def batch_numbers_taken(numbers: Iterable[str]) -> set[str]:
    """Return which of *numbers* batches have."""
    return set(ConsolidationBatch.objects.filter(number__in=list(numbers)).values_list("number", flat=True))


def live_billings_of(invoice_ids: Sequence[int]) -> dict[int, ConsolidatedBilling]:
    """Return by invoice the live billing that each of *invoice_ids* is in; those in none are left out."""
    members = BillingMember.objects.filter(invoice_id__in=list(invoice_ids), is_live=True)
    return {one.invoice_id: one.billing for one in members.select_related("billing")}


def due_dates_of(invoices: Sequence[Invoice]) -> dict[int, date]:
    """Return by id when payment of each issued document is due: with its live billing, else as it says (8.5)."""
    billings = live_billings_of([invoice.pk for invoice in invoices])
    return {
        invoice.pk: billings[invoice.pk].due_on if invoice.pk in billings else invoice.number.due_on
        for invoice in invoices
        if hasattr(invoice, "number")
    }


def due(
    invoices: QuerySet[Invoice], *, since: date | None = None, until: date | None = None
) -> QuerySet[Invoice]:
    """Return those of *invoices* whose payment is due, with its live billing else as it says, on these days (8.5).

    None is an end that is open.
    """
    live = BillingMember.objects.filter(is_live=True)
    billed = live.filter(_on_days("billing__due_on", since, until)).values("invoice_id")
    # Of which runs documents are due then is kept with them; of one that is being issued it is not yet.
    kept = IssuedDue.objects.filter(_on_days("due_on", since, until), run=OuterRef("pk"))
    found = Run.objects.annotate(is_due=Q(status=RunStatus.AUTHORISED) | Exists(kept)).aggregate(
        runs=ArrayAgg("pk", filter=Q(is_due=True), default=[]), has_billed=BoolOr(Exists(billed))
    )
    own = _on_days("number__due_on", since, until) & Q(
        ~Exists(live.filter(invoice_id=OuterRef("pk"))), run_id__in=found["runs"]
    )
    return invoices.filter(own | Q(pk__in=billed) if found["has_billed"] else own)


def _on_days(path: str, since: date | None, until: date | None) -> Q:
    ends = {f"{path}__gte": since, f"{path}__lte": until}
    return Q(**{end: day for end, day in ends.items() if day is not None})


def with_billing_due(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Return *invoices* with `billing_due_on`, when their live billing is due; None where they are in none."""
    live = BillingMember.objects.filter(invoice_id=OuterRef("pk"), is_live=True)
    return invoices.annotate(billing_due_on=Subquery(live.values("billing__due_on")[:1]))


def is_consolidated_somewhere() -> Q:
    """Return whether a customer uses consolidated billing, an invoice waits for one, or one was made, to be read."""
    used = ConsolidationSettings.objects.filter(is_used=True)
    return Q(Exists(used) | Exists(QueuedInvoice.objects.all()) | Exists(ConsolidatedBilling.objects.all()))


def queued_of(invoice_ids: Sequence[int]) -> dict[int, QueuedInvoice]:
    """Return by invoice the marks of those that wait for a billing."""
    return QueuedInvoice.objects.in_bulk(list(invoice_ids))


def live_of_batch(batch: ConsolidationBatch) -> QuerySet[ConsolidatedBilling]:
    """Return the live billings of *batch*, in the order of their numbers."""
    return with_state(ConsolidatedBilling.objects.filter(batch=batch, void__isnull=True)).order_by("seq")
