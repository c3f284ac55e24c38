"""What a preview shows: totals, what differs from last time, the largest customers, what could not be billed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import IO, Any

import polars as pl
from django.http import FileResponse, HttpRequest, HttpResponseBase

from counterfoil.engine.variance import PARTS, SAME
from counterfoil.flows.billing.differing import Row, words_for_preview
from counterfoil.flows.billing.preview import Preview, preview
from counterfoil.flows.billing.run import Request
from counterfoil.flows.billing.variance import Variance, compare_preview
from counterfoil.flows.billing.workbook import write_preview, write_run
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer, Client
from counterfoil.web.access import needs
from counterfoil.web.invoices.lists import REASONS
from counterfoil.web.layout.charts import walk
from counterfoil.web.lists.export import EXCEL_TYPE
from counterfoil.web.runs.seeing import run_seen

MOST_CUSTOMERS = 100
MOST_DIFFERENCES = 200


def previewed(request: Request) -> dict[str, Any]:
    """Return what a run of *request* would come to, for its page; nothing is stored."""
    found = preview(request)
    variance = compare_preview(found, request=request)
    largest = found.invoices.sort("gross_minor", descending=True).head(MOST_CUSTOMERS).to_dicts()
    customers = BillingCustomer.objects.in_bulk([row["customer_id"] for row in largest])
    problems = found.findings.group_by("code", "remedy").len().sort("len", descending=True)
    return {
        "previewed": request,
        "totals": found.totals(),
        "largest": [(customers.get(row["customer_id"]), row) for row in largest],
        "most": MOST_CUSTOMERS,
        "problems": problems.head(MOST_CUSTOMERS).to_dicts(),
        "examples": found.findings.head(20).to_dicts(),
        "problem_count": found.findings.height,
        **(_against(found, variance) if variance is not None else {}),
    }


def _against(found: Preview, variance: Variance) -> dict[str, Any]:
    """Return the parts by currency, and the lines that differ most, each with its reason."""
    weight = pl.col("difference_minor").abs()
    differing = variance.lines.filter(pl.col("reason") != SAME).sort(weight, descending=True)
    rows = [Row(row) for row in differing.head(MOST_DIFFERENCES).iter_rows(named=True)]
    clients = Client.objects.select_related("customer").in_bulk({row.client_id for row in rows})
    words = words_for_preview(rows, preview=found)
    return {
        "before": variance.before,
        "variances": [_total(row) for row in variance.totals.to_dicts()],
        "differences": [
            (clients.get(row.client_id), row.values, REASONS[row.reason], told)
            for row, told in zip(rows, words, strict=True)
        ],
        "difference_count": differing.height,
    }


def _total(row: dict[str, Any]) -> dict[str, Any]:
    parts = [
        {"name": REASONS[part].word.lower(), "minor": row[f"{part}_minor"], "lines": row[f"{part}_lines"]}
        for part in PARTS
        if row[f"{part}_minor"]
    ]
    chart = walk(
        before_minor=row["before_minor"],
        now_minor=row["now_minor"],
        parts=[(REASONS[part].word, row[f"{part}_minor"], "") for part in PARTS],
        currency=row["currency"],
    )
    return {"total": row, "parts": parts, "chart": chart}


def preview_workbook(request: Request) -> HttpResponseBase:
    """Answer with a preview of *request* as a workbook."""
    found = preview(request)
    variance = compare_preview(found, request=request)
    return _workbook(f"preview-{request.cutoff}", lambda file: write_preview(file, found, variance=variance))


@needs(Role.VIEWER)
def run_workbook(request: HttpRequest, key: int) -> HttpResponseBase:
    """Answer with a run as a workbook."""
    run = run_seen(request, key)
    branches = list(request.user.branches.values_list("pk", flat=True))  # type: ignore[union-attr]
    return _workbook(f"run-{key}", lambda file: write_run(file, run, branches=branches))


def _workbook(name: str, write: Callable[[IO[bytes]], None]) -> HttpResponseBase:
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115  the response closes it
    write(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=EXCEL_TYPE)
