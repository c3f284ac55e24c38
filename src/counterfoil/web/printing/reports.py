"""Reports on a client and on an event as PDF, in the language of who reads them (product C4)."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language

from counterfoil.core.refusals import Refusal
from counterfoil.core.report import Report
from counterfoil.flows.reporting import printed_report, report_on_client, report_on_event
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.customers import clients
from counterfoil.web.events import views as events
from counterfoil.web.prices.shown import today
from counterfoil.web.saying import said


@needs(Role.VIEWER)
def of_client(request: HttpRequest, key: int) -> HttpResponse:
    """Answer with what is known of a client; `?download=1` saves it."""
    found = get_object_or_404(clients.seen(request), pk=key)
    language = get_language() or ""
    return _pdf(request, lambda: report_on_client(found, day=today(), language=language))


@needs(Role.VIEWER)
def of_event(request: HttpRequest, key: int) -> HttpResponse:
    """Answer with what is known of an activation, a work order, a dispatch or a sale."""
    found = get_object_or_404(events.seen(request), pk=key)
    language = get_language() or ""
    return _pdf(request, lambda: report_on_event(found, day=today(), language=language))


def _pdf(request: HttpRequest, make: Callable[[], Report]) -> HttpResponse:
    try:
        report = make()
        content = printed_report(report)
    except Refusal as refusal:
        context = {"reason": said(refusal), "title": "PDF"}
        return render(request, "invoices/not_printed.html", context, status=400)
    response = HttpResponse(content, content_type="application/pdf")
    how = "attachment" if request.GET.get("download") else "inline"
    name = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in report.name)
    response["Content-Disposition"] = f'{how}; filename="report-{name}.pdf"'
    return response
