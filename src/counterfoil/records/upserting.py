"""Rows of a temporary table into a model's table: new ones are created, others changed where they differ.

Set-based, so that a million rows cost two statements, and audited like any other write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, models

# So many new rows that the database should look at them before it next plans a query.
MANY = 10_000


@dataclass(frozen=True, kw_only=True)
class Stored:
    """How many rows were created and how many changed; the others were as they are already."""

    created: int
    changed: int


def store_rows(*, model: type[models.Model], rows: str, columns: Sequence[str]) -> Stored:
    """Create or change the objects that the temporary table *rows* describes, in its order.

    It has *columns*, named and typed like the model's, `id` (null for what is to be created) and `row_no`. Names
    are those of our own models and tables, never input.
    """
    table = model._meta.db_table
    names, values = ", ".join(columns), ", ".join(f"row.{column}" for column in columns)
    change = f"""
        UPDATE {table} AS target SET ({names}) = ROW({values})
        FROM {rows} AS row
        WHERE row.id = target.id
          AND ({values}) IS DISTINCT FROM ({", ".join(f"target.{column}" for column in columns)})
    """  # noqa: S608
    create = f"""
        INSERT INTO {table} ({names})
        SELECT {values} FROM {rows} AS row WHERE row.id IS NULL ORDER BY row.row_no
    """  # noqa: S608
    with connection.cursor() as cursor:
        # The audit trigger joins the rows before and after. Its plan is kept for the session, and one made when
        # a statement changed no row is quadratic when the next changes a million.
        cursor.execute("DISCARD PLANS")
        cursor.execute(change)
        changed = cursor.rowcount
        cursor.execute(create)
        created = cursor.rowcount
        if created + changed > MANY:
            cursor.execute(f"ANALYZE {table}")
        return Stored(created=created, changed=changed)
