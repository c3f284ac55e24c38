"""`counterfoil organisation …`: who issues the documents, and how it stands to the tax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database

if TYPE_CHECKING:
    from counterfoil.records.organisation.models import Organisation

organisation = typer.Typer(help="The organisation that issues the documents.", no_args_is_help=True)


@organisation.command()
def show(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """Show the organisation."""
    with with_database():
        from counterfoil.records.organisation.queries import the_organisation

        found = the_organisation()
    _answer(found, as_json=as_json)


@organisation.command()
def change(
    tax_status: Annotated[str, typer.Option(help="standard, zero, exempt, reverse_charge or out_of_scope.")],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Change how the organisation stands to the tax; documents there are stay as they are."""
    with with_database():
        from counterfoil.flows.organising import set_tax_status

        changed = set_tax_status(tax_status)
    _answer(changed, as_json=as_json)


def _answer(shown: Organisation, *, as_json: bool) -> None:
    document = {
        "name": shown.legal_name or shown.name,
        "country": shown.country,
        "currency": shown.currency,
        "timezone": shown.timezone,
        "tax_id": shown.tax_id,
        "tax_status": shown.tax_status,
    }
    text = "\n".join(
        f"{name.replace('_', ' ').capitalize()}: {value}" for name, value in document.items() if value
    )
    answer(document, text=text, as_json=as_json)
