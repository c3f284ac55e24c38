"""What an import did or would do, and everything that is wrong with its file: values that can be written as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from heapq import nsmallest
from typing import Any

MOST_PROBLEMS_KEPT = 10_000
MOST_PROBLEMS_LISTED = 100
MOST_ROWS_LISTED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """One thing that is wrong: where (the row as a spreadsheet numbers it), what it says, why, and what to do.

    `row` None is the file as a whole. `column` and `value` are None where no single cell is to blame.
    """

    message: str
    remedy: str
    kind: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None

    @property
    def place(self) -> tuple[int, str, str]:
        """Return what problems are sorted by: the file's own first, then row by row."""
        return (self.row or 0, self.kind or "", self.column or "")


@dataclass(slots=True)
class Problems:
    """Problems as they are found: all are counted, the first by row are kept."""

    count: int = 0
    kept: list[RowProblem] = field(default_factory=list)

    def add(self, problems: Iterable[RowProblem], *, count: int | None = None) -> None:
        """Take in *problems*, the first of *count* (default: all there are)."""
        found = list(problems)
        if not found:
            return
        self.count += len(found) if count is None else count
        self.kept = nsmallest(MOST_PROBLEMS_KEPT, [*self.kept, *found], key=lambda one: one.place)


class RowState(StrEnum):
    """What becomes of the object that a row is about."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A column of a row that changes what is stored: both cells, as an export writes them."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOutcome:
    """What a row would do to the object of a kind that is called *key*; `row` None: no row of the file."""

    kind: str
    row: int | None
    key: str
    state: RowState
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCount:
    """How many rows of a kind were read, and what became of their objects."""

    kind: str
    rows: int
    created: int
    changed: int

    @property
    def unchanged(self) -> int:
        """Return how many rows say what is stored already."""
        return self.rows - self.created - self.changed


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The outcome of an import. Nothing is stored when there is a problem, or in a dry run.

    `problems` are the first ten thousand by row, `problem_count` is how many there are. `read_as` says how the file
    was understood, for example "CSV, UTF-8, separated by commas". `counts` is empty if there are problems. Of the rows
    those `left_out` say nothing yet: of readings, those without a value. `outcomes`, of a dry run alone, are the first
    two hundred rows of each kind and state in their order.
    """

    file: str
    kind: str
    dry_run: bool
    rows: int
    left_out: int = 0
    read_as: str
    counts: tuple[KindCount, ...]
    problems: tuple[RowProblem, ...]
    problem_count: int
    outcomes: tuple[RowOutcome, ...] = ()

    @property
    def is_stored(self) -> bool:
        """Return whether the database now says what the file says."""
        return not self.dry_run and self.problem_count == 0

    @property
    def listed(self) -> tuple[RowProblem, ...]:
        """Return the first hundred problems by row, which are as many as somebody reads."""
        return self.problems[:MOST_PROBLEMS_LISTED]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values, with the problems that are `listed`."""
        return {
            "file": self.file,
            "kind": self.kind,
            "dry_run": self.dry_run,
            "stored": self.is_stored,
            "rows": self.rows,
            "left_out": self.left_out,
            "read_as": self.read_as,
            "counts": [{**asdict(count), "unchanged": count.unchanged} for count in self.counts],
            "outcomes": [asdict(outcome) for outcome in self.outcomes],
            "errors": [asdict(problem) for problem in self.listed],
            "error_count": self.problem_count,
        }


def read_report(stored: Mapping[str, Any]) -> ImportReport:
    """Return the report that `to_json` made *stored* of."""
    return ImportReport(
        file=stored["file"],
        kind=stored["kind"],
        dry_run=stored["dry_run"],
        rows=stored["rows"],
        left_out=stored["left_out"],
        read_as=stored["read_as"],
        counts=tuple(
            KindCount(kind=one["kind"], rows=one["rows"], created=one["created"], changed=one["changed"])
            for one in stored["counts"]
        ),
        problems=tuple(RowProblem(**one) for one in stored["errors"]),
        problem_count=stored["error_count"],
        outcomes=tuple(
            RowOutcome(
                kind=one["kind"],
                row=one["row"],
                key=one["key"],
                state=RowState(one["state"]),
                changes=tuple(FieldChange(**change) for change in one["changes"]),
            )
            for one in stored["outcomes"]
        ),
    )
