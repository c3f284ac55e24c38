"""The only writer of charges, of their billed spans, and of discounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa
from django.db import connection

from counterfoil.core.refusals import Refusal
from counterfoil.records.charges.models import Charge, Discount, PastConfirmation
from counterfoil.records.copying import copy_in
from counterfoil.records.upserting import MANY, Stored, store_rows


class SpanMovedMeanwhile(Refusal):
    """Another run has billed some of these days meanwhile. Nothing was stored; rate them again on today's data."""


# The days the system used before has billed. Where its periods began is not known, so both edges count as
# lying within one.
_OPENING_SPAN = """
    CASE WHEN charge.opening_billed_to > charge.starts_on THEN charge.starts_on END,
    CASE WHEN charge.opening_billed_to > charge.starts_on THEN charge.opening_billed_to END,
    COALESCE(charge.opening_billed_to > charge.starts_on, FALSE),
    COALESCE(charge.opening_billed_to > charge.starts_on, FALSE)
"""
_OPEN_SPANS = f"""
INSERT INTO charges_chargespan (charge_id, billed_from, billed_to, starts_in_part, ends_in_part)
SELECT charge.id, {_OPENING_SPAN} FROM charges_charge AS charge
"""  # noqa: S608
_REOPEN_SPANS = f"""
UPDATE charges_chargespan AS span
SET (billed_from, billed_to, starts_in_part, ends_in_part) = (
    SELECT {_OPENING_SPAN} FROM charges_charge AS charge WHERE charge.id = span.charge_id
)
"""  # noqa: S608

# A span that is still what it was opened with has no line of ours: lines move it, and give it back whole.
_NOT_BILLED_BY_US = f"""
SELECT span.charge_id FROM charges_chargespan AS span JOIN charges_charge AS charge ON charge.id = span.charge_id
WHERE span.charge_id = ANY(%s)
  AND (span.billed_from, span.billed_to, span.starts_in_part, span.ends_in_part)
      IS NOT DISTINCT FROM ({_OPENING_SPAN})
ORDER BY span.charge_id FOR UPDATE OF span
"""  # noqa: S608


def create_charges(charges: Sequence[Charge]) -> list[Charge]:
    """Store new *charges*, each with its billed span: what the system used before had billed, or nothing."""
    stored = Charge.objects.bulk_create(charges, batch_size=5_000)
    with connection.cursor() as cursor:
        cursor.execute(f"{_OPEN_SPANS} WHERE charge.id = ANY(%s)", [[charge.pk for charge in stored]])
    return stored


def change_charges(charges: Sequence[Charge], *, fields: Iterable[str]) -> None:
    """Store the *fields* of existing *charges*. What is billed already is never rated again.

    The span of a charge that we have not billed follows its start and its opening billed-to. Call it in a
    transaction: the spans are locked, so that a run under way bills either before or after.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NOT_BILLED_BY_US, [[charge.pk for charge in charges]])
        unbilled = [charge_id for (charge_id,) in cursor.fetchall()]
        Charge.objects.bulk_update(charges, list(fields), batch_size=2_000)
        cursor.execute(f"{_REOPEN_SPANS} WHERE span.charge_id = ANY(%s)", [unbilled])


def store_charges(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change charges from the temporary table *rows*; see `store_rows`.

    A new charge gets its billed span. *rows* also has `reopens_span`: true for a charge that we have not billed
    and whose start or opening billed-to changes, so that its span is what a new charge's would be.
    """
    stored = store_rows(model=Charge, rows=rows, columns=columns)
    with connection.cursor() as cursor:
        cursor.execute(f"{_OPEN_SPANS} JOIN {rows} AS row ON row.key = charge.key WHERE row.id IS NULL")
        cursor.execute(
            f"{_REOPEN_SPANS} FROM {rows} AS row WHERE row.id = span.charge_id AND row.reopens_span"
        )
        if stored.created > MANY:
            cursor.execute("ANALYZE charges_chargespan")
    return stored


_MOVED_SPAN = """
CREATE TEMPORARY TABLE moved_span (
    charge_id bigint, was_from date, was_to date, billed_from date, billed_to date,
    starts_in_part boolean, ends_in_part boolean
) ON COMMIT DROP
"""

# A shard moves few of all spans: without this the planner reads every one of them to find its own.
_BY_INDEX = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"

_MOVE = """
UPDATE charges_chargespan AS span
SET billed_from = moved.billed_from,
    billed_to = moved.billed_to,
    starts_in_part = moved.starts_in_part,
    ends_in_part = moved.ends_in_part
FROM moved_span AS moved
WHERE span.charge_id = moved.charge_id
  AND span.billed_from IS NOT DISTINCT FROM moved.was_from
  AND span.billed_to IS NOT DISTINCT FROM moved.was_to
"""


