"""The only writer of how customers' invoices are consolidated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection

from counterfoil.records.parties.models import ConsolidationSettings

FIELDS = (
    "is_used",
    "cycle",
    "next_date",
    "typed_date",
    "minimum_minor",
    "limit_minor",
    "takes_sales",
    "takes_service",
)


def store_settings(settings: Sequence[ConsolidationSettings]) -> None:
    """Store how customers' invoices are consolidated, new or not."""
    ConsolidationSettings.objects.bulk_create(
        settings, update_conflicts=True, unique_fields=["customer"], update_fields=FIELDS
    )


_ROLL = """
UPDATE parties_consolidationsettings AS settings
SET next_date = rolled.next_date
FROM unnest(%(customers)s::bigint[], %(expected)s::date[], %(next)s::date[])
     AS rolled (customer_id, expected, next_date)
WHERE settings.customer_id = rolled.customer_id AND settings.next_date = rolled.expected
RETURNING settings.customer_id
"""


def roll(dates: Sequence[tuple[int, date, date]]) -> set[int]:
    """Move the next dates of customers (id, expected, next), each only if it is the expected one (8.6).

    Returns the ids of those whose date moved: of two that roll the same cycle only the first does.
    """
    if not dates:
        return set()
    customers, expected, following = zip(*dates, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            _ROLL, {"customers": list(customers), "expected": list(expected), "next": list(following)}
        )
        return {customer for (customer,) in cursor.fetchall()}
