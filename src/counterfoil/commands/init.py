"""`counterfoil init`: set up a new installation; harmless where it is set up already."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database


def init(
    name: Annotated[str, typer.Option(help="The organisation that issues the invoices.")] = "My organisation",
    country: Annotated[str, typer.Option(help="Its country, by ISO 3166: two letters.")] = "IE",
    currency: Annotated[str, typer.Option(help="The currency of its books, by ISO 4217.")] = "EUR",
    timezone: Annotated[str, typer.Option(help="Where its days begin, such as Europe/Dublin.")] = "UTC",
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """Create the tables, the organisation, its first branch, the supplied definitions and an administrator."""
    with with_database(migrates=True):
        from counterfoil.flows.installing import install
        from counterfoil.records.organisation.models import Organisation

        wanted = Organisation(
            name=name, country=country.upper(), currency=currency.upper(), timezone=timezone
        )
        installed = install(wanted, new_password=lambda: secrets.token_urlsafe(15))
        told = installed.organisation.name
    document: dict[str, object] = {"organisation": told, "created": installed.password is not None}
    if installed.password is None:
        text = f"{told} is set up already; nothing was changed."
    else:
        document |= {"username": installed.username, "password": installed.password}
        text = (
            f"{told} is set up. Sign in as {installed.username} with the password {installed.password}\n"
            "It is shown this once; change it after you have signed in."
        )
    answer(document, text=text, as_json=as_json)
