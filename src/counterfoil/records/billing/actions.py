"""The only writer of runs, their shards and totals, invoices, lines and exceptions."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
from django.db import connection

from counterfoil.records.billing.models import Run, RunShard, RunStatus
from counterfoil.records.copying import copy_in


class RunNotGenerating(Exception):
    """The run is no longer generating, so nothing more is stored in it. Start a new run."""


class ShardsMissing(Exception):
    """Parts of the run are not stored yet, so it stays invisible. Resume it."""


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
        raise RunNotGenerating(RunNotGenerating.__doc__)
    return done_at is None


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
    *, run_id: int, shard: int, now: datetime, invoices: int, lines: int, exceptions: int
) -> None:
    """Note that a shard is stored, and how much it held."""
    RunShard.objects.filter(run_id=run_id, number=shard).update(
        done_at=now, invoices=invoices, lines=lines, exceptions=exceptions
    )


_TOTALS = """
INSERT INTO billing_runtotal (run_id, currency, documents, lines, net_minor, tax_minor, gross_minor)
SELECT run_id, currency, count(*), sum(line_count), sum(net_minor), sum(tax_minor), sum(gross_minor)
FROM billing_invoice WHERE run_id = %s GROUP BY run_id, currency
"""


def open_run(run: Run, *, shards: list[tuple[int, int | None, int | None, int]]) -> Run:
    """Store a new *run*, generating, with its *shards*: number, first and last customer, charges."""
    run.save(force_insert=True)
    RunShard.objects.bulk_create(
        RunShard(run=run, number=number, first_customer=first, last_customer=last, charges=charges)
        for number, first, last, charges in shards
    )
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
        raise RunNotGenerating(RunNotGenerating.__doc__)
    if RunShard.objects.filter(run_id=run_id, done_at=None).exists():
        raise ShardsMissing(ShardsMissing.__doc__)
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [run_id])
    run.status = RunStatus.IN_REVIEW
    run.generated_at = now
    run.save(update_fields=["status", "generated_at"])
    return run
