"""`counterfoil charge assign|copy|end`: many charges at once; with --dry-run what it would come to.

Charges are assigned to clients, or to billing customers or dealers themselves.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.day import day_option
from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database

if TYPE_CHECKING:
    from counterfoil.flows.assigning import Assigned, Ended

many = typer.Typer()

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it comes to, and store nothing.")]
Clients = Annotated[list[str] | None, typer.Argument(metavar="[CLIENT...]", help="Their codes.")]
Customers = Annotated[
    list[str] | None,
    typer.Option(
        "--customer",
        metavar="ACCOUNT",
        help="A billing customer that is charged itself, in place of clients. Can be given again.",
    ),
]
Dealers = Annotated[
    list[str] | None,
    typer.Option(
        "--dealer",
        metavar="CODE",
        help="A dealer that is charged itself, in place of clients. Can be given again.",
    ),
]
ONE_KIND = "Name clients, or billing customers with --customer, or dealers with --dealer: one kind of them."
STARTS = "The first day billed; else the day each client was commissioned."


class NoSuchCharge(CommandFailed):
    """There is no charge {charge}. `counterfoil export charges` lists those there are."""


class NothingCalled(CommandFailed):
    """There is no {what} {key}. `counterfoil export {kind}` lists those there are."""


@many.command()
def assign(
    code: Annotated[str, typer.Argument(help="The master charge.")],
    clients: Clients = None,
    customers: Customers = None,
    dealers: Dealers = None,
    starts_on: Annotated[date | None, day_option(help_text=STARTS)] = None,
    last_day: Annotated[date | None, day_option(help_text="The last day billed; else open.")] = None,
    quantity: Annotated[str | None, typer.Option(help="Else as the price list says.")] = None,
    unit_price: Annotated[str | None, typer.Option(help="Else as the price list says.")] = None,
    dry_run: DryRun = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Assign a master charge to clients, customers or dealers, but to those that have it or may not have it."""
    with with_database():
        from counterfoil.flows import assigning
        from counterfoil.flows.admitting import admit_fields
        from counterfoil.records.catalog.models import MasterCharge
        from counterfoil.records.charges.models import Charge

        master = MasterCharge.objects.filter(code=code).first()
        if master is None:
            raise NothingCalled(what="master charge", key=code, kind="master-charges")
        like = Charge(master_charge=master, quantity=quantity, unit_price=unit_price)
        admit_fields(like, fields=["quantity", "unit_price"])
        do = assigning.would_assign if dry_run else assigning.assign
        ends_before = last_day + timedelta(days=1) if last_day else None
        whom = _whom(clients, customers, dealers)
        found = do(whom, like=[like], starts_on=starts_on, ends_before=ends_before)
        answer(
            _assigned(found, dry_run=dry_run), text=_assigned_text(found, dry_run=dry_run), as_json=as_json
        )


@many.command()
def copy(
    template: Annotated[str, typer.Argument(help="The client whose charges are copied.")],
    clients: Clients = None,
    customers: Customers = None,
    dealers: Dealers = None,
    starts_on: Annotated[date | None, day_option(help_text=STARTS)] = None,
    dry_run: DryRun = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Copy the charges that a template client has today to clients, customers or dealers; who pays is not copied."""
    with with_database():
        from counterfoil.flows import assigning
        from counterfoil.records.organisation.queries import the_organisation
        from counterfoil.records.parties.models import Client

        (source,) = _called(Client, "code", [template], what="client")
        like = assigning.charges_of_template(source, on=clock.today(the_organisation().timezone))
        do = assigning.would_assign if dry_run else assigning.assign
        found = do(_whom(clients, customers, dealers), like=like, starts_on=starts_on)
        answer(
            _assigned(found, dry_run=dry_run), text=_assigned_text(found, dry_run=dry_run), as_json=as_json
        )


@many.command()
def end(
    charges: Annotated[list[str], typer.Argument(metavar="CHARGE...", help="Their identifiers.")],
    last_day: Annotated[date, day_option(help_text="The last day billed.")],
    dry_run: DryRun = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """End charges; a dry run says what the next credit run gives back for it."""
    with with_database():
        from counterfoil.flows import assigning
        from counterfoil.records.charges.models import Charge

        known = dict(Charge.objects.filter(key__in=charges).values_list("key", "pk"))
        for key in charges:
            if key not in known:
                raise NoSuchCharge(charge=key)
        do = assigning.would_end if dry_run else assigning.end
        found = do(known.values(), ends_before=last_day + timedelta(days=1))
        answer(_ended(found, dry_run=dry_run), text=_ended_text(found, dry_run=dry_run), as_json=as_json)


def _whom(clients: list[str] | None, customers: list[str] | None, dealers: list[str] | None) -> Any:
    """Return the clients, customers or dealers that were named, of one kind. Raises `NothingCalled`."""
    from counterfoil.records.parties.models import BillingCustomer, Client, Dealer

    if sum(bool(keys) for keys in (clients, customers, dealers)) != 1:
        raise typer.BadParameter(ONE_KIND)
    if customers:
        return _called(BillingCustomer, "account", customers, what="customer")
    if dealers:
        return _called(Dealer, "code", dealers, what="dealer")
    return _called(Client, "code", clients or [], what="client")


def _called(model: Any, path: str, keys: list[str], *, what: str) -> Any:
    rows = model.objects.filter(**{f"{path}__in": keys})
    known = set(rows.values_list(path, flat=True))
    for key in keys:
        if key not in known:
            raise NothingCalled(what=what, key=key, kind=f"{what}s")
    return rows


def _assigned(found: Assigned, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "charges": [one.key for one in found.charges],
        "left_out": dict(found.left_out),
        "price_of_a_period": {code: f"{price:f}" for code, price in found.price_of_a_period.items()},
        "without_payer": found.without_payer,
        "without_price": found.without_price,
    }


def _assigned_text(found: Assigned, *, dry_run: bool) -> str:
    prices = ", ".join(f"{price:f} {code}" for code, price in found.price_of_a_period.items())
    lines = [
        f"{len(found.charges):,} charges {'would be' if dry_run else 'were'} assigned"
        + (f"; a whole period of them costs {prices}." if prices else "."),
        *(f"Left out, {reason}: {count:,}" for reason, count in found.left_out.items()),
        *([f"Without a price yet: {found.without_price:,}"] if found.without_price else []),
        *([f"With nobody who pays: {found.without_payer:,}"] if found.without_payer else []),
    ]
    return "\n".join(lines)


def _ended(found: Ended, *, dry_run: bool) -> dict[str, Any]:
    from counterfoil.core.money import format_minor

    return {
        "dry_run": dry_run,
        "charges": len(found.before),
        "unchanged": found.unchanged,
        "credited": {code: format_minor(net, code) for code, net in found.credited.items()},
        "credit_notes": found.notes,
        "findings": list(found.findings),
    }


def _ended_text(found: Ended, *, dry_run: bool) -> str:
    told = _ended(found, dry_run=dry_run)
    lines = [
        f"{len(found.before):,} charges {'would end' if dry_run else 'end'}; {found.unchanged:,} did already.",
        *(f"The next credit run gives back {net} {code}, net." for code, net in told["credited"].items()),
        *found.findings,
    ]
    return "\n".join(lines)
