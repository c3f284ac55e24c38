"""The page of a large file: how far the worker is, what the check said, taking it in, and what became of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.documents.workbook import Sheet
from counterfoil.flows.importing import by_worker as flow
from counterfoil.flows.importing.report import (
    MOST_PROBLEMS_KEPT,
    ImportReport,
    RowState,
    read_report,
)
from counterfoil.flows.importing.run import MAPPED
from counterfoil.records.organisation.file_imports import FileImport, FileStage, FileState
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.display import count_text, current_locale
from counterfoil.web.imports.reporting import counted, states_of
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed
from counterfoil.web.layout.work import Work, panel_context, panel_response
from counterfoil.web.lists.columns import Tone
from counterfoil.web.lists.export import csv_text, workbook_response
from counterfoil.web.naming import FILES
from counterfoil.web.saying import said

MOST_LISTED = 10
STOPPED = _("The work stopped before its end. Nothing of the file was stored: begin anew.")
TONES = {
    FileState.ASKED: Tone.BUSY,
    FileState.CONFIRMED: Tone.BUSY,
    FileState.CHECKED: Tone.WARNING,
    FileState.DONE: Tone.GOOD,
    FileState.REFUSED: Tone.BAD,
}
# Programs read the file, too.
HEADINGS = ("Row", "Kind", "Column", "Value", "What is wrong", "What to do")


def files_seen(request: HttpRequest) -> QuerySet[FileImport]:
    """Return the files that the person may see: a file may be about every branch, so who sees some sees none."""
    rows = flow.with_hands(FileImport.objects.defer("problems", "mapping"))
    rows = rows.select_related("asked_by", "confirmed_by", "cancelled_by")
    return rows.none() if sight_of(request).is_limited else rows


def latest_files(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the newest files with the words and the tone of their states."""
    found = files_seen(request).defer("report", "problems", "mapping").order_by("-pk")[:MOST_LISTED]
    return [{"file": one, "kind": kind_words(one.kind), **_state_of(one)} for one in found]


def kind_words(kind: str) -> str:
    """Return what is in a file of *kind*."""
    return gettext("Another system's file") if kind == MAPPED else str(FILES.get(kind, kind))


def sent_to(request: HttpRequest, made: FileImport) -> HttpResponse:
    """Send the whole page to that of *made*, also where a part of it was asked for."""
    address = reverse("file-import", args=[made.pk])
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)  # type: ignore[attr-defined]


@needs(Role.BILLER)
def page(request: HttpRequest, key: int) -> HttpResponse:
    """Show how far the worker is, or what the file would do or has done."""
    found = get_object_or_404(files_seen(request), pk=key)
    report = read_report(found.report) if found.report and not found.is_worked_on else None
    context: dict[str, Any] = {
        "file": found,
        "title": found.name,
        "kind": kind_words(found.kind),
        "report": report,
        "states": states_of(report) if report else [],
        "kept": MOST_PROBLEMS_KEPT,
        "has_changed": found.state == FileState.REFUSED and found.was_checked,
        **_state_of(found),
    }
    if found.is_worked_on:
        context |= panel_context(_work(found), now=clock.now(), **_addresses(found))
    return render(request, "imports/kept.html", context)


@needs(Role.BILLER)
def progress(request: HttpRequest, key: int) -> HttpResponse:
    """Answer a poll of the progress panel."""
    found = get_object_or_404(files_seen(request).defer("report", "problems", "mapping"), pk=key)
    here, work = reverse("file-import", args=[key]), _work(found)
    if work.failure:
        return sent_to(request, found)  # it offers to begin anew
    return panel_response(request, work, now=clock.now(), result=here, **_addresses(found))


@needs(Role.BILLER)
def take_in(request: HttpRequest, key: int) -> HttpResponse:
    """Say in numbers what is stored, then have a worker store it."""
    found = get_object_or_404(files_seen(request), pk=key)
    if found.state != FileState.CHECKED:
        return _answered(request, found, flow.NotWaitingToBeTakenIn(name=found.name))
    confirmation = _confirmation(found, read_report(found.report or {}))
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    try:
        flow.take_in(found, by=request.user, now=clock.now())  # type: ignore[arg-type]
    except Refusal as refusal:
        return _answered(request, found, refusal)
    return sent_to(request, found)


@needs(Role.BILLER)
@require_POST
def cancel(request: HttpRequest, key: int) -> HttpResponse:
    """Cancel it, unless it is being stored or has ended."""
    found = get_object_or_404(files_seen(request), pk=key)
    try:
        flow.cancel(found, by=request.user, now=clock.now())  # type: ignore[arg-type]
    except Refusal as refusal:
        return _answered(request, found, refusal)
    return sent_to(request, found)


