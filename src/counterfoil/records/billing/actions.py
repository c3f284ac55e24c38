"""The only writer of runs, their shards and totals, invoices, lines and exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import pyarrow as pa
from django.db import connection

from counterfoil.core.refusals import Refusal
from counterfoil.records.billing.models import (
    BatchDefinition,
    Invoice,
    InvoiceExclusion,
    InvoiceHold,
    InvoiceVoid,
    LineReason,
    QueueChange,
    Run,
    RunShard,
    RunStatus,
)
from counterfoil.records.copying import copy_in
from counterfoil.records.organisation.models import User


class RunNotGenerating(Refusal):
    """Run {run} is no longer generating, so nothing more is stored in it. Start a new run."""


class ShardsMissing(Refusal):
    """Parts of run {run} are not stored yet, so it stays invisible. Resume it."""


_LOCK_SHARD = """
SELECT run.status, shard.done_at
FROM billing_runshard AS shard JOIN billing_run AS run ON run.id = shard.run_id
WHERE shard.run_id = %(run)s AND shard.number = %(shard)s
FOR UPDATE OF shard FOR SHARE OF run
"""


def lock_shard(*, run_id: int, shard: int) -> bool:
    """Lock a shard's row and its run's status for this transaction; return whether it is still to be stored.

    Raises `RunNotGenerating` if the run was abandoned meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_SHARD, {"run": run_id, "shard": shard})
        status, done_at = cursor.fetchone()
    if status != RunStatus.GENERATING:
        raise RunNotGenerating(run=run_id)
    return done_at is None


def lock_invoices(invoice_ids: Sequence[int]) -> None:
    """Lock documents for this transaction, in one order: nobody else credits or voids them meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM billing_invoice WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [list(invoice_ids)]
        )


def lock_invoices_of_run(run_id: int) -> None:
    """Lock every document of a run for this transaction, in one order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM billing_invoice WHERE run_id = %s ORDER BY id FOR UPDATE", [run_id])


_LOCK_CREDITED = """
SELECT id FROM billing_invoice
WHERE id IN (
    SELECT credits_id FROM billing_invoice
    WHERE run_id = %s AND credits_id IS NOT NULL AND (%s::bigint[] IS NULL OR id = ANY(%s::bigint[]))
)
ORDER BY id FOR UPDATE
"""


def lock_credited(run_id: int, *, invoices: Sequence[int] | None) -> None:
    """Lock what a run, or some of its *invoices*, credits: nobody credits that further meanwhile (6.6)."""
    chosen = None if invoices is None else list(invoices)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_CREDITED, [run_id, chosen, chosen])


def void(invoice_ids: Sequence[int], *, reason: str, by: User | None, now: datetime) -> None:
    """Take issued documents back; the caller restores what they had taken, in the same transaction."""
    InvoiceVoid.objects.bulk_create(
        InvoiceVoid(invoice_id=pk, reason=reason, voided_by=by, voided_at=now) for pk in invoice_ids
    )


def reserve_ids(sequence: str, *, count: int) -> int:
    """Take *count* consecutive ids from *sequence* and return the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT billing_reserve_ids(%s, %s)", [sequence, count])
        first: int = cursor.fetchone()[0]
    return first


def store_documents(*, invoices: pa.Table, lines: pa.Table) -> None:
    """Append *invoices* and their *lines*; columns are named like the tables'."""
    copy_in(table="billing_invoice", rows=invoices)
    copy_in(table="billing_invoiceline", rows=lines)


def store_exceptions(exceptions: pa.Table) -> None:
    """Append *exceptions*; columns are named like the table's."""
    if exceptions.num_rows:
        copy_in(table="billing_billingexception", rows=exceptions)


def mark_shard_done(
    *,
    run_id: int,
    shard: int,
    now: datetime,
    first_invoice: int,
    invoices: int,
    lines: int,
    exceptions: int,
    wording: Sequence[str] | None = None,
) -> None:
    """Note that a shard is stored, how much it held, and which ids its drafts have: *invoices* from *first_invoice*."""
    RunShard.objects.filter(run_id=run_id, number=shard).update(
        done_at=now,
        first_invoice=first_invoice,
        invoices=invoices,
        lines=lines,
        exceptions=exceptions,
        wording=wording,
    )


def create_definitions(definitions: Iterable[BatchDefinition]) -> list[BatchDefinition]:
    """Store new batch *definitions* and return them with their ids."""
    return BatchDefinition.objects.bulk_create(definitions)


