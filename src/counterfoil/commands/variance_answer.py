"""What the verbs answer about differences, explanations and forecasts: one JSON document, or text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from counterfoil.commands.tables import paragraphs, table
from counterfoil.core.money import format_minor

if TYPE_CHECKING:
    from counterfoil.flows.billing.variance import Variance
    from counterfoil.flows.explaining import Explanation
    from counterfoil.flows.forecasting import Forecast

MOST_SHOWN = 200

Words = Callable[[Sequence[Any]], list[str]]


def variance_document(variance: Variance | None, *, words: Words) -> dict[str, Any]:
    """Return what `--variance` adds: the totals by part, and every row that differs with its reason."""
    if variance is None:
        return {"against": None, "totals": {}, "rows": []}
    totals = {row["currency"]: _total(row) for row in variance.totals.to_dicts()}
    return {"against": variance.before.pk, "totals": totals, "rows": _rows(variance, words=words)}


def _total(row: dict[str, Any]) -> dict[str, Any]:
    from counterfoil.engine.variance import PARTS, SAME

    lines = {part: row[f"{part}_lines"] for part in (*PARTS, SAME)}
    return {**_amounts(row), "lines": lines}


def _amounts(row: dict[str, Any]) -> dict[str, str]:
    from counterfoil.engine.variance import PARTS

    names = ("before", "now", "difference", *PARTS)
    return {name: format_minor(row[f"{name}_minor"], row["currency"]) for name in names}


def _rows(variance: Variance, *, words: Words) -> list[dict[str, Any]]:
    import polars as pl

    from counterfoil.engine.variance import SAME
    from counterfoil.flows.billing.differing import Row
    from counterfoil.records.charges.models import Charge
    from counterfoil.records.parties.models import BillingCustomer, Client

    differing = variance.lines.filter(pl.col("reason") != SAME)
    rows = [Row(row) for row in differing.iter_rows(named=True)]
    customers, clients, charges = (
        _named(rows, model, name, key)
        for model, name, key in (
            (BillingCustomer, "customer_id", "account"),
            (Client, "client_id", "code"),
            (Charge, "charge_id", "key"),
        )
    )
    return [
        {
            "customer": customers.get(row.customer_id),
            "client": clients.get(row.client_id),
            "charge": charges.get(row.charge_id),
            "currency": row.currency,
            "reason": row.reason,
            "why": told,
            **_amounts(dict(row.values)),
        }
        for row, told in zip(rows, words(rows), strict=True)
    ]


def _named(rows: Iterable[Any], model: Any, name: str, key: str) -> dict[int, str]:
    ids = {getattr(row, name) for row in rows} - {None}
    return dict(model.objects.filter(pk__in=ids).values_list("pk", key))


def variance_text(document: dict[str, Any]) -> str:
    """Return a variance for people: the parts of the difference, then the lines that differ."""
    if document["against"] is None:
        return "There is no run before to compare it with."
    from counterfoil.engine.variance import PARTS

    totals = [
        [
            currency,
            total["before"],
            *(_signed(total[part]) for part in PARTS),
            total["now"],
            _signed(total["difference"]),
        ]
        for currency, total in document["totals"].items()
    ]
    headings = [
        "Currency",
        "Last time>",
        *(f"{part.capitalize().replace('_', ' ')}>" for part in PARTS),
        "Now>",
        "Difference>",
    ]
    rows = [
        (
            row["customer"],
            row["client"],
            row["charge"],
            row["why"],
            row["before"],
            row["now"],
            _signed(row["difference"]),
        )
        for row in document["rows"][:MOST_SHOWN]
    ]
    hidden = len(document["rows"]) - len(rows)
    return paragraphs(
        table(headings, totals, title=f"Net against run {document['against']}"),
        table(
            ["Customer", "Client", "Charge", "Why", "Last time>", "Now>", "Difference>"],
            rows,
            title="What differs",
        ),
        f"{hidden:,} more; --json and --excel hold them all." if hidden else "",
    )


def _signed(amount: str) -> str:
    return amount if amount.startswith("-") or not amount.strip("0.") else f"+{amount}"


def explanations_document(found: Iterable[Explanation]) -> dict[str, Any]:
    """Return explanations as plain values."""
    return {
        "lines": [
            {
                "line": one.line_no,
                "description": one.description,
                "currency": one.currency,
                "net": one.net,
                "steps": [
                    {
                        "topic": step.topic,
                        "label": step.label,
                        "value": step.value,
                        "why": step.why,
                        "rule": step.rule,
                    }
                    for step in one.steps
                ],
            }
            for one in found
        ]
    }


def explanations_text(found: Iterable[Explanation]) -> str:
    """Return explanations for people."""
    return "\n".join(
        table(
            ["Step", "Value", "Why", "Rule"],
            [(step.label, step.value, step.why, step.rule) for step in one.steps],
            title=f"Line {one.line_no}: {one.description}, {one.net} {one.currency}",
        )
        for one in found
    )


def forecast_document(forecast: Forecast) -> dict[str, Any]:
    """Return a forecast as plain values, amounts as strings."""
    return {
        "charges": [
            {
                "charge": one.charge.key,
                "currency": one.currency or None,
                "next_bill_date": one.next_bill_date,
                "next_net": one.money(one.next_minor),
                "total": one.money(one.total_minor),
                "months": [
                    {"month": month, "net": one.money(net)}
                    for month, net in zip(forecast.months, one.months, strict=True)
                ],
                "lines": [
                    {
                        "bill_date": line.bill_date,
                        "period_start": line.period_start,
                        "period_end": line.period_end,
                        "fraction": f"{line.fraction_num}/{line.fraction_den}".removesuffix("/1"),
                        "net": one.money(line.net_minor),
                    }
                    for line in one.lines
                ],
                "findings": list(one.findings),
            }
            for one in forecast.charges
        ]
    }


def forecast_text(forecast: Forecast) -> str:
    """Return a forecast for people: what is billed next, and by month."""
    months = [f"{month:%Y-%m}>" for month in forecast.months]
    rows = [
        [
            one.charge.key,
            one.next_bill_date or " ".join(one.findings) or "nothing more",
            one.money(one.next_minor),
            *(one.money(net) for net in one.months),
            one.money(one.total_minor),
            one.currency,
        ]
        for one in forecast.charges
    ]
    return table(["Charge", "Next bill date", "Amount>", *months, "Together>", "Currency"], rows)
