"""The only writer of charges and of their billed spans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
from django.db import connection

from counterfoil.core.refusals import Refusal
from counterfoil.records.charges.models import Charge, ChargeSpan
from counterfoil.records.copying import copy_in


class SpanMovedMeanwhile(Refusal):
    """Another run has billed some of these days meanwhile. Nothing was stored; rate them again on today's data."""


def create_charges(charges: Sequence[Charge]) -> list[Charge]:
    """Store new *charges*, each with its billed span: what the system used before had billed, or nothing."""
    stored = Charge.objects.bulk_create(charges, batch_size=5_000)
    ChargeSpan.objects.bulk_create([_opening_span(charge) for charge in stored], batch_size=5_000)
    return stored


def change_charges(charges: Sequence[Charge], *, fields: Iterable[str]) -> None:
    """Store the *fields* of existing *charges*. What is billed already is never rated again."""
    Charge.objects.bulk_update(charges, list(fields), batch_size=2_000)


def _opening_span(charge: Charge) -> ChargeSpan:
    opening = charge.opening_billed_to
    if opening is None or opening <= charge.starts_on:
        return ChargeSpan(charge=charge)
    # Where its periods began is not known, so both edges count as lying within one.
    return ChargeSpan(
        charge=charge,
        billed_from=charge.starts_on,
        billed_to=opening,
        starts_in_part=True,
        ends_in_part=True,
    )


_MOVED_SPAN = """
CREATE TEMPORARY TABLE moved_span (
    charge_id bigint, was_from date, was_to date, billed_from date, billed_to date,
    starts_in_part boolean, ends_in_part boolean
) ON COMMIT DROP
"""

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
        cursor.execute(_MOVE)
        if cursor.rowcount != moved.num_rows:
            raise SpanMovedMeanwhile
        cursor.execute("DROP TABLE moved_span")
