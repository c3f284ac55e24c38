"""`counterfoil customer-group …`: groups of billing customers, by which definitions can select."""

from __future__ import annotations

from typing import Annotated

import typer

from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import table

customer_group = typer.Typer(
    help="Groups of billing customers, by which definitions can select.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the group is called.")]


@customer_group.command("list")
def list_groups(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """List them, with how many customers each has and how many definitions select it."""
    with with_database():
        from counterfoil.flows.grouping_customers import groups_with_counts

        rows = [
            {"name": one.name, "customers": one.members, "definitions": one.selected}  # type: ignore[attr-defined]
            for one in groups_with_counts()
        ]
    shown = [(row["name"], row["customers"], row["definitions"]) for row in rows]
    text = table(["Name", "Customers>", "Definitions>"], shown) or "There are no customer groups."
    answer({"customer_groups": rows}, text=text, as_json=as_json)


@customer_group.command()
def create(name: Name, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Add one. Customers are put into it by their form, their import file or the API."""
    with with_database():
        from counterfoil.flows.grouping_customers import store_group
        from counterfoil.records.parties.models import CustomerGroup

        stored = store_group(CustomerGroup(name=name))
    answer({"name": stored.name}, text=f"The customer group {stored.name} is stored.", as_json=as_json)


@customer_group.command()
def rename(
    name: Name,
    new_name: Annotated[str, typer.Argument(metavar="NEW", help="Its new name.")],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Rename one; its customers and definitions stay with it."""
    with with_database():
        from counterfoil.flows.grouping_customers import group_called, store_group

        group = group_called(name)
        group.name = new_name
        store_group(group)
    answer({"name": new_name}, text=f"The customer group {name} is now called {new_name}.", as_json=as_json)


@customer_group.command()
def remove(name: Name, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Take one away that no definition selects; its customers are in none then."""
    with with_database():
        from counterfoil.flows.grouping_customers import group_called, remove_group

        customers = remove_group(group_called(name))
    text = f"The customer group {name} is removed. Customers that were in it: {customers:,}."
    answer({"name": name, "customers": customers}, text=text, as_json=as_json)
