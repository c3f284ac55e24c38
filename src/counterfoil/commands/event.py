"""`counterfoil event …`: print what is known of an activation, a work order, a dispatch or a sale."""

from __future__ import annotations

from typing import Annotated

import typer

from counterfoil import clock
from counterfoil.commands.client import InLanguage, Out
from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database

event = typer.Typer(help="Activations, work orders, dispatches and sales.", no_args_is_help=True)


class NoSuchEvent(CommandFailed):
    """There is no event {key}. Give the identifier of an activation, a work order, a dispatch or a sale."""


@event.callback()
def _group() -> None:
    """Activations, work orders, dispatches and sales."""


@event.command()
def report(
    key: Annotated[str, typer.Argument(help="Its identifier.")],
    out: Out,
    language: InLanguage = "",
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """Write what is known of an event as PDF: what happened, its lines, and what they come to."""
    with with_database():
        from counterfoil.flows.reporting import printed_report, report_on_event
        from counterfoil.records.charges.models import BillableEvent
        from counterfoil.records.organisation.queries import the_organisation

        found = BillableEvent.objects.filter(key=key, is_invoice=False).first()
        if found is None:
            raise NoSuchEvent(key=key)
        day = clock.today(the_organisation().timezone)
        out.write_bytes(printed_report(report_on_event(found, day=day, language=language)))
    answer({"event": key, "file": str(out)}, text=f"Written to {out}.", as_json=as_json)
