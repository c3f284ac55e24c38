"""Void a whole run: asked in numbers, with a reason (billing-rules 12.4)."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import in_small
from counterfoil.flows.billing.blockers import Against
from counterfoil.flows.billing.selection import Selection
from counterfoil.flows.billing.voiding import NotNow, Voiding, void_run, voiding_of_run
from counterfoil.flows.crediting.many import credit_in_full, show_credit_of_many
from counterfoil.records.billing.models import Run, RunStatus
from counterfoil.records.billing.queries import issued_ids
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.web.access import Need, needs
from counterfoil.web.display import count_text, current_locale, money_text
from counterfoil.web.invoices.lists import REVIEWERS
from counterfoil.web.invoices.wording import (
    MOST_NAMED,
    credit_figures,
    credit_sentence,
    not_credited,
    not_voided,
)
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
    voiding = voiding_of_run(key, most=MOST_NAMED)
    if isinstance(voiding, NotNow):
        return confirm_page(request, _not_voidable(request, run, voiding.against))
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


def _not_voidable(request: HttpRequest, run: Run, against: Sequence[Against]) -> Confirmation:
    """Say in numbers what stands against voiding *run*, and offer to credit it where that is possible."""
    is_reviewer = Need(roles=frozenset(REVIEWERS)).is_met_by(request.user.role)  # type: ignore[union-attr]
    is_creditable = run.status == RunStatus.ISSUED and not Selection.from_json(run.selection).credits
    credit_all = (gettext("Credit all"), reverse("run-credit", args=[run.pk]))
    return Confirmation(
        title=gettext("Void run %(run)s") % {"run": run.pk},
        sentence=gettext("Run %(run)s, %(title)s, cannot be voided as a whole.")
        % {"run": run.pk, "title": run.title},
        left_out=[not_voided(one) for one in against],
        lasting=gettext("A credit note gives back what left the house: its days stay billed."),
        verb=gettext("Void run"),
        back=reverse("run", args=[run.pk]),
        can_be_done=False,
        instead=credit_all if is_reviewer and is_creditable else None,
    )


@needs(*REVIEWERS)
def credit(request: HttpRequest, key: int) -> HttpResponse:
    """Say what crediting every issued invoice of the run in full comes to, then make one run of the notes."""
    run = run_seen(request, key)
    here = reverse("run", args=[key])
    day = clock.today(the_organisation().timezone)
    ids = issued_ids(key)
    try:
        shown = show_credit_of_many(ids, invoice_date=day)
        confirmation = Confirmation(
            title=gettext("Credit run %(run)s") % {"run": key},
            sentence=credit_sentence(shown, day=day),
            figures=credit_figures(shown),
            left_out=not_credited(shown.left_out),
            lasting=gettext("The invoices themselves are never changed, and their days stay billed."),
            verb=gettext("Credit all"),
            back=here,
            asks_reason=True,
            is_dangerous=True,
            can_be_done=bool(shown.invoices),
        )
        if not is_agreed(request, confirmation):
            return confirm_page(request, confirmation)
        made = credit_in_full(
            shown.invoices,
            invoice_date=day,
            reason=reason_given(request),
            by=request.user,  # type: ignore[arg-type]
            now=clock.now(),
        )
    except Refusal as refusal:
        messages.error(request, said(refusal))
        return HttpResponseRedirect(here)
    messages.success(
        request,
        gettext(
            "The credit notes of run %(run)s are in review. They are issued when their run is authorised."
        )
        % {"run": run.pk},
    )
    return HttpResponseRedirect(reverse("run", args=[made.pk]))


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
