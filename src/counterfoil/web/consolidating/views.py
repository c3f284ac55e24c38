"""The list of consolidated billings, one of them, and what is done to many: print, e-mail, void (8.2, 8.9)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.flows.consolidating.by_hand import void_billings
from counterfoil.flows.consolidating.deliver import pdf_of, queue_mails
from counterfoil.flows.consolidating.documents import billing_documents_of
from counterfoil.records.billing import consolidating_queries as queries
from counterfoil.records.billing.models import ConsolidatedBilling
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.web.access import needs
from counterfoil.web.consolidating.lists import BILLINGS, MAKERS, STATES, state_of
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.confirm import reason_given
from counterfoil.web.lists.asking import Question, after_asking
from counterfoil.web.lists.page import list_page, selection_of
from counterfoil.web.templatetags.counterfoil import Tab

MOST_PRINTED = 500


def seen(request: HttpRequest) -> QuerySet[ConsolidatedBilling]:
    """Return the billings the person may see, with what lies beside them."""
    rows = queries.with_state(ConsolidatedBilling.objects.all())
    return within_branches(rows, user=request.user)  # type: ignore[arg-type]


@needs(Role.VIEWER)
def billings(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    rows = sight_of(request).limits(queries.with_state(ConsolidatedBilling.objects.all()))
    return list_page(request, listing=BILLINGS, queryset=rows, title="Consolidated billings")


@needs(Role.VIEWER)
def billing(request: HttpRequest, key: int) -> HttpResponse:
    """Show one: what it lists, the document, its e-mail."""
    found = get_object_or_404(seen(request), pk=key)
    chosen = request.GET.get("tab", "invoices")
    state = STATES[state_of(found)]
    deliveries = list(found.deliveries.all())
    context: dict[str, Any] = {
        "billing": found,
        "title": f"Consolidated billing {found.number}",
        "state_word": state.word,
        "state_tone": state.tone,
        "is_live": state_of(found) == "live",
        "replaces": ConsolidatedBilling.objects.filter(void__replaced_by=found).first(),
        "tabs": [
            Tab("Invoices", "?tab=invoices", chosen == "invoices", found.member_count),
            Tab("Document", "?tab=document", chosen == "document"),
            Tab("Deliveries", "?tab=deliveries", chosen == "deliveries", len(deliveries)),
        ],
        "chosen": chosen,
        "deliveries": deliveries,
    }
    if chosen == "invoices":
        [document] = billing_documents_of([found])
        members = found.members.values_list("invoice_id", flat=True)
        context["entries"] = list(zip(members, document.entries, strict=True))
        context["due_minor"] = document.gross_minor
    return render(request, "consolidating/billing.html", context)


@needs(Role.VIEWER)
def pdf(request: HttpRequest, key: int) -> HttpResponse:
    """Answer with a billing as PDF: its list, and a copy of each invoice."""
    found = get_object_or_404(seen(request), pk=key)
    return printed(request, [found], name=found.number)


@needs(Role.VIEWER)
@require_POST
def print_many(request: HttpRequest) -> HttpResponse:
    """Answer with the ticked billings as one PDF."""
    selection = selection_of(request, listing=BILLINGS, queryset=seen(request))
    chosen = (
        list(selection.queryset.order_by("seq", "revision")[:MOST_PRINTED]) if not selection.is_empty else []
    )
    if not chosen:
        messages.warning(request, "Nothing was ticked. Tick the consolidated billings first.")
        return HttpResponseRedirect(reverse("billings"))
    return printed(request, chosen, name="consolidated-billings")


@needs(*MAKERS)
@require_POST
def email(request: HttpRequest) -> HttpResponse:
    """Queue the e-mails of the ticked billings."""
    question = Question(
        verb="E-mail",
        past="queued to be sent by e-mail",
        where="to their customers",
        told="Each goes out as one PDF with a copy of each of its invoices; one that was sent before is sent again.",
        asks_reason=False,
    )
    return after_asking(
        request,
        question,
        listing=BILLINGS,
        rows=seen(request),
        back=reverse("billings"),
        act=lambda ids: queue_mails(ids, now=clock.now()),
    )


@needs(*MAKERS)
@require_POST
def void(request: HttpRequest) -> HttpResponse:
    """Void the ticked billings."""
    question = Question(
        verb="Void",
        past="voided",
        where="for good",
        told="Are you sure? Their invoices can be included in other consolidated billings again.",
        lasting="A number is never used again.",
        is_dangerous=True,
    )
    return after_asking(
        request,
        question,
        listing=BILLINGS,
        rows=seen(request),
        back=reverse("billings"),
        act=lambda ids: void_billings(ids, reason=reason_given(request), by=request.user, now=clock.now()),  # type: ignore[arg-type]
    )


def printed(request: HttpRequest, chosen: list[ConsolidatedBilling], *, name: str) -> HttpResponse:
    """Answer with *chosen* as one PDF, shown unless `?download=1`; say why where it cannot be made."""
    try:
        content = pdf_of(chosen)
    except Refusal as refusal:
        context = {"reason": str(refusal), "title": "PDF"}
        return render(request, "invoices/not_printed.html", context, status=500)
    response = HttpResponse(content, content_type="application/pdf")
    how = "attachment" if request.GET.get("download") else "inline"
    response["Content-Disposition"] = f'{how}; filename="{name}.pdf"'
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response
