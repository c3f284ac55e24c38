"""What a preview shows: totals, what differs from last time, the largest customers, what could not be billed."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from counterfoil.core.sentences import in_small
from counterfoil.engine.variance import CUSTOMER_VARIANCES, PARTS, SAME
from counterfoil.flows.billing.differing import Row, words_for_preview
from counterfoil.flows.billing.preview import Preview, preview
from counterfoil.flows.billing.run import Request
from counterfoil.flows.billing.variance import Variance, compare_preview
from counterfoil.flows.billing.workbook import sheets_of_preview, sheets_of_run
from counterfoil.records.billing.models import BillingException
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import given_branches
from counterfoil.records.parties.models import BillingCustomer, Client
from counterfoil.web.access import needs
from counterfoil.web.exceptions.views import mended_at, mended_together
from counterfoil.web.invoices.lists import CALENDAR, REASONS
from counterfoil.web.layout.charts import walk
from counterfoil.web.lists.export import LANGUAGE, workbook_response
from counterfoil.web.runs.seeing import run_seen
from counterfoil.web.runs.variance import OF_WHOLE_LINES
from counterfoil.web.saying import message_of, remedy_of, said

MOST_CUSTOMERS = 100
MOST_DIFFERENCES = 200
MOST_EXAMPLES = 20


def previewed(request: Request, *, part: str, asked: str) -> dict[str, Any]:
    """Return what a run of *request* would come to, for its page, the differences of *part* alone; nothing is stored.

    *asked* is the page's query string without the part.
    """
    found = preview(request)
    variance = compare_preview(found, request=request)
    problems = found.findings.group_by("code", "remedy").len().sort("len", descending=True)
    return {
        "previewed": request,
        "is_credit": request.selection.credits,
        "totals": found.totals(),
        "largest": _largest(found, variance),
        "most": MOST_CUSTOMERS,
        "problems": [
            {**row, "remedy": remedy_of(row["code"], row["remedy"]), "mended": mended_together(row["code"])}
            for row in problems.head(MOST_CUSTOMERS).to_dicts()
        ],
        "examples": _examples(found),
        "problem_count": found.findings.height,
        **(_against(found, variance, part=part, asked=asked) if variance is not None else {}),
    }


def _largest(
    found: Preview, variance: Variance | None
) -> list[tuple[BillingCustomer | None, dict[str, Any]]]:
    """Return the customers with the largest amounts, now or last time, each with both and why they differ."""
    key = ["customer_id", "currency"]
    now = found.invoices.group_by(key).agg(
        documents=pl.len(),
        **{name: pl.col(name).sum() for name in ("line_count", "net_minor", "gross_minor")},
    )
    before = CUSTOMER_VARIANCES.empty() if variance is None else variance.customers
    amounts = before.select(*key, "reason", "before_minor", "difference_minor")
    together = now.join(amounts, on=key, how="full", coalesce=True)
    weight = pl.max_horizontal(pl.col("net_minor").abs(), pl.col("before_minor").abs())
    rows = together.sort(weight, descending=True, nulls_last=True).head(MOST_CUSTOMERS).to_dicts()
    customers = BillingCustomer.objects.in_bulk([row["customer_id"] for row in rows])
    return [
        (customers.get(row["customer_id"]), {**row, "why": REASONS.get(row["reason"] or "")}) for row in rows
    ]


def _examples(found: Preview) -> list[tuple[str, str]]:
    """Return the first of what could not be billed: its message, and the page that mends it."""
    rows = found.findings.head(MOST_EXAMPLES).to_dicts()
    return [(message_of(row["code"], row["message"]), mended_at(BillingException(**row))) for row in rows]


def _against(found: Preview, variance: Variance, *, part: str, asked: str) -> dict[str, Any]:
    """Return the parts by currency with their addresses, and the lines that differ most, each with its reason."""
    weight = pl.col("difference_minor").abs()
    differing = variance.lines.filter(pl.col("reason") != SAME).sort(weight, descending=True)
    if part in OF_WHOLE_LINES:
        differing = differing.filter(pl.col("reason") == part)
    elif part in PARTS:
        differing = differing.filter(pl.col(f"{part}_minor") != 0)
    rows = [Row(row) for row in differing.head(MOST_DIFFERENCES).iter_rows(named=True)]
    clients = Client.objects.select_related("customer").in_bulk({row.client_id for row in rows})
    words = words_for_preview(rows, preview=found)
    return {
        "before": variance.before,
        "variances": [_total(row, asked=asked) for row in variance.totals.to_dicts()],
        "part": REASONS[part] if part in PARTS else None,
        "all_parts": f"?{asked}#differences",
        "differences": [
            (clients.get(row.client_id), row.values, REASONS[row.reason], said(told))
            for row, told in zip(rows, words, strict=True)
        ],
        "difference_count": differing.height,
    }


def _total(row: dict[str, Any], *, asked: str) -> dict[str, Any]:
    addresses = {part: f"?{asked}&part={part}#differences" for part in PARTS}
    parts = [
        {
            "name": said(in_small(REASONS[part].word)),
            "minor": row[f"{part}_minor"],
            "lines": row[f"{part}_lines"],
            "address": addresses[part],
        }
        for part in PARTS
        if row[f"{part}_minor"]
    ]
    chart = walk(
        before_minor=row["before_minor"],
        now_minor=row["now_minor"],
        parts=[(REASONS[part].word, row[f"{part}_minor"], addresses[part]) for part in PARTS],
        currency=row["currency"],
        quiet=[REASONS[part].word for part in CALENDAR],
    )
    return {"total": row, "parts": parts, "chart": chart}


def preview_workbook(request: Request) -> HttpResponseBase:
    """Answer with a preview of *request* as a workbook."""
    found = preview(request)
    variance = compare_preview(found, request=request)
    with translation.override(LANGUAGE):
        sheets = sheets_of_preview(found, variance=variance)
    return workbook_response(sheets, name=f"preview-{request.cutoff}")


@needs(Role.VIEWER)
def run_workbook(request: HttpRequest, key: int) -> HttpResponseBase:
    """Answer with a run as a workbook."""
    run = run_seen(request, key)
    branches = given_branches(request.user)
    with translation.override(LANGUAGE):
        sheets = sheets_of_run(run, branches=branches)
    return workbook_response(sheets, name=f"run-{key}")
