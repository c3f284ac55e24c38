"""How usage came to its amount, on one line and without words, so that every language reads it (billing-rules 5.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterfoil.core.money import (
    PLACES,
    STEPS,
    format_steps,
    format_unit_price,
    minor_digits,
    parse_steps,
    round_ratio,
)


def calculation_text(details: Mapping[str, Any], *, amount_minor: int, currency: str) -> str:
    """Return the calculation in a usage line's *details*, which came to *amount_minor*.

    "E-1: 1000 → 1150; 150 − 20 = 130 kWh; 100 × 0.50 + 30 × 0.40". "≈" stands before an estimated reading, "≥" before
    a minimum that applies, and what the period's earlier parts were billed is taken off at the end.
    """
    meters = [
        f"{meter['key']}: {_edge(meter['start'])} → {_edge(meter['end'])}"
        for meter in details.get("meters", [])
    ]
    return "; ".join(
        [*meters, _units(details), _costs(details, amount_minor=amount_minor, currency=currency)]
    )


def _edge(edge: Mapping[str, Any]) -> str:
    return f"≈ {edge['value']}" if edge["estimated"] else str(edge["value"])


def _units(details: Mapping[str, Any]) -> str:
    billed, free = str(details["billed_units"]), str(details["free_units"])
    unit = f" {details['unit']}" if details.get("unit") else ""
    if free == "0":
        return f"{billed}{unit}"
    over = format_steps(parse_steps(billed) - parse_steps(free))
    return f"{billed} − {free} = {over}{unit}"


def _costs(details: Mapping[str, Any], *, amount_minor: int, currency: str) -> str:
    terms = []
    for tier in details["tiers"]:
        price = format_unit_price(parse_steps(tier["unit_price"]), currency)
        if parse_steps(tier["units"]) or len(details["tiers"]) == 1:
            terms.append(f"{tier['units']} × {price}")
        if parse_steps(tier["fee"]):
            terms.append(format_unit_price(parse_steps(tier["fee"]), currency))
    text = " + ".join(terms) or format_unit_price(0, currency)
    minimum = details.get("minimum", {})
    if minimum.get("applies"):
        text = f"{text} ≥ {format_unit_price(parse_steps(minimum['amount']), currency)}"
    if "earlier" in details:
        cost_minor = round_ratio(parse_steps(details["cost"]) * 10 ** minor_digits(currency), STEPS)
        earlier_minor = cost_minor - amount_minor
        steps_a_minor = 10 ** (PLACES - minor_digits(currency))
        text = f"{text} − {format_unit_price(earlier_minor * steps_a_minor, currency)}"
    return text
