"""The pages of numbering, with an example while a pattern is typed, and of closing (billing-rules 7.2, 7.5)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import in_small
from counterfoil.flows import numbering as flow
from counterfoil.flows.closing import close_books
from counterfoil.records.billing.models import DocumentType
from counterfoil.records.organisation.models import Branch, Role
from counterfoil.records.organisation.queries import the_organisation, within_branches
from counterfoil.web.access import needs
from counterfoil.web.display import current_zone
from counterfoil.web.layout.editing import DayInput, posted
from counterfoil.web.saying import said

YEARLY = [("yearly", _("Each year begins with 1")), ("continuous", _("Goes on over the years"))]


class NumberingForm(forms.Form):
    """How documents of one type are numbered at one branch."""

    pattern = forms.CharField(
        label=_("Pattern"),
        max_length=60,
        help_text=_(
            "{seq} or {seq:06} is the sequence, needed once; {year} the invoice date's; {branch} the code"
        ),
    )
    restarts = forms.ChoiceField(label=_("Sequence"), choices=YEARLY)
    in_date_order = forms.BooleanField(
        label=_("Refuse a date before the last one issued"),
        required=False,
        help_text=_("Else dates may go back"),
    )


class ClosingForm(forms.Form):
    """Up to when the books are closed."""

    closed_before = forms.DateField(
        label=_("First open day"),
        widget=DayInput,
        required=False,
        help_text=_("No document is dated before it. Empty: no period is closed"),
    )


@needs(Role.VIEWER)
def numbering(request: HttpRequest) -> HttpResponse:
    """List how each branch numbers each type of document."""
    branches = within_branches(Branch.objects.order_by("code"), user=request.user, path="pk")  # type: ignore[arg-type]
    found = flow.numberings(today=_today(), branches=list(branches))
    rows = [(one, DocumentType(one.document_type).label) for one in found]
    return render(request, "numbering/numbering.html", {"rows": rows, "title": gettext("Numbering")})


@needs(Role.ADMINISTRATOR)
def edit(request: HttpRequest, branch: str, document_type: str) -> HttpResponse:
    """Change how documents of a type are numbered at a branch."""
    here = reverse("numbering")
    try:
        now = flow.numbering_of(branch, document_type, today=_today())
    except Refusal as refusal:
        messages.error(request, said(refusal))
        return HttpResponseRedirect(here)
    usual = {
        "pattern": now.pattern,
        "restarts": "yearly" if now.restarts_each_year else "continuous",
        "in_date_order": now.in_date_order,
    }
    form = NumberingForm(posted(request), initial=usual)
    if form.is_valid():
        chosen = form.cleaned_data
        try:
            changed = flow.change_numbering(
                branch=branch,
                document_type=document_type,
                pattern=chosen["pattern"],
                restarts_each_year=chosen["restarts"] == "yearly",
                in_date_order=chosen["in_date_order"],
                today=_today(),
            )
        except Refusal as refusal:
            form.add_error(None, said(refusal))
        else:
            messages.success(
                request, gettext("The next number is %(next_number)s.") % {"next_number": changed.next_number}
            )
            return HttpResponseRedirect(here)
    context = {
        "form": form,
        "numbering": now,
        "label": DocumentType(document_type).label,
        "title": gettext("Numbers of %(branch_name)s: %(document_type)s")
        % {
            "branch_name": now.branch_name,
            "document_type": said(in_small(DocumentType(document_type).label)),
        },
        "verb": gettext("Store numbering"),
        "back": here,
        "history_record": flow.series_of(branch, document_type),
    }
    return render(request, "numbering/edit.html", context)


@needs(Role.ADMINISTRATOR)
def show_example(request: HttpRequest) -> HttpResponse:
    """Answer with the number that the pattern typed would give next, or with why it cannot be used."""
    asked = request.GET
    context: dict[str, Any] = {}
    try:
        context["number"] = flow.example(
            branch=asked.get("branch", ""),
            document_type=asked.get("document_type", ""),
            pattern=asked.get("pattern", "").replace("\x00", ""),
            restarts_each_year=asked.get("restarts") != "continuous",
            today=_today(),
        )
    except Refusal as refusal:
        context["refusal"] = said(refusal)
    return render(request, "numbering/example.html", context)


@needs(Role.ACCOUNTANT)
def closing(request: HttpRequest) -> HttpResponse:
    """Show and change the first day that documents may be dated."""
    form = ClosingForm(posted(request), initial={"closed_before": the_organisation().books_closed_before})
    if form.is_valid():
        before = close_books(before=form.cleaned_data["closed_before"]).books_closed_before
        told = (
            gettext("The books are closed before %(before)s.") % {"before": before}
            if before
            else gettext("No period is closed any more.")
        )
        messages.success(request, told)
        return HttpResponseRedirect(reverse("closing"))
    context = {
        "form": form,
        "title": gettext("Closing"),
        "verb": gettext("Store changes"),
        "back": reverse("dashboard"),
        "history_record": the_organisation(),
    }
    return render(request, "counterfoil/layout/form.html", context)


def _today() -> date:
    return clock.now().astimezone(current_zone()).date()
