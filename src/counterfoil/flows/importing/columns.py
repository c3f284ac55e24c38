"""The words a kind of file is declared in: its columns as people see them, and the fields they are stored in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from counterfoil.flows.importing.report import KindCount, RowProblem
from counterfoil.flows.importing.values import ValueType
from counterfoil.records.upserting import Stored


@dataclass(frozen=True, kw_only=True)
class Installation:
    """What defaults depend on."""

    currency: str
    branch: str


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What a column refers to by its key: in words, its table, the table's key, and the file that brings it."""

    words: str
    table: str
    key: str
    kind: str | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a file.

    A cell that is empty, and a column that a new object's file lacks, mean *default*: a value, or a function of
    the installation. A *required* column must be there; its cells may be empty only if it `may_be_empty`.
    *field* is the database column, None when other code gathers it with other columns. *paths* lead to the value
    in the database from the kind's model, and `show` makes a cell of what they lead to.
    """

    name: str
    holds: ValueType
    field: str | None = None
    required: bool = False
    may_be_empty: bool = False
    default: Any = None
    refers_to: Reference | None = None
    paths: tuple[str, ...] = ()
    show: Callable[..., Any] | None = None

    def default_in(self, installation: Installation) -> Any:
        """Return what an empty cell means in *installation*."""
        return self.default(installation) if callable(self.default) else self.default

    def shown(self, *values: Any) -> Any:
        """Return the cell for what `paths` lead to: text, a number, a date, or None."""
        return self.show(*values) if self.show else self.holds.write(*values)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One database column, the column of the staged rows it comes from, and the file's columns behind that."""

    name: str
    staged: str
    columns: tuple[str, ...]
    holds: ValueType
    value: str


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """A field that several columns give together: `gather` takes their values and raises ValueError(why, remedy)."""

    name: str
    staged: str
    columns: tuple[str, ...]
    holds: ValueType
    gather: Callable[..., Any]
    value: str | None = None

    @property
    def field(self) -> Field:
        """Return it as a field like others."""
        value = self.value or f"row.{self.staged}"
        return Field(name=self.name, staged=self.staged, columns=self.columns, holds=self.holds, value=value)


@dataclass(frozen=True, kw_only=True)
class Check:
    """What must hold between the cells of a row: `check` takes them and raises ValueError(why, remedy)."""

    columns: tuple[str, ...]
    check: Callable[..., None]


@dataclass(frozen=True, kw_only=True)
class StoredCheck:
    """What must hold of a row as it would be stored: SQL over `row`, one of the table `{rows}`, true where it fails."""

    column: str
    fails: str
    problem: str
    remedy: str


Prepared = tuple[list[RowProblem], int, list[KindCount]]
"""The first problems by row, how many there are, and what was stored besides the kind's own objects."""

Finish = Callable[[str, str, Any], Prepared]
"""Takes the tables of staged rows and of rows made ready, once they are stored, and who imports."""

Prepare = Callable[[str, Sequence[str], Installation], Prepared]
"""Takes the table of staged rows, the columns the file gives, and the installation."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of file: its columns, where its objects are kept, and the action that stores them.

    *key* are the columns that say which object a row is about; *also_staged* those that are stored elsewhere.
    `complete` puts in, before keys are compared, what the rows leave open.
    `prepare` does what must be done before the references of the rows can be looked up, `finish` what follows once all
    of the file is stored. *joins* and *extra* are
    further SQL for the rows made ready: joined tables, and columns besides the model's. Where there are *parts* a
    row describes an object of each of them, in this order, by their columns; what an export writes are the kind's
    own objects, of them *only* those. *same* is SQL that says when a stored object, `target`, is the row's, where
    equal keys alone do not; `find` puts the ids of those that no such condition finds on the rows made ready. A file
    may have the columns *beside*, for whoever fills it in; they are not read. A row says nothing yet, and is left out,
    where the column it *waits for* is empty.
    """

    name: str
    words: str
    model: Any
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    store: Callable[..., Stored]
    gathered: tuple[Gathered, ...] = ()
    also_staged: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    stored_checks: tuple[StoredCheck, ...] = ()
    complete: Callable[[str], None] | None = None
    prepare: Prepare | None = None
    finish: Finish | None = None
    joins: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Kind, ...] = ()
    only: Mapping[str, Any] = field(default_factory=dict)
    same: str = ""
    find: Callable[[str], None] | None = None
    beside: tuple[str, ...] = ()
    waits_for: str = ""

    @property
    def required(self) -> tuple[str, ...]:
        """Return the names of the columns that must be there."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Return the names of all its columns."""
        return tuple(column.name for column in self.columns)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """Return the file's columns that its key is made of, gathered or as they are."""
        behind = {gathered.staged: gathered.columns for gathered in self.gathered}
        return tuple(
            column for name in self.key for column in ((name,) if name in self.column_names else behind[name])
        )

    @property
    def fields(self) -> tuple[Field, ...]:
        """Return the database columns that a row fills."""
        return (
            *(_field_of(column) for column in self.columns if column.field),
            *(gathered.field for gathered in self.gathered),
        )

    @property
    def references(self) -> tuple[Column, ...]:
        """Return the columns that refer to other objects."""
        return tuple(column for column in self.columns if column.refers_to)


def _field_of(column: Column) -> Field:
    value = f"ref_{column.name}.id" if column.refers_to else f"row.{column.name}"
    return Field(
        name=str(column.field),
        staged=column.name,
        columns=(column.name,),
        holds=column.holds,
        value=value,
    )