def move_spans(moved: pa.Table) -> None:
    """Move the billed spans of charges, every one from where it was when its lines were computed (2.5, 2.6).

    *moved* has the columns of the engine's SPANS; the new span is null where nothing is billed any more. Call
    it in the transaction that stores the lines, or takes them back. Raises `SpanMovedMeanwhile` unless every
    charge was where it should be: compare and set.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MOVED_SPAN)
        copy_in(table="moved_span", rows=moved)
        cursor.execute(_BY_INDEX)
        cursor.execute(_MOVE)
        if cursor.rowcount != moved.num_rows:
            raise SpanMovedMeanwhile
        cursor.execute("RESET enable_hashjoin; RESET enable_mergejoin; DROP TABLE moved_span")


def lock_spans(charge_ids: Sequence[int]) -> None:
    """Lock the billed spans of charges for this transaction, in the order in which runs move them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM charges_chargespan WHERE charge_id = ANY(%s) ORDER BY charge_id FOR UPDATE",
            [list(charge_ids)],
        )


def hand_on_event_marks(new_lines: Mapping[int, int]) -> None:
    """Let the marks of billed events name the line, by the old one, that bills them now (product C14)."""
    with connection.cursor() as cursor:
        cursor.execute(_HAND_ON_MARKS, [list(new_lines), list(new_lines.values())])


_HAND_ON_MARKS = """
UPDATE charges_chargedevent AS mark SET line_id = handed.new_line
FROM unnest(%s::bigint[], %s::bigint[]) AS handed(old_line, new_line)
WHERE mark.line_id = handed.old_line
"""


class EventChargedMeanwhile(Refusal):
    """Another run has charged one of these events meanwhile, or somebody changed it. Nothing was stored; rate them
    again on today's data.
    """


_CHARGED_LINE = "CREATE TEMPORARY TABLE charged_line (event_charge_id bigint, line_id bigint) ON COMMIT DROP"

_MARK_CHARGED = """
WITH chargeable AS (
    SELECT charged_line.event_charge_id, charged_line.line_id
    FROM charged_line
    JOIN charges_eventcharge AS event_charge ON event_charge.id = charged_line.event_charge_id
    JOIN charges_billableevent AS event ON event.id = event_charge.event_id
    WHERE event.is_chargeable
    ORDER BY charged_line.event_charge_id
    FOR SHARE OF event, event_charge
)
INSERT INTO charges_chargedevent (event_charge_id, line_id)
SELECT event_charge_id, line_id FROM chargeable
ON CONFLICT (event_charge_id) DO NOTHING
"""


def mark_charged(charged: pa.Table) -> None:
    """Mark charges of events as billed: `event_charge_id` by `line_id` (C14). Call it where the lines are stored.

    Raises `EventChargedMeanwhile` unless every one was chargeable and not charged: the primary key is the guard.
    """
    if not charged.num_rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(_CHARGED_LINE)
        copy_in(table="charged_line", rows=charged)
        cursor.execute(_MARK_CHARGED)
        if cursor.rowcount != charged.num_rows:
            raise EventChargedMeanwhile
        cursor.execute("DROP TABLE charged_line")


def unmark_charged(line_ids: Sequence[int]) -> int:
    """Make the events that these lines charged chargeable again, and return how many charges of events those were.

    Call it in the transaction that takes the lines back: excludes their drafts, abandons their run, or voids them.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM charges_chargedevent WHERE line_id = ANY(%s)", [list(line_ids)])
        return int(cursor.rowcount)


def confirm_past(confirmations: Sequence[PastConfirmation]) -> list[PastConfirmation]:
    """Store that charges' unbilled periods are to be billed; an earlier confirmation is moved on, never back (2.7)."""
    stored = []
    for confirmation in confirmations:
        before = PastConfirmation.objects.select_for_update().filter(charge=confirmation.charge).first()
        if before is not None:
            confirmation.ends_before = max(confirmation.ends_before, before.ends_before)
        confirmation.save()
        stored.append(confirmation)
    return stored


def create_discounts(discounts: Sequence[Discount]) -> list[Discount]:
    """Store new *discounts*; what is billed already stays as it is."""
    return Discount.objects.bulk_create(discounts, batch_size=5_000)


def change_discounts(discounts: Sequence[Discount], *, fields: Iterable[str]) -> None:
    """Store the *fields* of existing *discounts*; what is billed already stays as it is."""
    Discount.objects.bulk_update(discounts, list(fields), batch_size=2_000)


def delete_discounts(discounts: Sequence[Discount]) -> None:
    """Take *discounts* away; lines that were billed keep what was taken off them, and its name."""
    Discount.objects.filter(pk__in=[one.pk for one in discounts]).delete()


def store_discounts(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change discounts from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=Discount, rows=rows, columns=columns)
