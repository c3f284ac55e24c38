"""An import: open · stage · check · store, all of a file or nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO

import pghistory
from django.db import connection, transaction

from counterfoil.core.refusals import Refusal
from counterfoil.flows.importing import staging
from counterfoil.flows.importing.accounts import OF_ACCOUNTS, has_accounts, steps_with_accounts
from counterfoil.flows.importing.columns import Installation
from counterfoil.flows.importing.comparing import after_storing, before_storing
from counterfoil.flows.importing.kinds import kind_of
from counterfoil.flows.importing.mapping import FileMapping, mapped_steps
from counterfoil.flows.importing.parties import CLIENTS, DEALERS
from counterfoil.flows.importing.report import (
    ImportReport,
    KindCount,
    Problems,
    RowOutcome,
    RowProblem,
)
from counterfoil.flows.importing.rows import ONCE, RowReader, batches
from counterfoil.flows.importing.sheets import RowUnreadable, Sheet, open_sheet
from counterfoil.flows.importing.staging import Staged
from counterfoil.flows.importing.steps import Step, parts_of, plain_step
from counterfoil.records.organisation.models import Branch, User
from counterfoil.records.organisation.queries import the_organisation

Progress = Callable[[int], None]
"""Called with the number of rows read so far."""


class Phase(StrEnum):
    """What follows once all rows are read."""

    CHECKING = "checking"
    STORING = "storing"


Reached = Callable[[Phase], None]
"""Called when the import comes to a phase, once each; what it raises undoes all of it."""


MAPPED = "mapped"
_ONE_IMPORT_AT_A_TIME = 7_263_501

Plan = Callable[[Sequence[str]], list[Step] | list[RowProblem]]
"""Takes the names of a file's columns and gives the steps, or what is wrong with the names."""


@dataclass(slots=True)
class _Outcome:
    """What an import has come to so far."""

    rows: int = 0
    left_out: int = 0
    counts: list[KindCount] = field(default_factory=list)
    outcomes: list[RowOutcome] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)


def import_file(
    *,
    kind: str,
    file: BinaryIO,
    name: str,
    dry_run: bool,
    by: User | None,
    progress: Progress | None = None,
    reached: Reached | None = None,
) -> ImportReport:
    """Import *file*, which can be rewound, as objects of *kind*, and say what happened.

    What is wrong with the file is in the report, and then nothing is stored. A dry run does everything but
    commit. Raises `UnknownKind`, and `NotInstalled` before `counterfoil init`.
    """
    wanted = kind_of(kind)

    def plan(names: Sequence[str]) -> list[Step] | list[RowProblem]:
        if has_accounts(wanted, names=names):
            return steps_with_accounts(wanted, names=names)
        step = plain_step(wanted, names=names)
        return parts_of(step) if isinstance(step, Step) else step

    return _import(
        plan,
        known=known_columns(kind=kind),
        file=file,
        name=name,
        kind=kind,
        dry_run=dry_run,
        by=by,
        progress=progress,
        reached=reached,
    )


def import_mapped(
    *,
    mapping: FileMapping,
    file: BinaryIO,
    name: str,
    dry_run: bool,
    by: User | None,
    progress: Progress | None = None,
    reached: Reached | None = None,
) -> ImportReport:
    """Import *file* as what *mapping* makes of it: objects of several kinds, in its order, all or nothing."""

    def plan(names: Sequence[str]) -> list[Step] | list[RowProblem]:
        return [
            part
            for step in mapped_steps(mapping, names=names)
            for part in (parts_of(step) if isinstance(step, Step) else [step])
        ]

    return _import(
        plan,
        known=known_columns(kind=MAPPED, mapping=mapping),
        file=file,
        name=name,
        kind=MAPPED,
        dry_run=dry_run,
        by=by,
        progress=progress,
        reached=reached,
    )


def known_columns(*, kind: str, mapping: FileMapping | None = None) -> Collection[str]:
    """Return the columns that a file of *kind*, or of another system by its *mapping*, may have.

    Raises `UnknownKind`.
    """
    if mapping is not None:
        return mapping.used | mapping.ignored
    wanted = kind_of(kind)
    return (*wanted.column_names, *wanted.beside, *(OF_ACCOUNTS if wanted in (CLIENTS, DEALERS) else ()))


def _import(
    plan: Plan,
    *,
    known: Collection[str],
    file: BinaryIO,
    name: str,
    kind: str,
    dry_run: bool,
    by: User | None,
    progress: Progress | None,
    reached: Reached | None,
) -> ImportReport:
    installation = _installation()
    outcome, read_as = _Outcome(), ""
    try:
        sheet = open_sheet(file, known=known)
        read_as = sheet.read_as
        steps = plan(sheet.names)
    except Refusal as refusal:
        outcome.problems.add([_of_the_file(refusal)])
    else:
        wrong = [problem for problem in steps if isinstance(problem, RowProblem)]
        outcome.problems.add(wrong)
        if not wrong:
            who: dict[str, Any] = {"user": by.pk} if by else {}
            with pghistory.context(source="import", file=name, **who), transaction.atomic():
                _stage_check_store(
                    [step for step in steps if isinstance(step, Step)],
                    sheet=sheet,
                    installation=installation,
                    outcome=outcome,
                    progress=progress,
                    reached=reached,
                    by=by,
                    tells_rows=dry_run,
                )
                if dry_run or outcome.problems.count:
                    transaction.set_rollback(True)
    return ImportReport(
        file=name,
        kind=kind,
        dry_run=dry_run,
        rows=outcome.rows,
        left_out=outcome.left_out,
        read_as=read_as,
        counts=() if outcome.problems.count else tuple(outcome.counts),
        problems=tuple(outcome.problems.kept),
        problem_count=outcome.problems.count,
        outcomes=() if outcome.problems.count else tuple(outcome.outcomes),
    )


