"""The page that imports files: choose a kind, check the file, then import it, all or nothing (product B5)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from counterfoil.core.refusals import Refusal
from counterfoil.flows.importing.kinds import KINDS
from counterfoil.flows.importing.run import import_file
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs


class ImportForm(forms.Form):
    """A file and what it holds."""

    kind = forms.ChoiceField(
        label="What is in the file",
        choices=[(name, name.replace("_", " ").replace("-", " ").capitalize()) for name in KINDS],
    )
    file = forms.FileField(label="File", help_text="CSV or Excel, the names of the columns in the first row")


@needs(Role.BILLER)
def imports(request: HttpRequest) -> HttpResponse:
    """Show the form; report by row and field what a sent file would do, or has done."""
    is_sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if is_sent else ImportForm()
    context: dict[str, Any] = {"form": form, "title": "Imports"}
    if is_sent and form.is_valid():
        file: Any = form.cleaned_data["file"]
        try:
            context["report"] = import_file(
                kind=form.cleaned_data["kind"],
                file=file,
                name=file.name,
                dry_run=request.POST.get("do") != "import",
                by=request.user,  # type: ignore[arg-type]
            )
        except Refusal as refusal:
            form.add_error("file", str(refusal))
    return render(request, "imports/imports.html", context)
