"""What a definition would bill today, counted while it is typed, a bounded part at a time.

Each answer counts one part and asks for the next, carrying the sums so far: nothing is kept here, and the counting
stops when nobody looks any more. The signature sees to it that only our own sums come back.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing.counting import Counted, begin_counting, count_on
from counterfoil.flows.billing.requesting import days_of, request_by_definition
from counterfoil.flows.billing.run import Request
from counterfoil.flows.billing.scheduling import next_runs
from counterfoil.flows.billing.selection import Selection
from counterfoil.records.billing.models import BatchDefinition
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.definitions.forms import DefinitionForm
from counterfoil.web.definitions.views import definitions_seen
from counterfoil.web.display import current_zone
from counterfoil.web.saying import said

SALT = "counterfoil.web.definitions.counting"
# What the count depends on; what else is wrong with the form is told when it is sent.
COUNTS = [
    "kinds",
    "payer",
    "branch",
    "customer_group",
    "period_lengths",
    "master_charges",
    "grouping",
    "credit_basis",
    "past_periods_allowed",
]
DAYS = ["cutoff_base", "cutoff_days", "date_base", "date_days"]


@needs(Role.BILLER)
def typed(request: HttpRequest) -> HttpResponse:
    """Answer what is typed of a definition with what it would bill today and the next runs it would start."""
    form = DefinitionForm(request.GET, user=request.user)  # type: ignore[arg-type]
    form.is_valid()
    wrong = [form.errors[name][0] for name in [*COUNTS, *DAYS] if name in form.errors]
    scheduled_wrong = [errors[0] for name, errors in form.errors.items() if name.startswith("schedule")]
    form.instance.is_active = True
    context = {
        "coming": [] if scheduled_wrong or wrong else _coming(form.instance),
        "schedule_problem": scheduled_wrong[0] if scheduled_wrong else "",
        **({"problem": wrong[0]} if wrong else _count(form.instance)),
    }
    return render(request, "definitions/consequences.html", context)


@needs(Role.BILLER, Role.APPROVER, Role.ACCOUNTANT)
def counted(request: HttpRequest, key: int) -> HttpResponse:
    """Answer with what a definition would bill today."""
    found = get_object_or_404(definitions_seen(request), pk=key)
    return render(request, "definitions/count.html", _count(found))


@needs(Role.BILLER, Role.APPROVER, Role.ACCOUNTANT)
def count_more(request: HttpRequest) -> HttpResponse:
    """Answer with the next part of a count, and all that was counted before."""
    try:
        carried = signing.loads(request.GET.get("more", ""), salt=SALT)
    except signing.BadSignature:
        return render(
            request,
            "definitions/count.html",
            {"problem": gettext("The count was lost. Load the page again.")},
        )
    asked = Request(
        title="",
        selection=Selection.from_json(carried["selection"]),
        cutoff=date.fromisoformat(carried["cutoff"]),
        invoice_date=date.fromisoformat(carried["invoice_date"]),
    )
    return render(request, "definitions/count.html", _shown(Counted.from_json(carried["counted"]), asked))


def _coming(definition: BatchDefinition) -> list[Any]:
    return next_runs(definition, now=clock.now(), zone=current_zone())


def _count(definition: BatchDefinition) -> dict[str, Any]:
    """Return the first part of what *definition* would bill today, or why it could not."""
    today = clock.now().astimezone(current_zone()).date()
    try:
        cutoff, invoice_date = days_of(definition, today=today)
        asked = request_by_definition(definition, cutoff=cutoff, invoice_date=invoice_date)
        return _shown(begin_counting(asked), asked)
    except Refusal as refusal:
        return {"problem": said(refusal)}


def _shown(before: Counted, asked: Request) -> dict[str, Any]:
    """Return the count with one more part, and what carries it on to the next."""
    found = count_on(before, request=asked)
    carried = {
        "selection": asked.selection.to_json(),
        "cutoff": asked.cutoff.isoformat(),
        "invoice_date": asked.invoice_date.isoformat(),
        "counted": found.to_json(),
    }
    return {
        "counted": found,
        "asked": asked,
        "gross": sorted(found.gross.items()),
        "percent": 100 * found.done // found.total if found.total else 100,
        "more": "" if found.is_whole else signing.dumps(carried, salt=SALT, compress=True),
    }
