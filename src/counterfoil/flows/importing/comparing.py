"""What a file would do to each of its rows: new, changed from what to what, or the same as is stored.

Before and after are read as an export writes them, in the words of the file, around the storing that a dry run undoes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from counterfoil.flows.importing.columns import Kind
from counterfoil.flows.importing.export import rows_by_id
from counterfoil.flows.importing.report import MOST_ROWS_LISTED, FieldChange, RowOutcome, RowState
from counterfoil.flows.importing.staging import Staged

Cells = Mapping[int, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A row of a file: its number there, the object it is about (None: a new one), and what becomes of that."""

    row: int
    object_id: int | None
    key: str
    state: RowState


@dataclass(frozen=True, kw_only=True)
class Before:
    """The first rows of each state, and the cells, by object and column, of what is going to change."""

    kind: Kind
    rows: Sequence[Found]
    cells: Cells


def before_storing(staged: Staged) -> Before:
    """Look at the rows of *staged* that are ready to be stored: the first of each state, and what they change."""
    rows = _rows(staged)
    changing = [one.object_id for one in rows if one.state is RowState.CHANGED and one.object_id is not None]
    return Before(kind=staged.kind, rows=rows, cells=rows_by_id(staged.kind, changing))


def after_storing(before: Before) -> list[RowOutcome]:
    """Return what became of the rows, once they are stored: of those changed each column with both of its cells."""
    after = rows_by_id(before.kind, list(before.cells))
    return [
        RowOutcome(
            kind=before.kind.name,
            row=one.row or None,
            key=one.key,
            state=one.state,
            changes=_changes(before.cells.get(one.object_id or 0, {}), after.get(one.object_id or 0, {})),
        )
        for one in before.rows
    ]


def _rows(staged: Staged) -> list[Found]:
    kind = staged.kind
    fields = ", ".join(f"row.{one.name}" for one in kind.fields)
    stored = ", ".join(f"was.{one.name}" for one in kind.fields)
    keys = ", ".join(f'keyed."{name}"' for name in kind.key)
    query = f"""
        SELECT row_no, id, state, {", ".join(f'"{name}"' for name in kind.key)} FROM (
            SELECT judged.*, {keys},
                   row_number() OVER (PARTITION BY judged.state ORDER BY judged.row_no) AS place
            FROM (
                SELECT row.row_no, row.id,
                       CASE WHEN row.id IS NULL THEN '{RowState.NEW}'
                            WHEN ({fields}) IS DISTINCT FROM ({stored}) THEN '{RowState.CHANGED}'
                            ELSE '{RowState.SAME}' END AS state
                FROM {staged.ready} AS row LEFT JOIN {kind.model._meta.db_table} AS was ON was.id = row.id
            ) AS judged JOIN {staged.table} AS keyed ON keyed.row_no = judged.row_no
        ) AS placed WHERE place <= {MOST_ROWS_LISTED} ORDER BY row_no
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(query)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    write = {column.name: column.holds.write for column in kind.columns}
    return [
        Found(
            row=row,
            object_id=object_id,
            state=RowState(state),
            key=" ".join(
                str(write.get(name, str)(value))
                for name, value in zip(kind.key, key, strict=True)
                if value not in {None, ""}
            ),
        )
        for row, object_id, state, *key in found
    ]


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(column=name, before=before[name], after=after[name])
        for name in before
        if name in after and before[name] != after[name]
    )
