"""Rows on their way in: staged by COPY into a temporary table, checked there as sets, made ready to be stored.

A file of a million rows is never whole in the program's memory. Everything happens in one transaction, and the
tables vanish with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import pyarrow as pa
from django.db import connection

from counterfoil.flows.importing.columns import Column, Kind, Reference
from counterfoil.flows.importing.report import MOST_PROBLEMS_KEPT, KindCount, RowProblem
from counterfoil.flows.importing.rows import staged_columns
from counterfoil.flows.importing.steps import Step
from counterfoil.records.copying import copy_in

_numbers = count(1)
MOST_KEYS_NAMED = 10

Found = tuple[list[RowProblem], int]
"""The first problems by row, and how many there are."""


@dataclass(frozen=True, kw_only=True)
class Staged:
    """A step and the temporary table that holds its rows."""

    step: Step
    table: str

    @property
    def kind(self) -> Kind:
        """Return the kind of its objects."""
        return self.step.kind

    @property
    def ready(self) -> str:
        """Return the name of the table of rows ready to be stored."""
        return f"{self.table}_ready"


def open_stage(step: Step) -> Staged:
    """Make an empty table for the rows of *step*; it lasts as long as the transaction."""
    staged = Staged(step=step, table=f"import_{next(_numbers)}_{step.kind.name.replace('-', '_')}")
    # In quotes: a column may be called like a word of SQL.
    columns = ", ".join(f'"{name}" {holds.sql}' for name, holds in staged_columns(step.kind).items())
    _execute(f"CREATE TEMPORARY TABLE {staged.table} (row_no bigint, {columns}) ON COMMIT DROP")
    return staged


def stage(staged: Staged, rows: pa.Table) -> None:
    """Append *rows* to the staged ones."""
    copy_in(table=staged.table, rows=rows)


def close_stage(staged: Staged) -> None:
    """Tell the database how much is staged; where the step collapses, keep one of rows that say the same."""
    if staged.step.collapses:
        keys, names = ", ".join(staged.kind.key), staged_columns(staged.kind)
        _execute(f"""
            DELETE FROM {staged.table} AS row
            USING (SELECT {keys}, min(row_no) AS first_no FROM {staged.table} GROUP BY {keys}
                   HAVING count(*) > 1) AS again,
                  {staged.table} AS first_row
            WHERE ({_of("row", staged.kind.key)}) = ({_of("again", staged.kind.key)})
              AND row.row_no > again.first_no AND first_row.row_no = again.first_no
              AND ({_of("row", names)}) IS NOT DISTINCT FROM ({_of("first_row", names)})
        """)  # noqa: S608
    if staged.kind.complete:
        staged.kind.complete(staged.table)
    _execute(f"ANALYZE {staged.table}")


def doubled_keys(staged: Staged, *, earlier: Sequence[Staged]) -> Found:
    """Return a problem for each row whose key stands in a row before it, or was staged by an *earlier* step."""
    kind, keys = staged.kind, ", ".join(staged.kind.key)
    same = " AND ".join(f"firsts.{name} = row.{name}" for name in kind.key)
    found = _select(f"""
        SELECT row.row_no, firsts.first_no, {_of("row", kind.key)}, count(*) OVER ()
        FROM {staged.table} AS row
        JOIN (SELECT {keys}, min(row_no) AS first_no FROM {staged.table} GROUP BY {keys}
              HAVING count(*) > 1) AS firsts ON {same}
        WHERE row.row_no > firsts.first_no
        ORDER BY row.row_no LIMIT {MOST_PROBLEMS_KEPT}
    """)  # noqa: S608
    problems, total = [_doubled(kind, row) for row in found], _total(found)
    for other in (other for other in earlier if other.kind is kind):
        found = _select(f"""
            SELECT row.row_no, firsts.row_no, {_of("row", kind.key)}, count(*) OVER ()
            FROM {staged.table} AS row JOIN {other.table} AS firsts ON {same}
            ORDER BY row.row_no LIMIT {MOST_PROBLEMS_KEPT}
        """)  # noqa: S608
        problems += [_doubled(kind, row) for row in found]
        total += _total(found)
    return problems, total


def _doubled(kind: Kind, found: tuple[Any, ...]) -> RowProblem:
    row, first, *key, _ = found
    told = " ".join(str(part) for part in key if part not in {None, ""})
    return RowProblem(
        kind=kind.name,
        row=row or None,
        column=kind.key[0],
        value=told,
        message=f"The {kind.words} {told!r} stands in row {first} already, and again in row {row}.",
        remedy="Keep one of the two rows.",
    )


def unknown_references(staged: Staged, *, earlier: Sequence[Staged]) -> Found:
    """Return a problem for each cell that refers to something neither stored nor staged by an *earlier* step."""
    problems, total = [], 0
    for column in staged.kind.references:
        is_filled = column.name in staged.step.given or column.default is not None
        if column.refers_to is not None and is_filled:
            found, count_found = _unknown(staged, column, column.refers_to, earlier=earlier)
            problems += found
            total += count_found
    return problems, total


def _unknown(staged: Staged, column: Column, refers_to: Reference, *, earlier: Sequence[Staged]) -> Found:
    brought = "".join(
        f" AND NOT EXISTS (SELECT FROM {other.table} AS other"
        f" WHERE other.{other.kind.key[0]} = row.{column.name})"
        for other in earlier
        if other.kind.name == refers_to.kind
    )
    found = _select(f"""
        SELECT row.row_no, row.{column.name}, count(*) OVER ()
        FROM {staged.table} AS row
        LEFT JOIN {refers_to.table} AS target ON target.{refers_to.key} = row.{column.name}
        WHERE row.{column.name} IS NOT NULL AND target.id IS NULL {brought}
        ORDER BY row.row_no LIMIT {MOST_PROBLEMS_KEPT}
    """)  # noqa: S608
    remedy = _remedy(refers_to) if found else ""
    problems = [
        RowProblem(
            kind=staged.kind.name,
            row=row or None,
            column=column.name,
            value=key,
            message=f"There is no {refers_to.words} {key!r}.",
            remedy=remedy,
        )
        for row, key, _ in found
    ]
    return problems, _total(found)


def _remedy(refers_to: Reference) -> str:
    if refers_to.kind:
        return f"Correct the cell, or import the {refers_to.words} first, with {refers_to.kind}."
    known = _select(
        f"SELECT {refers_to.key} FROM {refers_to.table} ORDER BY 1 LIMIT {MOST_KEYS_NAMED}"  # noqa: S608
    )
    return f"Correct the cell; there are {', '.join(str(key) for (key,) in known)}."


def make_ready(staged: Staged) -> Found:
    """Make the table of rows as they would be stored, and return what must not be stored so.

    It has `row_no`, `id` (null for a new object), and the model's columns: what the file gives, else what is
    stored, else the default.
    """
    kind, given = staged.kind, set(staged.step.given)
    fields = {field.name: field for field in kind.fields}
    key = [next(field for field in kind.fields if field.staged == name) for name in kind.key]
    table = kind.model._meta.db_table
    values = ", ".join(
        f"{field.value} AS {name}"
        if given & set(field.columns)
        else f"CASE WHEN target.id IS NULL THEN {field.value} ELSE target.{name} END AS {name}"
        for name, field in fields.items()
    )
    references = "\n".join(
        f"LEFT JOIN {to.table} AS ref_{column.name} ON ref_{column.name}.{to.key} = row.{column.name}"
        for column in kind.references
        if (to := column.refers_to) is not None
    )
    same = kind.same or " AND ".join(f"target.{field.name} = {field.value}" for field in key)
    extra = "".join(f", {sql} AS {name}" for name, sql in kind.extra.items())
    was = f"LEFT JOIN {table} AS was ON was.id = row.id" if kind.extra else ""
    _execute(f"""
        CREATE TEMPORARY TABLE {staged.ready} ON COMMIT DROP AS
        SELECT row.* {extra}
        FROM (
            SELECT row.row_no, target.id, {values}
            FROM {staged.table} AS row {references}
            LEFT JOIN {table} AS target ON {same}
            {kind.joins.format(rows=staged.table)}
        ) AS row {was}
    """)  # noqa: S608
    _execute(f"ANALYZE {staged.ready}")
    if kind.find:
        kind.find(staged.ready)
    return _stored_checks(staged)


def _stored_checks(staged: Staged) -> Found:
    problems, total = [], 0
    for check in staged.kind.stored_checks:
        found = _select(f"""
            SELECT row.row_no, count(*) OVER () FROM {staged.ready} AS row
            WHERE {check.fails.replace("{rows}", staged.ready)} ORDER BY row.row_no LIMIT {MOST_PROBLEMS_KEPT}
        """)  # noqa: S608
        problems += [
            RowProblem(
                kind=staged.kind.name,
                row=row or None,
                column=check.column,
                message=check.problem,
                remedy=check.remedy,
            )
            for row, _ in found
        ]
        total += _total(found)
    return problems, total


def store(staged: Staged) -> KindCount:
    """Store the rows that are ready, by the kind's action, and return what became of their objects."""
    columns = [field.name for field in staged.kind.fields]
    stored = staged.kind.store(rows=staged.ready, columns=columns)
    rows = _select(f"SELECT count(*) FROM {staged.table}")[0][0]  # noqa: S608
    return KindCount(kind=staged.kind.name, rows=rows, created=stored.created, changed=stored.changed)


def _of(row: str, names: Iterable[str]) -> str:
    return ", ".join(f"{row}.{name}" for name in names)


def _total(found: Sequence[tuple[Any, ...]]) -> int:
    return int(found[0][-1]) if found else 0


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _select(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
