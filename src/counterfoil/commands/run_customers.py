"""`counterfoil run customers`: what a run bills each customer, and how that differs from the run before."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from counterfoil.commands.choosing import chosen_run
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import table
from counterfoil.core.money import format_minor

listing = typer.Typer()


@listing.command()
def customers(
    number: Annotated[int, typer.Argument(metavar="RUN")],
    limit: Annotated[int, typer.Option(min=1, max=1_000_000)] = 1_000,
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """List the customers of a run: billed, held, excluded, set aside, and those billed last time alone."""
    with with_database():
        from counterfoil.records.billing.run_customers import customers_of, documents_of

        chosen = chosen_run(number, statuses=())
        found = customers_of(chosen, documents=documents_of(chosen)).order_by("account")
        rows = [_row(one) for one in found[:limit]]
    headings = ["Account", "Customer", "State", "Net>", "Last time>", "Difference>", "Reason", "Exceptions>"]
    names = ("account", "name", "state", "net", "before", "difference", "reason", "exceptions")
    text = table(headings, [[_told(row[name]) for name in names] for row in rows])
    answer({"run": chosen.pk, "customers": rows}, text=text or "This run bills nobody.", as_json=as_json)


def _row(customer: Any) -> dict[str, Any]:
    from counterfoil.records.billing.run_customers import main_reason, state_in_run

    def by_currency(rows: list[dict[str, Any]], name: str) -> dict[str, str]:
        return {one["currency"]: format_minor(one[name], one["currency"]) for one in rows}

    billed = [one for one in customer.by_currency if one["counted"]]
    return {
        "account": customer.account,
        "name": customer.name,
        "state": state_in_run(customer),
        "documents": sum(one["counted"] for one in customer.by_currency),
        "net": by_currency(billed, "net"),
        "before": by_currency(customer.differences, "before_minor"),
        "difference": by_currency(customer.differences, "difference_minor"),
        "reason": main_reason(customer),
        "exceptions": customer.exceptions or 0,
    }


def _told(value: Any) -> str:
    """Return amounts by currency in one text; anything else as it is."""
    if isinstance(value, dict):
        return ", ".join(f"{amount} {currency}" for currency, amount in value.items())
    return str(value or "")
