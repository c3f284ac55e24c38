"""The line of a document as another system is given it (billing-rules 5.6).

Another system multiplies quantity by price and must get the net. Where it would not (prorated, tiered, rounded,
credited), the line is quantity 1 at its net, and the calculation stands in the description.
"""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil.core.document import FULL, DocumentLine
from counterfoil.core.money import STEPS, format_minor, format_steps, minor_digits


@dataclass(frozen=True, slots=True, kw_only=True)
class FormalLine:
    """Quantity × unit price is exactly the line's net; both are plain decimals with a point."""

    description: str
    quantity: str
    unit: str
    unit_price: str


def formal_line(line: DocumentLine, *, currency: str) -> FormalLine:
    """Return *line* so that quantity × unit price gives its net to the minor unit."""
    price = price_text(line.unit_price_steps, currency=currency)
    quantity = format_steps(line.quantity_steps)
    exact_minor = line.quantity_steps * line.unit_price_steps * 10 ** minor_digits(currency)
    if line.fraction == FULL and exact_minor == line.net_minor * STEPS * STEPS:
        return FormalLine(description=line.description, quantity=quantity, unit=line.unit, unit_price=price)
    factors = [f"{quantity} {line.unit}".rstrip(), price]
    if line.fraction != FULL:
        factors.append(f"{line.fraction.numerator}/{line.fraction.denominator}")
    product = line.calculation or " × ".join(factors)
    calculation = "".join([product, *_taken_off(line, currency=currency)])
    return FormalLine(
        description=f"{line.description} ({calculation})",
        quantity="1",
        unit="",
        unit_price=format_minor(line.net_minor, currency),
    )


def _taken_off(line: DocumentLine, *, currency: str) -> list[str]:
    """Return what is left to say of the calculation: discounts (4.5), and that the price includes tax (5.4)."""
    discounts = [f" − {format_minor(one.minor, currency)} {one.name}" for one in line.discounts]
    tax = [f", {format_steps(line.tax_rate_steps)} % tax included"] if line.includes_tax else []
    return [*discounts, *tax]


def price_text(steps: int, *, currency: str) -> str:
    """Return a price in millionths as a decimal with the currency's digits, or more where it needs them."""
    minor, rest = divmod(steps * 10 ** minor_digits(currency), STEPS)
    return format_steps(steps) if rest else format_minor(minor, currency)
