"""Tax per group, shared over lines, and out of inclusive prices (billing-rules 5)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.money import Rounding
from counterfoil.core.taxes import (
    GroupTotal,
    TaxedAmount,
    TaxRate,
    TaxStatus,
    applicable_status,
    effective_rate,
    group_totals,
    inclusive_line_nets,
    inclusive_total,
    line_taxes,
    rate_in_force,
    tax_on,
)
from tests.core import oracle

NINETEEN, SEVEN = 19_000_000, 7_000_000
RATES = [
    TaxRate(tax_category="standard", rate_steps=16_000_000, valid_from=date(2020, 7, 1)),
    TaxRate(tax_category="standard", rate_steps=NINETEEN, valid_from=date(2021, 1, 1)),
    TaxRate(tax_category="reduced", rate_steps=SEVEN, valid_from=date(2007, 1, 1)),
]


@pytest.mark.parametrize(
    ("tax_point", "rate_steps"),
    [
        (date(2020, 6, 30), None),
        (date(2020, 7, 1), 16_000_000),
        (date(2020, 12, 31), 16_000_000),
        (date(2021, 1, 1), NINETEEN),
        (date(2026, 6, 1), NINETEEN),
    ],
)
def test_5_1_the_rate_in_force_at_the_tax_point(tax_point: date, rate_steps: int | None) -> None:
    assert rate_in_force(RATES, tax_category="standard", tax_point=tax_point) == rate_steps
    assert rate_in_force(reversed(RATES), tax_category="standard", tax_point=tax_point) == rate_steps


def test_5_1_an_unknown_category_has_no_rate() -> None:
    assert rate_in_force(RATES, tax_category="luxury", tax_point=date(2026, 6, 1)) is None


@pytest.mark.parametrize("status", [status for status in TaxStatus if status is not TaxStatus.STANDARD])
def test_5_1_who_is_not_taxed_pays_no_tax(status: TaxStatus) -> None:
    assert effective_rate(rate_steps=NINETEEN, seller=TaxStatus.STANDARD, customer=status) == 0
    assert effective_rate(rate_steps=NINETEEN, seller=status, customer=TaxStatus.STANDARD) == 0
    assert applicable_status(seller=TaxStatus.STANDARD, customer=status) is status
    assert applicable_status(seller=status, customer=TaxStatus.REVERSE_CHARGE) is status


def test_5_1_standard_on_both_sides_pays_the_rate() -> None:
    standard = TaxStatus.STANDARD
    assert effective_rate(rate_steps=NINETEEN, seller=standard, customer=standard) == NINETEEN


def test_5_2_tax_is_rounded_once_a_group_and_not_once_a_line() -> None:
    """Three lines of 0.03 at 19 %: 0.57 ¢ each would be 1 ¢ thrice; the group's is round(1.71 ¢) = 2 ¢."""
    lines = [TaxedAmount(tax_category="standard", rate_steps=NINETEEN, amount_minor=3)] * 3
    assert group_totals(lines) == [
        GroupTotal(tax_category="standard", rate_steps=NINETEEN, net_minor=9, tax_minor=2)
    ]


def test_5_2_a_category_with_two_rates_is_two_groups() -> None:
    lines = [
        TaxedAmount(tax_category="standard", rate_steps=NINETEEN, amount_minor=10_000),
        TaxedAmount(tax_category="reduced", rate_steps=SEVEN, amount_minor=10_000),
        TaxedAmount(tax_category="standard", rate_steps=16_000_000, amount_minor=10_000),
        TaxedAmount(tax_category="standard", rate_steps=NINETEEN, amount_minor=-2_500),
    ]
    assert [(group.net_minor, group.tax_minor, group.gross_minor) for group in group_totals(lines)] == [
        (7_500, 1_425, 8_925),  # 75.00 × 19 % = 14.25
        (10_000, 700, 10_700),
        (10_000, 1_600, 11_600),
    ]


def test_5_2_an_exact_half_follows_the_organisations_rounding() -> None:
    """0.50 at 1 % is half a cent; 1.50 at 1 % is a cent and a half."""
    assert tax_on(50, rate_steps=1_000_000) == 1
    assert tax_on(50, rate_steps=1_000_000, rounding=Rounding.HALF_EVEN) == 0
    assert tax_on(-50, rate_steps=1_000_000) == -1
    assert tax_on(150, rate_steps=1_000_000, rounding=Rounding.HALF_EVEN) == 2


def test_5_3_line_taxes_are_differences_of_cumulative_roundings() -> None:
    """0.03 thrice at 19 %: cumulative 0.57, 1.14, 1.71 cents round to 1, 1, 2; the parts are 1, 0, 1."""
    assert line_taxes([3, 3, 3], rate_steps=NINETEEN) == [1, 0, 1]


def test_5_3_nets_that_cancel_have_taxes_that_cancel() -> None:
    assert line_taxes([3, -3], rate_steps=NINETEEN) == [1, -1]
    assert line_taxes([], rate_steps=NINETEEN) == []


@given(st.lists(st.integers(-(10**12), 10**12), max_size=12), st.integers(0, 10**8))
def test_5_3_line_taxes_always_sum_to_the_groups_tax(nets: list[int], rate_steps: int) -> None:
    taxes = line_taxes(nets, rate_steps=rate_steps)
    assert len(taxes) == len(nets)
    assert sum(taxes) == oracle.rounded(Fraction(sum(nets) * rate_steps, 10**8))


def test_5_4_an_inclusive_groups_gross_is_fixed() -> None:
    """1.19 at 19 % is 1.00 + 0.19. 0.10 at 19 % is round(8.403) = 8 + 2, while 0.08 × 19 % would be 0.015."""
    total = inclusive_total([119], tax_category="standard", rate_steps=NINETEEN)
    assert (total.net_minor, total.tax_minor) == (100, 19)
    total = inclusive_total([4, 6], tax_category="standard", rate_steps=NINETEEN)
    assert (total.net_minor, total.tax_minor, total.gross_minor) == (8, 2, 10)


def test_5_4_line_nets_share_the_groups_net_by_gross() -> None:
    """Net 8 over grosses 4 and 6: round(8 × 4/10) = round(3.2) = 3, the rest is 5."""
    assert inclusive_line_nets([4, 6], rate_steps=NINETEEN) == [3, 5]
    assert inclusive_line_nets([119, -119], rate_steps=NINETEEN) == [100, -100]


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=10), st.integers(0, 10**8))
def test_5_4_net_and_tax_make_the_gross_and_line_nets_the_net(grosses: list[int], rate_steps: int) -> None:
    total = inclusive_total(grosses, tax_category="standard", rate_steps=rate_steps)
    assert total.gross_minor == sum(grosses)
    assert total.net_minor == oracle.rounded(sum(grosses) / (1 + Fraction(rate_steps, 10**8)))
    assert sum(inclusive_line_nets(grosses, rate_steps=rate_steps)) == total.net_minor
