"""The pages of batch definitions: list, one with its runs, and the form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.core.schedules import words_of
from counterfoil.flows import defining
from counterfoil.flows.billing.scheduling import next_runs
from counterfoil.records.billing.models import BatchDefinition, Payer
from counterfoil.records.catalog.models import Kind, MasterCharge
from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import CustomerGroup
from counterfoil.web.access import needs
from counterfoil.web.definitions.forms import STORED, DefinitionForm, lengths_there_are
from counterfoil.web.definitions.lists import DEFINITIONS, RUNS_OF_DEFINITION, place_of
from counterfoil.web.display import current_zone
from counterfoil.web.layout.editing import posted, stored_words
from counterfoil.web.layout.history import history_of
from counterfoil.web.lists.page import list_page
from counterfoil.web.runs.seeing import runs_seen_by
from counterfoil.web.saying import said, said_again
from counterfoil.web.templatetags.counterfoil import Tab


def definitions_seen(request: HttpRequest) -> QuerySet[BatchDefinition]:
    """Return the definitions that the person may see: with branches of their own, those of one of these alone."""
    rows = BatchDefinition.objects.select_related("branch", "customer_group", "schedule_state")
    return within_branches(rows, user=request.user)  # type: ignore[arg-type]


@needs(Role.VIEWER)
def definitions(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    context = {"new": reverse("definition-new"), "new_label": gettext("Add definition")}
    rows = definitions_seen(request)
    return list_page(
        request, listing=DEFINITIONS, queryset=rows, title=gettext("Definitions"), context=context
    )


@needs(Role.VIEWER)
def definition(request: HttpRequest, key: int) -> HttpResponseBase:
    """Show one: what it says, what it would bill today, its runs and its history."""
    found = get_object_or_404(definitions_seen(request), pk=key)
    runs = runs_seen_by(request.user).filter(definition=found)  # type: ignore[arg-type]
    chosen, count = request.GET.get("tab", "runs"), runs.count()
    context: dict[str, Any] = {
        "definition": found,
        "title": found.title,
        "chosen": chosen,
        "kinds": [Kind(kind).label for kind in found.kinds if kind in Kind.values],
        "codes": defining.codes_of(found),
        "goes_to": place_of(found.connector),
        "schedule_words": said(words_of(found.schedule)),
        "problem": said_again(found.schedule_state.problem) if hasattr(found, "schedule_state") else "",
        "coming": next_runs(found, now=clock.now(), zone=current_zone()),
        "tabs": [
            Tab(gettext("Runs"), "?tab=runs", chosen != "history", count),
            Tab(gettext("History"), "?tab=history", chosen == "history"),
        ],
    }
    if chosen == "history":
        return render(request, "definitions/definition.html", {**context, "history": history_of(found)})
    return list_page(
        request, listing=RUNS_OF_DEFINITION, queryset=runs, title=found.title, context=context, known=count
    )


@needs(Role.BILLER)
def new(request: HttpRequest) -> HttpResponse:
    """Add one; the address may say what it selects, to close a gap that leaks."""
    kinds = [kind for kind in request.GET.getlist("kinds") if kind in Kind.values]
    payer = request.GET.get("payer", "")
    begun = BatchDefinition(
        kinds=kinds,
        payer=payer if payer in Payer.values else Payer.ANY,
        branch=Branch.objects.filter(pk=_number(request.GET.get("branch", ""))).first(),
        customer_group=CustomerGroup.objects.filter(
            pk=_number(request.GET.get("customer_group", ""))
        ).first(),
        period_lengths=[one for one in request.GET.getlist("period_lengths") if one in lengths_there_are()],
        master_charges=list(
            MasterCharge.objects.filter(
                code__in=[code.replace("\x00", "") for code in request.GET.getlist("master_charges")]
            ).values_list("pk", flat=True)
        ),
        title=request.GET.get("title", "")[:200],
    )
    return _page(request, begun, title=gettext("New definition"), verb=gettext("Add definition"))


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one; runs keep the selection they began with."""
    found = get_object_or_404(definitions_seen(request), pk=key)
    return _page(
        request, found, title=gettext("Edit %(name)s") % {"name": found}, verb=gettext("Store changes")
    )


@needs(Role.BILLER)
def copy(request: HttpRequest, key: int) -> HttpResponse:
    """Add one that begins as a copy of another, without its schedule."""
    found = get_object_or_404(definitions_seen(request), pk=key)
    copied = defining.copy_of(found, name=f"{found.name[:55]}-copy")
    return _page(
        request, copied, title=gettext("Copy %(name)s") % {"name": found}, verb=gettext("Add definition")
    )


@needs(Role.BILLER)
@require_POST
def switch(request: HttpRequest, key: int) -> HttpResponse:
    """Switch one off, or on again: as the pressed button said, whatever somebody else has done meanwhile."""
    found = get_object_or_404(definitions_seen(request), pk=key)
    found.is_active = request.POST.get("do") == "on"
    try:
        defining.change(found, fields=["is_active"], by=request.user, now=clock.now())  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, said(refusal))
    else:
        words = (
            gettext("%(name)s was switched on.") if found.is_active else gettext("%(name)s was switched off.")
        )
        messages.success(request, words % {"name": found})
    return HttpResponseRedirect(reverse("definition", args=[key]))


@needs(*defining.AUTHORISERS)
@require_POST
def let_through(request: HttpRequest, key: int) -> HttpResponse:
    """Let the runs of one be issued without review, or have them reviewed again: as the pressed button said."""
    found = get_object_or_404(definitions_seen(request), pk=key)
    found.authorised = request.POST.get("do") == "let-through"
    try:
        defining.change(found, fields=["authorised"], by=request.user, now=clock.now())  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, said(refusal))
    else:
        words = (
            gettext("Runs of %(name)s are issued without review from now on.")
            if found.authorised
            else gettext("Runs of %(name)s are reviewed before they are issued from now on.")
        )
        messages.success(request, words % {"name": found})
    return HttpResponseRedirect(reverse("definition", args=[key]))


def _page(request: HttpRequest, record: BatchDefinition, *, title: str, verb: str) -> HttpResponse:
    form = DefinitionForm(posted(request), instance=record, user=request.user)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        is_new = record.pk is None
        try:
            stored = _stored(form.instance, by=request.user)  # type: ignore[arg-type]
        except Refusal as refusal:
            form.add_error(None, said(refusal))
        else:
            messages.success(request, stored_words(stored, is_new=is_new))
            return HttpResponseRedirect(reverse("definition", args=[stored.pk]))
    back = reverse("definition", args=[record.pk]) if record.pk else reverse("definitions")
    shown = {"form": form, "title": title, "verb": verb, "back": back}
    return render(request, "definitions/form.html", shown)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _stored(record: BatchDefinition, *, by: User) -> BatchDefinition:
    if record.pk is None:
        return defining.define(record, by=by, now=clock.now())
    return defining.change(record, fields=STORED, by=by, now=clock.now())
