"""`counterfoil master-charge …`: the catalogue: list it, add to it, change it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil.commands.charge_many import NothingCalled
from counterfoil.commands.day import day_option
from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import table

if TYPE_CHECKING:
    from counterfoil.records.catalog.models import MasterCharge

master_charge = typer.Typer(help="The catalogue: list it, add to it, change it.", no_args_is_help=True)

PLACES = "client, customer, dealer, activation, work_order, dispatch, sale, with commas between; empty: everywhere."
NOTHING_GIVEN = "Say what to change, for example --unit-price 32.50 or --usable-on client,sale."
ONE_DAY = timedelta(days=1)
# Options whose value is the key of another record: what it is called, and the file that brings it.
LINKS = {
    "tax_category": ("tax category", "tax-rates"),
    "charge_period": ("charge period", "master-charges"),
    "escalation": ("escalation", "escalations"),
    "tariff": ("tariff", "tariffs"),
}

Text = Annotated[str | None, typer.Option()]
Switch = Annotated[bool | None, typer.Option()]


class NameNeeded(CommandFailed):
    """There is no master charge {code} yet. Give a new one its --name, or write the code as it is stored."""


@master_charge.command("list")
def list_masters(
    active: Annotated[bool | None, typer.Option(help="Only those in use, or not.")] = None,
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """List master charges by their codes."""
    with with_database():
        found = _rows().order_by("code")
        rows = [_document(one) for one in (found if active is None else found.filter(is_active=active))]
    names = ("code", "name", "kind", "unit_price", "currency", "ledger_code", "earned")
    headings = ["Code", "Name", "Kind", "Unit price>", "Currency", "Ledger code", "Revenue"]
    text = table(headings, [[row[name] for name in names] for row in rows])
    answer({"master_charges": rows}, text=text or "The catalogue is empty.", as_json=as_json)


@master_charge.command()
def show(
    code: Annotated[str, typer.Argument(help="Its code.")],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show a master charge: its price, where and when it may be used, what it costs, when revenue is earned."""
    with with_database():
        found = _rows().filter(code=code).first()
        if found is None:
            raise NothingCalled(what="master charge", key=code, kind="master-charges")
        document = _document(found)
    answer(document, text=_text(document), as_json=as_json)


