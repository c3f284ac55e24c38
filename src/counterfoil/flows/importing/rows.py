"""Rows of cells into columns of values, a batch at a time, with a problem for each cell that cannot be meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from counterfoil.core.refusals import shown
from counterfoil.flows.importing.columns import Check, Column, Gathered, Installation, Kind
from counterfoil.flows.importing.report import RowProblem
from counterfoil.flows.importing.sheets import Row
from counterfoil.flows.importing.steps import Cell, Step, Unmappable
from counterfoil.flows.importing.values import ValueType, plain

ROWS_A_BATCH = 5_000
MOST_REMEMBERED = 50_000

# The row that a step takes which happens once: no row of the file, and no cells.
ONCE: list[Row] = [(0, [])]

Values = dict[str, list[Any]]


def batches(rows: Iterator[Row], *, width: int) -> Iterator[tuple[list[Row], list[RowProblem]]]:
    """Yield the rows in batches, each *width* cells wide, and a problem for each row that is not."""
    while batch := list(islice(rows, ROWS_A_BATCH)):
        good, problems = [], []
        for number, cells in batch:
            if len(cells) == width:
                good.append((number, cells))
            elif len(cells) > width and not any(cells[width:]):
                good.append((number, cells[:width]))
            else:
                problems.append(_ragged(number, found=len(cells), width=width))
        yield good, problems


def _ragged(row: int, *, found: int, width: int) -> RowProblem:
    return RowProblem(
        row=row,
        message=f"The row has {found} values and the header {width} columns.",
        remedy="Give every row one value for each column; put values that hold a delimiter in quotes.",
    )


class RowReader:
    """Reads the rows of one step; remembers what it has read, because files repeat themselves."""

    def __init__(self, step: Step, *, installation: Installation) -> None:
        self._step = step
        self._defaults = {column.name: column.default_in(installation) for column in step.kind.columns}
        self._cells = {
            column.name: _Remembering(_reading(column, default=self._defaults[column.name]))
            for column in step.kind.columns
        }
        self._gathering = {
            gathered.name: _Remembering(_gathering(gathered)) for gathered in step.kind.gathered
        }

    def read(self, rows: Sequence[Row]) -> tuple[pa.Table, list[RowProblem]]:
        """Return what *rows* say as a table of staged columns, and what is wrong with them, in no order.

        A row whose key cannot be read is left out; a value that cannot be read is null.
        """
        numbers = [number for number, _ in rows]
        problems: list[RowProblem] = []
        values = self._values(rows, numbers=numbers, problems=problems)
        kind = self._step.kind
        # Fields that are gathered into the same words are gathered, and found wrong, once.
        for gathered in {one.staged: one for one in kind.gathered}.values():
            cells = zip(*(values[name] for name in gathered.columns), strict=True)
            values[gathered.staged] = self._told(
                self._gathering[gathered.name], cells, column=gathered.columns[0], at=(numbers, problems)
            )
        for check in kind.checks:
            if check.columns[0] in self._step.given:
                self._check(check, values, at=(numbers, problems))
        return _table(kind, values, numbers=numbers), problems

    def _values(self, rows: Sequence[Row], *, numbers: list[int], problems: list[RowProblem]) -> Values:
        cells = self._step.cells([cells for _, cells in rows])
        given = dict(zip(self._step.given, cells, strict=True))
        return {
            column.name: (
                self._told(
                    self._cells[column.name], given[column.name], column=column.name, at=(numbers, problems)
                )
                if column.name in given
                else [self._defaults[column.name]] * len(rows)
            )
            for column in self._step.kind.columns
        }

    def _told(
        self, reading: _Remembering, cells: Any, *, column: str, at: tuple[list[int], list[RowProblem]]
    ) -> list[Any]:
        """Return what *reading* makes of each of *cells*, None where it finds it wrong, and say so."""
        numbers, problems = at
        values = []
        for number, cell in zip(numbers, cells, strict=True):
            value = reading[cell]
            if value.__class__ is Unmappable:
                problems.append(self._problem(value, row=number, column=column))
                value = None
            values.append(value)
        return values

    def _check(self, check: Check, values: Values, *, at: tuple[list[int], list[RowProblem]]) -> None:
        numbers, problems = at
        for number, *cells in zip(numbers, *(values[name] for name in check.columns), strict=True):
            try:
                check.check(*cells)
            except ValueError as error:
                wrong = Unmappable("" if cells[0] is None else shown(cells[0]), *error.args)
                problems.append(self._problem(wrong, row=number, column=check.columns[0]))

    def _problem(self, wrong: Unmappable, *, row: int, column: str) -> RowProblem:
        return RowProblem(
            kind=self._step.kind.name,
            row=row or None,
            column=column,
            value=wrong.value or None,
            message=wrong.message,
            remedy=wrong.remedy,
        )


class _Remembering(dict[Any, Any]):
    """The answers of a function to what it was asked before; forgets them all when they become too many."""

    def __init__(self, answer: Callable[[Any], Any]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, question: Any) -> Any:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        value = self[question] = self._answer(question)
        return value


def _reading(column: Column, *, default: Any) -> Callable[[Cell], Any]:
    """Return how a cell of *column* is read: to its value, or to what is wrong with it."""
    expected = column.holds.expected
    must_be_filled = column.required and not column.may_be_empty

    def read(cell: Cell) -> Any:
        if isinstance(cell, Unmappable):
            return cell
        text = plain(cell.strip())
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        if not text:
            missing = Unmappable("", f"The column {column.name} is empty.", f"Write {expected}.")
            return missing if must_be_filled else default
        try:
            return column.holds.read(text)
        except ValueError:
            return Unmappable(
                _cut(text),
                f"{shown(text)} in the column {column.name} cannot be used.",
                f"Write {expected}.",
            )

    return read


def _gathering(gathered: Gathered) -> Callable[[tuple[Any, ...]], Any]:
    def read(cells: tuple[Any, ...]) -> Any:
        try:
            return gathered.gather(*cells)
        except ValueError as error:
            return Unmappable("", *error.args)

    return read


def _cut(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}…"


def staged_columns(kind: Kind) -> Mapping[str, ValueType]:
    """Return the columns of the staged rows of *kind* and what they hold, without `row_no`."""
    holds = {column.name: column.holds for column in kind.columns}
    fields = {field.staged: field.holds for field in kind.fields}
    return {**fields, **{name: holds[name] for name in kind.also_staged}}


def _table(kind: Kind, values: Values, *, numbers: list[int]) -> pa.Table:
    columns = {
        "row_no": pa.array(numbers, type=pa.int64()),
        **{name: pa.array(values[name], type=holds.arrow) for name, holds in staged_columns(kind).items()},
    }
    table = pa.table(columns)
    keys = [values[name] for name in kind.key]
    if any(None in column for column in keys):
        table = table.filter(pa.array([None not in key for key in zip(*keys, strict=True)]))
    return table
