"""A new batch: what is listed and checked on the left, what each customer comes to on the right (8.3 to 8.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from counterfoil import clock
from counterfoil.core.consolidation import Kind, why_unchecked
from counterfoil.core.refusals import Refusal
from counterfoil.flows.consolidating import batch as flow
from counterfoil.flows.consolidating.choosing import Check, Listed, Selection, checks_of, eligible, groups_of
from counterfoil.flows.consolidating.rolling import due_to_roll
from counterfoil.records.billing import consolidating_queries as queries
from counterfoil.records.billing.models import ConsolidationBatch, QueuedInvoice
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import ConsolidationSettings
from counterfoil.web.access import needs
from counterfoil.web.consolidating.lists import MAKERS
from counterfoil.web.consolidating.printing import fit_on_one, print_billings
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.editing import DayInput
from counterfoil.web.saying import said

MOST_ROWS = 200
MOST_FLIPPED = 20_000
MOST_ADDED_UP = 20_000
"""Of so many eligible invoices it is worked out at every change what would be created; of more when it is asked for."""
LONGEST_SEARCH = 100
LONGEST_ID = 19


class BatchForm(forms.Form):
    """What the batch lists, and what its billings say."""

    cutoff = forms.DateField(label=_("Cut-off date"), widget=DayInput)
    q = forms.CharField(label=_("Search"), required=False, max_length=LONGEST_SEARCH)
    uses_next_date = forms.BooleanField(
        label=_("Use the next consolidated billing date set on the customer"), required=False
    )
    billing_date = forms.DateField(
        label=_("Billing date"),
        widget=DayInput,
        help_text=_("With the box above checked: used where the customer has no next date."),
    )
    number = forms.CharField(label=_("Batch"), required=False, max_length=20)
    description = forms.CharField(
        label=_("Description"), required=False, max_length=300, widget=forms.Textarea({"rows": "2"})
    )
    sends_email = forms.BooleanField(
        label=_("E-mail the billings to customers who want their mail so"), required=False
    )
    prints = forms.BooleanField(label=_("Print billing"), required=False)


@dataclass(frozen=True)
class Row:
    """An invoice of the list, whether it is checked, and why it was not beforehand."""

    queued: QueuedInvoice
    is_checked: bool
    why: str


@needs(*MAKERS)
def new(request: HttpRequest) -> HttpResponse:
    """Show what a batch would make while it is chosen; make it once that is asked for."""
    today = clock.today(request.organisation.timezone)  # type: ignore[attr-defined]
    initial = {
        "cutoff": today,
        "billing_date": today,
        "number": flow.next_batch_number(),
        "sends_email": True,
    }
    is_posted = request.method == "POST"
    form = BatchForm(request.POST if is_posted else None, initial=initial)
    is_right = is_posted and form.is_valid()
    values = form.cleaned_data if is_right else initial
    selection = _selected(request, cutoff=values["cutoff"])
    listed = _found(eligible(selection.cutoff, branches=selection.branches), words=str(values.get("q", "")))
    if is_right:
        selection = _flipped(request, selection, listed=listed)
        if request.POST.get("do") == "create":
            made = _created(request, form, selection)
            if made is not None:
                return HttpResponseRedirect(_address_of(made, prints=form.cleaned_data["prints"]))
    is_asked = request.POST.get("do") == "add-up"
    return render(
        request, "consolidating/batch.html", _context(form, selection, listed=listed, is_asked=is_asked)
    )


@needs(Role.VIEWER)
def made(request: HttpRequest, key: int) -> HttpResponse:
    """Show what a batch made, its PDF, and whose next date is due to be rolled."""
    found = get_object_or_404(_seen(request), pk=key)
    billings = queries.with_state(found.billings.order_by("seq", "revision"))
    due = sight_of(request).limits(due_to_roll(cutoff=found.cutoff), path="customer__branch")
    live = sight_of(request).limits(queries.live_of_batch(found))
    context = {
        "batch": found,
        "title": gettext("Batch %(number)s") % {"number": found.number},
        "billings": list(billings[:MOST_ROWS]),
        "count": found.billings.count(),
        "due_to_roll": due.count(),
        "prints": request.GET.get("print"),
        "is_one_file": fit_on_one(live),
    }
    return render(request, "consolidating/made.html", context)


@needs(Role.VIEWER)
@require_http_methods(["GET", "POST"])
def pdf(request: HttpRequest, key: int) -> HttpResponse:
    """Print all live billings of a batch: as one PDF, or, once posted, as several files where they are many."""
    found = get_object_or_404(_seen(request), pk=key)
    billings = sight_of(request).limits(queries.live_of_batch(found))
    if not billings.exists():
        messages.warning(
            request, gettext("No billing of batch %(number)s is live.") % {"number": found.number}
        )
        return HttpResponseRedirect(reverse("billing-batch", args=[key]))
    if request.method == "GET" and not fit_on_one(billings):
        messages.warning(request, gettext("These are too many for one PDF. Print them as several files."))
        return HttpResponseRedirect(reverse("billing-batch", args=[key]))
    title = gettext("Batch %(number)s of consolidated billings") % {"number": found.number}
    return print_billings(request, billings, title=title, name=f"batch-{found.number}")


def _seen(request: HttpRequest) -> QuerySet[ConsolidationBatch]:
    """Return the batches of which the person may see a billing."""
    rows = within_branches(ConsolidationBatch.objects.all(), user=request.user, path="billings__branch_id")  # type: ignore[arg-type]
    return rows.distinct()


def _selected(request: HttpRequest, *, cutoff: date) -> Selection:
    """Return what was checked when the page was last shown."""
    sight = sight_of(request)
    branches = [sight.chosen] if sight.chosen else (sight.branches if sight.is_limited else None)
    begins_with = request.POST.get("begins_with", "")
    return Selection(
        cutoff=cutoff,
        begins_with=begins_with if begins_with in ("all", "none") else "beforehand",  # type: ignore[arg-type]
        checked=ids_in(request.POST.get("checked", "")),
        unchecked=ids_in(request.POST.get("unchecked", "")),
        branches=None if branches is None else tuple(branch.pk for branch in branches),
    )


def ids_in(text: str) -> tuple[int, ...]:
    """Return the ids that *text* lists; what is none is left out."""
    return tuple(
        int(word)
        for word in text.split(",")[:MOST_FLIPPED]
        if word.isascii() and word.isdigit() and len(word) < 19
    )


def _flipped(request: HttpRequest, selection: Selection, *, listed: QuerySet[QueuedInvoice]) -> Selection:
    """Return *selection* with what was ticked on the page just sent, and all or none where that was asked for."""
    shown, ticked = ids_in(request.POST.get("shown", "")), set(ids_in(",".join(request.POST.getlist("tick"))))
    selection = selection.with_checked([pk for pk in shown if pk in ticked], is_checked=True)
    selection = selection.with_checked([pk for pk in shown if pk not in ticked], is_checked=False)
    wanted = request.POST.get("do")
    if wanted not in ("check", "uncheck"):
        return selection
    if not request.POST.get("q", "").strip():
        begins_with = "all" if wanted == "check" else "none"
        return Selection(cutoff=selection.cutoff, begins_with=begins_with, branches=selection.branches)  # type: ignore[arg-type]
    found = list(listed.values_list("invoice_id", flat=True)[:MOST_FLIPPED])
    return selection.with_checked(found, is_checked=wanted == "check")


def _found(rows: QuerySet[QueuedInvoice], *, words: str) -> QuerySet[QueuedInvoice]:
    """Return those of *rows* in which each of *words* is found: number, account, name or purchase order."""
    for word in words.replace("\x00", "").split():
        rows = (
            rows.filter(invoice__number__number__icontains=word)
            | rows.filter(customer__account__istartswith=word)
            | rows.filter(customer__name__icontains=word)
            | rows.filter(invoice__po_number__icontains=word)
        )
    return rows.order_by("customer__account", "invoice_date", "invoice_id")


def _created(request: HttpRequest, form: BatchForm, selection: Selection) -> ConsolidationBatch | None:
    values = form.cleaned_data
    wanted = flow.Batch(
        selection=selection,
        billing_date=values["billing_date"],
        uses_next_date=values["uses_next_date"],
        number=values["number"],
        description=values["description"],
        sends_email=values["sends_email"],
    )
    try:
        batch = flow.create_batch(wanted, by=request.user, now=clock.now())  # type: ignore[arg-type]
    except (flow.BatchNumberTaken, flow.NotABatchNumber) as refusal:
        form.add_error("number", said(refusal))
    except Refusal as refusal:
        form.add_error(None, said(refusal))
    else:
        count = batch.billings.count()
        words = ngettext(
            "Batch %(number)s: %(count)s consolidated billing created.",
            "Batch %(number)s: %(count)s consolidated billings created.",
            count,
        )
        messages.success(request, words % {"number": batch.number, "count": count})
        return batch
    return None


def _address_of(batch: ConsolidationBatch, *, prints: bool) -> str:
    return reverse("billing-batch", args=[batch.pk]) + ("?print=1" if prints else "")


def _context(
    form: BatchForm, selection: Selection, *, listed: QuerySet[QueuedInvoice], is_asked: bool
) -> dict[str, Any]:
    rows = list(listed.select_related("customer__consolidation", "invoice__number", "branch")[:MOST_ROWS])
    checks = checks_of(selection, rows=rows) if rows else {}
    everything = eligible(selection.cutoff, branches=selection.branches)
    is_added_up = is_asked or _count_of(everything) <= MOST_ADDED_UP
    of_some = None if is_added_up else sorted({row.customer_id for row in rows})
    groups = groups_of(selection, customers=of_some)
    return {
        "is_added_up": is_added_up,
        "most_added_up": MOST_ADDED_UP,
        "form": form,
        "title": gettext("New batch of consolidated billings"),
        "rows": [
            Row(row, checks[row.invoice_id].is_checked, _why(row, checks[row.invoice_id])) for row in rows
        ],
        "shown": ",".join(str(row.invoice_id) for row in rows),
        "selection": selection,
        "checked": ",".join(map(str, selection.checked)),
        "unchecked": ",".join(map(str, selection.unchecked)),
        "listed_count": _count_of(listed),
        "groups": sorted(groups, key=lambda one: not one.short)[:MOST_ROWS],
        "group_count": len(groups),
        "totals": _totals(groups),
        "short_count": sum(bool(one.short) for one in groups),
    }


def _count_of(rows: QuerySet[QueuedInvoice]) -> int:
    """Return how many *rows* there are, one more than `MOST_ADDED_UP` for more than these."""
    return rows.order_by().values("pk")[: MOST_ADDED_UP + 1].count()


def _why(row: QueuedInvoice, check: Check) -> str:
    """Return in words why *row* was not checked beforehand, "" where it was."""
    if not check.unchecked:
        return ""
    settings: ConsolidationSettings = row.customer.consolidation
    settings.customer = row.customer
    return said(
        why_unchecked(
            Kind(row.kind),
            queued_minor=check.kind_minor or 0,
            settings=settings.rules(),
            currency=row.currency,
        )
    )


def _totals(groups: list[Listed]) -> list[dict[str, Any]]:
    """Return by currency how many billings, invoices and how much creating would make."""
    totals: dict[str, dict[str, Any]] = {}
    for one in groups:
        if one.is_billed:
            total = totals.setdefault(one.currency, {"billings": 0, "invoices": 0, "minor": 0})
            total["billings"] += 1
            total["invoices"] += one.invoices_checked
            total["minor"] += one.total_minor
    return [{"currency": currency, **total} for currency, total in sorted(totals.items())]