@needs(Role.BILLER)
@require_POST
def go_on(request: HttpRequest, key: int) -> HttpResponse:
    """Have a worker begin anew with a file whose work stopped."""
    found = get_object_or_404(files_seen(request), pk=key)
    try:
        flow.go_on(found)
    except Refusal as refusal:
        return _answered(request, found, refusal)
    return sent_to(request, found)


@needs(Role.BILLER)
def errors(request: HttpRequest, key: int, ending: str) -> HttpResponseBase:
    """Give all errors that were kept as a file: row, kind, column, value, what is wrong, what to do."""
    found = get_object_or_404(files_seen(request).defer(None).defer("report", "mapping"), pk=key)
    rows = [
        [one["row"], one["kind"], one["column"], one["value"], one["message"], one["remedy"]]
        for one in found.problems
    ]
    name = f"file-import-{found.pk}-errors"
    if ending == "xlsx":
        return workbook_response([Sheet(title=name, headings=HEADINGS, rows=rows)], name=name)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([HEADINGS, *([csv_text(cell) for cell in row] for row in rows)])
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _answered(request: HttpRequest, found: FileImport, refusal: Refusal) -> HttpResponse:
    messages.error(request, said(refusal))
    return sent_to(request, found)


def _state_of(found: FileImport) -> dict[str, Any]:
    """Return the word for the state of *found*, and its tone."""
    state = FileState(found.state)
    if found.is_worked_on and not found.is_in_hand:  # type: ignore[attr-defined]
        return {"word": gettext("Stopped"), "tone": Tone.BAD}
    return {"word": state.label, "tone": TONES.get(state, Tone.QUIET)}


def _addresses(found: FileImport) -> dict[str, str]:
    """Return where the progress panel asks, and where it cancels if that can be done."""
    cancel = reverse("file-import-cancel", args=[found.pk]) if found.can_be_cancelled else ""
    return {"poll": reverse("file-import-progress", args=[found.pk]), "cancel": cancel}


def _work(found: FileImport) -> Work:
    is_reading = found.stage == FileStage.READING
    is_in_hand = found.is_in_hand  # type: ignore[attr-defined]
    return Work(
        title=gettext("File import"),
        stage=_stage(found),
        done=found.rows_read if is_reading else 0,
        total=found.rows_total if is_reading else 0,
        unit=gettext("rows"),
        started_at=found.begun_at or found.changed_at,
        address=reverse("file-import", args=[found.pk]),
        is_finished=not found.is_worked_on,
        failure=str(STOPPED) if found.is_worked_on and not is_in_hand else "",
    )


def _stage(found: FileImport) -> str:
    if found.stage == FileStage.WAITING:
        return gettext("Waiting for a worker")
    rows = {"count": count_text(found.rows_total, locale=current_locale())}
    if found.stage == FileStage.READING:
        return gettext("Reading rows")
    if found.stage == FileStage.CHECKING:
        return gettext("Comparing %(count)s rows with what is stored") % rows
    return gettext("Storing %(count)s rows, all or none") % rows


def _confirmation(found: FileImport, report: ImportReport) -> Confirmation:
    numbers = {state: count for state, _word, count, _listed in states_of(report)}
    told = {state: count_text(count, locale=current_locale()) for state, count in numbers.items()}
    sentence = ngettext(
        "%(name)s, %(rows)s row, is imported: %(new)s new, %(changed)s changed, %(same)s as stored.",
        "%(name)s, %(rows)s rows, is imported: %(new)s new, %(changed)s changed, %(same)s as stored.",
        report.rows,
    ) % {
        "name": found.name,
        "rows": count_text(report.rows, locale=current_locale()),
        "new": told[RowState.NEW],
        "changed": told[RowState.CHANGED],
        "same": told[RowState.SAME],
    }
    return Confirmation(
        title=gettext("Import %(name)s") % {"name": found.name},
        sentence=sentence,
        figures=_figures(report),
        lasting=gettext(
            "The file is checked again while it is imported: if anything is wrong by then, nothing of it is stored. "
            "What is stored can be changed by another file, and is not taken back."
        ),
        verb=gettext("Import file"),
        back=reverse("file-import", args=[found.pk]),
    )


def _figures(report: ImportReport) -> Sequence[tuple[str, str]]:
    """Return what becomes of the objects of each kind, where there are several."""
    return [(kind_words(one.kind), counted(one)) for one in report.counts] if len(report.counts) > 1 else []
