"""What a person decides about a run: authorise, abandon, go on, deliver."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import in_small
from counterfoil.flows.billing import review
from counterfoil.flows.billing.issue import next_numbers
from counterfoil.flows.billing.run import selection_of
from counterfoil.flows.billing.starting import DELIVER, GENERATE, ISSUE, authorise_and_issue, go_on
from counterfoil.records.billing.figures import drafts_by_series, totals_to_issue
from counterfoil.records.billing.models import BillingException, Invoice, Run, RunStatus
from counterfoil.records.counting import number_of
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.definitions.forms import CONNECTOR_NAMES
from counterfoil.web.display import count_text, current_locale, money_text, weekday_text
from counterfoil.web.exceptions.views import with_state
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed, reason_given
from counterfoil.web.runs.seeing import run_seen
from counterfoil.web.saying import said


@needs(Role.APPROVER)
def authorise(request: HttpRequest, key: int) -> HttpResponse:
    """Ask in numbers, then authorise the run and have it issued and delivered."""
    run = run_seen(request, key)
    here = reverse("run", args=[key])
    if run.status != RunStatus.IN_REVIEW:
        messages.warning(
            request,
            gettext("Run %(run)s is %(status)s: it cannot be authorised now.")
            % {"run": key, "status": said(in_small(run.get_status_display()))},
        )
        return HttpResponseRedirect(here)
    confirmation = _what_happens(run)
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    try:
        authorise_and_issue(key, by=request.user, now=clock.now())  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(
            request, gettext("Run %(run)s is authorised. Its invoices get their numbers now.") % {"run": key}
        )
    return HttpResponseRedirect(here)


def _what_happens(run: Run) -> Confirmation:
    """Say what authorising *run* does: documents, amounts, numbers, e-mails, where they go."""
    locale = current_locale()
    drafts = drafts_by_series(run)
    selection = selection_of(run)
    count = sum(one.documents for one in drafts)
    mails = sum(one.by_email for one in drafts) if selection.send_email else 0
    gross = dict.fromkeys(sorted({one.currency for one in drafts}), 0)
    for one in drafts:
        gross[one.currency] += one.gross_minor
    amounts = " + ".join(money_text(minor, code, locale=locale) for code, minor in gross.items()) or "0"
    beside = _left_behind(run)
    figures = [
        (gettext("Invoices"), count_text(count, locale=locale)),
        (gettext("Gross"), amounts),
        (gettext("Invoice date"), weekday_text(run.invoice_date, locale=locale)),
        (gettext("Next number"), ", ".join(next_numbers(drafts)) or "–"),
        (gettext("E-mails"), count_text(mails, locale=locale)),
        (gettext("On paper"), count_text(sum(one.on_paper for one in drafts), locale=locale)),
        (
            gettext("Connector"),
            CONNECTOR_NAMES.get(selection.connector, selection.connector) or gettext("none"),
        ),
        *((what, count_text(number, locale=locale)) for what, number in beside),
    ]
    return Confirmation(
        title=gettext("Authorise run %(run)s") % {"run": run.pk},
        sentence=ngettext(
            "Authorise run %(run)s, %(title)s: %(count)s invoice, %(amounts)s. They are issued and delivered.",
            "Authorise run %(run)s, %(title)s: %(count)s invoices, %(amounts)s. They are issued and delivered.",
            count,
        )
        % {
            "run": run.pk,
            "title": run.title,
            "count": count_text(count, locale=locale),
            "amounts": amounts,
        },
        figures=figures,
        lasting=gettext(
            "Numbers cannot be taken back, and invoices that have one are never changed; a void keeps them. What is "
            "held stays and is issued once released; what is excluded, or an exception, is billed by another run."
        ),
        verb=gettext("Authorise run"),
        back=reverse("run", args=[run.pk]),
    )


def _left_behind(run: Run) -> list[tuple[str, int]]:
    """Return what *run* does not issue: held and excluded documents, and what it could not bill."""
    held = Invoice.objects.filter(hold__isnull=False)
    excluded = Invoice.objects.filter(exclusion__isnull=False, exclusion__replaced_by__isnull=True)
    open_ones = with_state(BillingException.objects.all()).filter(is_confirmed=False)
    counts = [number_of(rows, path="run") for rows in (held, excluded, open_ones)]
    counted = Run.objects.filter(pk=run.pk).values_list(*counts).get()
    words = (gettext("Held, left behind"), gettext("Excluded"), gettext("Open exceptions"))
    return list(zip(words, counted, strict=True))


@needs(Role.BILLER, Role.APPROVER)
def abandon(request: HttpRequest, key: int) -> HttpResponse:
    """Ask, with a reason, then give the run up."""
    run = run_seen(request, key)
    here = reverse("run", args=[key])
    count = sum(total.documents for total in totals_to_issue(run))
    confirmation = Confirmation(
        title=gettext("Abandon run %(run)s") % {"run": key},
        sentence=ngettext(
            "Abandon run %(run)s, %(title)s: %(count)s draft disappears, and the next run bills their days again.",
            "Abandon run %(run)s, %(title)s: %(count)s drafts disappear, and the next run bills their days again.",
            count,
        )
        % {"run": key, "title": run.title, "count": count_text(count, locale=current_locale())},
        lasting=gettext("An abandoned run does not come back. Generate a new one instead."),
        verb=gettext("Abandon run"),
        back=here,
        asks_reason=True,
        is_dangerous=True,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    try:
        review.abandon(key, reason=reason_given(request), now=clock.now())
    except Refusal as refusal:
        messages.error(request, said(refusal))
        return HttpResponseRedirect(here)
    messages.success(
        request, gettext("Run %(run)s was abandoned. What it had billed can be billed again.") % {"run": key}
    )
    return HttpResponseRedirect(reverse("runs"))


@needs(Role.BILLER, Role.APPROVER)
@require_POST
def resume(request: HttpRequest, key: int) -> HttpResponse:
    """Queue what is still to be done for the run: generate, issue, or deliver."""
    run = run_seen(request, key)
    tasks = {RunStatus.GENERATING: GENERATE, RunStatus.AUTHORISED: ISSUE, RunStatus.ISSUED: DELIVER}
    task = tasks.get(RunStatus(run.status))
    if task is None:
        messages.warning(
            request,
            gettext("Run %(run)s is %(status)s: there is nothing to go on with.")
            % {"run": key, "status": said(in_small(run.get_status_display()))},
        )
    else:
        go_on(task, run_id=key)
        messages.success(request, gettext("Work on run %(run)s goes on.") % {"run": key})
    return HttpResponseRedirect(reverse("run", args=[key]))
