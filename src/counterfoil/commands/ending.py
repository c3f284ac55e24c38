"""`counterfoil discount …` and `escalation …`: which there are, and their end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.charge_many import DryRun
from counterfoil.commands.day import day_option
from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.run_words import Reason
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import table
from counterfoil.core.money import format_minor

if TYPE_CHECKING:
    from counterfoil.records.charges.models import Discount

discount = typer.Typer(help="Discounts: list, end or remove them.", no_args_is_help=True)
escalation = typer.Typer(help="Escalations: list or end them.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(metavar="DISCOUNT", help="Its identifier.")]


class NoSuchDiscount(CommandFailed):
    """There is no discount {key}. `counterfoil discount list` shows those there are."""


class NoSuchEscalation(CommandFailed):
    """There is no escalation {name}. `counterfoil escalation list` shows those there are."""


@discount.command("list")
def list_discounts(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """List them."""
    with with_database():
        from counterfoil.records.charges.models import Discount

        rows = [
            _discount(one)
            for one in Discount.objects.select_related("charge", "master_charge", "customer").order_by("key")
        ]
    names = ("key", "name", "percent", "amount", "charge", "code", "customer", "starts_on", "ends_before")
    headings = ["Discount", "Name", "Percent>", "Amount>", "Charge", "Code", "Customer", "From", "Before"]
    text = table(headings, [[row[name] for name in names] for row in rows]) if rows else "There are none."
    answer({"discounts": rows}, text=text, as_json=as_json)


@discount.command("end")
def end_discount(
    key: Key,
    last_day: Annotated[date, day_option(help_text="The last day it is taken.")],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Let a discount be taken until a day; what is billed stays."""
    with with_database():
        from counterfoil.flows.editing import store_sent

        found = _named(key)
        found.ends_before = last_day + timedelta(days=1)
        store_sent(found, fields=["ends_before"])
        document = _discount(found)
    answer(document, text=f"{key} is taken up to {last_day}.", as_json=as_json)


@discount.command("remove")
def remove(
    key: Key,
    reason: Reason = "",
    dry_run: DryRun = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Take a discount away; a dry run says what is billed more without it. What is billed stays."""
    with with_database():
        from counterfoil.flows.ending_terms import remove_discount, without_discount
        from counterfoil.records.organisation.queries import the_organisation

        found = _named(key)
        changed = without_discount(found, today=clock.today(the_organisation().timezone))
        if not dry_run:
            remove_discount(found, reason=reason)
    more = changed.more_minor
    document: dict[str, Any] = {
        "dry_run": dry_run,
        "discount": key,
        "charges": changed.charges,
        "more_in_twelve_months": None
        if more is None
        else {currency: format_minor(minor, currency) for currency, minor in more.items()},
    }
    amounts = [f"{amount} {one}" for one, amount in (document["more_in_twelve_months"] or {}).items()]
    told = "not worked out" if more is None else ", ".join(amounts) or "nothing"
    text = (
        f"{key} {'is' if dry_run else 'was'} taken off {changed.charges:,} charges. "
        f"Billed more in twelve months without it: {told}."
    )
    answer(document, text=text, as_json=as_json)


@escalation.command("list")
def list_escalations(as_json: AsJson = False) -> None:  # noqa: FBT002
    """List them."""
    with with_database():
        from counterfoil.records.catalog.models import Escalation

        rows = [
            {
                "name": one.name,
                "rate": f"{one.rate:f}",
                "every_periods": one.every_periods,
                "on_date": one.on_date,
                "yearly": one.yearly,
                "step": f"{one.step:f}",
            }
            for one in Escalation.objects.order_by("name")
        ]
    headings = ["Escalation", "Percent>", "Every periods>", "On", "Yearly", "Rounded to>"]
    text = table(headings, [list(row.values()) for row in rows]) if rows else "There are none."
    answer({"escalations": rows}, text=text, as_json=as_json)


@escalation.command("end")
def end_the_escalation(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    reason: Reason = "",
    dry_run: DryRun = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Take an escalation away: prices that it has raised stay as they are today, set by hand."""
    with with_database():
        from counterfoil.flows.ending_terms import (
            end_escalation,
            less_without_escalation,
            without_escalation,
        )
        from counterfoil.records.catalog.models import Escalation
        from counterfoil.records.organisation.queries import the_organisation

        found = Escalation.objects.filter(name=name).first()
        if found is None:
            raise NoSuchEscalation(name=name)
        today = clock.today(the_organisation().timezone)
        ended = without_escalation(found, today=today)
        less = less_without_escalation(found, today=today)
        if not dry_run:
            ended = end_escalation(found, today=today, reason=reason)
    document: dict[str, Any] = {
        "dry_run": dry_run,
        "escalation": name,
        "charges": ended.charges,
        "master_charges": ended.master_charges,
        "prices_kept": ended.kept,
        "less_in_twelve_months": None
        if less is None
        else {currency: format_minor(minor, currency) for currency, minor in less.items()},
    }
    amounts = [f"{amount} {one}" for one, amount in (document["less_in_twelve_months"] or {}).items()]
    told = "not worked out" if less is None else ", ".join(amounts) or "nothing"
    kept = "how many is not worked out" if ended.kept is None else f"{ended.kept:,}"
    text = (
        f"{ended.charges:,} charges {'would stop' if dry_run else 'stop'} growing; {kept} keep the prices "
        f"they have grown to, set by hand. Billed less in twelve months: {told}."
    )
    answer(document, text=text, as_json=as_json)


def _named(key: str) -> Discount:
    from counterfoil.records.charges.models import Discount

    found = Discount.objects.select_related("charge", "master_charge", "customer").filter(key=key).first()
    if found is None:
        raise NoSuchDiscount(key=key)
    return found


def _discount(one: Discount) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": one.name,
        "percent": None if one.percent is None else f"{one.percent:f}",
        "amount": None if one.amount is None else f"{one.amount:f}",
        "charge": one.charge.key if one.charge else None,
        "code": one.master_charge.code if one.master_charge else None,
        "customer": one.customer.account if one.customer else None,
        "starts_on": one.starts_on,
        "ends_before": one.ends_before,
    }
