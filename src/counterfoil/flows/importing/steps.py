"""What becomes of each row of a file: the objects of one kind, or by a mapping those of several.

A step takes rows of a file as they are and gives the cells of one kind's columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from counterfoil.flows.importing.columns import Kind
from counterfoil.flows.importing.report import RowProblem


@dataclass(frozen=True, slots=True)
class Unmappable:
    """A cell that a mapping could not make, and why."""

    value: str
    message: str
    remedy: str


Cell = str | Unmappable


@dataclass(frozen=True, kw_only=True)
class Step:
    """The objects of one *kind* that rows describe, by the columns *given*.

    `cells` takes rows and returns a list for each column given. A step that happens *once* takes no row of the
    file; one that *collapses* counts rows that say the same about the same object as one. *only* says of which rows it
    is; None: of all. One that *leaves out* the others has them counted, for they are nobody's.
    """

    kind: Kind
    given: tuple[str, ...]
    cells: Callable[[Sequence[Sequence[str]]], list[list[Cell]]]
    once: bool = False
    collapses: bool = False
    only: Callable[[Sequence[str]], bool] | None = None
    leaves_out: bool = False


def plain_step(kind: Kind, *, names: Sequence[str]) -> Step | list[RowProblem]:
    """Return the step for a file whose columns, called *names*, are those of *kind*; or what is wrong with them."""
    known = (*kind.column_names, *kind.beside)
    told = tuple(name.lower() if name.lower() in known else name for name in names)
    places = [at for at, name in enumerate(told) if name not in kind.beside]
    given = tuple(told[at] for at in places)
    problems = header_problems(given, kind=kind)
    if problems:
        return problems

    def cells(rows: Sequence[Sequence[str]]) -> list[list[Cell]]:
        return [[row[at] for row in rows] for at in places]

    waits_at = told.index(kind.waits_for) if kind.waits_for else None
    only = None if waits_at is None else (lambda row: bool(row[waits_at].strip()))
    return Step(kind=kind, given=given, cells=cells, only=only, leaves_out=only is not None)


def parts_of(step: Step) -> list[Step]:
    """Return the steps that *step* takes: itself, or one for each part of its kind, by that part's columns."""
    return [_part(step, kind) for kind in step.kind.parts] or [step]


def _part(step: Step, kind: Kind) -> Step:
    places = [at for at, name in enumerate(step.given) if name in kind.column_names]

    def cells(rows: Sequence[Sequence[str]]) -> list[list[Cell]]:
        whole = step.cells(rows)
        return [whole[at] for at in places]

    # Rows that share an object of one part differ in another, so the same object said twice is one.
    is_last = kind is step.kind.parts[-1]
    return Step(
        kind=kind,
        given=tuple(step.given[at] for at in places),
        cells=cells,
        once=step.once,
        collapses=step.collapses or not is_last,
    )


def header_problems(names: Sequence[str], *, kind: Kind) -> list[RowProblem]:
    """Return what is wrong with a header of *names*: unknown, doubled, nameless or missing columns."""
    problems = [*doubled_or_nameless(names)]
    for name in dict.fromkeys(names):
        if name and name not in kind.column_names:
            problems.append(_unknown(name, kind=kind))
    for name in kind.required:
        if name not in names:
            remedy = f"Add it; {kind.name} need the columns {', '.join(kind.required)}."
            problems.append(
                _in_header(message=f"The column {name} is missing.", remedy=remedy, kind=kind, column=name)
            )
    return problems


def doubled_or_nameless(names: Sequence[str]) -> list[RowProblem]:
    """Return a problem for each column without a name, and for each name that is there again."""
    problems = []
    for place, name in enumerate(names, start=1):
        if not name:
            problems.append(
                _in_header(
                    message=f"Column {place} has no name.", remedy="Name it in the first row, or delete it."
                )
            )
        elif name in names[: place - 1]:
            problems.append(
                _in_header(
                    message=f"The column {name} is there twice.", remedy="Keep one of the two.", column=name
                )
            )
    return problems


def _unknown(name: str, *, kind: Kind) -> RowProblem:
    known = ", ".join(kind.column_names)
    nearest = nearest_of(name, kind.column_names)
    hint = f"Did you mean {nearest}? " if nearest else ""
    return _in_header(
        message=f"The column {name!r} is not known for {kind.name}.",
        remedy=f"{hint}Rename it or take it out; known are {known}.",
        kind=kind,
        column=name,
    )


def nearest_of(name: str, known: Sequence[str]) -> str | None:
    """Return the one of *known* that is most like *name*, if any is."""
    return next(iter(get_close_matches(name.lower(), known, n=1)), None)


def _in_header(
    *, message: str, remedy: str, kind: Kind | None = None, column: str | None = None
) -> RowProblem:
    return RowProblem(kind=kind.name if kind else None, row=1, column=column, message=message, remedy=remedy)
