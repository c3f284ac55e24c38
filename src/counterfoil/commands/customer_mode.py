"""`counterfoil customer-mode …`: who is invoiced, and the guided move from one mode to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.choosing import person
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.run_words import Username
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import paragraphs, table
from counterfoil.core.money import format_minor
from counterfoil.core.paying import CustomerMode

if TYPE_CHECKING:
    from counterfoil.flows.customer_mode.billing import WouldBill
    from counterfoil.flows.customer_mode.later import DueLater
    from counterfoil.flows.customer_mode.moving import Move

customer_mode = typer.Typer(
    help="Who is invoiced: billing customers (standard), or accounts of clients and dealers (legacy).",
    no_args_is_help=True,
)

To = Annotated[CustomerMode, typer.Argument(metavar="MODE", help="standard or legacy.")]


@customer_mode.command()
def show(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """Show the mode, and when it was last moved."""
    with with_database():
        from counterfoil.flows.customer_mode.moving import last_move
        from counterfoil.records.organisation.queries import the_organisation

        mode, last = the_organisation().customer_mode, last_move()
    document = {
        "mode": mode,
        "moved_at": last.moved_at.isoformat() if last else None,
        "can_be_undone": last is not None and last.can_be_undone,
    }
    undo = "The move can be undone: counterfoil customer-mode undo." if document["can_be_undone"] else ""
    moved = f"Moved on {document['moved_at']}. {undo}" if last else ""
    answer(document, text=paragraphs(f"The customer mode is {mode}.", moved), as_json=as_json)


@customer_mode.command()
def preview(to: To, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Show what a move comes to, and what would be billed before and after; nothing is stored."""
    with with_database():
        from counterfoil.flows.customer_mode.moving import would_move

        found = would_move(to=to, today=_today())
        _answer(found, said=f"A move to {to.value} customer mode comes to this.", as_json=as_json)
    if not found.is_possible:
        raise typer.Exit(1)


@customer_mode.command()
def move(
    to: To,
    reason: Annotated[str, typer.Option(help="Why; kept in the history.")],
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Move, unless something stands in the way, or something would be billed otherwise."""
    with with_database():
        from counterfoil.flows.customer_mode import moving

        done = moving.move(to=to, today=_today(), by=person(by), reason=reason)
        _answer(done, said=f"The customer mode is {to.value} now.", as_json=as_json)


@customer_mode.command()
def undo(by: Username = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Move back to the mode before, while nothing was billed since."""
    with with_database():
        from counterfoil.flows.customer_mode import moving

        done = moving.undo(today=_today(), by=person(by))
        _answer(done, said=f"The customer mode is {done.plan.to.value} again.", as_json=as_json)


def _today() -> Any:
    from counterfoil.records.organisation.queries import the_organisation

    return clock.today(the_organisation().timezone)


def _answer(found: Move, *, said: str, as_json: bool) -> None:
    blockers = [{**vars(one), "named": list(one.named)} for one in found.plan.blockers]
    compared = [
        {
            "definition": one.before.definition,
            "before": _bill(one.before),
            "after": _bill(one.after),
            "is_same": one.is_same,
        }
        for one in found.compared
    ]
    later = None
    if found.later is not None:
        later = {
            "before": _due(found.later.before),
            "after": _due(found.later.after),
            "is_same": found.later.is_same,
        }
    document = {
        "to": found.plan.to.value,
        "figures": found.plan.figures,
        "blockers": blockers,
        "compared": compared,
        "later": later,
        "is_possible": found.is_possible,
    }
    bills = [
        (row["definition"], _sums(row["before"]), _sums(row["after"]), "yes" if row["is_same"] else "NO")
        for row in compared
    ]
    ways = [(one["count"], ", ".join(one["named"]), one["message"], one["remedy"]) for one in blockers]
    text = paragraphs(
        said,
        table(["What", "How many>"], found.plan.labelled),
        table(["How many>", "Such as", "Why not", "What to do"], ways, title="What stands in the way"),
        table(["Definition", "Before", "After", "Same"], bills, title="What would be billed today"),
        table(
            ["Before", "After", "Same"],
            [
                (
                    _sums(later["before"], of="net"),
                    _sums(later["after"], of="net"),
                    "yes" if later["is_same"] else "NO",
                )
            ]
            if later
            else [],
            title="What falls due in the next twelve months, net",
        ),
    )
    answer(document, text=text, as_json=as_json)


def _bill(bill: WouldBill) -> dict[str, Any]:
    return {
        "documents": bill.documents.height,
        "lines": bill.line_count,
        "exceptions": bill.exceptions,
        "gross": {currency: format_minor(minor, currency) for currency, minor in bill.gross.items()},
    }


def _due(due: DueLater) -> dict[str, Any]:
    net = {currency: format_minor(minor, currency) for currency, minor in due.net.items()}
    return {"lines": due.line_count, "net": net}


def _sums(bill: dict[str, Any], *, of: str = "gross") -> str:
    sums = ", ".join(f"{amount} {currency}" for currency, amount in bill[of].items()) or "nothing"
    return f"{bill['lines']} lines, {sums}"
