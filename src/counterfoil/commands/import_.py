"""`counterfoil import KIND FILE`: take objects from a CSV or Excel file, all of them or none."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from counterfoil.commands.choosing import person
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.core.nouns import counted
from counterfoil.core.refusals import Refusal

if TYPE_CHECKING:
    from counterfoil.flows.importing.report import ImportReport, RowOutcome, RowProblem
    from counterfoil.records.organisation.models import User

STANDARD_INPUT = "-"
FINDINGS, WRONG_USAGE = 1, 2


class MappingNeeded(Refusal):
    """A mapping goes with the kind mapped, and mapped with a mapping. Write `counterfoil import mapped FILE --mapping
    MAPPING`, or leave the mapping out.
    """


class MappingNotText(Refusal):
    """The mapping {path} is not UTF-8 text. Save it as UTF-8 and try again."""


def import_(
    kind: Annotated[
        str,
        typer.Argument(
            help="tax-rates, customers, dealers, clients, master-charges, charges, or mapped with --mapping."
        ),
    ],
    file: Annotated[str, typer.Argument(help="CSV or Excel with a header; - reads standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything but store it.")] = False,  # noqa: FBT002
    mapping: Annotated[
        Path | None, typer.Option(help="How a file of another system becomes ours (TOML).", metavar="FILE")
    ] = None,
    by: Annotated[str | None, typer.Option(metavar="USERNAME", help="Who does this.")] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Create and change the objects that FILE describes, all of it or nothing.

    Importing the same file again changes nothing. Exits with 1 and stores nothing if anything is wrong with the
    file, and says what, row by row.
    """
    with with_database():
        from counterfoil.flows.importing.kinds import UnknownKind
        from counterfoil.flows.importing.mapping import MappingIsWrong

        try:
            with _opened(file) as stream:
                report = _imported(
                    kind, stream, name=file, mapping=mapping, dry_run=dry_run, by=person(by), quiet=as_json
                )
        except (UnknownKind, MappingIsWrong, MappingNeeded, MappingNotText) as refusal:
            if as_json:
                print(json.dumps({"error": str(refusal)}))
            print(refusal, file=sys.stderr)
            raise typer.Exit(WRONG_USAGE) from refusal
    answer(report.to_json(), text=in_words(report), as_json=as_json)
    if report.problem_count:
        raise typer.Exit(FINDINGS)


def _imported(
    kind: str,
    stream: BinaryIO,
    *,
    name: str,
    mapping: Path | None,
    dry_run: bool,
    by: User | None,
    quiet: bool,
) -> ImportReport:
    from counterfoil.flows.importing.mapping import read_mapping
    from counterfoil.flows.importing.run import MAPPED, import_file, import_mapped

    if (kind == MAPPED) != (mapping is not None):
        raise MappingNeeded
    shown_name = "standard input" if name == STANDARD_INPUT else Path(name).name
    with _progress(quiet=quiet) as progress:
        if mapping is None:
            return import_file(
                kind=kind, file=stream, name=shown_name, dry_run=dry_run, by=by, progress=progress
            )
        return import_mapped(
            mapping=read_mapping(_text_of(mapping)),
            file=stream,
            name=shown_name,
            dry_run=dry_run,
            by=by,
            progress=progress,
        )


def _text_of(mapping: Path) -> str:
    try:
        return mapping.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise MappingNotText(path=mapping) from error


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    """Yield the file so that it can be rewound; standard input is kept in a temporary file for that."""
    if file != STANDARD_INPUT:
        with Path(file).open("rb") as stream:
            yield stream
        return
    with tempfile.TemporaryFile() as kept:
        shutil.copyfileobj(sys.stdin.buffer, kept)
        yield kept


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """Show how many rows are read, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("Reading") as status:
        yield lambda rows: status.update(f"{counted(rows, 'row', 'rows')} read; checking and storing follow")


def in_words(report: ImportReport) -> str:
    """Return *report* for people: what it came to, or everything that is wrong."""
    if report.problem_count:
        return "\n".join([*map(_problem, report.listed), *_rest(report), _verdict(report)])
    lines = [
        f"{count.kind}: {count.created:,} created, {count.changed:,} changed, {count.unchanged:,} unchanged"
        for count in report.counts
    ]
    if report.left_out:
        lines.append(f"{counted(report.left_out, 'row', 'rows')} without a value left out")
    lines += [line for one in report.outcomes if one.changes for line in _changes(one)]
    return "\n".join([*lines, _verdict(report)])


def _changes(outcome: RowOutcome) -> list[str]:
    """Return what a row would change, a line a column; with --json there are those of new and equal rows, too."""
    place = f"row {outcome.row}: " if outcome.row else ""
    return [
        f"{place}{outcome.key}, {one.column}: {one.before or 'nothing'} → {one.after or 'nothing'}"
        for one in outcome.changes
    ]


def _problem(problem: RowProblem) -> str:
    place = [f"row {problem.row}" if problem.row else "", problem.column or ""]
    where = ", ".join(part for part in place if part)
    return f"{where}: {problem.message} {problem.remedy}" if where else f"{problem.message} {problem.remedy}"


def _rest(report: ImportReport) -> list[str]:
    rest = report.problem_count - len(report.listed)
    return [f"… and {rest:,} more."] if rest else []


def _verdict(report: ImportReport) -> str:
    read_as = f" ({report.read_as})" if report.read_as else ""
    read = f"{counted(report.rows, 'row', 'rows')} of {report.file}{read_as}"
    if report.problem_count:
        errors = counted(report.problem_count, "error", "errors")
        return f"Nothing was stored: {errors} in {read}. Correct the file and import it again."
    if report.dry_run:
        return f"Dry run of {read}: nothing was stored. Leave out --dry-run to store it."
    return f"Stored {read}."
