"""A batch: one billing for each customer, currency and branch of what is checked, all or none (billing-rules 8.4, 8.5).

It is one transaction, whatever its size: a batch that is killed has made nothing, and of two at once each invoice
goes to one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast

from counterfoil.core.consolidation import next_seqs
from counterfoil.core.refusals import Refusal, shown
from counterfoil.core.terms import parse_terms
from counterfoil.flows.consolidating.choosing import LISTED, Selection, values_of
from counterfoil.flows.consolidating.sending import SEND
from counterfoil.flows.stopping import stop_here
from counterfoil.records.billing import consolidating_actions as actions
from counterfoil.records.billing import consolidating_queries as queries
from counterfoil.records.billing.models import BillingSequence, ConsolidationBatch
from counterfoil.records.deliveries import billing_actions as deliveries
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import the_organisation

LONGEST_BATCH_NUMBER = 20


class BatchNumberTaken(Refusal):
    """There is a batch {number} already. Give another number, or leave it empty for the next one."""


class NotABatchNumber(Refusal):
    """{text} is no number of a batch. Give at most 20 letters, digits, dots and dashes, or leave it empty."""


class NothingToBill(Refusal):
    """Nothing was created: no checked invoice reaches its customer's minimum. Check others, or lower a minimum."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What a batch is asked for: the date of its billings, or each customer's next one where *uses_next_date* (8.5).

    *number* empty: the next one. *sends_email*: billings go at once to customers who want their mail so.
    """

    selection: Selection
    billing_date: date
    uses_next_date: bool = False
    number: str = ""
    description: str = ""
    sends_email: bool = True


def next_batch_number() -> str:
    """Return the number that the next batch would have; it is not taken."""
    taken = ConsolidationBatch.objects.filter(number=Cast(OuterRef("next_batch"), CharField()))
    sequence = BillingSequence.objects.annotate(is_taken=Exists(taken)).first() or BillingSequence()
    is_free = not getattr(sequence, "is_taken", True)
    return str(sequence.next_batch) if is_free else _number_for(sequence, typed="")[0]


def create_batch(wanted: Batch, *, by: User | None, now: datetime) -> ConsolidationBatch:
    """Make a billing for each group of the selection that reaches its minimum; the others stay eligible.

    Raises `BatchNumberTaken`, `NotABatchNumber`, and `NothingToBill` if there is none.
    """
    with transaction.atomic():
        sequence = actions.lock_consolidating()
        number, next_batch = _number_for(sequence, typed=wanted.number)
        invoices, groups = _choose(wanted)
        if not groups:
            raise NothingToBill
        batch = actions.create_batch(
            ConsolidationBatch(
                number=number,
                description=wanted.description,
                cutoff=wanted.selection.cutoff,
                billing_date=wanted.billing_date,
                uses_next_date=wanted.uses_next_date,
                created_by=by,
                created_at=now,
            )
        )
        actions.take_chosen(count=invoices)
        stop_here("after-consolidate-take")
        seqs = next_seqs(
            after=sequence.next_seq, count=groups, taken=queries.seqs_taken(after=sequence.next_seq)
        )
        actions.store_chosen(batch, seqs=seqs, due_dates=_due_dates(), now=now)
        actions.advance(sequence, next_seq=seqs[-1] + 1, next_batch=next_batch)
        if wanted.sends_email and deliveries.queue_batch(batch.pk, now=now):
            queue_work(SEND)
        stop_here("before-consolidate-commit")
    stop_here("after-consolidate")
    return batch


_CHOOSE = f"""
CREATE TEMPORARY TABLE consolidation_chosen ON COMMIT DROP AS
SELECT dense_rank() OVER (ORDER BY customer_id, currency, in_branch)::int AS group_no,
       row_number() OVER (
           PARTITION BY customer_id, currency, in_branch ORDER BY invoice_date, invoice_id
       )::int AS position,
       invoice_id, customer_id, branch_id, in_branch, currency, kind, due_on, tax_minor, gross_minor, is_locked,
       next_date
FROM ({LISTED}) AS listed
WHERE is_checked AND (minimum_minor IS NULL OR checked_minor >= minimum_minor)
"""  # noqa: S608  a file of ours

_GROUPS = """
CREATE TEMPORARY TABLE consolidation_groups ON COMMIT DROP AS
SELECT grouped.*, COALESCE(grouped.in_branch, customer.branch_id) AS branch_id,
       COALESCE(NULLIF(customer.payment_terms, ''), %(payment_terms)s) AS terms,
       COALESCE(CASE WHEN %(uses_next_date)s THEN grouped.next_date END, %(billing_date)s::date) AS billing_date
FROM (
    SELECT group_no, customer_id, currency, in_branch, count(*) AS members, sum(tax_minor)::bigint AS tax_minor,
           sum(gross_minor)::bigint AS gross_minor, max(next_date) AS next_date
    FROM consolidation_chosen GROUP BY group_no, customer_id, currency, in_branch
) AS grouped
JOIN parties_billingcustomer AS customer ON customer.id = grouped.customer_id
"""


def _choose(wanted: Batch) -> tuple[int, int]:
    """Choose what is billed into temporary tables; return how many invoices and how many billings that is."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS consolidation_chosen, consolidation_groups")
        # All that waits is sorted at once: in memory, and without compiling what runs a second.
        cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
        cursor.execute(_CHOOSE, values_of(wanted.selection))
        invoices = cursor.rowcount
        cursor.execute(
            _GROUPS,
            {
                "payment_terms": the_organisation().payment_terms,
                "uses_next_date": wanted.uses_next_date,
                "billing_date": wanted.billing_date,
            },
        )
        groups = cursor.rowcount
    return invoices, groups


def _due_dates() -> list[tuple[str, date, date]]:
    """Return the due date of each pair of terms and billing date that occurs: few, so computed one by one (8.5)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT terms, billing_date FROM consolidation_groups")
        return [(terms, day, parse_terms(terms).due_date(day)) for terms, day in cursor.fetchall()]


_BATCH_NUMBER = re.compile(rf"[A-Za-z0-9][A-Za-z0-9.\-]{{0,{LONGEST_BATCH_NUMBER - 1}}}", re.ASCII)


def _number_for(sequence: BillingSequence, *, typed: str) -> tuple[str, int]:
    """Return the number of the next batch, *typed* unless empty, and what the sequence goes on with."""
    number = typed.strip()
    if number:
        if not _BATCH_NUMBER.fullmatch(number):
            raise NotABatchNumber(text=shown(typed))
        if queries.batch_numbers_taken([number]):
            raise BatchNumberTaken(number=number)
        return number, sequence.next_batch
    following = sequence.next_batch
    while queries.batch_numbers_taken([str(following)]):
        following += 1
    return str(following), following + 1
