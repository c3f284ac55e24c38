"""The only writer of files that a worker takes in.

What may become of a file is decided by the statement that stores it: it changes nothing, and says so, where somebody
else was faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from counterfoil.records.organisation.file_imports import (
    WORKED_ON,
    FileImport,
    FileImportPiece,
    FileStage,
    FileState,
)
from counterfoil.records.organisation.models import User

# Any number, as long as nobody else's: the first digits of the square root of 3.
_WORKING_ON_A_FILE = 1_732_050

_CANCELLABLE = Q(state__in=[FileState.ASKED, FileState.CHECKED]) | (
    Q(state=FileState.CONFIRMED) & ~Q(stage=FileStage.STORING)
)


def lock_file_import(import_id: int) -> None:
    """Let one transaction at a time work on a file, until it ends; its row stays free for others to write."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_WORKING_ON_A_FILE, import_id])


def create_file_import(made: FileImport, *, pieces: Iterable[bytes]) -> FileImport:
    """Store a file, cut into *pieces*."""
    made.save(force_insert=True)
    for number, content in enumerate(pieces, start=1):
        FileImportPiece.objects.create(file_import=made, number=number, content=content)
    return made


def note_begun(import_id: int, *, rows_total: int, now: datetime) -> bool:
    """Note that a worker begins to read so many rows; return whether it still has to."""
    return _note(import_id, stage=FileStage.READING, rows_read=0, rows_total=rows_total, begun_at=now)


def note_rows(import_id: int, *, rows_read: int) -> bool:
    """Note how many rows are read; return whether the work still has to go on."""
    return _note(import_id, rows_read=rows_read)


def note_stage(import_id: int, *, stage: FileStage) -> bool:
    """Note where the worker is; return whether the work still has to go on."""
    return _note(import_id, stage=stage)


def note_waiting(import_id: int) -> bool:
    """Note that the file waits for a worker again; return whether it still has to."""
    return _note(import_id, stage=FileStage.WAITING, rows_read=0, begun_at=None)


def _note(import_id: int, **values: Any) -> bool:
    return bool(FileImport.objects.filter(pk=import_id, state__in=WORKED_ON).update(**values))


def confirm_file_import(import_id: int, *, by: User | None, now: datetime) -> bool:
    """Have a checked file taken in; return whether it was one."""
    return bool(
        FileImport.objects.filter(pk=import_id, state=FileState.CHECKED).update(
            state=FileState.CONFIRMED,
            stage=FileStage.WAITING,
            rows_read=0,
            begun_at=None,
            confirmed_by=by,
            confirmed_at=now,
            changed_at=now,
        )
    )


def cancel_file_import(import_id: int, *, by: User | None, now: datetime) -> bool:
    """Cancel a file of which nothing is being stored, and forget its bytes; return whether it was one."""
    cancelled = FileImport.objects.filter(_CANCELLABLE, pk=import_id).update(
        state=FileState.CANCELLED, cancelled_by=by, changed_at=now
    )
    if cancelled:
        _forget_pieces(import_id)
    return bool(cancelled)


def end_file_import(
    import_id: int,
    *,
    was: str,
    becomes: FileState,
    report: Mapping[str, Any],
    problems: Sequence[Mapping[str, Any]],
    problem_count: int,
    now: datetime,
) -> bool:
    """Store what the work came to, and forget the bytes that nobody needs; return whether the file still *was* so."""
    ended = FileImport.objects.filter(pk=import_id, state=was).update(
        state=becomes, report=report, problems=problems, problem_count=problem_count, changed_at=now
    )
    if ended and becomes != FileState.CHECKED:
        _forget_pieces(import_id)
    return bool(ended)


def forget_file_imports(*, changed_before: datetime) -> int:
    """Delete the files of which nothing happened since a moment, and return how many they were."""
    old = FileImport.objects.filter(changed_at__lt=changed_before)
    FileImportPiece.objects.filter(file_import__in=old).delete()
    _rows, by_model = old.delete()
    return by_model.get(FileImport._meta.label, 0)


def _forget_pieces(import_id: int) -> None:
    FileImportPiece.objects.filter(file_import=import_id).delete()
