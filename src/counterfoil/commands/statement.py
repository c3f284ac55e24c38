"""`counterfoil statement`: what a customer was invoiced and credited, and what is open."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.choosing import chosen_customer
from counterfoil.commands.day import day_option
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import paragraphs, table
from counterfoil.core.money import format_minor

if TYPE_CHECKING:
    from counterfoil.core.statement import Statement


def statement(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The customer's account number.")],
    day: Annotated[date | None, day_option(help_text="As of this day; else today.")] = None,
    since: Annotated[date | None, day_option(help_text="List documents from this day on; else all.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write it as PDF to this file as well.")] = None,
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """Show a customer's documents, what is open of each, and the total by due date; payments are not on it."""
    with with_database():
        from counterfoil.flows.stating import printed_statements, statements_of
        from counterfoil.records.organisation.queries import the_organisation

        customer = chosen_customer(account)
        today = clock.today(the_organisation().timezone)
        found = statements_of(customer, day=day or today, since=since)
        if out is not None:
            out.write_bytes(printed_statements(found))
    document: dict[str, Any] = {"account": account, "statements": [_document(one) for one in found]}
    if out is not None:
        document["file"] = str(out)
    text = paragraphs(*(_text(one) for one in found), f"Written to {out}." if out else "")
    answer(document, text=text, as_json=as_json)


def _document(one: Statement) -> dict[str, Any]:
    currency = one.currency
    return {
        "currency": currency,
        "day": one.day,
        "since": one.since,
        "before": format_minor(one.before_minor, currency),
        "open": format_minor(one.gross_minor, currency),
        "ages": {name.removeprefix("age_"): format_minor(minor, currency) for name, minor in one.ages},
        "documents": [
            {
                "number": entry.number,
                "type": entry.document_type.value,
                "date": entry.dated,
                "due_date": entry.due_on,
                "credits": entry.credits or None,
                "gross": format_minor(entry.gross_minor, currency),
                "open": format_minor(entry.open_minor, currency),
            }
            for entry in one.entries
        ],
    }


def _text(one: Statement) -> str:
    shown = _document(one)
    names = ("number", "type", "date", "due_date", "gross", "open")
    rows = [[document[name] for name in names] for document in shown["documents"]]
    ages = ", ".join(f"{name.replace('_', ' ')} {amount}" for name, amount in shown["ages"].items())
    before = f"Open before {one.since}: {shown['before']}" if one.since else ""
    return paragraphs(
        before,
        table(["Document", "Type", "Date", "Due", "Gross>", "Open>"], rows),
        f"Open on {one.day}: {shown['open']} {one.currency}",
        f"By days overdue: {ages}",
    )
