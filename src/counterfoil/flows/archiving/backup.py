"""Backup: every table, as it is at one moment, into one file."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from psycopg import sql

from counterfoil.core.refusals import Refusal
from counterfoil.flows.archiving.archive import (
    Manifest,
    TablePart,
    member_of,
    new_archive,
    verify,
    write_manifest,
)


class NothingToBackUp(Refusal):
    """Nothing is set up here, so there is nothing to back up. Check COUNTERFOIL_HOME and COUNTERFOIL_DATABASE_URL."""


Progress = Callable[[int, int], None]

# What belongs to the running program and not to the books: sessions, sign-in attempts, the job queue.
LEFT_OUT = ("django_migrations", "django_session", "axes_%", "procrastinate_%")

# Every table and what it refers to, so that each can be put after those.
_TABLES = """
SELECT one.relname,
       array_agg(DISTINCT other.relname::text) FILTER (WHERE other.oid <> one.oid)
FROM pg_class AS one
LEFT JOIN pg_constraint AS key ON key.conrelid = one.oid AND key.contype = 'f'
LEFT JOIN pg_class AS other ON other.oid = key.confrelid
WHERE one.relkind = 'r' AND one.relnamespace = 'public'::regnamespace AND NOT one.relname LIKE ANY(%s)
GROUP BY one.relname ORDER BY one.relname
"""
_COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
_SEQUENCES = (
    "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
)


def back_up(file: Path, *, now: datetime, progress: Progress | None = None) -> Manifest:
    """Write everything stored into *file* and return what it holds, after reading it once more.

    All tables are read in one snapshot: work under way meanwhile is in it whole or not at all.
    """
    with new_archive(file) as archive, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        names = tables_in_order()
        parts = []
        for done, name in enumerate(names, start=1):
            parts.append(_write_table(archive, name))
            if progress:
                progress(done, len(names))
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, id")
        migrations: dict[str, list[str]] = {}
        for app, migration in cursor.fetchall():
            migrations.setdefault(app, []).append(migration)
        cursor.execute("SELECT max(name) FROM organisation_organisation")
        organisation = cursor.fetchone()[0]
        if organisation is None:
            raise NothingToBackUp
        cursor.execute(_SEQUENCES)
        write_manifest(
            archive,
            Manifest(
                made_at=now.isoformat(timespec="seconds"),
                organisation=organisation,
                migrations=migrations,
                tables=tuple(parts),
                sequences=dict(cursor.fetchall()),
            ),
        )
    return verify(file)


def tables_in_order() -> list[str]:
    """Return the tables that a backup holds, each after those it refers to."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [list(LEFT_OUT)])
        waiting = {name: set(referred or ()) for name, referred in cursor.fetchall()}
    ordered: list[str] = []
    while waiting:
        ready = [name for name, referred in waiting.items() if not referred & waiting.keys()]
        if not ready:
            raise ValueError(f"Tables refer to each other in a circle: {', '.join(waiting)}.")
        ordered += ready
        waiting = {name: referred for name, referred in waiting.items() if name not in ready}
    return ordered


def columns_of(table: str) -> tuple[str, ...]:
    """Return the columns of *table* that can be written."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [table])
        return tuple(name for (name,) in cursor.fetchall())


def copy_statement(template: str, *, table: str, columns: Sequence[str]) -> sql.Composed:
    """Return *template*, a COPY statement, for the *columns* of *table*."""
    names = sql.SQL(", ").join(sql.Identifier(name) for name in columns)
    return sql.SQL(template).format(table=sql.Identifier(table), columns=names)  # type: ignore[arg-type]


def _write_table(archive: zipfile.ZipFile, table: str) -> TablePart:
    columns = columns_of(table)
    statement = copy_statement("COPY {table} ({columns}) TO STDOUT", table=table, columns=columns)
    digest = hashlib.sha256()
    with (
        archive.open(member_of(table), "w", force_zip64=True) as member,
        connection.cursor() as cursor,
    ):
        with cursor.copy(statement) as copy:
            for block in copy:
                digest.update(block)
                member.write(block)
        rows = cursor.rowcount
    return TablePart(name=table, columns=columns, rows=rows, sha256=digest.hexdigest())
