"""Print batches: asked in numbers, printed in the background, fetched as files (product D1)."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.flows import printing as flow
from counterfoil.records.billing import queries
from counterfoil.records.billing.models import Invoice
from counterfoil.records.deliveries.models import PrintBatch
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.web.access import needs
from counterfoil.web.display import count_text, current_locale
from counterfoil.web.invoices.lists import CREDIT_NOTES, INVOICES
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed
from counterfoil.web.layout.work import Work, panel_context, panel_response
from counterfoil.web.lists.asking import nothing_ticked
from counterfoil.web.lists.listing import Listing
from counterfoil.web.lists.page import selection_of
from counterfoil.web.runs.seeing import run_seen
from counterfoil.web.saying import said, said_again

REMEMBERED = timedelta(days=92)
MOST_COUNTED = 10_000
WHO_PRINTS = (Role.BILLER, Role.APPROVER, Role.ACCOUNTANT)


@needs(*WHO_PRINTS)
@require_POST
def ticked(request: HttpRequest) -> HttpResponse:
    """Say how many documents are printed, then print the ticked invoices."""
    return _ticked(request, listing=INVOICES, rows=queries.visible_invoices(), page="invoices")


@needs(*WHO_PRINTS)
@require_POST
def ticked_credit_notes(request: HttpRequest) -> HttpResponse:
    """Say how many documents are printed, then print the ticked credit notes."""
    rows = queries.credit_notes_among(queries.visible_invoices())
    return _ticked(request, listing=CREDIT_NOTES, rows=rows, page="credit-notes")


def _ticked(request: HttpRequest, *, listing: Listing, rows: QuerySet[Invoice], page: str) -> HttpResponse:
    selection = selection_of(request, listing=listing, queryset=sight_of(request).limits(rows))
    # The list as the person had it: its filters are in the address.
    back = f"{reverse(page)}?{request.GET.urlencode()}".removesuffix("?")
    if selection.is_empty:
        messages.warning(request, nothing_ticked(listing))
        return HttpResponseRedirect(back)
    return _after_asking(
        request,
        rows=selection.queryset,
        title=gettext("Ticked documents"),
        back=back,
        fields=selection.fields(),
    )


@needs(*WHO_PRINTS)
def of_run(request: HttpRequest, key: int) -> HttpResponse:
    """Say how many documents go on paper, then print them."""
    run = run_seen(request, key)
    rows = within_branches(flow.on_paper(key), user=request.user)  # type: ignore[arg-type]
    title = gettext("Run %(run)s, %(title)s") % {"run": key, "title": run.title}
    return _after_asking(request, rows=rows, title=title, back=reverse("run", args=[key]), fields=[])


@needs(*WHO_PRINTS)
def unprinted(request: HttpRequest) -> HttpResponse:
    """Say how many documents of customers who get paper were never printed, then print them."""
    rows, title = _unprinted(request), gettext("Not printed yet")
    return _after_asking(request, rows=rows, title=title, back=reverse("dashboard"), fields=[])


@needs(*WHO_PRINTS)
def unprinted_count(request: HttpRequest) -> HttpResponse:
    """Answer the dashboard, which asks by itself: how many wait to be printed; nothing where none does."""
    count = len(_unprinted(request).order_by().values_list("pk")[: MOST_COUNTED + 1])
    context = {"count": min(count, MOST_COUNTED), "is_more": count > MOST_COUNTED}
    return render(request, "printing/unprinted.html", context)


def _unprinted(request: HttpRequest) -> QuerySet[Invoice]:
    """Return what was issued in the last three months, is for paper, and was not printed."""
    return sight_of(request).limits(flow.unprinted(since=clock.now() - REMEMBERED))


@needs(*WHO_PRINTS)
def batch(request: HttpRequest, key: int) -> HttpResponse:
    """Show how far the batch is, and its files."""
    found = _own(request, key)
    context = {"batch": found, "title": gettext("Print batch %(batch)s") % {"batch": key}, "work": None}
    work = _work(found)
    if not work.is_finished:
        poll = reverse("print-batch-progress", args=[key])
        context |= panel_context(work, now=clock.now(), poll=poll)
    context["parts"] = flow.written_parts(found)
    return render(request, "printing/batch.html", context)


@needs(*WHO_PRINTS)
def progress(request: HttpRequest, key: int) -> HttpResponse:
    """Answer a poll of the progress panel."""
    work = _work(_own(request, key))
    here = reverse("print-batch", args=[key])
    poll = reverse("print-batch-progress", args=[key])
    return panel_response(request, work, now=clock.now(), poll=poll, result=here)


@needs(*WHO_PRINTS)
def part(request: HttpRequest, key: int, number: int) -> HttpResponseBase:
    """Answer with one file."""
    path = flow.part_path(_own(request, key), number)
    if not path.exists():
        raise Http404
    return FileResponse(path.open("rb"), content_type="application/pdf", filename=path.name)


def _own(request: HttpRequest, key: int) -> PrintBatch:
    """Return a batch the person asked for: it may hold documents that others do not see."""
    return get_object_or_404(PrintBatch.objects.filter(asked_by=request.user), pk=key)


def _work(found: PrintBatch) -> Work:
    return Work(
        title=gettext("Print batch %(batch)s") % {"batch": found.pk},
        stage=gettext("Printing documents"),
        done=found.done,
        total=found.documents,
        unit=gettext("documents"),
        started_at=found.asked_at,
        address=reverse("print-batch", args=[found.pk]),
        is_finished=found.done == found.documents,
        failure=said_again(found.failure),
    )


def _after_asking(
    request: HttpRequest,
    *,
    rows: QuerySet[Invoice],
    title: str,
    back: str,
    fields: list[tuple[str, str]],
) -> HttpResponse:
    count = rows.filter(number__isnull=False, void__isnull=True).count()
    confirmation = Confirmation(
        title=gettext("Print: %(title)s") % {"title": title},
        sentence=ngettext(
            "%(title)s: %(count)s document that are issued and valid are printed, by number.",
            "%(title)s: %(count)s documents that are issued and valid are printed, by number.",
            count,
        )
        % {"title": title, "count": count_text(count, locale=current_locale())},
        lasting=gettext("A file holds a hundred documents at most. Their deliveries stay as they are."),
        verb=gettext("Print documents"),
        back=back,
        fields=fields,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    try:
        opened = flow.open_batch(rows, title=title, by=request.user, now=clock.now())  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, said(refusal))
        return HttpResponseRedirect(back)
    return HttpResponseRedirect(reverse("print-batch", args=[opened.pk]))
