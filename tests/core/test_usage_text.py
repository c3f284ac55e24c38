"""How usage tells its calculation on a line, for people and for other systems (billing-rules 4.4, 5.6)."""

from __future__ import annotations

from typing import Any

from counterfoil.connectors.formal_line import formal_line
from counterfoil.core.document import DocumentLine
from counterfoil.core.money import STEPS
from counterfoil.core.usage_text import calculation_text


def tier(units: str, price: str, fee: str = "0") -> dict[str, str]:
    return {"from": "0", "units": units, "unit_price": price, "fee": fee, "amount": ""}


def text(*tiers: dict[str, str], amount_minor: int = 0, **more: Any) -> str:
    details = {
        "billed_units": "150",
        "free_units": "0",
        "unit": "kWh",
        "cost": "0",
        "tiers": list(tiers),
        **more,
    }
    return calculation_text(details, amount_minor=amount_minor, currency="EUR")


def test_4_4_readings_units_and_tiers_are_told() -> None:
    edges = {"start": {"value": "1000", "estimated": False}, "end": {"value": "1150", "estimated": True}}
    found = text(tier("100", "0.5"), tier("30", "0.4"), free_units="20", meters=[{"key": "E-1", **edges}])
    assert found == "E-1: 1000 → ≈ 1150; 150 − 20 = 130 kWh; 100 × 0.50 + 30 × 0.40"


def test_4_4_fees_minimums_and_earlier_parts_are_told() -> None:
    assert text(tier("0", "0.5", "9")) == "150 kWh; 0 × 0.50 + 9.00"
    assert text(tier("1", "0.5"), minimum={"amount": "5", "applies": True}) == "150 kWh; 1 × 0.50 ≥ 5.00"
    earlier = {"units": "60", "share": "1/2"}
    assert text(tier("55", "0.5"), cost="27.5", amount_minor=1000, earlier=earlier) == (
        "150 kWh; 55 × 0.50 − 17.50"
    )


def test_5_6_a_tiered_line_is_quantity_1_at_its_net_with_the_calculation() -> None:
    line = DocumentLine(
        line_no=1,
        charge_code="KWH",
        description="Power",
        quantity_steps=150 * STEPS,
        unit="kWh",
        unit_price_steps=0,
        net_minor=6200,
        tax_minor=0,
        tax_category="standard",
        tax_rate_steps=0,
        calculation="150 kWh; 100 × 0.50 + 30 × 0.40",
    )
    formal = formal_line(line, currency="EUR")
    assert (formal.quantity, formal.unit_price) == ("1", "62.00")
    assert formal.description == "Power (150 kWh; 100 × 0.50 + 30 × 0.40)"
