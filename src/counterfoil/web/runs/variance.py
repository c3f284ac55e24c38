"""A run against last time: what stands over its review, and the list of what differs, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil import clock
from counterfoil.core.sentences import in_small
from counterfoil.engine.variance import PARTS
from counterfoil.flows.billing.differing import lines_of, words_for_run
from counterfoil.flows.billing.variance import comparison_to_show, start_comparing
from counterfoil.records.billing.figures import kept_differences
from counterfoil.records.billing.models import (
    BillingException,
    CustomerVariance,
    Invoice,
    LineVariance,
    Run,
    RunComparison,
    VarianceReason,
    VarianceTotal,
)
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.web.access import needs
from counterfoil.web.invoices.lists import CALENDAR, REASONS
from counterfoil.web.layout.charts import walk
from counterfoil.web.lists.columns import Column, Kind
from counterfoil.web.lists.listing import Empty, Listing, Noun
from counterfoil.web.runs.seeing import run_seen, sees_some_branches
from counterfoil.web.saying import said

OF_WHOLE_LINES = (VarianceReason.NEW, VarianceReason.GONE, *CALENDAR)
"""Parts that are all of a line's difference: the reason finds them, by its index."""

BY_CALENDAR = "calendar"
"""Both of those that are the calendar's, as the dashboard shows them."""


class VarianceFilters(django_filters.FilterSet):
    reason = django_filters.ChoiceFilter(
        label=_("Reason"),
        choices=[choice for choice in VarianceReason.choices if choice[0] != VarianceReason.SAME],
        empty_label=_("All"),
    )
    part = django_filters.ChoiceFilter(
        label=_("Part of the difference"),
        choices=[
            *(choice for choice in VarianceReason.choices if choice[0] != VarianceReason.SAME),
            (BY_CALENDAR, _("Calendar: due again or not due")),
        ],
        empty_label=_("Any"),
        method="with_part",
    )

    class Meta:
        model = LineVariance
        fields: list[str] = []

    def with_part(self, rows: QuerySet[LineVariance], _name: str, part: str) -> QuerySet[LineVariance]:
        """Return those of *rows* whose difference has that part."""
        if part == BY_CALENDAR:
            return rows.filter(reason__in=CALENDAR)
        if part in OF_WHOLE_LINES:
            return rows.filter(reason=part)
        return rows.exclude(**{f"{part}_minor": 0})


def tell(rows: Sequence[LineVariance]) -> None:
    """Put on each of *rows*, all of one run, why it differs and what its line says."""
    if not rows:
        return
    lines = lines_of(rows)
    told = words_for_run(rows, run=rows[0].comparison.run, lines=lines)
    for row, words in zip(rows, told, strict=True):
        line = lines.get(row.line_id or row.before_line_id or 0)
        row.told = said(words)  # type: ignore[attr-defined]
        row.says = line.description if line else ""  # type: ignore[attr-defined]
        row.invoice_id = line.invoice_id if line else None  # type: ignore[attr-defined]


def _address_of_why(row: LineVariance) -> str:
    line = row.line_id or row.before_line_id
    return reverse("line-why", args=[line]) if line else ""


def _address_of_charge(row: LineVariance) -> str:
    return reverse("charge", args=[row.charge_id]) if row.charge_id else ""


def _address_of_invoice(row: Any) -> str:
    return reverse("invoice", args=[row.invoice_id]) if row.invoice_id else ""


VARIANCES = Listing(
    name="variance",
    noun=Noun("difference", "differences"),
    columns=(
        Column(
            name="id",
            label=_("Customer"),
            value="customer.name",
            link=_address_of_invoice,
            sort=("pk",),
            index="pk",
        ),
        Column(name="client", label=_("Client"), value="client.name"),
        Column(name="says", label=_("Charge"), link=_address_of_charge),
        Column(name="reason", label=_("Reason"), kind=Kind.STATE, states=REASONS),
        Column(name="told", label=_("Why"), link=_address_of_why, opens_panel=True),
        Column(name="before_minor", label=_("Last time"), kind=Kind.MONEY),
        Column(name="now_minor", label=_("Now"), kind=Kind.MONEY),
        Column(name="difference_minor", label=_("Difference"), kind=Kind.MONEY, sort=("difference_minor",)),
    ),
    default_sort="id",
    filters=VarianceFilters,
    search=(
        "customer__name__icontains",
        "customer__account__istartswith",
        "client__name__icontains",
        "charge__key__istartswith",
    ),
    search_hint=_("Customer, account, client, charge"),
    complete=tell,
    template="runs/review.html",
    empty=Empty(
        title=_("Nothing differs"),
        explanation=_(
            "Every line of this run is as it was last time, or there is no run to compare it with."
        ),
    ),
)


