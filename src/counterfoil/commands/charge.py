"""`counterfoil charge …`: what charges will bill, and many charges at once."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from counterfoil import clock
from counterfoil.commands import variance_answer as answers
from counterfoil.commands.charge_many import NoSuchCharge, many
from counterfoil.commands.day import day_option
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database

charge = typer.Typer(help="What charges will bill; assign, copy and end many at once.", no_args_is_help=True)


charge.add_typer(many)


@charge.callback()
def _group() -> None:
    """What charges will bill; assign, copy and end many at once."""


@charge.command()
def forecast(
    charges: Annotated[list[str], typer.Argument(metavar="CHARGE...", help="Their identifiers.")],
    today: Annotated[
        date | None,
        day_option(help_text="Count from the month of this day; else today."),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """Show what charges bill in the next twelve months, and next; nothing is stored."""
    with with_database():
        from counterfoil.flows.forecasting import forecast_charges
        from counterfoil.records.charges.models import Charge
        from counterfoil.records.organisation.queries import the_organisation

        by_key = {one.key: one for one in Charge.objects.filter(key__in=charges)}
        for key in charges:
            if key not in by_key:
                raise NoSuchCharge(charge=key)
        day = today or clock.today(the_organisation().timezone)
        found = forecast_charges([by_key[key] for key in charges], today=day)
        answer(answers.forecast_document(found), text=answers.forecast_text(found), as_json=as_json)
