"""The list of consolidated billings, and one of them (billing-rules 8.9)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext

from counterfoil.flows.consolidating.listing import listed_in
from counterfoil.records.billing import consolidating_queries as queries
from counterfoil.records.billing.models import ConsolidatedBilling
from counterfoil.records.deliveries.models import Mail
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.web.access import needs
from counterfoil.web.consolidating.lists import BILLINGS, STATES, state_of
from counterfoil.web.consolidating.printing import printed
from counterfoil.web.invoices.history import history_of_billing
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.lists.page import list_page
from counterfoil.web.templatetags.counterfoil import Tab


def seen(request: HttpRequest) -> QuerySet[ConsolidatedBilling]:
    """Return the billings the person may see, with what lies beside them."""
    rows = queries.with_state(ConsolidatedBilling.objects.all())
    return within_branches(rows, user=request.user)  # type: ignore[arg-type]


@needs(Role.VIEWER)
def billings(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    rows = sight_of(request).limits(queries.with_state(ConsolidatedBilling.objects.all()))
    return list_page(request, listing=BILLINGS, queryset=rows, title=gettext("Consolidated billings"))


@needs(Role.VIEWER)
def billing(request: HttpRequest, key: int) -> HttpResponse:
    """Show one: what it lists, the document, its e-mail."""
    found = get_object_or_404(seen(request), pk=key)
    chosen = request.GET.get("tab", "invoices")
    state = STATES[state_of(found)]
    deliveries = list(found.deliveries.all())
    context: dict[str, Any] = {
        "billing": found,
        "title": gettext("Consolidated billing %(number)s") % {"number": found.number},
        "state_word": state.word,
        "state_tone": state.tone,
        "is_live": state_of(found) == "live",
        "replaces": ConsolidatedBilling.objects.filter(void__replaced_by=found).first(),
        "tabs": [
            Tab(gettext("Invoices"), "?tab=invoices", chosen == "invoices", found.member_count),
            Tab(gettext("Document"), "?tab=document", chosen == "document"),
            Tab(gettext("Deliveries"), "?tab=deliveries", chosen == "deliveries", len(deliveries)),
            Tab(gettext("History"), "?tab=history", chosen == "history"),
        ],
        "chosen": chosen,
        "deliveries": deliveries,
    }
    if chosen == "history":
        context["history"] = history_of_billing(found)
    elif chosen == "deliveries":
        mails = Mail.objects.filter(billing__billing=found).select_related("asked_by")
        context["mails"] = list(mails.order_by("-pk"))
    elif chosen == "invoices":
        organisation = request.organisation  # type: ignore[attr-defined]
        language = found.customer.language or organisation.language
        context["entries"] = listed_in(found, language=language)
    return render(request, "consolidating/billing.html", context)


@needs(Role.VIEWER)
def pdf(request: HttpRequest, key: int) -> HttpResponse:
    """Answer with a billing as PDF: its list, and a copy of each invoice."""
    found = get_object_or_404(seen(request), pk=key)
    return printed(request, [found], name=found.number)
