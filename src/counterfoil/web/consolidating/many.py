"""What is done to many: invoices are queued and released, billings printed, mailed and voided (8.1, 8.2, 8.9)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext_lazy, pgettext
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.flows.consolidating import queueing
from counterfoil.flows.consolidating.by_hand import void_billings
from counterfoil.flows.consolidating.deliver import queue_mails
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.consolidating import views
from counterfoil.web.consolidating.lists import BILLINGS, MAKERS
from counterfoil.web.consolidating.printing import print_billings
from counterfoil.web.invoices.lists import INVOICES
from counterfoil.web.invoices.views import seen as invoices_seen
from counterfoil.web.layout.confirm import reason_given
from counterfoil.web.lists.asking import Question, after_asking, nothing_ticked
from counterfoil.web.lists.page import selection_of

Act = Callable[[list[int]], int]


@needs(*MAKERS)
@require_POST
def put(request: HttpRequest) -> HttpResponse:
    """Let the ticked invoices wait for a consolidated billing."""
    question = Question(
        verb=gettext("Queue invoices"),
        sentence=gettext(
            "Queue %(ticked)s for consolidated billing. They go out with their billing, not alone: "
            "e-mails of them that are queued are cancelled."
        ),
        done=ngettext_lazy(
            "%(count)s invoice was queued for consolidated billing.",
            "%(count)s invoices were queued for consolidated billing.",
            "count",
        ),
        lasting=gettext("They can be released again until they are in a billing."),
        asks_reason=False,
    )
    return _to_invoices(
        request,
        question,
        act=lambda ids: queueing.put_on_queue(ids, by=request.user, now=clock.now()),  # type: ignore[arg-type]
    )


@needs(*MAKERS)
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """Take the ticked invoices off the queue."""
    question = Question(
        verb=pgettext("from the queue", "Release invoices"),
        sentence=gettext(
            "Release %(ticked)s from consolidated billing. They go out alone: to customers who want "
            "their mail so, at once."
        ),
        done=ngettext_lazy(
            "%(count)s invoice was released from consolidated billing.",
            "%(count)s invoices were released from consolidated billing.",
            "count",
        ),
        lasting=gettext("An e-mail that was sent cannot be taken back."),
    )

    def act(ids: list[int]) -> int:
        return queueing.release(ids, reason=reason_given(request), by=request.user, now=clock.now())  # type: ignore[arg-type]

    return _to_invoices(request, question, act=act)


@needs(Role.VIEWER)
@require_POST
def print_many(request: HttpRequest) -> HttpResponse:
    """Print the ticked billings."""
    selection = selection_of(request, listing=BILLINGS, queryset=views.seen(request))
    if selection.is_empty:
        messages.warning(request, nothing_ticked(BILLINGS))
        return HttpResponseRedirect(reverse("billings"))
    return print_billings(
        request,
        selection.queryset,
        title=gettext("Ticked consolidated billings"),
        name="consolidated-billings",
    )


@needs(*MAKERS)
@require_POST
def email(request: HttpRequest) -> HttpResponse:
    """Queue the e-mails of the ticked billings."""
    question = Question(
        verb=gettext("E-mail consolidated billings"),
        sentence=gettext(
            "E-mail %(ticked)s to their customers. Each goes out as one PDF with a copy of each of its "
            "invoices; one that was sent before is sent again."
        ),
        done=ngettext_lazy(
            "%(count)s consolidated billing was queued to be sent by e-mail.",
            "%(count)s consolidated billings were queued to be sent by e-mail.",
            "count",
        ),
        asks_reason=False,
    )
    return _to_billings(request, question, act=lambda ids: queue_mails(ids, now=clock.now()))


@needs(*MAKERS)
@require_POST
def void(request: HttpRequest) -> HttpResponse:
    """Void the ticked billings."""
    question = Question(
        verb=gettext("Void consolidated billings"),
        sentence=gettext(
            "Void %(ticked)s for good. Are you sure? Their invoices can be included in other "
            "consolidated billings again."
        ),
        done=ngettext_lazy(
            "%(count)s consolidated billing was voided.",
            "%(count)s consolidated billings were voided.",
            "count",
        ),
        lasting=gettext("A number is never used again."),
        is_dangerous=True,
    )

    def act(ids: list[int]) -> int:
        return void_billings(ids, reason=reason_given(request), by=request.user, now=clock.now())  # type: ignore[arg-type]

    return _to_billings(request, question, act=act)


def _to_invoices(request: HttpRequest, question: Question, *, act: Act) -> HttpResponse:
    """Ask, act on the ticked invoices, and go back to where the person came from within these pages."""
    asked = request.GET.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    back = asked if is_ours else reverse("invoices")
    return after_asking(request, question, listing=INVOICES, rows=invoices_seen(request), back=back, act=act)


def _to_billings(request: HttpRequest, question: Question, *, act: Act) -> HttpResponse:
    """Ask, act on the ticked billings, and go back to their list."""
    rows, back = views.seen(request), reverse("billings")
    return after_asking(request, question, listing=BILLINGS, rows=rows, back=back, act=act)
