"""Files for the import's tests, made in memory, and the import of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import xlsxwriter

from counterfoil.flows.importing.mapping import read_mapping
from counterfoil.flows.importing.report import ImportReport
from counterfoil.flows.importing.run import import_file, import_mapped


def lines(*rows: str) -> str:
    """Return *rows* as the text of a file."""
    return "".join(f"{row}\n" for row in rows)


def imported(kind: str, *rows: str, encoding: str = "utf-8", dry_run: bool = False) -> ImportReport:
    """Import a CSV file of *rows*, the header first."""
    file = io.BytesIO(lines(*rows).encode(encoding))
    return import_file(kind=kind, file=file, name=f"{kind}.csv", dry_run=dry_run, by=None)


def imported_with(mapping: str, *rows: str, dry_run: bool = False) -> ImportReport:
    """Import a CSV file of *rows* by the text of a *mapping*."""
    file = io.BytesIO(lines(*rows).encode())
    return import_mapped(
        mapping=read_mapping(mapping), file=file, name="theirs.csv", dry_run=dry_run, by=None
    )


def workbook(*rows: Sequence[Any]) -> io.BytesIO:
    """Return an Excel workbook with *rows* in its first sheet; None leaves a cell empty."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Sheet")
        as_date = book.add_format({"num_format": "dd/mm/yyyy"})
        for line, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(line, place, value, as_date)
                elif value is not None:
                    sheet.write(line, place, value)
    file.seek(0)
    return file


def counted(report: ImportReport) -> dict[str, tuple[int, int, int]]:
    """Return what became of the objects by kind: created, changed, unchanged."""
    assert report.problem_count == 0, report.problems
    return {count.kind: (count.created, count.changed, count.unchanged) for count in report.counts}


def told(report: ImportReport) -> list[tuple[int | None, str | None, str]]:
    """Return what is wrong: row, column, message."""
    assert report.counts == ()
    return [(problem.row, problem.column, problem.message) for problem in report.problems]
