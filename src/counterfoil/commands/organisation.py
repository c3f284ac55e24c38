"""`counterfoil organisation …`: who issues the documents, and how it stands to the tax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database

if TYPE_CHECKING:
    from counterfoil.records.organisation.models import Organisation

organisation = typer.Typer(help="The organisation that issues the documents.", no_args_is_help=True)

NO_SETTINGS = ("two_factor", "as_json")
NOTHING_GIVEN = "Say what to change, for example --timezone Europe/Dublin or --four-eyes."


@organisation.command()
def show(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """Show the organisation."""
    with with_database():
        from counterfoil.records.organisation.queries import the_organisation

        found = the_organisation()
    _answer(found, as_json=as_json)


@organisation.command()
def change(
    name: Annotated[str | None, typer.Option(help="Its name.")] = None,
    legal_name: Annotated[str | None, typer.Option(help="As documents name the seller.")] = None,
    address: Annotated[str | None, typer.Option(help="Street and number.")] = None,
    postcode: Annotated[str | None, typer.Option()] = None,
    city: Annotated[str | None, typer.Option()] = None,
    country: Annotated[str | None, typer.Option(help="By ISO 3166: two letters.")] = None,
    registration: Annotated[str | None, typer.Option(help="In the register of companies.")] = None,
    tax_id: Annotated[str | None, typer.Option()] = None,
    email: Annotated[str | None, typer.Option(help="Sender of invoices.")] = None,
    phone: Annotated[str | None, typer.Option()] = None,
    website: Annotated[str | None, typer.Option()] = None,
    bank_name: Annotated[str | None, typer.Option()] = None,
    iban: Annotated[str | None, typer.Option()] = None,
    bic: Annotated[str | None, typer.Option()] = None,
    payment_terms: Annotated[str | None, typer.Option(help="Of customers without others: 14 days.")] = None,
    text_ledger_code: Annotated[
        str | None, typer.Option(help="Of lines of sales invoices without a master charge.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="Of new customers and master charges.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Where its days begin, such as Europe/Dublin.")] = None,
    language: Annotated[str | None, typer.Option(help="Of documents and pages: en or de.")] = None,
    rounding: Annotated[
        str | None, typer.Option(help="half_away or half_even; before the first invoice only.")
    ] = None,
    four_eyes: Annotated[
        bool | None, typer.Option(help="Nobody authorises a run they generated or revised.")
    ] = None,
    tax_status: Annotated[
        str | None, typer.Option(help="standard, zero, exempt, reverse_charge or out_of_scope.")
    ] = None,
    two_factor: Annotated[
        str | None,
        typer.Option(help="Roles that sign in with a second factor, with commas between; empty for none."),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Change settings of the organisation; documents issued before stay as they are."""
    typed = dict(locals())
    given = {name: value for name, value in typed.items() if value is not None and name not in NO_SETTINGS}
    if two_factor is not None:
        given["two_factor_roles"] = [role for role in two_factor.split(",") if role]
    if not given:
        raise typer.BadParameter(NOTHING_GIVEN)
    with with_database():
        from counterfoil.flows.organising import change_settings

        changed = change_settings(**given)
    _answer(changed, as_json=as_json)


def _answer(shown: Organisation, *, as_json: bool) -> None:
    from counterfoil.flows.organising import SETTINGS

    document = {name: getattr(shown, name) for name in (*SETTINGS, "customer_mode")}
    told = {
        **document,
        "four_eyes": "yes" if shown.four_eyes else "no",
        "two_factor_roles": ", ".join(shown.two_factor_roles),
    }
    text = "\n".join(
        f"{name.replace('_', ' ').capitalize()}: {value}" for name, value in told.items() if value
    )
    answer(document, text=text, as_json=as_json)
