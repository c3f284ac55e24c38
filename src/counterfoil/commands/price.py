"""`counterfoil price …`: prices by date, of a charge, a master charge, or for one customer or dealer (rule 4.2)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.charge_many import NothingCalled
from counterfoil.commands.day import day_option
from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import table

if TYPE_CHECKING:
    from counterfoil.records.charges.models import PriceChange

price = typer.Typer(
    help="Prices by date, of a charge, a master charge, a customer or a dealer.", no_args_is_help=True
)

Charge = Annotated[str | None, typer.Option("--charge", metavar="CHARGE", help="Of this charge.")]
Code = Annotated[str | None, typer.Option("--code", metavar="CODE", help="Of this master charge.")]
Customer = Annotated[
    str | None, typer.Option("--customer", metavar="ACCOUNT", help="With --code: as this customer pays it.")
]
Dealer = Annotated[
    str | None,
    typer.Option("--dealer", metavar="DEALER", help="With --code: as this dealer's clients pay it."),
]
From = Annotated[date, day_option("--from", help_text="The first day it is in force.")]


class NotOnePrice(CommandFailed):
    """Say whose price it is: --charge; or --code; or --code and --customer; or --code and --dealer."""


class NotOnePriceList(CommandFailed):
    """Say whose price list it is: --customer or --dealer."""


class NoPriceFromThatDay(CommandFailed):
    """No such price begins on {day}. `counterfoil price list` shows those there are."""


@price.command("list")
def list_prices(
    charge: Charge = None,
    code: Code = None,
    customer: Customer = None,
    dealer: Dealer = None,
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """List the prices by date of one charge, master charge, customer or dealer."""
    with with_database():
        from counterfoil.records.charges.models import PriceChange

        whose = _whose(charge, code, customer, dealer, makes_new=False)
        found = [] if whose is None else PriceChange.objects.filter(**whose).order_by("valid_from")
        rows = [_document(one) for one in found]
    shown = [(row["valid_from"], row["unit_price"] or "the next level's") for row in rows]
    text = table(["From", "Unit price"], shown) if shown else "There are no prices by date."
    answer({"prices": rows}, text=text, as_json=as_json)


@price.command("set")
def set_price(
    valid_from: From,
    unit_price: Annotated[
        str | None, typer.Option(help="Of one whole charge period; left out, the next level decides.")
    ] = None,
    charge: Charge = None,
    code: Code = None,
    customer: Customer = None,
    dealer: Dealer = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Set a price from a day on, new or in place of the one from that day. What is billed already stays."""
    with with_database():
        from counterfoil.flows.editing import store_sent
        from counterfoil.records.charges.models import PriceChange

        whose = _whose(charge, code, customer, dealer, makes_new=True)
        found = PriceChange.objects.filter(**whose, valid_from=valid_from).first() if whose else None
        change = found or PriceChange(**(whose or {}), valid_from=valid_from)
        change.unit_price = unit_price  # type: ignore[assignment]  read and refused by the record
        document = _document(store_sent(change, fields=["unit_price"]))
    now = document["unit_price"] or "the next level's"
    answer(document, text=f"From {valid_from} on the price is {now}.", as_json=as_json)


