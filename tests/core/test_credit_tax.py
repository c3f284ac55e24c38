"""The tax that goes with a credit (billing-rules 6.6)."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.crediting import credit_tax
from tests.core import oracle


def test_6_6_the_tax_of_an_invoice_credited_in_pieces_comes_back_to_the_cent() -> None:
    """Net 1.00 at 19 %, tax 0.19, credited 0.33 + 0.33 + 0.34: round(6.27) = 6, round(12.54) − 6 = 7, rest 6."""
    so_far_net, so_far_tax, parts = 0, 0, []
    for net in (33, 33, 34):
        so_far_net += net
        tax = credit_tax(
            group_net_minor=100,
            group_tax_minor=19,
            tax_rate_steps=19_000_000,
            credited_net_minor=so_far_net,
            credited_tax_minor=so_far_tax,
        )
        so_far_tax += tax
        parts.append(tax)
    assert parts == [6, 7, 6]


def test_6_6_an_inclusive_group_gives_back_exactly_its_own_tax() -> None:
    """Gross 0.10 at 7 %: net 9, tax 1, though 9 × 7 % rounds to 1 as well; gross 0.08: net 7, tax 1, 7 × 7 % is 0."""
    everything = credit_tax(
        group_net_minor=7,
        group_tax_minor=1,
        tax_rate_steps=7_000_000,
        credited_net_minor=7,
        credited_tax_minor=0,
    )
    assert everything == 1


def test_6_6_never_more_than_the_groups_tax() -> None:
    """A group of +100.00 and −90.00 has tax 1.90; crediting the first line alone gives back 1.90, not 19.00."""
    tax = credit_tax(
        group_net_minor=1000,
        group_tax_minor=190,
        tax_rate_steps=19_000_000,
        credited_net_minor=10_000,
        credited_tax_minor=0,
    )
    assert tax == 190


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.integers(0, 30_000_000), st.booleans())
def test_6_6_any_pieces_give_back_the_whole_tax(parts: list[int], rate_steps: int, is_negative: bool) -> None:
    sign = -1 if is_negative else 1
    net = sign * sum(parts)
    tax = oracle.rounded(Fraction(net * rate_steps, 10**8))
    net_so_far = tax_so_far = 0
    for part in parts:
        net_so_far += sign * part
        now = credit_tax(
            group_net_minor=net,
            group_tax_minor=tax,
            tax_rate_steps=rate_steps,
            credited_net_minor=net_so_far,
            credited_tax_minor=tax_so_far,
        )
        assert now * sign >= 0
        tax_so_far += now
    assert tax_so_far == tax
