"""Files sent to be imported, all of one or nothing of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need, user_of
from counterfoil.api.errors import NotAllowed
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import does, reads
from counterfoil.api.seeing import seen_branches
from counterfoil.api.shapes import Id
from counterfoil.clock import now
from counterfoil.flows.importing import by_worker as flow
from counterfoil.flows.importing.run import import_file
from counterfoil.records.organisation.file_imports import FileImport as FileRow
from counterfoil.records.organisation.models import Role

router = Router(tags=["imports"])
files = Router(tags=["imports"])
NAME = "the file sent"
HEAVY = ("report", "problems", "mapping")
IMPORTS = Need("imports:write", frozenset({Role.BILLER}))


class RowError(Schema):
    """One thing that is wrong with a file; `row` as a spreadsheet numbers it, null for the file as a whole."""

    kind: str | None
    row: int | None
    column: str | None
    value: str | None
    message: str
    remedy: str


class KindCount(Schema):
    """What became of the objects of a kind."""

    kind: str
    rows: int
    created: int
    changed: int
    unchanged: int


class FieldChange(Schema):
    """A column of a row that changes what is stored: both cells, as an export writes them."""

    column: str
    before: str
    after: str


class RowOutcome(Schema):
    """What a row would do to the object called `key`: `new`, `changed`, with its `changes`, or `same`."""

    kind: str
    row: int | None
    key: str
    state: str
    changes: list[FieldChange]


class Imported(Schema):
    """What a file did or would do. Nothing is `stored` in a dry run, or with an error: the first hundred are here.

    Rows that say nothing yet, such as meters without a reading, are `left_out`. The `outcomes` are of a dry run: the
    first two hundred rows of each kind and state.
    """

    file: str
    kind: str
    dry_run: bool
    stored: bool
    rows: int
    left_out: int
    read_as: str
    counts: list[KindCount]
    outcomes: list[RowOutcome]
    errors: list[RowError]
    error_count: int


class FileImport(Schema):
    """A large file, which a worker checks or takes in: its `state` is asked or confirmed until that has ended.

    Then it is `checked` (nothing is stored: take it in), `done`, `refused` or `cancelled`. `stage` is where the worker
    is: waiting, reading, checking or storing; `is_stopped`: no worker has it any more. `address`: where to ask again.
    """

    id: int
    kind: str
    file: str
    state: str
    stage: str
    is_stopped: bool
    rows_read: int
    rows_total: int
    error_count: int
    asked_at: datetime
    changed_at: datetime
    address: str


class FileImportWithResult(FileImport):
    """A large file with what the check, or the taking in, came to; null until then."""

    result: Imported | None


class How(Schema):
    """Whether to do everything but store it."""

    dry_run: bool = False


@does(router, "/{kind}", need=IMPORTS, answer=Imported, also={202: FileImport})
def import_kind(request: HttpRequest, kind: Path[str], how: Query[How]) -> HttpResponse:
    """Import the body of the request, a CSV or Excel file of at most 5 MB, as objects of *kind*, all or nothing.

    What is wrong with the file is in the answer, row by row. Importing the same file again changes nothing. A file of
    more than 2,000 rows is taken in by a worker: the answer is 202 and says where to ask how far that is.
    """
    _check_sees_all(request)
    content = request.body
    if flow.is_large(io.BytesIO(content), size=len(content), kind=kind):
        return once(request, lambda: _kept(request, kind, is_dry=how.dry_run), status=202)

    def act() -> Imported:
        report = import_file(
            kind=kind,
            file=io.BytesIO(content),
            name=NAME,
            dry_run=how.dry_run,
            by=user_of(request),
        )
        told: dict[str, Any] = report.to_json()
        return Imported(**told)

    return once(request, act)


@reads(files, "", need=IMPORTS, answer=Page[FileImport])
def list_file_imports(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Return the large files of the last thirty days, the newest first."""
    return page_of(_seen(request).defer(*HEAVY), paging=paging, shape=_shape, newest_first=True)


@reads(files, "/{import_id}", need=IMPORTS, answer=FileImportWithResult)
def get_file_import(request: HttpRequest, import_id: Path[Id]) -> FileImportWithResult:
    """Return a large file, how far its worker is, and what it came to."""
    found = get_object_or_404(_seen(request).defer("problems", "mapping"), pk=import_id)
    result = Imported(**found.report) if found.report and not found.is_worked_on else None
    return FileImportWithResult(**_shape(found).dict(), result=result)


@does(files, "/{import_id}/take-in", need=IMPORTS, answer=FileImport, status=202)
def take_in_file_import(request: HttpRequest, import_id: Path[Id]) -> HttpResponse:
    """Have a worker take in a large file that was checked; it is checked again by that."""
    return _done(request, import_id, lambda found: flow.take_in(found, by=user_of(request), now=now()))


@does(files, "/{import_id}/cancel", need=IMPORTS, answer=FileImport, status=202)
def cancel_file_import(request: HttpRequest, import_id: Path[Id]) -> HttpResponse:
    """Cancel a large file of which nothing is being stored and that has not ended."""
    return _done(request, import_id, lambda found: flow.cancel(found, by=user_of(request), now=now()))


@does(files, "/{import_id}/go-on", need=IMPORTS, answer=FileImport, status=202)
def go_on_with_file_import(request: HttpRequest, import_id: Path[Id]) -> HttpResponse:
    """Have a worker begin anew with a large file whose work stopped."""
    return _done(request, import_id, flow.go_on)


def _done(request: HttpRequest, import_id: int, do: Callable[[FileRow], None]) -> HttpResponse:
    found = get_object_or_404(_seen(request).defer(*HEAVY), pk=import_id)

    def act() -> FileImport:
        do(found)
        return _shape(_seen(request).defer(*HEAVY).get(pk=import_id))

    return once(request, act, status=202)


def _kept(request: HttpRequest, kind: str, *, is_dry: bool) -> FileImport:
    made = flow.keep_file(
        kind=kind,
        file=io.BytesIO(request.body),
        name=NAME,
        size=len(request.body),
        dry_run=is_dry,
        by=user_of(request),
        now=now(),
    )
    return _shape(_seen(request).get(pk=made.pk))


def _seen(request: HttpRequest) -> QuerySet[FileRow]:
    _check_sees_all(request)
    return flow.with_hands(FileRow.objects.all())


def _check_sees_all(request: HttpRequest) -> None:
    if seen_branches(request):
        raise NotAllowed(
            reason="its user is limited to branches, and a file may be of every one", scope=IMPORTS.scope
        )


def _shape(found: FileRow) -> FileImport:
    return FileImport(
        id=found.pk,
        kind=found.kind,
        file=found.name,
        state=found.state,
        stage=found.stage,
        is_stopped=found.is_worked_on and not found.is_in_hand,  # type: ignore[attr-defined]
        rows_read=found.rows_read,
        rows_total=found.rows_total,
        error_count=found.problem_count,
        asked_at=found.asked_at,
        changed_at=found.changed_at,
        address=reverse("api:get_file_import", args=[found.pk]),
    )
