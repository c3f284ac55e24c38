"""The only writer of runs, their shards and totals, invoices, lines and exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import pyarrow as pa
from django.db import connection

from counterfoil.core.numbering import NumberPattern, may_meet
from counterfoil.core.refusals import Refusal
from counterfoil.records.billing.models import (
    BatchDefinition,
    DocumentSeries,
    DocumentType,
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
from counterfoil.records.organisation.models import Branch, User


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
) -> None:
    """Note that a shard is stored, how much it held, and which ids its drafts have: *invoices* from *first_invoice*."""
    RunShard.objects.filter(run_id=run_id, number=shard).update(
        done_at=now, first_invoice=first_invoice, invoices=invoices, lines=lines, exceptions=exceptions
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


DEFAULT_PREFIXES = {
    DocumentType.CONTRACT: "INV",
    DocumentType.SERVICE: "SRV",
    DocumentType.SALES: "SAL",
    DocumentType.CREDIT_NOTE: "CN",
}
CONTINUOUS = 0
"""The year of a series that does not begin anew each year (7.2)."""


def series_for(
    documents: Iterable[tuple[int, str]], *, invoice_date: date, makes_new: bool = True
) -> list[DocumentSeries]:
    """Return the series of *documents* (branch and type) of that date; missing ones are made, or not saved (7.2).

    The open continuous one goes first. A year's first document begins a series like the year's before.
    """
    stored = list(DocumentSeries.objects.select_related("branch"))
    branches = Branch.objects.in_bulk()
    found = []
    for branch_id, document_type in sorted(set(documents)):
        series = _series_of(
            branches[branch_id],
            document_type,
            year=invoice_date.year,
            is_first=branch_id == min(branches),
            stored=stored,
        )
        if series.pk is None:
            series = _made(series) if makes_new else series
            stored.append(series)
        found.append(series)
    return found


def _series_of(
    branch: Branch, document_type: str, *, year: int, is_first: bool, stored: Sequence[DocumentSeries]
) -> DocumentSeries:
    """Return which of the *stored* series the documents of that year take, a new one if none; see `series_for`."""
    of_these = [one for one in stored if (one.branch_id, one.document_type) == (branch.pk, document_type)]
    by_year = {one.year: one for one in of_these if one.is_open or one.year != CONTINUOUS}
    if found := by_year.get(CONTINUOUS) or by_year.get(year):
        return found
    before = max((earlier for earlier in by_year if earlier < year), default=None)
    if before is not None:
        return DocumentSeries(
            branch=branch,
            document_type=document_type,
            year=year,
            pattern=by_year[before].pattern,
            any_date_order=by_year[before].any_date_order,
        )
    pattern = default_pattern(branch, document_type, is_first=is_first, stored=stored)
    return DocumentSeries(branch=branch, document_type=document_type, year=year, pattern=pattern)


def _made(series: DocumentSeries) -> DocumentSeries:
    """Store a new *series*, or return the one that somebody stored meanwhile."""
    stored, _is_new = DocumentSeries.objects.get_or_create(
        branch_id=series.branch_id,
        document_type=series.document_type,
        year=series.year,
        defaults={"pattern": series.pattern, "any_date_order": series.any_date_order},
    )
    return stored


def series_or_new(branch: Branch, document_type: str, *, year: int) -> DocumentSeries:
    """Return the series of that *year*, `CONTINUOUS` for the one that goes on; a new one is not saved yet."""
    of_these = DocumentSeries.objects.filter(branch=branch, document_type=document_type, year=year)
    found = of_these.select_related("branch").first()
    return found or DocumentSeries(branch=branch, document_type=document_type, year=year)


# Any number, as long as nobody else's: more digits of e.
_NUMBERING = 8_284_590


def lock_numbering() -> None:
    """Let one at a time change how documents are numbered, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBERING])


def default_pattern(
    branch: Branch, document_type: str, *, is_first: bool, stored: Sequence[DocumentSeries]
) -> str:
    """Return the pattern of a series nobody has set up: INV-2026-000001; other branches begin with their code.

    The first of these that no other *stored* series could meet: a branch may be called INV.
    """
    prefix = DEFAULT_PREFIXES[DocumentType(document_type)]
    short = "{branch}" if prefix == "INV" else f"{{branch}}-{prefix}"
    candidates = [
        *([f"{prefix}-{{year}}-{{seq:06}}"] if is_first else []),
        f"{short}-{{year}}-{{seq:06}}",
        f"{{branch}}/{prefix}/{{year}}/{{seq:06}}",
        f"{prefix}.{branch.pk}.{{year}}.{{seq:06}}",
    ]
    taken = [
        (NumberPattern(one.pattern), one.branch.code)
        for one in stored
        if (one.branch_id, one.document_type) != (branch.pk, document_type)
    ]
    for candidate in candidates:
        pattern = NumberPattern(candidate)
        if not any(
            may_meet(pattern, branch=branch.code, other=other, other_branch=code) for other, code in taken
        ):
            return candidate
    return candidates[-1]


def change_series(series: DocumentSeries) -> None:
    """Store how a series is written and ordered, new or not, and close the other kind of its documents' (7.2).

    The yearly ones need no closing: an open continuous one goes before them.
    """
    if series.year != CONTINUOUS:
        siblings = DocumentSeries.objects.filter(
            branch_id=series.branch_id, document_type=series.document_type, year=CONTINUOUS
        )
        siblings.update(is_open=False)
    series.is_open = True
    series.save()


def lock_series(series: Sequence[DocumentSeries]) -> list[DocumentSeries]:
    """Lock the rows of *series* for this transaction, in one order, and return them as they are now."""
    ids = [one.pk for one in series]
    locked = DocumentSeries.objects.select_for_update(of=("self",)).select_related("branch")
    return list(locked.filter(pk__in=ids).order_by("pk"))


def advance_series(last_given: Mapping[int, int], *, invoice_date: date) -> None:
    """Move locked series past the numbers just given; *last_given* is the newest sequence by series id."""
    for series_id, seq in last_given.items():
        series = DocumentSeries.objects.get(pk=series_id)
        series.next_seq = seq + 1
        series.last_date = max(invoice_date, series.last_date or invoice_date)
        series.save(update_fields=["next_seq", "last_date"])


def store_numbers(numbers: pa.Table) -> None:
    """Append numbers; columns are named like the table's."""
    copy_in(table="billing_documentnumber", rows=numbers)
