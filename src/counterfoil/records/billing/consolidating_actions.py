"""The only writer of consolidated billings, their batches and members, and of the queue for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import connection

from counterfoil.core.refusals import Refusal
from counterfoil.records.billing.actions import reserve_ids
from counterfoil.records.billing.models import (
    BillingMember,
    BillingSequence,
    BillingVoid,
    ConsolidatedBilling,
    ConsolidationBatch,
    QueueChange,
)
from counterfoil.records.billing.summing_actions import move_due, move_due_of_chosen
from counterfoil.records.organisation.models import User

ROWS_A_STATEMENT = 2_000
BILLING_IDS = "billing_consolidatedbilling_id_seq"


class TakenMeanwhile(Refusal):
    """{count} of the invoices chosen are in another billing by now, or were released. Look again and choose anew."""


# The queue.

_FLAGS = """
INSERT INTO billing_queuedinvoice
    (invoice_id, customer_id, branch_id, currency, kind, invoice_date, due_on, tax_minor, gross_minor, is_locked)
SELECT invoice.id, invoice.customer_id, invoice.branch_id, invoice.currency, what.kind, invoice.invoice_date,
       number.due_on, invoice.tax_minor, invoice.gross_minor, settings.limit_minor IS NOT NULL
FROM billing_invoice AS invoice
JOIN billing_documentnumber AS number ON number.invoice_id = invoice.id
JOIN parties_consolidationsettings AS settings ON settings.customer_id = invoice.customer_id
LEFT JOIN billing_invoice AS credited ON credited.id = invoice.credits_id
CROSS JOIN LATERAL (SELECT COALESCE(credited.document_type, invoice.document_type) AS kind) AS what
WHERE invoice.id = ANY(%(invoices)s) AND settings.is_used AND what.kind IN ('sales', 'service')
"""

# What `core.consolidation.flag_of_new` says: with X always, else as chosen, else as the box for the type says.
_IF_NEW_AND_ON = """
  AND (settings.limit_minor IS NOT NULL OR COALESCE(
      (SELECT change.is_queued FROM billing_queuechange AS change
       WHERE change.invoice_id = invoice.id ORDER BY change.id DESC LIMIT 1),
      CASE what.kind WHEN 'sales' THEN settings.takes_sales ELSE settings.takes_service END
  ))
"""

# Who switches consolidation off waits for what is being issued, and sees it; who rolls a next date does not.
_WHILE_USED = "ORDER BY invoice.id FOR KEY SHARE OF settings"


def queue_new(invoices: Sequence[int]) -> None:
    """Put those of newly issued *invoices* (ids) on the queue whose flag is on (billing-rules 8.1)."""
    with connection.cursor() as cursor:
        cursor.execute(_FLAGS + _IF_NEW_AND_ON + _WHILE_USED, {"invoices": list(invoices)})


def queue_by_hand(invoices: Sequence[int]) -> None:
    """Put issued *invoices* (ids) on the queue, whatever the boxes of their customers say."""
    with connection.cursor() as cursor:
        cursor.execute(_FLAGS, {"invoices": list(invoices)})


def unqueue(invoices: Sequence[int]) -> int:
    """Take *invoices* (ids) off the queue; return how many were on it."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM billing_queuedinvoice WHERE invoice_id = ANY(%s)", [list(invoices)])
        return int(cursor.rowcount)


def unqueue_run(run_id: int) -> int:
    """Take what of a run is on the queue off it; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM billing_queuedinvoice WHERE invoice_id IN (SELECT id FROM billing_invoice WHERE run_id = %s)",
            [run_id],
        )
        return int(cursor.rowcount)


def note_queue_changes(
    invoices: Iterable[int], *, is_queued: bool, reason: str, by: User | None, now: datetime
) -> None:
    """Note that somebody put *invoices* (ids) on the queue or took them off, and why."""
    QueueChange.objects.bulk_create(
        [
            QueueChange(invoice_id=pk, is_queued=is_queued, reason=reason, changed_by=by, changed_at=now)
            for pk in invoices
        ],
        batch_size=ROWS_A_STATEMENT,
    )


# Numbers.


def lock_consolidating() -> BillingSequence:
    """Let one at a time make, change or void billings or change the queue, until the transaction ends."""
    BillingSequence.objects.get_or_create(pk=1)
    return BillingSequence.objects.select_for_update().get(pk=1)


def advance(sequence: BillingSequence, *, next_seq: int | None = None, next_batch: int | None = None) -> None:
    """Move the locked *sequence* past numbers that were just given."""
    sequence.next_seq = next_seq or sequence.next_seq
    sequence.next_batch = next_batch or sequence.next_batch
    sequence.save(update_fields=["next_seq", "next_batch"])


# Billings in a batch. The flow chose them into the temporary table `consolidation_chosen`: group_no, position,
# invoice_id and what `billing_queuedinvoice` says of each.


def create_batch(batch: ConsolidationBatch) -> ConsolidationBatch:
    """Store a new *batch* and return it with its id."""
    batch.save(force_insert=True)
    return batch


_TAKE = """
DELETE FROM billing_queuedinvoice AS queued USING consolidation_chosen AS chosen
WHERE queued.invoice_id = chosen.invoice_id
"""

_BILLINGS = """
INSERT INTO billing_consolidatedbilling
    (id, seq, revision, number, batch_id, customer_id, branch_id, currency, billing_date, due_on, po_number,
     description, member_count, tax_minor, gross_minor, created_by_id, created_at)
