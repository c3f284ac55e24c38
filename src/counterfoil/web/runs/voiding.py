"""Void a whole run: asked in numbers, with a reason (billing-rules 12.4)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import in_small
from counterfoil.flows.billing.voiding import Voiding, void_run, voiding_of_run
from counterfoil.records.billing.models import RunStatus
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.display import count_text, current_locale, money_text
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed, reason_given
from counterfoil.web.runs.seeing import run_seen
from counterfoil.web.saying import said


@needs(Role.APPROVER)
def void(request: HttpRequest, key: int) -> HttpResponse:
    """Say in numbers what voiding restores, then do it; or say what stands against it."""
    run = run_seen(request, key)
    here = reverse("run", args=[key])
    if run.status not in (RunStatus.AUTHORISED, RunStatus.ISSUED):
        messages.warning(
            request,
            gettext("Run %(run)s is %(status)s: it cannot be voided.")
            % {"run": key, "status": said(in_small(run.get_status_display()))},
        )
        return HttpResponseRedirect(here)
    voiding = voiding_of_run(key)
    if voiding.blockers:
        messages.error(
            request,
            gettext("Run %(run)s cannot be voided: %(blockers)s.")
            % {"run": key, "blockers": said(voiding.blockers.words)},
        )
        return HttpResponseRedirect(here)
    confirmation = Confirmation(
        title=gettext("Void run %(run)s") % {"run": key},
        sentence=gettext("Void run %(run)s, %(title)s: what was billable before it is so again, all of it.")
        % {"run": key, "title": run.title},
        figures=figures_of(voiding),
        lasting=gettext("A voided run does not come back, and its numbers are not given again."),
        verb=gettext("Void run"),
        back=here,
        asks_reason=True,
        is_dangerous=True,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    try:
        void_run(key, reason=reason_given(request), by=request.user, now=clock.now())  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(
            request, gettext("Run %(run)s was voided. What it had billed can be billed again.") % {"run": key}
        )
    return HttpResponseRedirect(here)


def figures_of(voiding: Voiding) -> list[tuple[str, str]]:
    """Return what voiding takes back and restores, as pairs (what, how much)."""
    locale = current_locale()
    amounts = " + ".join(
        money_text(total.gross_minor, total.currency, locale=locale) for total in voiding.totals
    )
    counted = (
        (gettext("Documents"), voiding.documents),
        (gettext("Charges set back"), voiding.charges),
        (gettext("Events chargeable again"), voiding.event_charges),
        (gettext("Deliveries cancelled"), voiding.deliveries),
    )
    return [
        *((what, count_text(number, locale=locale)) for what, number in counted),
        (gettext("Gross"), amounts or "0"),
    ]
