"""`counterfoil definition …`: the batch definitions there are, and new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import table

if TYPE_CHECKING:
    from counterfoil.records.billing.models import BatchDefinition

definition = typer.Typer(help="Batch definitions: saved descriptions of runs.", no_args_is_help=True)


@definition.command()
def create(
    name: Annotated[str, typer.Argument(help="Small letters, digits and hyphens.")],
    title: Annotated[str, typer.Option(help="What people read; else the name.")] = "",
    kinds: Annotated[str, typer.Option(help="Kinds of charge, with commas between.")] = "service",
    payer: Annotated[str, typer.Option(help="any, direct or dealer.")] = "any",
    branch: Annotated[str, typer.Option(help="Code of the only branch; else every branch.")] = "",
    grouping: Annotated[
        str, typer.Option(help="An invoice a customer, client, dealer, branch or po (purchase order).")
    ] = "customer",
    amalgamated: Annotated[  # noqa: FBT002
        bool, typer.Option("--amalgamated", help="One line a tax category and rate, the breakdown attached.")
    ] = False,
    keeps_zero: Annotated[  # noqa: FBT002
        bool, typer.Option("--keeps-zero", help="Keep invoices over 0.00 without a number, and send none.")
    ] = False,
    credit: Annotated[
        str, typer.Option(metavar="BASIS", help="Credits days no longer served: daily or monthly.")
    ] = "none",
    past_periods: Annotated[int, typer.Option(min=0, max=1200, help="More are set aside.")] = 2,
    connector: Annotated[str, typer.Option(help="Where documents go: csv, or empty for nowhere.")] = "csv",
    mail: Annotated[bool, typer.Option(help="Mail invoices to who wants them so.")] = True,  # noqa: FBT002
    authorised: Annotated[  # noqa: FBT002
        bool, typer.Option("--authorised", help="Issue and deliver without review.")
    ] = False,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Store a new definition, to be run by its name."""
    with with_database():
        from counterfoil.flows.defining import define

        stored = define(
            name=name,
            title=title or name,
            kinds=[kind.strip() for kind in kinds.split(",") if kind.strip()],
            payer=payer,
            branch=branch,
            grouping=grouping,
            past_periods_allowed=past_periods,
            amalgamated=amalgamated,
            keeps_zero=keeps_zero,
            credit_basis=credit,
            connector=connector,
            send_email=mail,
            authorised=authorised,
        )
    answer(_document(stored), text=f"The definition {stored.name} is stored.", as_json=as_json)


@definition.command("list")
def list_definitions(as_json: AsJson = False) -> None:  # noqa: FBT002
    """List the definitions there are."""
    with with_database():
        from counterfoil.records.billing.models import BatchDefinition

        rows = [_document(one) for one in BatchDefinition.objects.select_related("branch")]
    shown = [
        (
            row["name"],
            row["title"],
            ", ".join(row["kinds"]),
            row["payer"],
            row["branch"] or "every",
            row["connector"],
            "runs through" if row["authorised"] else "reviewed",
            "" if row["is_active"] else "off",
        )
        for row in rows
    ]
    headings = ["Name", "Title", "Kinds", "Payer", "Branch", "Connector", "Review", "Off"]
    answer({"definitions": rows}, text=table(headings, shown) or "There are no definitions.", as_json=as_json)


def _document(stored: BatchDefinition) -> dict[str, Any]:
    return {
        "name": stored.name,
        "title": stored.title,
        "kinds": stored.kinds,
        "payer": stored.payer,
        "branch": stored.branch.code if stored.branch else None,
        "grouping": stored.grouping,
        "past_periods": stored.past_periods_allowed,
        "amalgamated": stored.amalgamated,
        "keeps_zero": stored.keeps_zero,
        "credit": stored.credit_basis,
        "connector": stored.connector,
        "mail": stored.send_email,
        "authorised": stored.authorised,
        "is_active": stored.is_active,
    }