def _stage_check_store(
    steps: Sequence[Step],
    *,
    sheet: Sheet,
    installation: Installation,
    outcome: _Outcome,
    progress: Progress | None,
    reached: Reached | None,
    by: User | None,
    tells_rows: bool,
) -> None:
    stages = [staging.open_stage(step) for step in steps]
    try:
        _stage(stages, sheet=sheet, installation=installation, outcome=outcome, progress=progress)
    except Refusal as refusal:
        outcome.problems.add([_of_the_file(refusal)])
        return
    if reached:
        reached(Phase.CHECKING)
    _lock(stages)
    for number, staged in enumerate(stages):
        is_right = _check(staged, earlier=stages[:number], installation=installation, outcome=outcome)
        if is_right and reached and number == 0:
            reached(Phase.STORING)
        if is_right:
            _store(staged, outcome=outcome, tells_rows=tells_rows)
    for staged in stages:
        if staged.kind.finish and not outcome.problems.count:
            found, count, besides = staged.kind.finish(staged.table, staged.ready, by)
            outcome.problems.add(found, count=count)
            outcome.counts.extend(besides)


def _stage(
    stages: Sequence[Staged],
    *,
    sheet: Sheet,
    installation: Installation,
    outcome: _Outcome,
    progress: Progress | None,
) -> None:
    """Read the file once, a batch at a time, and stage what each step makes of it."""
    readers = [RowReader(staged.step, installation=installation) for staged in stages]
    for staged, reader in zip(stages, readers, strict=True):
        if staged.step.once:
            _stage_batch(staged, reader, ONCE, problems=outcome.problems)
    for rows, problems in batches(sheet.rows, width=len(sheet.names)):
        outcome.problems.add(problems)
        for staged, reader in zip(stages, readers, strict=True):
            if not staged.step.once:
                only = staged.step.only
                chosen = rows if only is None else [row for row in rows if only(row[1])]
                outcome.left_out += len(rows) - len(chosen) if staged.step.leaves_out else 0
                _stage_batch(staged, reader, chosen, problems=outcome.problems)
        outcome.rows += len(rows) + len(problems)
        if progress:
            progress(outcome.rows)


def _stage_batch(staged: Staged, reader: RowReader, rows: Any, *, problems: Problems) -> None:
    table, wrong = reader.read(rows)
    problems.add(wrong)
    staging.stage(staged, table)


def _lock(stages: Sequence[Staged]) -> None:
    """Wait for other imports, and keep others from changing what this one compares with and changes."""
    tables = dict.fromkeys(staged.kind.model._meta.db_table for staged in stages)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_IMPORT_AT_A_TIME])
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")


def _check(
    staged: Staged, *, earlier: Sequence[Staged], installation: Installation, outcome: _Outcome
) -> bool:
    """Check the rows of one step as a set and make them ready; return whether nothing is wrong with the file so far."""
    staging.close_stage(staged)
    found, count = staging.doubled_keys(staged, earlier=earlier)
    outcome.problems.add(found, count=count)
    if staged.kind.prepare:
        found, count, besides = staged.kind.prepare(staged.table, staged.step.given, installation)
        outcome.problems.add(found, count=count)
        outcome.counts.extend(besides)
    found, count = staging.unknown_references(staged, earlier=earlier)
    outcome.problems.add(found, count=count)
    if not outcome.problems.count:
        found, count = staging.make_ready(staged)
        outcome.problems.add(found, count=count)
    return not outcome.problems.count


def _store(staged: Staged, *, outcome: _Outcome, tells_rows: bool) -> None:
    """Store the rows of one step that are ready; where *tells rows*, say of each what that changes."""
    before = before_storing(staged) if tells_rows else None
    outcome.counts.append(staging.store(staged))
    if before is not None:
        outcome.outcomes.extend(after_storing(before))


def _installation() -> Installation:
    organisation = the_organisation()
    branch = Branch.objects.order_by("id").values_list("code", flat=True).first()
    return Installation(currency=organisation.currency, branch=branch or "")


def _of_the_file(refusal: Refusal) -> RowProblem:
    """Return *refusal* as a problem: its last sentence but the first is what to do."""
    message, _, remedy = str(refusal).partition(". ")
    row = refusal.row if isinstance(refusal, RowUnreadable) else None
    return RowProblem(row=row, message=f"{message}.", remedy=remedy)
