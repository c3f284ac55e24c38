"""Restore: a backup into a database whose tables are those of the backup, and empty of anybody's data."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction
from psycopg import sql

from counterfoil.core.refusals import Refusal
from counterfoil.flows.archiving.archive import Manifest, TablePart, blocks, member_of, opened
from counterfoil.flows.archiving.backup import copy_statement, tables_in_order

Progress = Callable[[int, int], None]

MAYBE_SENT = "It was queued when the backup was made; it may have been sent since."
# By SQL: the tables may be older than the program's models, and some of these not there yet.
_BY_EMAIL = sql.SQL("channel = 'email'")
_MAILED = {
    "deliveries_delivery": _BY_EMAIL,
    "deliveries_billingdelivery": _BY_EMAIL,
    "deliveries_statementdelivery": sql.SQL("true"),
}
_DOUBT_MAILS = """
UPDATE {} SET state = 'uncertain', detail = %s
WHERE {} AND state IN ('queued', 'sending')
"""
# Automatic and internal: how a sequence depends on the column that it numbers.
_BELONGS = """
SELECT EXISTS (
    SELECT FROM pg_depend JOIN pg_class ON pg_class.oid = refobjid
    WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass
      AND objid = to_regclass(%s) AND deptype IN ('a', 'i') AND relname = ANY(%s)
)
"""
_UNDER_WAY = "SELECT id FROM billing_run WHERE status IN ('generating', 'authorised') ORDER BY id"


class DatabaseIsInUse(Refusal):
    """{organisation} is set up here already, and a restore would replace it. Restore into a new COUNTERFOIL_HOME,
    or into an empty database of your own.
    """


class TablesDiffer(Refusal):
    """The backup's tables are not this version's: {tables}. Nothing was restored; use the version that made it."""


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What came back, and what a person has to look at: mails and runs that were under way."""

    manifest: Manifest
    uncertain_mails: int
    runs_to_resume: list[int]


def check_nothing_is_set_up() -> None:
    """Raise `DatabaseIsInUse` where there is an organisation."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('organisation_organisation') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return
        cursor.execute("SELECT name FROM organisation_organisation")
        found = cursor.fetchone()
    if found:
        raise DatabaseIsInUse(organisation=found[0])


def restore(file: Path, *, progress: Progress | None = None) -> Restored:
    """Put what *file* holds into the present tables, in one transaction: all of it, or nothing.

    The tables have seen exactly the backup's migrations. E-mails that were queued when the backup was made may
    have been sent since: they become *uncertain*, and only a person resends them (billing-rules 12.6).
    """
    with opened(file) as (archive, manifest), transaction.atomic():
        names = [table.name for table in manifest.tables]
        differing = sorted(set(names) ^ set(tables_in_order()))
        if differing:
            raise TablesDiffer(tables=", ".join(differing))
        _execute("TRUNCATE {}", *names)
        for done, table in enumerate(manifest.tables, start=1):
            _fill(archive, table)
            if progress:
                progress(done, len(names))
        for name, last_value in manifest.sequences.items():
            _set_sequence(name, last_value, tables=names)
        uncertain = doubt_mails(names)
        return Restored(manifest=manifest, uncertain_mails=uncertain, runs_to_resume=_runs_under_way())


def doubt_mails(tables: Sequence[str]) -> int:
    """Let the e-mails in *tables* that are queued or on their way be uncertain; return how many."""
    doubted = 0
    with connection.cursor() as cursor:
        for table in set(_MAILED).intersection(tables):
            statement = sql.SQL(_DOUBT_MAILS).format(sql.Identifier(table), _MAILED[table])
            cursor.execute(statement, [MAYBE_SENT])  # type: ignore[arg-type]
            doubted += cursor.rowcount
    return doubted


def _fill(archive: zipfile.ZipFile, table: TablePart) -> None:
    """Fill *table* with its triggers off: they record and check what happens, and this happened before."""
    statement = copy_statement("COPY {table} ({columns}) FROM STDIN", table=table.name, columns=table.columns)
    _execute("ALTER TABLE {} DISABLE TRIGGER USER", table.name)
    with archive.open(member_of(table.name)) as member, connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for block in blocks(member):
                copy.write(block)
        stored = cursor.rowcount
    if stored != table.rows:
        raise TablesDiffer(tables=f"{table.name} has {stored} rows in place of {table.rows}")
    # What constraints were put off is checked now: a table with open checks cannot be altered.
    _execute("SET CONSTRAINTS ALL IMMEDIATE")
    _execute("ALTER TABLE {} ENABLE TRIGGER USER", table.name)
    _execute("SET CONSTRAINTS ALL DEFERRED")


def _execute(template: str, *tables: str) -> None:
    names = sql.SQL(", ").join(sql.Identifier(name) for name in tables)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(template).format(names) if tables else template)  # type: ignore[arg-type]


def _set_sequence(name: str, last_value: int, *, tables: list[str]) -> None:
    """Set the sequence *name* if it belongs to one of *tables*.

    Others count what was not restored: the job queue, and the migrations that these tables were made by.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BELONGS, [name, tables])
        if cursor.fetchone()[0]:
            cursor.execute("SELECT setval(%s::regclass, %s)", [name, last_value])


def _runs_under_way() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_UNDER_WAY)
        return [run for (run,) in cursor.fetchall()]
