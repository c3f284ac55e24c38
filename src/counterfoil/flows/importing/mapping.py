"""A mapping: how a file of somebody else's becomes files of ours, written in TOML (docs/reference/import-files.md).

It has steps in order, each for one kind. A step says for every column what its cells are: a text in which
`{Column}` stands for that column of the file, or a rule with `value` and further `when`, `otherwise`,
`translate`, `plus` and `minus`. Nothing else is understood: a mapping computes nothing that is not here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from counterfoil.core.periods import DateOutOfRange, Grid, Length, Unit
from counterfoil.core.refusals import Refusal, shown
from counterfoil.core.sentences import sentence
from counterfoil.flows.importing.kinds import UnknownKind, kind_of
from counterfoil.flows.importing.report import RowProblem
from counterfoil.flows.importing.steps import (
    Cell,
    Step,
    Unmappable,
    doubled_or_nameless,
    header_problems,
    nearest_of,
)

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_SPAN = re.compile(r"([0-9]{1,6}) *(day|week|month|year)s?", re.ASCII)
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_RULE_WORDS = {"value", "when", "otherwise", "translate", "plus", "minus"}
_STEP_WORDS = {"import", "once", "columns"}
_FILE_WORDS = {"step", "ignore"}


class MappingIsWrong(Refusal):
    """The mapping cannot be used: {reason}. Correct it and try again."""


Make = Callable[[Mapping[str, str]], Cell]
"""Makes one cell from a row of the file, its cells by the names of their columns."""


@dataclass(frozen=True, kw_only=True)
class MappedColumn:
    """One column of a step: how its cells are made, and which columns of the file that takes."""

    make: Make
    uses: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class MappedStep:
    """The objects of one kind, as the mapping describes them."""

    kind: str
    once: bool
    columns: Mapping[str, MappedColumn]


@dataclass(frozen=True, kw_only=True)
class FileMapping:
    """A mapping that has been read: its steps in order, and the columns it leaves out on purpose."""

    steps: tuple[MappedStep, ...]
    ignored: frozenset[str] = field(default_factory=frozenset)

    @property
    def used(self) -> frozenset[str]:
        """Return the columns of the file that any step uses."""
        return frozenset().union(*(column.uses for step in self.steps for column in step.columns.values()))


def read_mapping(text: str) -> FileMapping:
    """Return the mapping that *text*, TOML, describes. Raises `MappingIsWrong`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingIsWrong(reason=f"it is no TOML ({error})") from error
    _know(document, _FILE_WORDS, where="the mapping")
    steps, ignored = document.get("step", []), document.get("ignore", [])
    if not isinstance(steps, list) or not steps:
        raise MappingIsWrong(reason=sentence("it has no [[step]]"))
    if not isinstance(ignored, list) or not all(isinstance(name, str) for name in ignored):
        raise MappingIsWrong(reason=sentence("ignore is not a list of columns"))
    return FileMapping(
        steps=tuple(_step(step, number=number) for number, step in enumerate(steps, start=1)),
        ignored=frozenset(ignored),
    )


def mapped_steps(mapping: FileMapping, *, names: Sequence[str]) -> list[Step] | list[RowProblem]:
    """Return the steps for a file whose columns are called *names*; or what is wrong with them.

    Every column of the file is used or ignored, and every column of the mapping is there.
    """
    problems = [*doubled_or_nameless(names)]
    problems += [_not_mapped(name) for name in names if name and name not in mapping.used | mapping.ignored]
    problems += [
        _not_there(name, names=names) for name in sorted(mapping.used | mapping.ignored) if name not in names
    ]
    return problems or [_mapped(step, names=names) for step in mapping.steps]


def _mapped(step: MappedStep, *, names: Sequence[str]) -> Step:
    makes = [column.make for column in step.columns.values()]

    def cells(rows: Sequence[Sequence[str]]) -> list[list[Cell]]:
        named = [dict(zip(names, row, strict=False)) for row in rows]
        return [[make(row) for row in named] for make in makes]

    return Step(
        kind=kind_of(step.kind), given=tuple(step.columns), cells=cells, once=step.once, collapses=True
    )


def _not_mapped(name: str) -> RowProblem:
    return RowProblem(
        row=1,
        column=name,
        message=f"The mapping says nothing about the column {name!r}.",
        remedy="Use it in a step, or list it under ignore.",
    )


def _not_there(name: str, *, names: Sequence[str]) -> RowProblem:
    nearest = nearest_of(name, [*names])
    hint = f" Did you mean {nearest!r}?" if nearest else ""
    return RowProblem(
        row=1,
        column=name,
        message=f"The mapping uses the column {name!r}, which the file does not have.",
        remedy=f"Correct the mapping or the file.{hint}",
    )


# --- Reading the steps


def _step(step: Any, *, number: int) -> MappedStep:
    where = f"step {number}"
    if not isinstance(step, dict):
        raise MappingIsWrong(reason=f"{where} is not a table")
    _know(step, _STEP_WORDS, where=where)
    try:
        kind = kind_of(str(step.get("import", "")))
    except UnknownKind as error:
        raise MappingIsWrong(reason=f"in {where}, import: {error}") from error
    columns, once = step.get("columns", {}), step.get("once", False)
    if not isinstance(columns, dict) or not isinstance(once, bool):
        raise MappingIsWrong(reason=f"{where} needs a table columns, and once is true or false")
    problems = header_problems([*columns], kind=kind)
    if problems:
        raise MappingIsWrong(reason=f"in {where}, {problems[0].message} {problems[0].remedy}")
    mapped = {name: _column(rule, where=f"{where}, {name}") for name, rule in columns.items()}
    used = sorted(frozenset().union(*(column.uses for column in mapped.values())))
    if once and used:
        raise MappingIsWrong(reason=f"{where} happens once, and so cannot use {used[0]!r} of a row")
    return MappedStep(kind=kind.name, once=once, columns=mapped)


