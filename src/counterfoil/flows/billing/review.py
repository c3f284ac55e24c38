"""Review: a person looks at the drafts and holds, releases or excludes some, or abandons the run (12.7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl
from django.db import transaction
from django.db.models import Q

from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import sentence
from counterfoil.engine.frames import ID, SPAN_MOVED, Frame
from counterfoil.flows.billing.blockers import check_drafts_may_go
from counterfoil.flows.billing.issue import check_dates
from counterfoil.flows.billing.load import read
from counterfoil.flows.billing.persist import to_arrow
from counterfoil.records.billing import actions, queries
from counterfoil.records.billing.models import Invoice, Run, RunStatus
from counterfoil.records.charges.actions import hand_on_event_marks, move_spans, unmark_charged
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.labels import small
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import the_organisation

MOST_BLOCKERS_NAMED = 5
TO_BE_RELEASED = "Revised after its run was authorised: somebody else releases it"

SPANS_TO_SET_BACK = Frame(
    name="spans to set back",
    columns={**SPAN_MOVED, "blocked_by": ID},
    key=("charge_id",),
)


class NoSuchDraft(Refusal):
    """There is no draft {invoice}. Choose drafts of a run in review, by id."""


class NotADraft(Refusal):
    """Invoice {invoice} is {state}, so it cannot be {verb}. Only drafts of a run in review can."""


class ReasonMissing(Refusal):
    """A reason is needed. Write in a few words why, for whoever looks at it later."""


class ReviserMayNotRelease(Refusal):
    """These drafts were revised after their run was authorised, and the organisation wants four eyes. Have somebody
    release them who did not revise them.
    """


class BilledFurther(Refusal):
    """{count} of the charges have been billed further since, on {invoices}. Take those back first."""


class RunNotAbandonable(Refusal):
    """Run {run} is {status}, so it cannot be abandoned. Documents that have numbers are credited instead."""


def hold(invoice_ids: Sequence[int], *, reason: str, by: User | None, now: datetime) -> int:
    """Keep drafts back from issue; their lines and spans stay. Returns how many were not held before."""
    need_reason(reason)
    with transaction.atomic():
        drafts = [
            draft for draft in drafts_locked(invoice_ids, verb=sentence("held")) if not queries.is_held(draft)
        ]
        actions.hold(drafts, reason=reason, by=by, now=now)
        return len(drafts)


def release(invoice_ids: Sequence[int], *, by: User | None = None) -> int:
    """End the holds on drafts. Returns how many were held.

    Of a run that is authorised already their issue is queued in the same transaction, and the run waits for it;
    so their dates are checked now, and under four eyes whoever revised one does not release it. Raises
    `DateBeforeLastIssued`, `BooksClosed` and `ReviserMayNotRelease`.
    """
    with transaction.atomic():
        held = [
            draft for draft in drafts_locked(invoice_ids, verb=sentence("released")) if queries.is_held(draft)
        ]
        chosen = Invoice.objects.filter(pk__in=[draft.pk for draft in held])
        late = chosen.filter(run__status__in=(RunStatus.AUTHORISED, RunStatus.ISSUED))
        check_dates(late)
        unseen = Q(hold__reason=TO_BE_RELEASED)
        revised = late.filter(Q(replaces__isnull=False) | unseen)
        revisers = queries.revisers_of(late) | set(
            late.filter(unseen).values_list("hold__held_by", flat=True)
        )
        is_own = by is None or by.pk in revisers
        if the_organisation().four_eyes and is_own and revised.exists():
            raise ReviserMayNotRelease
        actions.release(held)
        for run in Run.objects.filter(pk__in={draft.run_id for draft in held}):
            if run.status in (RunStatus.AUTHORISED, RunStatus.ISSUED):
                actions.mark_authorised_again(run)
                queue_work("issue_run", run_id=run.pk)
        return len(held)


def exclude(invoice_ids: Sequence[int], *, reason: str, by: User | None, now: datetime) -> int:
    """Drop drafts from their run: their spans are set back and the next run bills the days again.

    Raises `BilledFurther` if a later period of one of the charges is billed already.
    """
    need_reason(reason)
    with transaction.atomic():
        drafts = drafts_locked(invoice_ids, verb=sentence("excluded"))
        for run_id in sorted({draft.run_id for draft in drafts}):
            set_spans_back(run_id, invoices=[draft.pk for draft in drafts if draft.run_id == run_id])
        actions.exclude(drafts, reason=reason, by=by, now=now)
        return len(drafts)


def abandon(run_id: int, *, reason: str, now: datetime) -> Run:
    """Give up a run of which nothing is issued: all spans are set back, and it is out of sight for good.

    Raises `RunNotAbandonable` once it is authorised, and `BilledFurther`.
    """
    need_reason(reason)
    with transaction.atomic():
        run = actions.lock_run(run_id)
        if run.status not in (RunStatus.GENERATING, RunStatus.IN_REVIEW):
            raise RunNotAbandonable(run=run_id, status=small(RunStatus(run.status).label))
        set_spans_back(run_id, invoices=None)
        return actions.mark_abandoned(run, because=reason, now=now)


def need_reason(reason: str) -> None:
    """Raise `ReasonMissing` for a blank *reason*."""
    if not reason.strip():
        raise ReasonMissing


def drafts_locked(invoice_ids: Sequence[int], *, verb: str) -> list[Invoice]:
    """Return the drafts with their runs locked. Raises `NoSuchDraft`; `NotADraft` for one that is none any more."""
    run_ids = sorted(set(Invoice.objects.filter(pk__in=invoice_ids).values_list("run_id", flat=True)))
    runs = {run_id: actions.lock_run(run_id) for run_id in run_ids}
    drafts = list(queries.with_state(Invoice.objects.filter(pk__in=invoice_ids)))
    for missing in sorted(set(invoice_ids).difference(draft.pk for draft in drafts)):
        raise NoSuchDraft(invoice=missing)
    for draft in drafts:
        state = queries.state_of(draft, run=runs[draft.run_id])
        if state not in ("draft", "held", "kept"):
            raise NotADraft(invoice=draft.pk, state=queries.STATE_WORDS.get(state, state), verb=verb)
    return drafts


def set_spans_back(run_id: int, *, invoices: list[int] | None) -> None:
    """Set the spans back of what a run, or some of its drafts, had billed; its events become chargeable again.

    Raises `BilledFurther` (12.7), and `TakenBackTooEarly` if an invoice was credited further since.
    """
    actions.lock_credited(run_id, invoices=invoices)
    spans = read("spans_to_set_back", SPANS_TO_SET_BACK, run=run_id, invoices=invoices)
    blocked = spans.filter(pl.col("blocked_by").is_not_null())
    if not blocked.is_empty():
        names = blocked.get_column("blocked_by").unique().sort().head(MOST_BLOCKERS_NAMED).to_list()
        raise BilledFurther(count=blocked.height, invoices=", ".join(f"invoice {name}" for name in names))
    move_spans(to_arrow(spans.drop("blocked_by")))
    check_drafts_may_go(run_id, invoices=invoices)
    free_events(run_id, invoices=invoices)


def free_events(run_id: int, *, invoices: list[int] | None) -> None:
    """Make the events chargeable again that a run, or some of its documents, charged (C14).

    Where it billed them again, having credited them, they are charged by their former lines as before.
    """
    hand_on_event_marks(queries.lines_billed_again(run_id))
    unmark_charged(queries.event_lines(run_id, invoices=invoices))
