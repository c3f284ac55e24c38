"""`counterfoil figures …`: what was issued month by month, and what is due when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import table
from counterfoil.core.money import format_minor
from counterfoil.core.refusals import Refusal, shown

if TYPE_CHECKING:
    from counterfoil.records.billing.sums import Age, Revenue

figures = typer.Typer(help="See what was issued month by month, and what is due when.", no_args_is_help=True)


class NoSuchView(Refusal):
    """Revenue is not told by {by}. Say --by kind or --by dealer."""


@figures.command()
def revenue(
    by: Annotated[str, typer.Option(help="kind or dealer.")] = "kind",
    months: Annotated[int, typer.Option(min=1, max=120, help="This month is the last of them.")] = 13,
    monthly: Annotated[  # noqa: FBT002
        bool,
        typer.Option("--monthly", help="What recurring charges are a month, instead of what was issued."),
    ] = False,
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """Show what was issued, net, by month of the documents' dates, and by kind of charge or dealer."""
    if by not in ("kind", "dealer"):
        raise NoSuchView(by=shown(by))
    with with_database():
        from counterfoil.records.billing import sums
        from counterfoil.records.billing.models import IssuedRevenue, RecurringRevenue
        from counterfoil.records.organisation.queries import the_organisation

        those = sums.first_of_months(clock.today(the_organisation().timezone), months=months)
        if monthly:
            found = (sums.monthly_by_dealer if by == "dealer" else sums.monthly_by_kind)(
                RecurringRevenue.objects.all(), since=those[0], until=those[-1]
            )
        else:
            read = sums.by_dealer if by == "dealer" else sums.by_kind
            found = read(IssuedRevenue.objects.all(), since=those[0])
        rows = [_revenue(row) for row in found]
    cells = [(f"{row['month']:%Y-%m}", row["name"], row["net"], row["currency"]) for row in rows]
    text = table(["Month", by.capitalize(), "Net", "Currency"], cells) if rows else "Nothing was issued."
    answer({"revenue": rows}, text=text, as_json=as_json)


@figures.command()
def due(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """Show what was issued, gross, by how long it is overdue; payments are not known."""
    with with_database():
        from counterfoil.records.billing import sums
        from counterfoil.records.billing.models import IssuedDue
        from counterfoil.records.organisation.queries import the_organisation

        today = clock.today(the_organisation().timezone)
        rows = [_age(age) for age in sums.ages(IssuedDue.objects.all(), today=today)]
    cells = [
        (row["due_from"] or "…", row["due_until"] or "…", row["documents"], row["gross"], row["currency"])
        for row in rows
    ]
    headings = ["Due from", "Due until", "Documents", "Gross", "Currency"]
    answer({"due": rows}, text=table(headings, cells) if rows else "Nothing was issued.", as_json=as_json)


def _revenue(row: Revenue) -> dict[str, Any]:
    return {
        "month": row.month,
        "key": row.key,
        "name": row.name,
        "currency": row.currency,
        "net": format_minor(row.net_minor, row.currency),
    }


def _age(age: Age) -> dict[str, Any]:
    return {
        "due_from": age.due_from,
        "due_until": age.due_until,
        "currency": age.currency,
        "documents": age.documents,
        "gross": format_minor(age.gross_minor, age.currency),
    }
