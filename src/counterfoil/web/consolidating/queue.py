"""Putting invoices on the queue for consolidated billing, and releasing them from it (billing-rules 8.1, 8.2)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.flows.consolidating import queueing
from counterfoil.web.access import needs
from counterfoil.web.consolidating.lists import MAKERS
from counterfoil.web.invoices.lists import INVOICES
from counterfoil.web.invoices.views import seen
from counterfoil.web.layout.confirm import reason_given
from counterfoil.web.lists.asking import Question, after_asking


@needs(*MAKERS)
@require_POST
def put(request: HttpRequest) -> HttpResponse:
    """Let the ticked invoices wait for a consolidated billing."""
    question = Question(
        verb="Queue",
        past="queued for consolidated billing",
        where="for consolidated billing",
        told="They go out with their billing, not alone: e-mails of them that are queued are cancelled.",
        lasting="They can be released again until they are in a billing.",
        asks_reason=False,
    )
    return after_asking(
        request,
        question,
        listing=INVOICES,
        rows=seen(request),
        back=_back(request),
        act=lambda ids: queueing.put_on_queue(ids, by=request.user, now=clock.now()),  # type: ignore[arg-type]
    )


@needs(*MAKERS)
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """Take the ticked invoices off the queue."""
    question = Question(
        verb="Release",
        past="released from consolidated billing",
        where="from consolidated billing",
        told="They go out alone: to customers who want their mail so, at once.",
        lasting="An e-mail that was sent cannot be taken back.",
    )
    return after_asking(
        request,
        question,
        listing=INVOICES,
        rows=seen(request),
        back=_back(request),
        act=lambda ids: queueing.release(ids, reason=reason_given(request), by=request.user, now=clock.now()),  # type: ignore[arg-type]
    )


def _back(request: HttpRequest) -> str:
    """Return where the person came from within these pages, else the list of invoices."""
    asked = request.GET.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours else reverse("invoices")
