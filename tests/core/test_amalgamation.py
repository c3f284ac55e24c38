"""Many lines as few formal ones (product C11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from counterfoil.connectors.formal_line import formal_line
from counterfoil.core.amalgamation import amalgamated
from counterfoil.core.document import DocumentDoesNotAddUp
from tests.build_document import amalgamate, days, document, line


def test_c11_one_line_a_category_and_rate_at_the_sum_of_the_nets() -> None:
    """Three lines at 19 %: 30.00 + 5.00 − 1.00; one at 7 %: 2.50."""
    itemised = document(
        line(), line(price="2.50", rate="7"), line(price="5", client="S-2"), line(price="1", sign=-1)
    )
    formal = amalgamated(itemised.lines, description="As listed", currency="EUR")
    assert [(one.line_no, one.net_minor, one.tax_rate_steps) for one in formal] == [
        (1, 3400, 19_000_000),
        (2, 250, 7_000_000),
    ]
    assert [one.tax_minor for one in formal] == [646, 18]  # 34.00 × 19 % = 6.46, 2.50 × 7 % = 0.175
    assert [formal_line(one, currency="EUR").unit_price for one in formal] == ["34.00", "2.50"]
    assert {formal_line(one, currency="EUR").quantity for one in formal} == {"1"}


@pytest.mark.parametrize(("currency", "price"), [("JPY", "1234"), ("KWD", "1.234")])
def test_c11_13_the_price_is_the_net_in_any_currency(currency: str, price: str) -> None:
    formal = amalgamated([line(net_minor=1234)], description="As listed", currency=currency)
    shown = formal_line(formal[0], currency=currency)
    assert (shown.quantity, shown.unit_price, shown.description) == ("1", price, "As listed")


def test_c11_a_formal_line_says_what_all_its_lines_share() -> None:
    first = line(client="S-1", period=days(date(2026, 6, 1), 30))
    second = replace(first, client="S-2", period=days(date(2026, 5, 1), 31), charge_code="FIRE")
    (formal,) = amalgamated([first, second], description="As listed", currency="EUR")
    assert (formal.client, formal.charge_code, formal.ledger_code) == ("", "", "4000")
    # From 1 May to 30 June: 31 + 30 days.
    assert formal.period == days(date(2026, 5, 1), 61)


def test_c11_a_breakdown_that_does_not_sum_up_is_refused() -> None:
    whole = amalgamate(document(line(), line(price="5")))
    with pytest.raises(DocumentDoesNotAddUp):
        replace(whole, breakdown=whole.breakdown[:1])
