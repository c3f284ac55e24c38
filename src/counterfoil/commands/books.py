"""`counterfoil books`: up to when the books are closed to new documents (billing-rules 7.5)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from counterfoil.commands.day import day_option
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database

ClosedBefore = Annotated[
    date | None,
    day_option(help_text="No document is dated before it from now on."),
]
Reopen = Annotated[bool, typer.Option("--open", help="Open all of them again.")]

ONE_OF_BOTH = "Give --closed-before or --open, not both."


def books(
    closed_before: ClosedBefore = None,
    reopen: Reopen = False,  # noqa: FBT002  a switch on the command line
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show or set the first day that documents may be dated; days before it are closed."""
    if closed_before and reopen:
        raise typer.BadParameter(ONE_OF_BOTH)
    with with_database():
        from counterfoil.flows.closing import close_books
        from counterfoil.records.organisation.queries import the_organisation

        organisation = the_organisation()
        if closed_before or reopen:
            organisation = close_books(before=closed_before)
    closed = organisation.books_closed_before
    text = f"The books are closed before {closed}." if closed else "No period is closed."
    answer({"closed_before": closed}, text=text, as_json=as_json)
