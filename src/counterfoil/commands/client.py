"""`counterfoil client …`: add a client, with the charges of a template client."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.charge_many import DryRun, NothingCalled
from counterfoil.commands.choosing import chosen_customer
from counterfoil.commands.day import day_option
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import paragraphs, table

if TYPE_CHECKING:
    from counterfoil.flows.adding_clients import Added, CopiedCharge

Out = Annotated[Path, typer.Option(metavar="FILE", help="Where to.")]
InLanguage = Annotated[str, typer.Option(help="en or de; else the organisation's.")]

client = typer.Typer(help="Add clients, with the charges of another one; print one.", no_args_is_help=True)


@client.callback()
def _group() -> None:
    """Add clients, with the charges of another one."""


@client.command()
def add(
    code: Annotated[str, typer.Argument(help="Its code.")],
    name: Annotated[str, typer.Argument(help="What it is called.")],
    template: Annotated[
        str | None, typer.Option(metavar="CLIENT", help="Whose charges of today it gets, too.")
    ] = None,
    customer: Annotated[str | None, typer.Option(metavar="ACCOUNT", help="Who pays.")] = None,
    dealer: Annotated[str | None, typer.Option(metavar="CODE", help="Whose client it is.")] = None,
    branch: Annotated[str | None, typer.Option(metavar="CODE", help="Else the first.")] = None,
    commissioned_on: Annotated[
        date | None, day_option(help_text="From when it is served; its charges begin then.")
    ] = None,
    last_day: Annotated[date | None, day_option(help_text="The last day with service; else open.")] = None,
    dry_run: DryRun = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Add a client, with copies of the charges of a template client if one is named: all of it or nothing."""
    with with_database():
        from counterfoil.flows.adding_clients import add_client, would_add
        from counterfoil.records.organisation.models import Branch
        from counterfoil.records.organisation.queries import the_organisation
        from counterfoil.records.parties.models import Client, Dealer

        new = Client(code=code, name=name, commissioned_on=commissioned_on)
        new.decommissioned_on = last_day + timedelta(days=1) if last_day else None
        new.branch = (
            _named(Branch, branch, what="branch") if branch else Branch.objects.order_by("pk").first()
        )
        new.customer = chosen_customer(customer) if customer else None
        new.dealer = _named(Dealer, dealer, what="dealer") if dealer else None
        source = _named(Client, template, what="client") if template else None
        do, today = would_add if dry_run else add_client, clock.today(the_organisation().timezone)
        added = do(new, template=source, today=today, is_sent=True)
        answer(_document(added, dry_run=dry_run), text=_text(added, dry_run=dry_run), as_json=as_json)


@client.command()
def report(
    code: Annotated[str, typer.Argument(help="Its code.")],
    out: Out,
    language: InLanguage = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Write what is known of a client as PDF: charges, meters, events, what was billed, contacts."""
    with with_database():
        from counterfoil.flows.reporting import printed_report, report_on_client
        from counterfoil.records.organisation.queries import the_organisation
        from counterfoil.records.parties.models import Client

        found = _named(Client, code, what="client")
        day = clock.today(the_organisation().timezone)
        out.write_bytes(printed_report(report_on_client(found, day=day, language=language)))
    answer({"client": code, "file": str(out)}, text=f"Written to {out}.", as_json=as_json)


def _named(kind: Any, code: str, *, what: str) -> Any:
    found = kind.objects.filter(code=code).first()
    if found is None:
        raise NothingCalled(what=what, key=code, kind=f"{what}s" if what != "branch" else "clients")
    return found


def _document(added: Added, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "code": added.client.code,
        "name": added.client.name,
        "charges": [_charge(one) for one in added.charges],
        "left_out": dict(added.assigned.left_out),
    }


def _charge(one: CopiedCharge) -> dict[str, Any]:
    quantity = one.terms.values["quantity"]
    return {
        "code": one.terms.charge.master_charge.code,
        "description": one.terms.description,
        "quantity": None if quantity is None else f"{quantity:f}",
        "unit_price": None if one.unit_price is None else f"{one.unit_price:f}",
        "currency": one.currency,
        "amount": None if one.amount is None else f"{one.amount.normalize():f}",
    }


def _text(added: Added, *, dry_run: bool) -> str:
    rows = [_charge(one) for one in added.charges]
    names = ("code", "description", "quantity", "unit_price", "amount", "currency")
    headings = ["Code", "Charge", "Quantity>", "Unit price>", "Amount>", "Currency"]
    return paragraphs(
        table(headings, [[row[name] for name in names] for row in rows]),
        *(f"Left out, {reason}: {count:,}" for reason, count in added.assigned.left_out.items()),
        f"Client {added.client.code} {'would be' if dry_run else 'was'} added.",
    )
