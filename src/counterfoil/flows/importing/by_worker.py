"""Large files: kept, checked and taken in by a worker, while whoever sent one watches, leaves, or cancels.

The work is one transaction, which also stores what it came to: a worker that is killed leaves nothing behind, and the
job begins anew. How far it is, is noted on a connection of its own, by which the work learns that it was cancelled.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import BinaryIO

import pghistory
from django.db import connections, transaction
from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from procrastinate.contrib.django.models import ProcrastinateJob

from counterfoil.core.refusals import Refusal, shown
from counterfoil.flows.importing.mapping import FileMapping, read_mapping
from counterfoil.flows.importing.report import ImportReport
from counterfoil.flows.importing.run import Phase, import_file, import_mapped, known_columns
from counterfoil.flows.importing.sheets import open_sheet
from counterfoil.flows.stopping import stop_here
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.organisation import file_import_actions as actions
from counterfoil.records.organisation.file_imports import (
    WORKED_ON,
    FileImport,
    FileImportPiece,
    FileStage,
    FileState,
)
from counterfoil.records.organisation.models import User

TAKE_IN = "take_in_file"
MOST_ROWS_AT_ONCE = 2_000
MOST_BYTES_AT_ONCE = 2 << 20
"""What is larger is taken in by a worker; the rows of so many bytes are not counted while somebody waits."""
LARGEST_FILE = 250 << 20
PIECE = 1 << 20
KEPT_FOR = timedelta(days=30)

_STAGES = {Phase.CHECKING: FileStage.CHECKING, Phase.STORING: FileStage.STORING}


class FileTooLarge(Refusal):
    """The file {name} is larger than 250 MB. Send it in several files, or take it in by `counterfoil import`, which
    reads one of any size.
    """


class NotWaitingToBeTakenIn(Refusal):
    """{name} is not waiting to be imported. Look at its page again for what became of it."""


class NotCancelled(Refusal):
    """{name} can no longer be cancelled: it is being stored, or has ended. Look at its page again for what became of
    it.
    """


class NotStopped(Refusal):
    """{name} has not stopped: a worker has it or will, or it has ended. Look at its page again."""


class _CancelledMeanwhile(Exception):
    """Somebody cancelled the file, or another worker ended it: what was done in this transaction is undone."""


# --- What is asked for


def is_large(file: BinaryIO, *, size: int, kind: str, mapping: FileMapping | None = None) -> bool:
    """Return whether *file*, of *size* bytes, has more rows than are taken in while somebody waits.

    Raises `UnknownKind`.
    """
    if size > MOST_BYTES_AT_ONCE:
        return True
    most = MOST_ROWS_AT_ONCE + 1
    return rows_of(file, kind=kind, mapping=mapping, most=most) == most


def rows_of(file: BinaryIO, *, kind: str, mapping: FileMapping | None = None, most: int | None = None) -> int:
    """Return how many rows *file* has below the names of its columns, at most *most*, as far as it can be read.

    Raises `UnknownKind`.
    """
    known, count = known_columns(kind=kind, mapping=mapping), 0
    # What cannot be read is said by the import.
    with suppress(Refusal):
        sheet = open_sheet(file, known=known)
        for _row in islice(sheet.rows, most):
            count += 1
    return count


def keep_file(
    *,
    kind: str,
    file: BinaryIO,
    name: str,
    size: int,
    mapping: str = "",
    dry_run: bool,
    by: User | None,
    now: datetime,
) -> FileImport:
    """Keep *file*, of *size* bytes, and have a worker check it (*dry_run*), or take it in right away.

    *mapping* is the text of one, for another system's file. Raises `FileTooLarge`, `UnknownKind` and `MappingIsWrong`.
    """
    if size > LARGEST_FILE:
        raise FileTooLarge(name=shown(name))
    known_columns(kind=kind, mapping=read_mapping(mapping) if mapping else None)
    made = FileImport(
        kind=kind,
        name=name[-255:],
        size=size,
        mapping=mapping,
        state=FileState.ASKED if dry_run else FileState.CONFIRMED,
        asked_by=by,
        asked_at=now,
        confirmed_by=None if dry_run else by,
        confirmed_at=None if dry_run else now,
        changed_at=now,
    )
    file.seek(0)
    with transaction.atomic():
        actions.create_file_import(made, pieces=iter(partial(file.read, PIECE), b""))
        queue_work(TAKE_IN, import_id=made.pk)
    return made


def take_in(made: FileImport, *, by: User | None, now: datetime) -> None:
    """Have a worker take in what was checked. Raises `NotWaitingToBeTakenIn`."""
    with transaction.atomic():
        if not actions.confirm_file_import(made.pk, by=by, now=now):
            raise NotWaitingToBeTakenIn(name=made.name)
        queue_work(TAKE_IN, import_id=made.pk)


def cancel(made: FileImport, *, by: User | None, now: datetime) -> None:
    """Cancel the check of a file, or its taking in while nothing is being stored. Raises `NotCancelled`."""
    with transaction.atomic():
        if not actions.cancel_file_import(made.pk, by=by, now=now):
            raise NotCancelled(name=made.name)


def go_on(made: FileImport) -> None:
    """Have a worker begin anew with what stopped before its end. Raises `NotStopped`."""
    with transaction.atomic():
        # It is noted first, which locks the row: of two people who ask at once, one finds it in hand.
        is_to_be_done = actions.note_waiting(made.pk)
        if not is_to_be_done or with_hands(FileImport.objects.filter(pk=made.pk)).get().is_in_hand:  # type: ignore[attr-defined]
            raise NotStopped(name=made.name)
        queue_work(TAKE_IN, import_id=made.pk)


def with_hands(rows: QuerySet[FileImport]) -> QuerySet[FileImport]:
    """Return *rows* with whether each `is_in_hand`: a worker has it, or will."""
    jobs = ProcrastinateJob.objects.filter(task_name=TAKE_IN, status__in=["todo", "doing"])
    of_file = Cast(KeyTextTransform("import_id", "args"), BigIntegerField())
    return rows.annotate(is_in_hand=Exists(jobs.alias(of_file=of_file).filter(of_file=OuterRef("pk"))))


def forget_old_files(*, now: datetime) -> int:
    """Forget the files with which nothing happened for longer than `KEPT_FOR`, and return how many they were."""
    with transaction.atomic():
        return actions.forget_file_imports(changed_before=now - KEPT_FOR)


# --- What a worker does


def work_on(import_id: int, *, now: Callable[[], datetime]) -> None:
    """Check, or take in, the file, and store what that came to in the same transaction; again: nothing.

    Does nothing of a file that was cancelled or has ended, and undoes all of one that is cancelled meanwhile.
    """
    with suppress(_CancelledMeanwhile), _noting() as note:
        with transaction.atomic():
            # A worker that was believed dead may still be at it.
            actions.lock_file_import(import_id)
            found = (
                FileImport.objects.select_related("asked_by", "confirmed_by")
                .filter(pk=import_id, state__in=WORKED_ON)
                .first()
            )
            if found is not None:
                _work_on(found, note=note, now=now)
        stop_here("after-file")


_Note = Callable[[Callable[[], bool]], None]
"""Takes what notes something, and returns whether the work still has to go on."""


def _work_on(found: FileImport, *, note: _Note, now: Callable[[], datetime]) -> None:
    by = found.asked_by if found.state == FileState.ASKED else found.confirmed_by
    who = {"user": by.pk} if by else {}
    with _kept(found) as file, pghistory.context(source="import", file=found.name, **who):
        report = _import(found, file, by=by, note=note, now=now)
        stop_here("before-file")
        if not actions.end_file_import(
            found.pk,
            was=found.state,
            becomes=_becomes(report),
            report=report.to_json(),
            problems=[asdict(problem) for problem in report.problems],
            problem_count=report.problem_count,
            now=now(),
        ):
            raise _CancelledMeanwhile


def _import(
    found: FileImport, file: BinaryIO, *, by: User | None, note: _Note, now: Callable[[], datetime]
) -> ImportReport:
    mapping = read_mapping(found.mapping) if found.mapping else None
    rows_total = rows_of(file, kind=found.kind, mapping=mapping)
    note(partial(actions.note_begun, found.pk, rows_total=rows_total, now=now()))
    dry_run = found.state == FileState.ASKED

    def progress(rows: int) -> None:
        note(partial(actions.note_rows, found.pk, rows_read=rows))
        stop_here(f"after-row-{rows}")

    def reached(phase: Phase) -> None:
        # What a dry run stores is undone: it checks from here to its end.
        stage = FileStage.CHECKING if dry_run else _STAGES[phase]
        note(partial(actions.note_stage, found.pk, stage=stage))

    how = partial(import_mapped, mapping=mapping) if mapping else partial(import_file, kind=found.kind)
    return how(file=file, name=found.name, dry_run=dry_run, by=by, progress=progress, reached=reached)


def _becomes(report: ImportReport) -> FileState:
    if report.problem_count:
        return FileState.REFUSED
    return FileState.CHECKED if report.dry_run else FileState.DONE


@contextmanager
def _kept(found: FileImport) -> Iterator[BinaryIO]:
    """Yield the bytes that were kept of a file, put together again."""
    pieces = FileImportPiece.objects.filter(file_import=found).order_by("number")
    with tempfile.TemporaryFile() as file:
        for content in pieces.values_list("content", flat=True).iterator(chunk_size=1):
            file.write(content)
        yield file


@contextmanager
def _noting() -> Iterator[_Note]:
    """Lend what notes something while a transaction is open, so that others see it; it raises `_CancelledMeanwhile`.

    It does so in a thread of its own, which has a connection of its own.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="noting") as thread:

        def note(what: Callable[[], bool]) -> None:
            if not thread.submit(what).result():
                raise _CancelledMeanwhile

        try:
            yield note
        finally:
            thread.submit(connections.close_all).result()
