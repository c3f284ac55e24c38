"""A line as another system is given it: quantity × price is the net (billing-rules 5.6)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.connectors.formal_line import FormalLine, formal_line
from counterfoil.core.document import DocumentLine, LineDiscount
from counterfoil.core.money import amount_of, format_minor
from tests.build_document import line


@pytest.mark.parametrize(
    ("given_line", "formal"),
    [
        (line(quantity="2", unit="h"), ("Alarm monitoring", "2", "h", "30.00")),
        (line(price="0.125", quantity="8"), ("Alarm monitoring", "8", "", "0.125")),
        (
            line(quantity="2", unit="h", fraction=Fraction(17, 31)),
            ("Alarm monitoring (2 h × 30.00 × 17/31)", "1", "", "32.90"),  # 60.00 × 17/31 = 32.903…
        ),
        (
            line(price="0.3333", quantity="3"),
            ("Alarm monitoring (3 × 0.3333)", "1", "", "1.00"),  # 0.9999
        ),
        (line(sign=-1), ("Alarm monitoring (1 × 30.00)", "1", "", "-30.00")),
        (line(price="0"), ("Alarm monitoring", "1", "", "0.00")),
        (
            line(net_minor=2700, discounts=(LineDiscount(name="Loyalty", minor=300),)),
            ("Alarm monitoring (1 × 30.00 − 3.00 Loyalty)", "1", "", "27.00"),
        ),
        (
            line(price="35.70", net_minor=3000, includes_tax=True),
            ("Alarm monitoring (1 × 35.70, 19 % tax included)", "1", "", "30.00"),
        ),
    ],
)
def test_a_line_that_does_not_multiply_out_is_one_at_its_net(
    given_line: DocumentLine, formal: tuple[str, str, str, str]
) -> None:
    description, quantity, unit, unit_price = formal
    assert formal_line(given_line, currency="EUR") == FormalLine(
        description=description, quantity=quantity, unit=unit, unit_price=unit_price
    )


def test_a_price_has_the_currencys_digits() -> None:
    yen = line(price="12", net_minor=12)
    assert formal_line(yen, currency="JPY").unit_price == "12"


@given(
    quantity_steps=st.integers(0, 10**12),
    price_steps=st.integers(0, 10**12),
    fraction=st.fractions(0, 1, max_denominator=366),
    currency=st.sampled_from(["JPY", "EUR", "KWD"]),
    sign=st.sampled_from([1, -1]),
)
def test_quantity_times_price_is_always_the_net(
    quantity_steps: int, price_steps: int, fraction: Fraction, currency: str, sign: int
) -> None:
    net = sign * amount_of(
        quantity_steps=quantity_steps, unit_price_steps=price_steps, fraction=fraction, currency=currency
    )
    one = line(quantity_steps=quantity_steps, unit_price_steps=price_steps, fraction=fraction, net_minor=net)
    formal = formal_line(one, currency=currency)
    assert Decimal(formal.quantity) * Decimal(formal.unit_price) == Decimal(format_minor(net, currency))