@price.command()
def remove(
    valid_from: From,
    charge: Charge = None,
    code: Code = None,
    customer: Customer = None,
    dealer: Dealer = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Take a price back: from its day on the one before holds again. What is billed already stays."""
    with with_database():
        from counterfoil.flows import editing
        from counterfoil.records.charges.models import PriceChange

        whose = _whose(charge, code, customer, dealer, makes_new=False)
        found = PriceChange.objects.filter(**whose, valid_from=valid_from).first() if whose else None
        if found is None:
            raise NoPriceFromThatDay(day=valid_from)
        document = _document(found)
        editing.remove(found)
    answer({"removed": document}, text=f"The price from {valid_from} is taken back.", as_json=as_json)


@price.command("override")
def override(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The master charge.")],
    customer: Annotated[str | None, typer.Option(metavar="ACCOUNT", help="As this customer has it.")] = None,
    dealer: Annotated[
        str | None, typer.Option(metavar="DEALER", help="As this dealer's clients have it.")
    ] = None,
    unit_price: Annotated[
        str | None, typer.Option(help="Of a whole period; empty: the next level's.")
    ] = None,
    quantity: Annotated[str | None, typer.Option(help="Empty: the next level's.")] = None,
    description: Annotated[str | None, typer.Option(help="Empty: the next level's.")] = None,
    dry_run: Annotated[  # noqa: FBT002
        bool, typer.Option("--dry-run", help="Say what would change, and store nothing.")
    ] = False,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Let a customer, or a dealer's clients, have a master charge differently; say what that changes for how many."""
    if (customer is None) == (dealer is None):
        raise NotOnePriceList
    sent = {"unit_price": unit_price, "quantity": quantity, "description": description}
    values = {name: value for name, value in sent.items() if value is not None}
    with with_database():
        from counterfoil.flows.admitting import admit_whole
        from counterfoil.flows.editing import store_sent
        from counterfoil.flows.price_lists import would_change
        from counterfoil.records.catalog.models import ChargeOverride
        from counterfoil.records.organisation.queries import the_organisation

        found: Any = _entry(code, customer, dealer)
        wanted = found or ChargeOverride(**_owner(code, customer, dealer))
        for name, value in values.items():
            setattr(wanted, name, value.strip() or ("" if name == "description" else None))
        admit_whole(wanted)
        changed = would_change(wanted, today=clock.today(the_organisation().timezone))
        if not dry_run:
            store_sent(wanted, fields=list(values))
    amounts = {"before": changed.before, "after": changed.after}
    document = {
        "dry_run": dry_run,
        "code": code,
        "customer": customer,
        "dealer": dealer,
        **{name: getattr(changed, name) for name in ("running", "changed", "priced_nearer", "is_all")},
        **{name: None if amount is None else f"{amount:f}" for name, amount in amounts.items()},
    }
    costs = ""
    if changed.changed and changed.after is not None:
        costs = f" A whole period of these costs {changed.after:f}, not {changed.before:f}."
    text = (
        f"{changed.changed:,} of {changed.running:,} running charges {'would get' if dry_run else 'get'} other values; "
        f"{changed.priced_nearer:,} are priced by a nearer level.{costs}"
    )
    answer(document, text=text, as_json=as_json)


def _whose(
    charge: str | None, code: str | None, customer: str | None, dealer: str | None, *, makes_new: bool
) -> dict[str, Any] | None:
    """Return whose price is meant, as a field of a price; None where a price list says nothing of the master charge.

    Raises `NotOnePrice` and `NothingCalled`.
    """
    from counterfoil.flows.price_lists import price_list_entry
    from counterfoil.records.catalog.models import MasterCharge
    from counterfoil.records.charges.models import Charge as ChargeRow

    if (charge is None) == (code is None) or (code is None and (customer or dealer)) or (customer and dealer):
        raise NotOnePrice
    if charge is not None:
        return {"charge": _named(ChargeRow.objects.filter(key=charge), "charge", charge, "charges")}
    if customer is None and dealer is None:
        master = _named(MasterCharge.objects.filter(code=code), "master charge", code, "master-charges")
        return {"master_charge": master}
    if makes_new:
        owner = _owner(str(code), customer, dealer)
        return {"override": price_list_entry(owner.pop("master_charge"), whose=owner.popitem()[1])}
    found = _entry(str(code), customer, dealer)
    return {"override": found} if found else None


def _entry(code: str, customer: str | None, dealer: str | None) -> Any:
    """Return what a price list says of a master charge, None where it says nothing. Raises `NothingCalled`."""
    from counterfoil.records.catalog.models import ChargeOverride

    return ChargeOverride.objects.filter(**_owner(code, customer, dealer)).first()


def _owner(code: str, customer: str | None, dealer: str | None) -> dict[str, Any]:
    """Return the master charge, and the customer or dealer, as fields of an override. Raises `NothingCalled`."""
    from counterfoil.records.catalog.models import MasterCharge
    from counterfoil.records.parties.models import BillingCustomer
    from counterfoil.records.parties.models import Dealer as DealerRow

    master = _named(MasterCharge.objects.filter(code=code), "master charge", code, "master-charges")
    if customer is not None:
        rows = BillingCustomer.objects.filter(account=customer)
        return {"master_charge": master, "customer": _named(rows, "customer", customer, "customers")}
    rows = DealerRow.objects.filter(code=dealer)
    return {"master_charge": master, "dealer": _named(rows, "dealer", dealer, "dealers")}


def _named(rows: Any, what: str, key: str | None, kind: str) -> Any:
    found = rows.first()
    if found is None:
        raise NothingCalled(what=what, key=key, kind=kind)
    return found


def _document(change: PriceChange) -> dict[str, Any]:
    from counterfoil.records.charges.models import PriceChange

    stored = PriceChange.objects.get(pk=change.pk)
    return {
        "valid_from": stored.valid_from,
        "unit_price": None if stored.unit_price is None else f"{stored.unit_price:f}",
    }
