"""Rate drafts anew on today's data, inside the same run: what is owed now takes the place of what was (12.7)."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q

from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import sentence
from counterfoil.engine.billing import bill
from counterfoil.flows.billing.load import ShardRange, load_shard
from counterfoil.flows.billing.persist import StoredRows, store_billed
from counterfoil.flows.billing.review import TO_BE_RELEASED, drafts_locked, need_reason, set_spans_back
from counterfoil.flows.billing.revising import Decision, replace_drafts
from counterfoil.flows.billing.run import selection_of, terms_of
from counterfoil.flows.closing import check_books_open
from counterfoil.records.billing import actions
from counterfoil.records.billing.models import Invoice, InvoiceLine, Run, RunStatus
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import the_organisation


class NotRatedAnew(Refusal):
    """Draft {invoice} credits, or bills days again that stay billed, so it is not rated anew. Exclude it, and credit
    or bill again as it should be.
    """


ADDED_LATE = "Added after its run was issued: release it to have it issued"
NO_SHARD = 0
"""The shard of drafts that came after the run was generated."""


@dataclass(frozen=True, kw_only=True)
class Rerated:
    """What rating anew came to: new drafts by id, how many old ones got none, and exceptions found."""

    drafts: list[int]
    gone: int
    exceptions: int


def rerate(invoice_ids: Sequence[int], *, reason: str, by: User | None, now: datetime) -> Rerated:
    """Take drafts out and bill their customers anew, on today's data, in the same run and transaction.

    All that a customer owes by the run's cut-off is billed: charges mended meanwhile as well. A draft for which
    nothing is owed any more is excluded. Raises `NotADraft`, `NotRatedAnew`, `BilledFurther`, and
    `SpanMovedMeanwhile` if another run bills the same days at this moment.
    """
    need_reason(reason)
    decision = Decision(reason=reason, by=by, now=now)
    with transaction.atomic():
        drafts = drafts_locked(invoice_ids, verb=sentence("rated anew"))
        _check_ratable(drafts)
        parts = [
            _rerate_run(run, [draft for draft in drafts if draft.run_id == run.pk], decision=decision)
            for run in Run.objects.filter(pk__in={draft.run_id for draft in drafts}).order_by("pk")
        ]
    return Rerated(
        drafts=[pk for part in parts for pk in part.drafts],
        gone=sum(part.gone for part in parts),
        exceptions=sum(part.exceptions for part in parts),
    )


def _check_ratable(drafts: list[Invoice]) -> None:
    """Raise `NotRatedAnew` for a credit note, and for days that are billed again without moving the span (2.5)."""
    stays = Q(span_from__lte=F("period_start"), span_to__gte=F("period_end"))
    lines = InvoiceLine.objects.filter(Q(kind="credit") | stays, invoice__in=drafts)
    refused = lines.order_by("invoice_id").values_list("invoice_id", flat=True).first()
    if refused is not None:
        raise NotRatedAnew(invoice=refused)


def _rerate_run(run: Run, drafts: list[Invoice], *, decision: Decision) -> Rerated:
    set_spans_back(run.pk, invoices=[draft.pk for draft in drafts])
    made: list[int] = []
    exceptions = 0
    for customer_id, invoice_date in sorted(_dates(drafts).items()):
        check_books_open(invoice_date)
        stored = _bill_customer(run, customer_id=customer_id, invoice_date=invoice_date)
        made += range(stored.first_invoice, stored.first_invoice + stored.invoices)
        exceptions += stored.exceptions
    pairs = _pairs(drafts, made)
    replace_drafts({draft.pk: draft for draft in drafts}, by_drafts=pairs, decision=decision)
    _hold_added(run, sorted(set(made) - set(pairs.values())), decision=decision)
    return Rerated(drafts=made, gone=len(drafts) - len(pairs), exceptions=exceptions)


def _hold_added(run: Run, added: list[int], *, decision: Decision) -> None:
    """Hold what came on top of the drafts replaced, where nobody else would see it or no issue would come (12.8)."""
    is_unseen = run.status in (RunStatus.AUTHORISED, RunStatus.ISSUED) and the_organisation().four_eyes
    if is_unseen or run.status == RunStatus.ISSUED:
        reason = TO_BE_RELEASED if is_unseen else ADDED_LATE
        drafts = Invoice.objects.filter(pk__in=added)
        actions.hold(drafts, reason=reason, by=decision.by, now=decision.now)


def _dates(drafts: list[Invoice]) -> dict[int, date]:
    """Return the date of each customer's drafts; the latest, should some have been dated anew."""
    dates: dict[int, date] = {}
    for draft in drafts:
        dates[draft.customer_id] = max(draft.invoice_date, dates.get(draft.customer_id, draft.invoice_date))
    return dates


def _bill_customer(run: Run, *, customer_id: int, invoice_date: date) -> StoredRows:
    """Bill all that one customer owes the run now, dated *invoice_date*, and store it."""
    customer = ShardRange(number=NO_SHARD, first_customer=customer_id, last_customer=customer_id, charges=0)
    loaded = load_shard(customer, selection=selection_of(run))
    billed = bill(loaded, terms=replace(terms_of(run), invoice_date=invoice_date))
    dated = copy(run)
    dated.invoice_date = invoice_date
    return store_billed(billed, run=dated, shard=NO_SHARD)


def _pairs(drafts: list[Invoice], made: list[int]) -> dict[int, int]:
    """Return which new draft takes the place of which old one: of the same customer, sharing most of its charges."""
    billed = _billed_by([draft.pk for draft in drafts] + made)
    customer_of = dict(Invoice.objects.filter(pk__in=made).values_list("pk", "customer_id"))
    pairs: dict[int, int] = {}
    free = set(made)
    for draft in drafts:
        fitting = [pk for pk in sorted(free) if customer_of[pk] == draft.customer_id]
        if fitting:
            pairs[draft.pk] = max(fitting, key=lambda pk: len(billed[pk] & billed[draft.pk]))
            free.discard(pairs[draft.pk])
    return pairs


def _billed_by(invoice_ids: list[int]) -> dict[int, set[tuple[int | None, int | None]]]:
    billed: dict[int, set[tuple[int | None, int | None]]] = {pk: set() for pk in invoice_ids}
    lines = InvoiceLine.objects.filter(invoice_id__in=invoice_ids)
    for invoice_id, charge_id, event_charge_id in lines.values_list(
        "invoice_id", "charge_id", "event_charge_id"
    ):
        billed[invoice_id].add((charge_id, event_charge_id))
    return billed
