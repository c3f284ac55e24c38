"""Hold, release and exclude: what is done to many drafts of one run at once (billing-rules 12.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing import rerating, review, revising
from counterfoil.flows.billing.issue import first_date_for
from counterfoil.flows.consolidating.queueing import WAITS_BY
from counterfoil.records.billing.models import Invoice, Run
from counterfoil.records.organisation.queries import within_branches
from counterfoil.web.access import needs
from counterfoil.web.invoices.lists import DRAFTS, REVIEWERS
from counterfoil.web.layout.confirm import reason_given
from counterfoil.web.layout.editing import DayInput
from counterfoil.web.lists.asking import Question, after_asking, nothing_ticked, of_run
from counterfoil.web.lists.page import selection_of
from counterfoil.web.saying import said


def drafts_of(request: HttpRequest, run: Run) -> QuerySet[Invoice]:
    """Return the invoices of *run* that the person may see."""
    rows = Invoice.objects.filter(run=run).select_related(
        "run", "customer", "hold", "exclusion", "void", *WAITS_BY
    )
    return within_branches(rows, user=request.user)  # type: ignore[arg-type]


@needs(*REVIEWERS)
@require_POST
def hold(request: HttpRequest, run: int) -> HttpResponse:
    """Keep the ticked drafts back."""
    return _after_asking(
        request,
        run,
        verb=gettext("Hold invoices"),
        sentence=gettext(
            "Hold %(ticked)s of run %(run)s, %(title)s. They keep their lines and are issued later, once "
            "released."
        ),
        done=ngettext_lazy("%(count)s invoice was held.", "%(count)s invoices were held.", "count"),
        lasting=gettext("A hold can be released at any time; who held and why stays in the history."),
        act=lambda ids: review.hold(ids, reason=reason_given(request), by=request.user, now=clock.now()),  # type: ignore[arg-type]
    )


@needs(*REVIEWERS)
@require_POST
def exclude(request: HttpRequest, run: int) -> HttpResponse:
    """Take the ticked drafts out of the run."""
    return _after_asking(
        request,
        run,
        verb=gettext("Exclude invoices"),
        sentence=gettext(
            "Exclude %(ticked)s of run %(run)s, %(title)s. They leave this run; the next run bills their "
            "days again."
        ),
        done=ngettext_lazy("%(count)s invoice was excluded.", "%(count)s invoices were excluded.", "count"),
        lasting=gettext("An exclusion cannot be taken back: the days are billed by another run."),
        act=lambda ids: review.exclude(ids, reason=reason_given(request), by=request.user, now=clock.now()),  # type: ignore[arg-type]
        is_dangerous=True,
    )


@needs(*REVIEWERS)
@require_POST
def release(request: HttpRequest, run: int) -> HttpResponse:
    """End the holds on the ticked drafts."""
    return _after_asking(
        request,
        run,
        verb=gettext("Release invoices"),
        sentence=gettext(
            "Release %(ticked)s of run %(run)s, %(title)s. They are issued with the others of their run, "
            "at once if those are issued already."
        ),
        done=ngettext_lazy("%(count)s invoice was released.", "%(count)s invoices were released.", "count"),
        lasting="",
        act=lambda ids: review.release(ids, by=request.user),  # type: ignore[arg-type]
        asks_reason=False,
    )


@needs(*REVIEWERS)
@require_POST
def rerate(request: HttpRequest, run: int) -> HttpResponse:
    """Rate the ticked drafts anew on today's data."""

    def act(ids: list[int]) -> int:
        done = rerating.rerate(ids, reason=reason_given(request), by=request.user, now=clock.now())  # type: ignore[arg-type]
        if done.exceptions:
            messages.warning(
                request,
                gettext("%(exceptions)s could not be billed: see the exceptions of the run.")
                % {"exceptions": done.exceptions},
            )
        return len(ids)

    return _after_asking(
        request,
        run,
        verb=gettext("Re-rate invoices"),
        sentence=gettext(
            "Re-rate %(ticked)s of run %(run)s, %(title)s. What their customers owe today takes their "
            "place in this run; holds stay."
        ),
        done=ngettext_lazy(
            "%(count)s invoice was rated anew.", "%(count)s invoices were rated anew.", "count"
        ),
        lasting=gettext("What was adjusted or waived on them is gone. They stay in the history as replaced."),
        act=act,
    )


@needs(*REVIEWERS)
@require_POST
def redate(request: HttpRequest, run: int) -> HttpResponse:
    """Show what another date does to the ticked drafts, and date them anew once that is agreed to."""
    found = get_object_or_404(Run, pk=run)
    back = back_to(request, otherwise=reverse("run", args=[run]))
    selection = selection_of(request, listing=DRAFTS, queryset=drafts_of(request, found))
    if selection.is_empty:
        messages.warning(request, nothing_ticked(DRAFTS))
        return HttpResponseRedirect(back)
    ids = list(selection.queryset.order_by("pk").values_list("pk", flat=True))
    proposed = first_date_for(Invoice.objects.filter(pk__in=ids))
    form = DateForm(
        request.POST if "invoice_date" in request.POST else None, initial={"invoice_date": proposed}
    )
    context: dict[str, Any] = {
        "form": form,
        "fields": selection.fields(),
        "back": back,
        "title": gettext("Re-date invoices"),
    }
    day = form.cleaned_data["invoice_date"] if form.is_valid() else (None if form.is_bound else proposed)
    try:
        agrees = day is not None and request.POST.get("agreed") == day.isoformat()
        reason = reason_given(request)
        if agrees and reason and day:
            done = revising.redate(ids, invoice_date=day, reason=reason, by=request.user, now=clock.now())  # type: ignore[arg-type]
            told = ngettext("%(count)s invoice was re-dated.", "%(count)s invoices were re-dated.", len(done))
            messages.success(request, told % {"count": len(done)})
            return HttpResponseRedirect(back)
        context |= {"reason": reason, "lacks_reason": agrees}
        if day:
            context |= {"day": day, "shown": revising.redated(ids, invoice_date=day)}
    except Refusal as refusal:
        messages.error(request, said(refusal))
    return render(request, "invoices/redate.html", context)


class DateForm(forms.Form):
    """The new date."""

    invoice_date = forms.DateField(label=_("New invoice date"), widget=DayInput)


def back_to(request: HttpRequest, *, otherwise: str) -> str:
    """Return where the person came from within these pages, else *otherwise*.

    A draft's own page leads on to the draft that has taken its place meanwhile.
    """
    asked = request.GET.get("back", "")
    return f"{asked}?follow=1" if asked and url_has_allowed_host_and_scheme(asked, None) else otherwise


def _after_asking(
    request: HttpRequest,
    run: int,
    *,
    verb: str,
    sentence: str,
    done: Any,
    lasting: str,
    act: Callable[[list[int]], int],
    is_dangerous: bool = False,
    asks_reason: bool = True,
) -> HttpResponse:
    """Ask in numbers, then *act* on the ids of the ticked drafts and go back to the run."""
    found = get_object_or_404(Run, pk=run)
    question = Question(
        verb=verb,
        sentence=of_run(sentence, found),
        done=done,
        lasting=lasting,
        asks_reason=asks_reason,
        is_dangerous=is_dangerous,
    )
    return after_asking(
        request,
        question,
        listing=DRAFTS,
        rows=drafts_of(request, found),
        back=back_to(request, otherwise=reverse("run", args=[run])),
        act=act,
    )
