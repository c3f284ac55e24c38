"""`counterfoil run leakage`: what is billable and no active definition selects, with its amount."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import paragraphs, table
from counterfoil.core.money import format_minor

if TYPE_CHECKING:
    from counterfoil.flows.billing.leaking import GapTotal, Leak

leaking = typer.Typer()

AT_ONCE = 1_000
NOTHING = "Every billable charge is selected by an active definition."


@leaking.command()
def leakage(
    limit: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="So many are listed; all are added up.")
    ] = 200,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List what is billable and no active definition selects, and what it would bill today."""
    with with_database():
        from counterfoil.flows.billing.leaking import all_leaks, totals_by_gap
        from counterfoil.records.catalog.models import MasterCharge
        from counterfoil.records.organisation.models import Branch
        from counterfoil.records.organisation.queries import the_organisation
        from counterfoil.records.parties.models import CustomerGroup

        totals: list[GapTotal] = []
        rows: list[dict[str, Any]] = []
        for leaks in all_leaks(today=clock.today(the_organisation().timezone), at_once=AT_ONCE):
            totals = totals_by_gap(leaks, before=totals)
            rows += [_row(leak) for leak in leaks[: max(limit - len(rows), 0)]]
        branches = dict(Branch.objects.values_list("pk", "code"))
        groups = dict(CustomerGroup.objects.values_list("pk", "name"))
        masters = dict(
            MasterCharge.objects.filter(pk__in={total.gap.master_id for total in totals}).values_list(
                "pk", "code"
            )
        )
        gaps = [_gap(total, branches, groups, masters) for total in totals]
    answer({"gaps": gaps, "leakage": rows}, text=_text(gaps, rows), as_json=as_json)


def _gap(
    total: GapTotal, branches: dict[int, str], groups: dict[int, str], masters: dict[int, str]
) -> dict[str, Any]:
    from counterfoil.flows.billing.leaking import NO_LENGTH

    return {
        "kind": total.gap.kind,
        "payer": "dealer" if total.gap.by_dealer else "direct",
        "branch": branches[total.gap.branch_id],
        "customer_group": groups.get(total.gap.group_id),
        "period": None if total.gap.length == NO_LENGTH else total.gap.length or None,
        "code": masters.get(total.gap.master_id),
        "count": total.count,
        "net": {currency: format_minor(minor, currency) for currency, minor in total.net_minor.items()},
    }


def _row(leak: Leak) -> dict[str, Any]:
    from counterfoil.records.charges.models import Charge

    row: Any = leak.row
    is_charge = isinstance(row, Charge)
    return {
        "charge": row.key if is_charge else None,
        "event": None if is_charge else row.event.key,
        "client": (row.client if is_charge else row.event.client).code,
        "kind": row.master_charge.kind if is_charge else row.event.kind,
        "currency": leak.would_bill.currency or None,
        "net": format_minor(leak.would_bill.net_minor, leak.would_bill.currency)
        if leak.would_bill.currency
        else None,
        "problem": leak.would_bill.problem,
    }


def _text(gaps: list[dict[str, Any]], rows: list[dict[str, Any]]) -> str:
    if not gaps:
        return NOTHING
    by_gap = [
        (
            gap["kind"],
            gap["payer"],
            gap["branch"],
            gap["customer_group"] or "",
            gap["period"] or "",
            gap["code"] or "",
            gap["count"],
            ", ".join(f"{net} {currency}" for currency, net in gap["net"].items()),
        )
        for gap in gaps
    ]
    listed = [
        (
            row["charge"] or row["event"],
            row["client"],
            row["kind"],
            row["net"],
            row["currency"],
            row["problem"],
        )
        for row in rows
    ]
    return paragraphs(
        table(
            ["Kind", "Payer", "Branch", "Group", "Period", "Code", "Charges>", "Today, net>"],
            by_gap,
            title="No definition selects",
        ),
        table(["Charge", "Client", "Kind", "Net>", "Currency", "Why not"], listed, title="What leaks"),
        "Add a definition that selects them, or change one: counterfoil definition create, or edit.",
    )
