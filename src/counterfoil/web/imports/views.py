"""The page that takes files in, all or nothing, after a check, and gives the same kinds out again (product B5)."""

from __future__ import annotations

import io
import tempfile
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import in_small
from counterfoil.flows.importing.by_worker import is_large, keep_file
from counterfoil.flows.importing.export import export_csv, export_excel
from counterfoil.flows.importing.kinds import KINDS
from counterfoil.flows.importing.mapping import read_mapping
from counterfoil.flows.importing.report import ImportReport
from counterfoil.flows.importing.run import MAPPED, import_file, import_mapped
from counterfoil.flows.importing.samples import example_of, write_sample
from counterfoil.records.organisation.file_imports import FileImport
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import Need, needs
from counterfoil.web.imports.kept import latest_files, sent_to
from counterfoil.web.imports.meanings import meaning_of
from counterfoil.web.imports.reporting import states_of
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.naming import FILES
from counterfoil.web.saying import said


class ImportForm(forms.Form):
    """A file and what it holds."""

    kind = forms.ChoiceField(
        label=_("What is in the file"),
        choices=[
            *((name, FILES[name]) for name in KINDS),
            (MAPPED, _("Another system's file, by a mapping")),
        ],
    )
    file = forms.FileField(
        label=_("File"), help_text=_("CSV or Excel, the names of the columns in the first row")
    )
    mapping = forms.FileField(
        label=_("Mapping"),
        required=False,
        help_text=_("Only for another system's file: how it becomes ours, as TOML"),
    )

    def clean(self) -> Any:
        """Refuse another system's file without its mapping."""
        cleaned: Any = super().clean()
        if (cleaned.get("kind") == MAPPED) != bool(cleaned.get("mapping")):
            self.add_error(
                "mapping", gettext("A mapping goes with another system's file, and that with a mapping.")
            )
        return cleaned


class SeesSomeBranches(Refusal):
    """A file may be about every branch, and you see some of them. Ask somebody who sees all, or take a list along with
    its own export.
    """


ENDINGS = {
    "csv": (export_csv, "text/csv; charset=utf-8"),
    "xlsx": (export_excel, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@needs(Role.BILLER, Role.ACCOUNTANT)
def imports(request: HttpRequest) -> HttpResponse:
    """Show the form; report by row and field what a sent file would do, or has done. Billers alone send files.

    A large file is kept for a worker, and has a page of its own.
    """
    is_sent = request.method == "POST"
    sends = Need(roles=frozenset({Role.BILLER})).is_met_by(request.user.role)  # type: ignore[union-attr]
    if is_sent and not sends:
        raise PermissionDenied
    form = (
        ImportForm(request.POST, request.FILES)
        if is_sent
        else ImportForm(initial={"kind": request.GET.get("kind", "")})
    )
    kinds = [(name, said(in_small(FILES[name]))) for name in KINDS]
    context: dict[str, Any] = {"form": form, "title": gettext("Imports and exports"), "kinds": kinds}
    if is_sent and form.is_valid():
        try:
            taken = _take(request, form.cleaned_data)
            if isinstance(taken, FileImport):
                return sent_to(request, taken)
            context |= {"report": taken, "states": states_of(taken)}
        except Refusal as refusal:
            form.add_error("file", said(refusal))
    if sends and not sight_of(request).is_limited:
        context["files"] = latest_files(request)
    return render(request, "imports/imports.html", context)


def _take(request: HttpRequest, given: dict[str, Any]) -> ImportReport | FileImport:
    """Check or import the file at once, or keep it for a worker if it is large."""
    if sight_of(request).is_limited:
        raise SeesSomeBranches
    is_dry, by, file, kind = request.POST.get("do") != "import", request.user, given["file"], given["kind"]
    text = given["mapping"].read().decode("utf-8", errors="replace") if kind == MAPPED else ""
    mapping = read_mapping(text) if kind == MAPPED else None
    if is_large(file, size=file.size, kind=kind, mapping=mapping):
        return keep_file(
            kind=kind,
            file=file,
            name=file.name,
            size=file.size,
            mapping=text,
            dry_run=is_dry,
            by=by,  # type: ignore[arg-type]
            now=clock.now(),
        )
    if mapping is not None:
        return import_mapped(mapping=mapping, file=file, name=file.name, dry_run=is_dry, by=by)  # type: ignore[arg-type]
    return import_file(kind=kind, file=file, name=file.name, dry_run=is_dry, by=by)  # type: ignore[arg-type]


@needs(Role.BILLER)
def columns(request: HttpRequest) -> HttpResponse:
    """Show what the columns of the kind of file that is chosen mean and may hold, with an example of each."""
    kind = KINDS.get(request.GET.get("kind", ""))
    described = [
        (column, meaning_of(kind, column.name), example_of(kind.name, column.name))
        for column in (kind.columns if kind else ())
    ]
    return render(request, "imports/columns.html", {"kind": kind, "columns": described})


@needs(Role.BILLER)
def header(_request: HttpRequest, kind: str) -> HttpResponse:
    """Give a file of a kind with its columns alone, to be filled in."""
    if kind not in KINDS:
        raise Http404
    return _csv(",".join(KINDS[kind].column_names) + "\n", name=f"{kind}-empty.csv")


@needs(Role.BILLER)
def sample(_request: HttpRequest, kind: str) -> HttpResponse:
    """Give a file of a kind with example values in its columns."""
    if kind not in KINDS:
        raise Http404
    text = io.StringIO()
    write_sample(kind, text)
    return _csv(text.getvalue(), name=f"{kind}-sample.csv")


def _csv(text: str, *, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@needs(Role.BILLER, Role.ACCOUNTANT)
def export(request: HttpRequest, kind: str, ending: str) -> HttpResponseBase:
    """Give all objects of a kind as a file that is imported again; what a spreadsheet would run is made harmless."""
    if kind not in KINDS or ending not in ENDINGS:
        raise Http404
    write, content_type = ENDINGS[ending]
    try:
        if sight_of(request).is_limited:
            raise SeesSomeBranches
        file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
        write(kind=kind, file=file)
    except Refusal as refusal:
        messages.error(request, said(refusal))
        return HttpResponseRedirect(reverse("imports"))
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{kind}.{ending}", content_type=content_type)
