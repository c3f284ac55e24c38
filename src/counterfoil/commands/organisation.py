"""`counterfoil organisation …`: who issues the documents, and how it stands to the tax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database

if TYPE_CHECKING:
    from counterfoil.records.organisation.models import Organisation

organisation = typer.Typer(help="The organisation that issues the documents.", no_args_is_help=True)

NOTHING_GIVEN = "Give --tax-status or --two-factor."


@organisation.command()
def show(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """Show the organisation."""
    with with_database():
        from counterfoil.records.organisation.queries import the_organisation

        found = the_organisation()
    _answer(found, as_json=as_json)


@organisation.command()
def change(
    tax_status: Annotated[
        str | None, typer.Option(help="standard, zero, exempt, reverse_charge or out_of_scope.")
    ] = None,
    two_factor: Annotated[
        str | None,
        typer.Option(help="Roles that sign in with a second factor, with commas between; empty for none."),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Change how the organisation stands to the tax, or who needs a second factor; documents stay as they are."""
    if tax_status is None and two_factor is None:
        raise typer.BadParameter(NOTHING_GIVEN)
    with with_database():
        from counterfoil.flows.organising import change_settings

        roles = None if two_factor is None else [role for role in two_factor.split(",") if role]
        changed = change_settings(tax_status=tax_status, two_factor_roles=roles)
    _answer(changed, as_json=as_json)


def _answer(shown: Organisation, *, as_json: bool) -> None:
    document = {
        "name": shown.legal_name or shown.name,
        "country": shown.country,
        "currency": shown.currency,
        "timezone": shown.timezone,
        "tax_id": shown.tax_id,
        "tax_status": shown.tax_status,
        "customer_mode": shown.customer_mode,
        "two_factor_roles": shown.two_factor_roles,
    }
    told = {**document, "two_factor_roles": ", ".join(shown.two_factor_roles)}
    text = "\n".join(
        f"{name.replace('_', ' ').capitalize()}: {value}" for name, value in told.items() if value
    )
    answer(document, text=text, as_json=as_json)