def against_last_time(request: HttpRequest, run: Run) -> dict[str, Any]:
    """Return what stands over the review: the run before, and by currency the parts with their addresses."""
    last_time = comparison_to_show(run, now=clock.now())
    before, comparison = last_time.before, last_time.comparison
    return {
        "before": before,
        "comparison": comparison,
        "variances": [_parts(total, run=run) for total in _totals(request, run, comparison)]
        if comparison
        else [],
        "must_compare": before is not None and comparison is None,
    }


def _totals(request: HttpRequest, run: Run, comparison: RunComparison) -> list[VarianceTotal]:
    """Return the totals kept; for somebody limited to branches the sums of the customers of these, uncounted."""
    if not sees_some_branches(request.user):  # type: ignore[arg-type]
        # What was read with the run is that of the comparison read with it, not of one made just now.
        is_kept = comparison is getattr(run, "comparison", None)
        return kept_differences(run) if is_kept else list(comparison.totals.all())
    rows = within_branches(comparison.customers.all(), user=request.user, path="customer__branch_id")  # type: ignore[arg-type]
    amounts = [f"{part}_minor" for part in ("before", "now", "difference", *PARTS)]
    summed = (
        rows.order_by("currency")
        .values("currency")
        .annotate(**{f"sum_{name}": Sum(name) for name in amounts})
    )
    return [
        VarianceTotal(currency=row["currency"], **{name: int(row[f"sum_{name}"]) for name in amounts})
        for row in summed
    ]


def _parts(total: VarianceTotal, *, run: Run) -> dict[str, Any]:
    address = reverse("run-variance", args=[run.pk])
    amounts = total.parts()
    parts = [
        {
            "name": said(in_small(REASONS[name].word)),
            "minor": amount,
            "lines": getattr(total, f"{name}_lines"),
            "address": f"{address}?part={name}",
        }
        for name, amount in amounts.items()
    ]
    chart = walk(
        before_minor=total.before_minor,
        now_minor=total.now_minor,
        parts=[(REASONS[name].word, amount, f"{address}?part={name}") for name, amount in amounts.items()],
        currency=total.currency,
        quiet=[REASONS[name].word for name in CALENDAR],
    )
    return {"total": total, "parts": parts, "chart": chart}


def differences_of(request: HttpRequest, comparison: RunComparison | None) -> QuerySet[LineVariance]:
    """Return the lines that differ and that the person may see."""
    rows = LineVariance.objects.filter(comparison=comparison) if comparison else LineVariance.objects.none()
    rows = rows.select_related("comparison__run", "customer", "client", "charge__client", "charge__span")
    set_aside = BillingException.objects.filter(run=OuterRef("comparison_id"), charge=OuterRef("charge_id"))
    rows = rows.annotate(set_aside=Subquery(set_aside.values("message")[:1]))
    return within_branches(rows, user=request.user, path="customer__branch_id")  # type: ignore[arg-type]


def with_last_time(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Return the invoices of a run, each with what its customer differs by from last time."""
    of_customer = CustomerVariance.objects.filter(
        comparison=OuterRef("run_id"), customer=OuterRef("customer_id"), currency=OuterRef("currency")
    )
    return rows.annotate(
        last_minor=Subquery(of_customer.values("before_minor")[:1]),
        difference_minor=Subquery(of_customer.values("difference_minor")[:1]),
        reason=Subquery(of_customer.values("reason")[:1]),
    )


@needs(Role.BILLER, Role.APPROVER, Role.ACCOUNTANT)
def compare(request: HttpRequest, key: int) -> HttpResponse:
    """Have a worker compare a large run with the one before it; an address without a form leads to the run."""
    found = run_seen(request, key)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("run", args=[key]))
    start_comparing(found.pk)
    messages.success(
        request, gettext("The run is being compared with the one before. Look again in a minute.")
    )
    return HttpResponseRedirect(reverse("run", args=[key]))
