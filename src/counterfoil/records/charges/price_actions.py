"""The only writer of prices by date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection

from counterfoil.records.charges.models import PriceChange
from counterfoil.records.upserting import Stored, store_rows

ROWS_A_STATEMENT = 2_000


def create_price_changes(changes: Iterable[PriceChange]) -> list[PriceChange]:
    """Store new price *changes* and return them with their ids. What is billed already is never rated again (4.2)."""
    return PriceChange.objects.bulk_create(changes, batch_size=ROWS_A_STATEMENT)


def change_price_changes(changes: Iterable[PriceChange], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing price *changes*."""
    PriceChange.objects.bulk_update(changes, fields, batch_size=ROWS_A_STATEMENT)


def delete_price_changes(changes: Iterable[PriceChange]) -> None:
    """Take price *changes* back: from their day on the price before them holds again, for what is not billed."""
    PriceChange.objects.filter(pk__in=[change.pk for change in changes]).delete()


def find_price_changes(rows: str) -> None:
    """Put into the temporary table *rows* the ids of the price changes that are stored already.

    Whose price a row is stands in one of three columns; the stored change of the same day is found by all three.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"""
            UPDATE {rows} AS row SET id = stored.id FROM charges_pricechange AS stored
            WHERE stored.valid_from = row.valid_from
              AND (stored.charge_id = row.charge_id OR stored.override_id = row.override_id
                   OR stored.master_charge_id = row.master_charge_id)
        """)  # noqa: S608


def store_price_changes(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change price changes from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=PriceChange, rows=rows, columns=columns)
