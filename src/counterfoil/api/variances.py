"""A run, or a preview, against last time: the parts of the difference and the lines that make it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once_reading
from counterfoil.api.routes import does, reads
from counterfoil.api.runs import PREVIEWS, RunWanted, asked_for
from counterfoil.api.seeing import seen, seen_runs
from counterfoil.api.shapes import DecimalText, Id
from counterfoil.clock import now
from counterfoil.core.money import format_minor
from counterfoil.flows.billing.differing import words_for_run
from counterfoil.flows.billing.preview import preview
from counterfoil.flows.billing.variance import compare_preview, comparison_to_show
from counterfoil.records.billing.comparing import PARTS
from counterfoil.records.billing.models import LineVariance, Run, VarianceReason

router = Router(tags=["runs"])
SEES = Need("runs:read")
SEES_INVOICES = Need("invoices:read")


class Parts(Schema):
    """What a difference is made of, net. They add up to it to the cent; `gone` and `not_due` are negative.

    `due_again` and `not_due` are the calendar's: charges for other periods than a run's, such as a quarter.
    """

    new: DecimalText
    gone: DecimalText
    due_again: DecimalText
    not_due: DecimalText
    period: DecimalText
    price: DecimalText
    quantity: DecimalText
    tax: DecimalText
    discount: DecimalText
    other: DecimalText


class CurrencyVariance(Schema):
    """The net of one currency last time and now; `lines` is how many lines have each reason."""

    currency: str
    before: DecimalText
    now: DecimalText
    difference: DecimalText
    parts: Parts
    lines: dict[str, int]


class VarianceShape(Schema):
    """Against which run; null: there is none to compare with, or (`is_compared` false) a worker is at it."""

    against: int | None
    is_compared: bool
    totals: list[CurrencyVariance]


class LineVarianceShape(Schema):
    """One line that differs. `line` null: it is gone or not due; `line_before` null: new, due again, or one more."""

    line: int | None
    line_before: int | None
    customer: str
    client: str
    charge: str | None
    currency: str
    reason: str
    why: str
    before: DecimalText
    now: DecimalText
    difference: DecimalText
    parts: Parts


class VarianceFilter(Schema):
    """Which differences are asked for."""

    reason: VarianceReason | None = None


@does(router, "/preview/variance", need=PREVIEWS, answer=VarianceShape)
def preview_variance(request: HttpRequest, wanted: RunWanted) -> HttpResponse:
    """Return what a run would differ by from the one before it; nothing of it is stored."""

    def act() -> VarianceShape:
        asked = asked_for(request, wanted, need=PREVIEWS)
        found = compare_preview(preview(asked), request=asked)
        if found is None:
            return VarianceShape(against=None, is_compared=True, totals=[])
        totals = [_total(row) for row in found.totals.to_dicts()]
        return VarianceShape(against=found.before.pk, is_compared=True, totals=totals)

    return once_reading(request, act)


@reads(router, "/{run_id}/variance", need=SEES, answer=VarianceShape)
def get_run_variance(request: HttpRequest, run_id: Path[Id]) -> VarianceShape:
    """Return what a run differs by from the one before it; `is_compared` false: a worker is still at it."""
    run = get_object_or_404(seen_runs(request), pk=run_id)
    return _variance(run)


@reads(router, "/{run_id}/variance/lines", need=SEES_INVOICES, answer=Page[LineVarianceShape])
def list_run_variances(
    request: HttpRequest, run_id: Path[Id], wanted: Query[VarianceFilter], paging: Query[Paging]
) -> dict[str, Any]:
    """Return the lines that differ, each with its reason; none while the run is not compared."""
    run = get_object_or_404(seen_runs(request), pk=run_id)
    comparison_to_show(run, now=now())
    rows = seen(LineVariance.objects.filter(comparison=run.pk), request=request, path="customer__branch")
    if wanted.reason is not None:
        rows = rows.filter(reason=wanted.reason)
    rows = rows.select_related("customer", "client", "charge__client", "charge__span")
    page = page_of(rows, paging=paging, shape=lambda row: row)
    words = words_for_run(page["items"], run=run)
    page["items"] = [_line(row, why=why) for row, why in zip(page["items"], words, strict=True)]
    return page


def _variance(run: Run) -> VarianceShape:
    last_time = comparison_to_show(run, now=now())
    before, comparison = last_time.before, last_time.comparison
    if before is None:
        return VarianceShape(against=None, is_compared=True, totals=[])
    if comparison is None:
        return VarianceShape(against=before.pk, is_compared=False, totals=[])
    totals = [_total(vars(total)) for total in comparison.totals.all()]
    return VarianceShape(against=before.pk, is_compared=True, totals=totals)


def _total(row: Mapping[str, Any]) -> CurrencyVariance:
    lines = {part: row[f"{part}_lines"] for part in (*PARTS, "same")}
    return CurrencyVariance(currency=row["currency"], lines=lines, **_amounts(row))


def _line(row: LineVariance, *, why: str) -> LineVarianceShape:
    return LineVarianceShape(
        line=row.line_id,
        line_before=row.before_line_id,
        customer=row.customer.account,
        client=row.client.code,
        charge=row.charge.key if row.charge else None,
        currency=row.currency,
        reason=row.reason,
        why=why,
        **_amounts(vars(row)),
    )


def _amounts(row: Mapping[str, Any]) -> dict[str, Any]:
    def money(name: str) -> str:
        return format_minor(row[f"{name}_minor"], row["currency"])

    parts = Parts(**{part: money(part) for part in PARTS})
    return {"parts": parts, **{name: money(name) for name in ("before", "now", "difference")}}
