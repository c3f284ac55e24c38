"""`counterfoil price …`: prices by date, of a charge, a master charge, or for one customer or dealer (rule 4.2)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

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


def _whose(
    charge: str | None, code: str | None, customer: str | None, dealer: str | None, *, makes_new: bool
) -> dict[str, Any] | None:
    """Return whose price is meant, as a field of a price; None where a price list says nothing of the master charge.

    Raises `NotOnePrice` and `NothingCalled`.
    """
    from counterfoil.flows.price_lists import price_list_entry
    from counterfoil.records.catalog.models import ChargeOverride, MasterCharge
    from counterfoil.records.charges.models import Charge as ChargeRow
    from counterfoil.records.parties.models import BillingCustomer
    from counterfoil.records.parties.models import Dealer as DealerRow

    if (charge is None) == (code is None) or (code is None and (customer or dealer)) or (customer and dealer):
        raise NotOnePrice
    if charge is not None:
        return {"charge": _named(ChargeRow.objects.filter(key=charge), "charge", charge, "charges")}
    master = _named(MasterCharge.objects.filter(code=code), "master charge", code, "master-charges")
    if customer is None and dealer is None:
        return {"master_charge": master}
    whose = (
        _named(BillingCustomer.objects.filter(account=customer), "customer", customer, "customers")
        if customer is not None
        else _named(DealerRow.objects.filter(code=dealer), "dealer", dealer, "dealers")
    )
    if makes_new:
        return {"override": price_list_entry(master, whose=whose)}
    level = "customer" if customer is not None else "dealer"
    found = ChargeOverride.objects.filter(master_charge=master, **{level: whose}).first()
    return {"override": found} if found else None


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
