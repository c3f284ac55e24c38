"""What `run preview` and `run show` answer beside the run itself: the variance, a workbook, why a charge costs that."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands import variance_answer as answers
from counterfoil.commands.charge import NoSuchCharge

if TYPE_CHECKING:
    from counterfoil.flows.billing.preview import Preview
    from counterfoil.flows.billing.run import Request
    from counterfoil.records.billing.models import Run

WithVariance = Annotated[
    bool, typer.Option("--variance", help="Add what differs from the run before, line by line, with reasons.")
]
Against = Annotated[
    int | None, typer.Option(metavar="RUN", help="Compare with this run, not with the one before.")
]
Excel = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write totals, variance, customers, lines and exceptions.")
]
Explained = Annotated[
    str | None,
    typer.Option("--explain", metavar="CHARGE", help="Add why this charge would cost what it would."),
]


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What is added to an answer: entries of its document, and paragraphs of its text."""

    document: dict[str, Any]
    text: list[str]


def beside_preview(
    shown: Preview,
    request: Request,
    *,
    variance: bool,
    against: int | None,
    excel: Path | None,
    explained: str | None,
) -> Beside:
    """Return what was asked for beside a preview, and write its workbook. Raises `NoSuchCharge`, `NoSuchRun`."""
    from counterfoil.documents.workbook import write_workbook
    from counterfoil.flows.billing.differing import words_for_preview
    from counterfoil.flows.billing.variance import compare_preview
    from counterfoil.flows.billing.workbook import sheets_of_preview

    found = Beside(document={}, text=[])
    if variance or against is not None or excel is not None:
        compared = compare_preview(shown, request=request, against=against)
        if variance or against is not None:
            document = answers.variance_document(
                compared, words=lambda rows: words_for_preview(rows, preview=shown)
            )
            _add(found, variance=document, text=answers.variance_text(document))
        if excel is not None:
            with excel.open("wb") as file:
                write_workbook(file, sheets_of_preview(shown, variance=compared))
            _add(found, excel=str(excel), text=f"Written to {excel}.")
    if explained is not None:
        _add_explanation(found, shown, request, charge=explained)
    return found


def beside_run(run: Run, *, variance: bool, against: int | None, excel: Path | None) -> Beside:
    """Return what was asked for beside a run, and write its workbook. Raises `NoSuchRun`, `NotComparable`."""
    from counterfoil.documents.workbook import write_workbook
    from counterfoil.flows.billing.differing import words_for_run
    from counterfoil.flows.billing.variance import compare_runs
    from counterfoil.flows.billing.workbook import sheets_of_run
    from counterfoil.records.billing.figures import run_before
    from counterfoil.records.billing.queries import run_of

    found = Beside(document={}, text=[])
    if variance or against is not None:
        before = run_of(against) if against is not None else run_before(run)
        compared = compare_runs(run, before=before) if before is not None else None
        document = answers.variance_document(compared, words=lambda rows: words_for_run(rows, run=run))
        _add(found, variance=document, text=answers.variance_text(document))
    if excel is not None:
        with excel.open("wb") as file:
            write_workbook(file, sheets_of_run(run))
        _add(found, excel=str(excel), text=f"Written to {excel}.")
    return found


def _add(found: Beside, *, text: str, **entries: Any) -> None:
    found.document.update(entries)
    found.text.append(text)


def _add_explanation(found: Beside, shown: Preview, request: Request, *, charge: str) -> None:
    from counterfoil.flows.explaining import explain_previewed
    from counterfoil.records.charges.models import Charge

    one = Charge.objects.filter(key=charge).first()
    if one is None:
        raise NoSuchCharge(charge=charge)
    explained = explain_previewed(shown, request=request, charge_id=one.pk, now=clock.now())
    text = answers.explanations_text(explained) or f"The charge {charge} would bill nothing."
    _add(found, explanation=answers.explanations_document(explained), text=text)
