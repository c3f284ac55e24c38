"""Hold, release and exclude: what is done to many drafts of one run at once (billing-rules 12.7)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing import review
from counterfoil.records.billing.models import Invoice, Run
from counterfoil.records.organisation.queries import within_branches
from counterfoil.web.access import needs
from counterfoil.web.display import current_locale
from counterfoil.web.invoices.lists import DRAFTS, REVIEWERS
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed, reason_given
from counterfoil.web.lists.page import selection_of


def drafts_of(request: HttpRequest, run: Run) -> QuerySet[Invoice]:
    """Return the invoices of *run* that the person may see."""
    rows = Invoice.objects.filter(run=run).select_related("run", "customer", "hold", "exclusion", "number")
    return within_branches(rows, user=request.user)  # type: ignore[arg-type]


@needs(*REVIEWERS)
@require_POST
def hold(request: HttpRequest, run: int) -> HttpResponse:
    """Keep the ticked drafts back."""
    return _after_asking(
        request,
        run,
        verb="Hold",
        past="held",
        told="They keep their lines and are issued later, once released.",
        lasting="A hold can be released at any time; who held and why stays in the history.",
        act=lambda ids: review.hold(ids, reason=reason_given(request), by=request.user, now=clock.now()),  # type: ignore[arg-type]
    )


@needs(*REVIEWERS)
@require_POST
def exclude(request: HttpRequest, run: int) -> HttpResponse:
    """Take the ticked drafts out of the run."""
    return _after_asking(
        request,
        run,
        verb="Exclude",
        past="excluded",
        told="They leave this run; the next run bills their days again.",
        lasting="An exclusion cannot be taken back: the days are billed by another run.",
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
        verb="Release",
        past="released",
        told="They are issued with the others of their run, at once if those are issued already.",
        lasting="",
        act=review.release,
        asks_reason=False,
    )


def _after_asking(
    request: HttpRequest,
    run: int,
    *,
    verb: str,
    past: str,
    told: str,
    lasting: str,
    act: Callable[[list[int]], int],
    is_dangerous: bool = False,
    asks_reason: bool = True,
) -> HttpResponse:
    """Ask in numbers, then *act* on the ids of the ticked drafts and go back to the run."""
    found = get_object_or_404(Run, pk=run)
    selection = selection_of(request, listing=DRAFTS, queryset=drafts_of(request, found))
    back = reverse("run", args=[run])
    if selection.is_empty:
        messages.warning(request, "Nothing was ticked. Tick the invoices first.")
        return HttpResponseRedirect(back)
    confirmation = Confirmation(
        title=f"{verb} invoices",
        sentence=f"{verb} {selection.sentence(locale=current_locale())} of run {run}, {found.title}. {told}",
        verb=f"{verb} invoices",
        back=back,
        lasting=lasting,
        fields=selection.fields(),
        asks_reason=asks_reason,
        is_dangerous=is_dangerous,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    try:
        done = act(list(selection.queryset.order_by("pk").values_list("pk", flat=True)))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{done} {'invoice was' if done == 1 else 'invoices were'} {past}.")
    return HttpResponseRedirect(back)
