"""`counterfoil branch …`: the branches, each with its own documents, number series and people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import paragraphs, table

if TYPE_CHECKING:
    from counterfoil.records.organisation.models import Branch

branch = typer.Typer(help="The branches of the organisation.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(metavar="CODE", help="The branch's code, as it stands in numbers.")]
Name = Annotated[str | None, typer.Option("--name", help="What people call it.")]
Address = Annotated[str | None, typer.Option("--address")]
Postcode = Annotated[str | None, typer.Option("--postcode")]
City = Annotated[str | None, typer.Option("--city")]
Email = Annotated[
    str | None, typer.Option("--email", help="Sender of its invoices; else the organisation's.")
]
Phone = Annotated[str | None, typer.Option("--phone")]


@branch.command("list")
def list_branches(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """List them."""
    with with_database():
        from counterfoil.records.organisation.models import Branch

        rows = [_document(one) for one in Branch.objects.order_by("code")]
    shown = [(row["code"], row["name"], row["city"], row["email"]) for row in rows]
    text = table(["Code", "Name", "City", "E-mail"], shown) or "There are no branches."
    answer({"branches": rows}, text=text, as_json=as_json)


@branch.command()
def create(
    code: Code,
    name: Name = None,
    address: Address = None,
    postcode: Postcode = None,
    city: City = None,
    email: Email = None,
    phone: Phone = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Add one."""
    with with_database():
        from counterfoil.flows.organising import add_branch

        facts = _given(address=address, postcode=postcode, city=city, email=email, phone=phone)
        document = _document(add_branch(code=code, name=name or code, **facts))
    _answer(document, as_json=as_json)


@branch.command()
def change(
    code: Code,
    name: Name = None,
    address: Address = None,
    postcode: Postcode = None,
    city: City = None,
    email: Email = None,
    phone: Phone = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Change what is given, and nothing else. The code stays: it stands in numbers that were given."""
    with with_database():
        from counterfoil.flows.organising import change_branch

        facts = _given(name=name, address=address, postcode=postcode, city=city, email=email, phone=phone)
        document = _document(change_branch(code, **facts))
    _answer(document, as_json=as_json)


def _given(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _document(one: Branch) -> dict[str, Any]:
    names = ("code", "name", "address", "postcode", "city", "email", "phone")
    return {name: getattr(one, name) for name in names}


def _answer(document: dict[str, Any], *, as_json: bool) -> None:
    lines = [f"{name.capitalize()}: {value}" for name, value in document.items() if value]
    answer(document, text=paragraphs(*lines), as_json=as_json)
