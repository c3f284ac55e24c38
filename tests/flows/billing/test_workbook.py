"""A preview and a run as a workbook, read back by a spreadsheet library (product C9)."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from counterfoil.documents.workbook import write_workbook
from counterfoil.flows.billing import issue
from counterfoil.flows.billing.preview import preview
from counterfoil.flows.billing.variance import compare_preview
from counterfoil.flows.billing.workbook import sheets_of_preview, sheets_of_run
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)

JULY = date(2026, 7, 1)


def read_back(file: io.BytesIO) -> dict[str, list[list[Any]]]:
    """Return the rows of each sheet as values, headings first."""
    file.seek(0)
    book = openpyxl.load_workbook(file)
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def test_a_preview_holds_totals_variance_customers_lines_and_exceptions() -> None:
    build.organisation()
    charge = build.charge(starts_on=date(2026, 6, 14), description="=SUM(A1)")
    issue.authorise(build.run(cutoff=date(2026, 6, 14)).pk, by=None, now=build.NOW)
    build.charge(client=build.client(customer=None), key="nobody's")
    request = build.request(cutoff=JULY)
    shown, file = preview(request), io.BytesIO()
    write_workbook(file, sheets_of_preview(shown, variance=compare_preview(shown, request=request)))
    sheets = read_back(file)
    assert list(sheets) == ["Totals", "Variance", "Customers", "Lines", "Exceptions"]
    totals = dict(zip(sheets["Totals"][0], sheets["Totals"][1], strict=True))
    assert (totals["Net"], totals["Net last time"], totals["Net period"]) == (30, 17, 13)
    variance = dict(zip(sheets["Variance"][0], sheets["Variance"][1], strict=True))
    assert variance["Why"] == "share of the period 17/30 → 1 (starts 14 June 2026)"
    line = dict(zip(sheets["Lines"][0], sheets["Lines"][1], strict=True))
    assert line["Description"] == "'=SUM(A1)"
    assert (line["Charge"], line["Share"], line["How it was counted"]) == (
        charge.key,
        "1",
        "the whole period",
    )
    assert line["Last day"].date() == date(2026, 7, 31)
    assert sheets["Exceptions"][1][0] == "nobody's"


def test_a_run_holds_what_counts_of_it() -> None:
    build.organisation()
    build.charge(starts_on=date(2026, 6, 14))
    run, file = build.run(cutoff=date(2026, 6, 14)), io.BytesIO()
    write_workbook(file, sheets_of_run(run))
    sheets = read_back(file)
    assert list(sheets) == ["Totals", "Customers", "Lines", "Exceptions"]
    line = dict(zip(sheets["Lines"][0], sheets["Lines"][1], strict=True))
    assert (line["Net"], line["Share"], line["How it was counted"]) == (17, "17/30", "17 of 30 days")