def change_definitions(definitions: Iterable[BatchDefinition], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing *definitions*; runs keep the selection they began with."""
    BatchDefinition.objects.bulk_update(definitions, fields)


_TOTALS = """
INSERT INTO billing_runtotal (run_id, currency, documents, lines, net_minor, tax_minor, gross_minor)
SELECT run_id, currency, count(*), sum(line_count), sum(net_minor), sum(tax_minor), sum(gross_minor)
FROM billing_invoice WHERE run_id = %s GROUP BY run_id, currency
"""


def open_run(run: Run, *, shards: Sequence[RunShard]) -> Run:
    """Store a new *run*, generating, with its *shards*."""
    run.save(force_insert=True)
    for shard in shards:
        shard.run = run
    RunShard.objects.bulk_create(shards)
    return run


def lock_run(run_id: int) -> Run:
    """Lock a run's row for this transaction and return it as it is now."""
    return Run.objects.select_for_update().get(pk=run_id)


def finish_generating(run_id: int, *, now: datetime) -> Run:
    """Store the control totals of a run and make it visible at one stroke (billing-rules 12.5).

    Raises `RunNotGenerating` if that is done already, and `ShardsMissing` while a shard is not stored.
    """
    run = lock_run(run_id)
    if run.status != RunStatus.GENERATING:
        raise RunNotGenerating(run=run_id)
    if RunShard.objects.filter(run_id=run_id, done_at=None).exists():
        raise ShardsMissing(run=run_id)
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [run_id])
    run.status = RunStatus.IN_REVIEW
    run.generated_at = now
    run.save(update_fields=["status", "generated_at"])
    return run


def mark_abandoned(run: Run, *, because: str, now: datetime) -> Run:
    """Take a locked *run* out of sight for good."""
    run.status = RunStatus.ABANDONED
    run.abandoned_at = now
    run.abandoned_because = because
    run.save(update_fields=["status", "abandoned_at", "abandoned_because"])
    return run


def mark_voided(run: Run, *, because: str, by: User | None, now: datetime) -> Run:
    """Take all of a locked *run* back; the caller restores what it had taken, in the same transaction."""
    run.status = RunStatus.VOIDED
    run.voided_by = by
    run.voided_at = now
    run.voided_because = because
    run.save(update_fields=["status", "voided_by", "voided_at", "voided_because"])
    return run


def mark_authorised(run: Run, *, by: User | None, now: datetime) -> Run:
    """Note who authorised a locked *run* and when."""
    run.status = RunStatus.AUTHORISED
    run.authorised_by = by
    run.authorised_at = now
    run.save(update_fields=["status", "authorised_by", "authorised_at"])
    return run


def mark_authorised_again(run: Run) -> Run:
    """Note that a locked *run* that was issued has drafts that wait for their numbers."""
    if run.status == RunStatus.ISSUED:
        run.status = RunStatus.AUTHORISED
        run.save(update_fields=["status"])
    return run


def mark_issued(run: Run, *, now: datetime) -> Run:
    """Note that every draft of a locked *run* that is not held has its number."""
    if run.status == RunStatus.AUTHORISED:
        run.status = RunStatus.ISSUED
        run.issued_at = now
        run.save(update_fields=["status", "issued_at"])
    return run


def hold(invoices: Iterable[Invoice], *, reason: str, by: User | None, now: datetime) -> None:
    """Keep drafts back from issue."""
    InvoiceHold.objects.bulk_create(
        InvoiceHold(invoice=invoice, reason=reason, held_by=by, held_at=now) for invoice in invoices
    )


def release(invoices: Iterable[Invoice]) -> None:
    """End the holds on drafts."""
    InvoiceHold.objects.filter(invoice__in=list(invoices)).delete()


def exclude(invoices: Iterable[Invoice], *, reason: str, by: User | None, now: datetime) -> None:
    """Take drafts out of their run; the caller sets their charges' spans back in the same transaction."""
    InvoiceExclusion.objects.bulk_create(
        InvoiceExclusion(invoice=invoice, reason=reason, excluded_by=by, excluded_at=now)
        for invoice in invoices
    )


def replace(
    by_drafts: Mapping[int, int],
    *,
    drafts: Sequence[Invoice],
    reason: str,
    by: User | None,
    now: datetime,
) -> None:
    """Put new drafts in the place of *drafts*, their ids by the old ones' in *by_drafts*; holds go over (12.7)."""
    InvoiceExclusion.objects.bulk_create(
        InvoiceExclusion(
            invoice=draft,
            reason=reason,
            excluded_by=by,
            excluded_at=now,
            replaced_by_id=by_drafts.get(draft.pk),
        )
        for draft in drafts
    )
    holds = InvoiceHold.objects.filter(invoice__in=list(drafts))
    InvoiceHold.objects.bulk_create(
        InvoiceHold(
            invoice_id=by_drafts[hold.invoice_id],
            reason=hold.reason,
            held_by_id=hold.held_by_id,
            held_at=hold.held_at,
        )
        for hold in holds
        if hold.invoice_id in by_drafts
    )
    holds.delete()
    # What somebody chose of a draft's place in consolidated billing goes over, too (billing-rules 8.1).
    QueueChange.objects.bulk_create(
        QueueChange(
            invoice_id=by_drafts[change.invoice_id],
            is_queued=change.is_queued,
            reason=change.reason,
            changed_by_id=change.changed_by_id,
            changed_at=change.changed_at,
        )
        for change in QueueChange.objects.filter(invoice__in=list(by_drafts)).order_by("id")
    )


def give_reasons(reasons: Iterable[LineReason]) -> None:
    """Store why lines were added or waived, and who decided it (12.8)."""
    LineReason.objects.bulk_create(reasons)


def store_numbers(numbers: pa.Table) -> None:
    """Append numbers; columns are named like the table's."""
    copy_in(table="billing_documentnumber", rows=numbers)
