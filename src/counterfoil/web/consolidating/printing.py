"""Billings on paper: a few as one PDF at once, many as a print batch of several files (decision 0077)."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.flows import printing
from counterfoil.flows.consolidating.deliver import pdf_of
from counterfoil.records.billing.models import ConsolidatedBilling
from counterfoil.web.access import Need
from counterfoil.web.printing.views import WHO_PRINTS
from counterfoil.web.saying import said

TOO_MANY = _(
    "These are too many for one PDF, and several files are printed by billers, approvers and "
    "accountants. Tick fewer."
)


def fit_on_one(billings: QuerySet[ConsolidatedBilling]) -> bool:
    """Return whether *billings* with their copies are few enough for one PDF at once."""
    sums = billings.order_by().aggregate(billings=Count("pk"), members=Sum("member_count"))
    return sums["billings"] == 1 or sums["billings"] + (sums["members"] or 0) <= printing.DOCUMENTS_A_PART


def print_billings(
    request: HttpRequest, billings: QuerySet[ConsolidatedBilling], *, title: str, name: str
) -> HttpResponse:
    """Answer with *billings* as one PDF, or begin a print batch of them and go to its page."""
    if not billings.exists():
        messages.warning(
            request, gettext("There is no consolidated billing to print. Tick some that are listed.")
        )
        return HttpResponseRedirect(reverse("billings"))
    if fit_on_one(billings):
        return printed(request, list(billings.order_by("seq", "revision")), name=name)
    if not Need(roles=frozenset(WHO_PRINTS)).is_met_by(request.user.role):  # type: ignore[union-attr]
        messages.error(request, TOO_MANY)
        return HttpResponseRedirect(reverse("billings"))
    try:
        batch = printing.open_batch_of_billings(billings, title=title, by=request.user, now=clock.now())  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, said(refusal))
        return HttpResponseRedirect(reverse("billings"))
    return HttpResponseRedirect(reverse("print-batch", args=[batch.pk]))


def printed(request: HttpRequest, chosen: list[ConsolidatedBilling], *, name: str) -> HttpResponse:
    """Answer with *chosen* as one PDF, shown unless `?download=1`; say why where it cannot be made."""
    try:
        content = pdf_of(chosen)
    except Refusal as refusal:
        context = {"reason": said(refusal), "title": "PDF"}
        return render(request, "invoices/not_printed.html", context, status=500)
    response = HttpResponse(content, content_type="application/pdf")
    how = "attachment" if request.GET.get("download") else "inline"
    response["Content-Disposition"] = f'{how}; filename="{name}.pdf"'
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response
