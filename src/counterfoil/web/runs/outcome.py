"""What became of a run: its deliveries sent again, its totals reconciled, its long unbilled charges confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from counterfoil.connectors.port import ControlTotals
from counterfoil.flows.billing.reconcile import Change, Control, control_of, control_to_show, start_adding_up
from counterfoil.records.billing import queries
from counterfoil.records.billing.models import BillingException, Run
from counterfoil.records.deliveries.models import Delivery
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.web.access import needs
from counterfoil.web.deliveries.again import ask_to_resend
from counterfoil.web.deliveries.views import DELIVERIES_OF_RUN
from counterfoil.web.exceptions.views import EXCEPTIONS_OF_RUN, confirm_ticked
from counterfoil.web.lists.asking import of_run
from counterfoil.web.lists.columns import Column, Kind
from counterfoil.web.lists.export import excel_response
from counterfoil.web.naming import yes_or_no
from counterfoil.web.runs.seeing import run_seen
from counterfoil.web.saying import said_again


def deliveries_of(request: HttpRequest, run: Run) -> QuerySet[Delivery]:
    """Return the deliveries of *run* that the person may see."""
    rows = queries.within_run(Delivery.objects.filter(invoice__run=run), run)
    rows = rows.select_related("invoice__number")
    return within_branches(rows, user=request.user, path="invoice__branch_id")  # type: ignore[arg-type]


@needs(Role.BILLER, Role.APPROVER)
@require_POST
def resend(request: HttpRequest, key: int) -> HttpResponse:
    """Say what sending the ticked deliveries again does, and queue it."""
    run = run_seen(request, key)
    sentence = of_run(
        gettext(
            "Send again %(ticked)s of run %(run)s, %(title)s. Failed ones are sent again, e-mails to the "
            "customers' present addresses. Those that were sent, or are on their way, are left out."
        ),
        run,
    )
    rows, back = deliveries_of(request, run), reverse("run-deliveries", args=[key])
    return ask_to_resend(request, rows, sentence=sentence, listing=DELIVERIES_OF_RUN, back=back)


@needs(Role.BILLER)
@require_POST
def confirm(request: HttpRequest, key: int) -> HttpResponse:
    """Confirm the long unbilled past of the charges that the run set aside for it."""
    run = run_seen(request, key)
    return confirm_ticked(
        request,
        listing=EXCEPTIONS_OF_RUN,
        rows=BillingException.objects.filter(run=run),
        back=reverse("run-exceptions", args=[key]),
        sentence=of_run(
            gettext(
                "Confirm %(ticked)s of run %(run)s, %(title)s. The next run bills all periods of these "
                "charges up to the cut-off of the run that set them aside, however many. Ticked exceptions "
                "about anything else are left out."
            ),
            run,
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of the reconciliation: a step in one currency, with its sums."""

    currency: str
    name: str
    totals: ControlTotals
    is_difference: bool = False
    agrees: bool = True


def reconciliation_of(run: Run) -> dict[str, Any]:
    """Return the steps by currency, when they were added up and why the other system could not be asked, if so."""
    found = control_to_show(run)
    if found is None:
        return {"must_add_up": True}
    return {
        "controls": [(control, list(steps_of(control))) for control in found.controls],
        "unreached": said_again(found.unreached),
        "added_up_at": found.made_at,
    }


@needs(Role.BILLER, Role.APPROVER, Role.ACCOUNTANT)
@require_POST
def add_up(request: HttpRequest, key: int) -> HttpResponse:
    """Have a worker add the documents of a large run up."""
    start_adding_up(run_seen(request, key).pk)
    messages.success(request, gettext("The documents of the run are being added up. Look again in a minute."))
    return HttpResponseRedirect(reverse("run-reconciliation", args=[key]))


def steps_of(control: Control) -> Iterator[Step]:
    """Yield the steps of one currency, in order; those that do not follow from the one before are marked."""
    code = control.currency
    yield Step(currency=code, name=gettext("Generated"), totals=control.generated)
    for change in control.changes:
        yield Step(
            currency=code,
            name=_what_changed(change),
            totals=change.difference,
            is_difference=True,
        )
    if control.unexplained != ControlTotals():
        yield Step(
            currency=code,
            name=gettext("Unexplained"),
            totals=control.unexplained,
            is_difference=True,
            agrees=False,
        )
    yield Step(currency=code, name=gettext("Counts now"), totals=control.now)
    yield Step(currency=code, name=gettext("Waiting for a number"), totals=control.waiting)
    yield Step(currency=code, name=gettext("Issued"), totals=control.issued)
    if control.handed != control.issued:
        yield Step(currency=code, name=gettext("Issued, as formal lines"), totals=control.handed)
    if control.theirs is not None:
        agrees = control.theirs == control.handed
        yield Step(currency=code, name=gettext("In the other system"), totals=control.theirs, agrees=agrees)


# What a change to a run is called, by its name in the control totals.
_CHANGED = {
    "re-dated": _("Re-dated"),
    "adjusted": _("Adjusted"),
    "waived": _("Waived"),
    "re-rated": _("Re-rated"),
    "excluded": _("Excluded"),
    "added": _("Added"),
    "voided": _("Voided"),
}


def _what_changed(change: Change) -> str:
    """Return "Excluded once" or "Excluded 3 times"."""
    what = str(_CHANGED.get(change.what, change.what))
    if change.times == 1:
        return gettext("%(what)s once") % {"what": what}
    return gettext("%(what)s %(times)s times") % {"what": what, "times": change.times}


_MONEY = {"net_minor": _("Net"), "tax_minor": _("Tax"), "gross_minor": _("Gross")}
COLUMNS = (
    Column(name="name", label=_("Step")),
    Column(name="currency", label=_("Currency")),
    Column(name="documents", label=_("Documents"), kind=Kind.COUNT, value="totals.documents"),
    Column(name="lines", label=_("Lines"), kind=Kind.COUNT, value="totals.lines"),
    *(
        Column(name=name, label=label, kind=Kind.MONEY, value=f"totals.{name}", currency="currency")
        for name, label in _MONEY.items()
    ),
    Column(name="agrees", label=_("Agrees"), value=lambda step: yes_or_no(step.agrees)),
)


@needs(Role.VIEWER)
def reconciliation_file(request: HttpRequest, key: int) -> HttpResponseBase:
    """Answer with the reconciliation as an Excel file."""
    run = run_seen(request, key)
    shown = control_to_show(run)
    controls = shown.controls if shown is not None else control_of(run, asks_other_system=False)
    steps = (step for control in controls for step in steps_of(control))
    return excel_response(steps, columns=COLUMNS, name=f"reconciliation-of-run-{key}")