def _column(rule: Any, *, where: str) -> MappedColumn:
    if isinstance(rule, str):
        return _template(rule, where=where)
    if not isinstance(rule, dict):
        raise MappingIsWrong(reason=f"{where} is neither a text in quotes nor a rule in braces")
    _know(rule, _RULE_WORDS, where=where)
    if "value" not in rule or not all(
        isinstance(rule.get(word, ""), str) for word in ("value", "otherwise", "plus", "minus")
    ):
        raise MappingIsWrong(reason=f"{where} needs a value; value, otherwise, plus and minus are texts")
    column = _template(rule["value"], where=where)
    for word, sign in (("minus", -1), ("plus", 1)):
        if word in rule:
            column = _moved(column, _template(rule[word], where=where), sign=sign)
    if "translate" in rule:
        column = _translated(column, _texts(rule["translate"], where=f"{where}, translate"))
    if "when" in rule:
        conditions = _texts(rule["when"], where=f"{where}, when")
        column = _if(conditions, column, _template(rule.get("otherwise", ""), where=where))
    elif "otherwise" in rule:
        raise MappingIsWrong(reason=f"{where} says otherwise without when")
    return column


def _know(table: Mapping[str, Any], words: Collection[str], *, where: str) -> None:
    for word in table:
        if word not in words:
            known = ", ".join(sorted(words))
            raise MappingIsWrong(reason=f"{where} has {word!r}, which means nothing; known are {known}")


def _texts(table: Any, *, where: str) -> dict[str, str]:
    if not isinstance(table, dict) or not all(isinstance(text, str) for text in table.values()):
        raise MappingIsWrong(reason=f"{where} is not a table of texts")
    return table


# --- The rules: each takes a row and makes a cell


def _template(text: str, *, where: str) -> MappedColumn:
    """Return a text in which {Column} is a cell of the row; {{ and }} are braces."""
    parts: list[tuple[str, str]] = []
    end = 0
    for place in _PLACE.finditer(text):
        parts.append(("", text[end : place.start()]))
        end = place.end()
        if place[0] in {"{{", "}}"}:
            parts.append(("", place[0][0]))
        elif place[1]:
            parts.append((place[1], ""))
        else:
            raise MappingIsWrong(reason=f"{where}: {shown(text)} has a brace without its other")
    parts.append(("", text[end:]))
    pieces = tuple((column, literal) for column, literal in parts if column or literal)

    def make(row: Mapping[str, str]) -> Cell:
        return "".join(row[column].strip() if column else literal for column, literal in pieces)

    return MappedColumn(make=make, uses=frozenset(column for column, _ in pieces if column))


def _if(conditions: Mapping[str, str], then: MappedColumn, otherwise: MappedColumn) -> MappedColumn:
    """Return *then* for the rows in which every column of *conditions* holds its text."""

    def make(row: Mapping[str, str]) -> Cell:
        holds = all(row[column].strip() == text for column, text in conditions.items())
        return then.make(row) if holds else otherwise.make(row)

    return MappedColumn(make=make, uses=then.uses | otherwise.uses | frozenset(conditions))


def _translated(column: MappedColumn, words: Mapping[str, str]) -> MappedColumn:
    """Return *column* with each of its texts replaced; one that *words* does not have cannot be meant."""

    def make(row: Mapping[str, str]) -> Cell:
        text = column.make(row)
        if isinstance(text, Unmappable) or text in words:
            return text if isinstance(text, Unmappable) else words[text]
        known = ", ".join(map(repr, words))
        return Unmappable(
            text, f"{shown(text)} is not among the words the mapping translates.", f"Known are {known}."
        )

    return MappedColumn(make=make, uses=column.uses)


def _moved(column: MappedColumn, span: MappedColumn, *, sign: int) -> MappedColumn:
    """Return the date *column* moved by *span*, such as 14 months; months are counted by billing-rules 1.1."""

    def make(row: Mapping[str, str]) -> Cell:
        day, length = column.make(row), span.make(row)
        if isinstance(day, Unmappable) or isinstance(length, Unmappable):
            return day if isinstance(day, Unmappable) else length
        counted = _SPAN.fullmatch(length)
        if counted is None:
            return Unmappable(
                length, f"{shown(length)} is no number of months.", "Write, for example, 14 months."
            )
        if not _ISO_DATE.fullmatch(day):
            return Unmappable(day, f"{shown(day)} is no date.", "Write a date such as 2026-01-31.")
        try:
            grid = Grid(Length(1, Unit(counted[2])), date.fromisoformat(day))
            return grid.boundary(sign * int(counted[1])).isoformat()
        except (ValueError, DateOutOfRange):
            return Unmappable(
                day, f"{shown(day)} moved by {length} is no date.", "Correct the date, or the number."
            )

    return MappedColumn(make=make, uses=column.uses | span.uses)
