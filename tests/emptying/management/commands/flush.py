"""`flush` as the tests need it: quick. Django's own truncates every table, a file or more each, after each test that
commits; most are empty. Here only rows go, of the tables that hold any.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.core.management.commands import flush
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

# What Django itself puts back after it emptied them.
KEPT = {"django_content_type", "auth_permission"}

# Beyond it Django's way is quicker, and gives the room back.
LARGEST_BYTES = 8 << 20


class Command(flush.Command):
    """Empties the tables of the models."""

    def handle(self, **options: Any) -> None:
        """Delete the rows there are; where there are many, truncate all tables."""
        connection = connections[options["database"]]
        with transaction.atomic(using=options["database"]), connection.cursor() as cursor:
            tables = _tables(options["database"])
            is_small = _bytes(cursor, tables) < LARGEST_BYTES
            if is_small:
                _delete(cursor, _filled(cursor, tables))
        if not is_small:
            super().handle(**options)


@cache
def _tables(database: str) -> tuple[str, ...]:
    known = connections[database].introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(sorted(set(known) - KEPT))


def _bytes(cursor: CursorWrapper, tables: tuple[str, ...]) -> int:
    cursor.execute(
        "SELECT sum(pg_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name", [list(tables)]
    )
    return int(cursor.fetchone()[0])


def _filled(cursor: CursorWrapper, tables: tuple[str, ...]) -> list[str]:
    looks = [f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables]  # noqa: S608  our own names
    cursor.execute(" UNION ALL ".join(looks))
    return [table for (table,) in cursor.fetchall()]


def _delete(cursor: CursorWrapper, tables: list[str]) -> None:
    """Delete all rows of *tables*; our triggers, which refuse it, look away, and foreign keys wait to the end."""
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER; DELETE FROM {table}")  # noqa: S608
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
