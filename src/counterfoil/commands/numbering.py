"""`counterfoil numbering …`: how documents are numbered, by branch and type (billing-rules 7.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import table

if TYPE_CHECKING:
    from datetime import date

    from counterfoil.flows.numbering import Numbering

numbering = typer.Typer(help="See and set how documents are numbered.", no_args_is_help=True)

BranchCode = Annotated[str, typer.Argument(metavar="BRANCH", help="Its code.")]
DocumentType = Annotated[str, typer.Argument(metavar="TYPE", help="contract, service, sales or credit_note.")]
Pattern = Annotated[str | None, typer.Option(help="Such as INV-{year}-{seq:06}; also {branch}.")]
Yearly = Annotated[
    bool | None,
    typer.Option("--yearly/--continuous", help="Begin with 1 each year, or go on over the years."),
]
InOrder = Annotated[
    bool | None,
    typer.Option("--date-order/--any-date-order", help="Refuse a date before the last one issued, or not."),
]


@numbering.command("list")
def list_numbering(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """Show for each branch and type of document how it is numbered, and the number that comes next."""
    with with_database():
        from counterfoil.flows.numbering import numberings

        found = numberings(today=_today())
    rows = [
        (
            one.branch,
            one.document_type,
            one.pattern,
            _restarts(one),
            _order(one),
            one.next_number,
            one.last_date,
        )
        for one in found
    ]
    headings = ["Branch", "Type", "Pattern", "Begins anew", "Dates", "Next number", "Last date"]
    answer({"numbering": [_document(one) for one in found]}, text=table(headings, rows), as_json=as_json)


@numbering.command("set")
def set_numbering(
    branch: BranchCode,
    document_type: DocumentType,
    pattern: Pattern = None,
    yearly: Yearly = None,
    date_order: InOrder = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Change how documents of a type are numbered at a branch; what is not named stays. Issued numbers stay."""
    with with_database():
        from counterfoil.flows.numbering import change_numbering, numbering_of

        today = _today()
        now = numbering_of(branch, document_type, today=today)
        changed = change_numbering(
            branch=branch,
            document_type=document_type,
            pattern=pattern or now.pattern,
            restarts_each_year=now.restarts_each_year if yearly is None else yearly,
            in_date_order=now.in_date_order if date_order is None else date_order,
            today=today,
        )
    answer(_document(changed), text=f"The next number is {changed.next_number}.", as_json=as_json)


def _today() -> date:
    from counterfoil.records.organisation.queries import the_organisation

    return clock.today(the_organisation().timezone)


def _restarts(one: Numbering) -> str:
    return "each year" if one.restarts_each_year else "never"


def _order(one: Numbering) -> str:
    return "in order" if one.in_date_order else "any order"


def _document(one: Numbering) -> dict[str, Any]:
    return {
        "branch": one.branch,
        "document_type": one.document_type,
        "pattern": one.pattern,
        "restarts_each_year": one.restarts_each_year,
        "in_date_order": one.in_date_order,
        "next_seq": one.next_seq,
        "next_number": one.next_number,
        "last_date": one.last_date,
    }