@master_charge.command("set")
def set_master(
    code: Annotated[str, typer.Argument(help="Its code; one that is not known yet is added.")],
    name: Text = None,
    kind: Annotated[
        str | None, typer.Option(help="service, activation, work_order, dispatch or sale.")
    ] = None,
    unit_price: Annotated[str | None, typer.Option(help="Empty: each charge has its own.")] = None,
    currency: Text = None,
    quantity: Text = None,
    unit: Text = None,
    ledger_code: Text = None,
    tax_category: Annotated[str | None, typer.Option(help="By its code.")] = None,
    charge_period: Annotated[str | None, typer.Option(help="By its name.")] = None,
    escalation: Annotated[str | None, typer.Option(help="By its name; empty: none.")] = None,
    tariff: Annotated[str | None, typer.Option(help="By its name; empty: none.")] = None,
    usable_on: Annotated[str | None, typer.Option(metavar="PLACES", help=PLACES)] = None,
    active_from: Annotated[date | None, day_option(help_text="The first day it may be assigned.")] = None,
    active_until: Annotated[date | None, day_option(help_text="The last day it may be assigned.")] = None,
    always_active: Annotated[  # noqa: FBT002
        bool, typer.Option("--always-active", help="Take both of these days away.")
    ] = False,
    unit_cost: Annotated[str | None, typer.Option(help="What a unit of a whole period costs you.")] = None,
    revenue_method: Annotated[
        str | None,
        typer.Option(help="daily, equal_months, on_invoice or on_completion; empty: as its kind."),
    ] = None,
    price_includes_tax: Switch = None,
    while_commissioned: Switch = None,
    assignable: Switch = None,
    is_active: Annotated[bool | None, typer.Option("--in-use/--not-in-use")] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Add a master charge, or change the one of this code; what is not named stays, and what is billed too."""
    typed = dict(locals())
    values = {one: typed[one] for one in typed if one not in OF_THE_COMMAND and typed[one] is not None}
    values |= _days(active_from, active_until, always=always_active)
    if usable_on is not None:
        values["usable_on"] = [place.strip() for place in usable_on.split(",") if place.strip()]
    if not values:
        raise typer.BadParameter(NOTHING_GIVEN)
    with with_database():
        document = _stored(code, values)
    answer(document, text=_text(document), as_json=as_json)


OF_THE_COMMAND = {"code", "active_from", "active_until", "always_active", "as_json", "usable_on"}


def _days(first: date | None, last: date | None, *, always: bool) -> dict[str, date | None]:
    """Return the days on which it is active, as they are stored."""
    if always:
        return {"active_start": None, "active_end": None}
    given = {"active_start": first, "active_end": last + ONE_DAY if last else None}
    return {name: day for name, day in given.items() if day is not None}


def _stored(code: str, values: dict[str, Any]) -> dict[str, Any]:
    from counterfoil.flows.editing import store_sent
    from counterfoil.records.catalog.models import MasterCharge
    from counterfoil.records.organisation.queries import the_organisation

    found = MasterCharge.objects.filter(code=code).first()
    if found is None and "name" not in values:
        raise NameNeeded(code=code)
    record = found or MasterCharge(code=code, currency=the_organisation().currency)
    for name, value in values.items():
        setattr(record, name, _linked(name, value) if name in LINKS else value)
    for name in ("unit_price", "unit_cost"):
        if getattr(record, name) == "":
            setattr(record, name, None)
    store_sent(record, fields=list(values))
    return _document(_rows().get(pk=record.pk))


def _linked(name: str, key: str) -> Any:
    from counterfoil.records.catalog.models import ChargePeriod, Escalation, Tariff, TaxCategory

    models: dict[str, tuple[Any, str]] = {
        "tax_category": (TaxCategory, "code"),
        "charge_period": (ChargePeriod, "name"),
        "escalation": (Escalation, "name"),
        "tariff": (Tariff, "name"),
    }
    if not key:
        return None
    model, path = models[name]
    found = model.objects.filter(**{path: key}).first()
    if found is None:
        what, kind = LINKS[name]
        raise NothingCalled(what=what, key=key, kind=kind)
    return found


def _rows() -> Any:
    from counterfoil.records.catalog.models import MasterCharge

    return MasterCharge.objects.select_related("tax_category", "charge_period", "escalation", "tariff")


def _document(one: MasterCharge) -> dict[str, Any]:
    def decimal(value: Any) -> str | None:
        return None if value is None else f"{value.normalize():f}"

    return {
        "code": one.code,
        "name": one.name,
        "kind": one.kind,
        "unit_price": decimal(one.unit_price),
        "currency": one.currency,
        "quantity": decimal(one.quantity),
        "unit": one.unit,
        "ledger_code": one.ledger_code,
        "tax_category": one.tax_category.code if one.tax_category else None,
        "charge_period": one.charge_period.name if one.charge_period else None,
        "escalation": one.escalation.name if one.escalation else None,
        "tariff": one.tariff.name if one.tariff else None,
        "usable_on": list(one.usable_on),
        "active_from": one.active_start,
        "active_until": one.active_end - ONE_DAY if one.active_end else None,
        "unit_cost": decimal(one.unit_cost),
        "revenue_method": one.revenue_method or None,
        "earned": one.earned,
        "price_includes_tax": one.price_includes_tax,
        "while_commissioned": one.while_commissioned,
        "assignable": one.assignable,
        "in_use": one.is_active,
    }


def _text(document: dict[str, Any]) -> str:
    told = {
        name: ("yes" if value else "no") if isinstance(value, bool) else value
        for name, value in document.items()
    }
    told["usable_on"] = ", ".join(document["usable_on"]) or "everywhere"
    return "\n".join(
        f"{name.replace('_', ' ').capitalize()}: {value}" for name, value in told.items() if value
    )