SELECT %(first)s + groups.group_no - 1, numbered.seq, 0, 'B' || numbered.seq || '-0', %(batch)s, groups.customer_id,
       groups.branch_id, groups.currency, groups.billing_date, due.due_on, '', %(description)s, groups.members,
       groups.tax_minor, groups.gross_minor, %(by)s, %(now)s
FROM consolidation_groups AS groups
JOIN unnest(%(seqs)s::bigint[]) WITH ORDINALITY AS numbered (seq, group_no) ON numbered.group_no = groups.group_no
JOIN unnest(%(terms)s::text[], %(dates)s::date[], %(due)s::date[]) AS due (terms, billing_date, due_on)
  ON due.terms = groups.terms AND due.billing_date = groups.billing_date
ORDER BY groups.group_no
"""

_MEMBERS = """
INSERT INTO billing_billingmember (billing_id, invoice_id, position, kind, was_locked, is_live)
SELECT %(first)s + group_no - 1, invoice_id, position, kind, is_locked, true FROM consolidation_chosen
"""


def take_chosen(*, count: int) -> None:
    """Take the *count* documents chosen off the queue. Raises `TakenMeanwhile` unless all were on it."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE)
        if cursor.rowcount != count:
            raise TakenMeanwhile(count=count - cursor.rowcount)


def store_chosen(
    batch: ConsolidationBatch,
    *,
    seqs: Sequence[int],
    due_dates: Sequence[tuple[str, date, date]],
    now: datetime,
) -> None:
    """Store a billing for each group of `consolidation_groups`, numbered by *seqs*, and its members.

    *due_dates* are terms, billing date and due date, each pair that occurs once.
    """
    terms, dates, due = zip(*due_dates, strict=True)
    values = {
        "batch": batch.pk,
        "first": reserve_ids(BILLING_IDS, count=len(seqs)),
        "description": batch.description,
        "by": batch.created_by_id,
        "now": now,
        "seqs": list(seqs),
        "terms": list(terms),
        "dates": list(dates),
        "due": list(due),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BILLINGS, values)
        cursor.execute(_MEMBERS, values)
    move_due_of_chosen(due_dates)


# One billing.


def create_billing(billing: ConsolidatedBilling, *, members: Sequence[BillingMember]) -> ConsolidatedBilling:
    """Store a new *billing* with its *members*, in their order, and return it with its id."""
    billing.save(force_insert=True)
    for position, member in enumerate(members, start=1):
        member.billing, member.position = billing, position
    BillingMember.objects.bulk_create(members, batch_size=ROWS_A_STATEMENT)
    move_due([billing.pk])
    return billing


def lock_billings(billing_ids: Sequence[int]) -> list[ConsolidatedBilling]:
    """Return billings as they are now, by id; the caller holds the lock of `lock_consolidating`."""
    found = ConsolidatedBilling.objects.filter(pk__in=billing_ids).select_related("customer", "void")
    return list(found.order_by("pk"))


_REQUEUE = """
INSERT INTO billing_queuedinvoice
    (invoice_id, customer_id, branch_id, currency, kind, invoice_date, due_on, tax_minor, gross_minor, is_locked)
SELECT invoice.id, invoice.customer_id, invoice.branch_id, invoice.currency, member.kind, invoice.invoice_date,
       number.due_on, invoice.tax_minor, invoice.gross_minor, member.was_locked
FROM billing_billingmember AS member
JOIN billing_invoice AS invoice ON invoice.id = member.invoice_id
JOIN billing_documentnumber AS number ON number.invoice_id = member.invoice_id
WHERE member.billing_id = ANY(%(billings)s) AND NOT (member.invoice_id = ANY(%(without)s))
"""


def end_billings(
    billing_ids: Sequence[int],
    *,
    reason: str,
    by: User | None,
    now: datetime,
    kept: Sequence[int] = (),
) -> None:
    """Void live billings: their members wait for another one again, but for those *kept* (ids of invoices)."""
    BillingVoid.objects.bulk_create(
        [BillingVoid(billing_id=pk, reason=reason, voided_by=by, voided_at=now) for pk in billing_ids],
        batch_size=ROWS_A_STATEMENT,
    )
    _end_members(billing_ids, kept=kept)


def replace_billing(
    old: ConsolidatedBilling,
    *,
    by_billing: ConsolidatedBilling,
    members: Sequence[BillingMember],
    reason: str,
    by: User | None,
    now: datetime,
) -> ConsolidatedBilling:
    """Store a revision with *members* in the place of the live billing *old*; what it leaves out waits again (8.8)."""
    _end_members([old.pk], kept=[member.invoice_id for member in members])
    unqueue([member.invoice_id for member in members])
    stored = create_billing(by_billing, members=members)
    BillingVoid.objects.create(billing=old, reason=reason, voided_by=by, voided_at=now, replaced_by=stored)
    return stored


def _end_members(billing_ids: Sequence[int], *, kept: Sequence[int]) -> None:
    move_due(billing_ids, back=True)
    BillingMember.objects.filter(billing__in=list(billing_ids), is_live=True).update(is_live=False)
    with connection.cursor() as cursor:
        cursor.execute(_REQUEUE, {"billings": list(billing_ids), "without": list(kept)})
