"""Billed less credited is what those dates would have cost from the outset (billing-rules 6.5, 3.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.crediting import CreditBasis, credits_owed, span_after_credit
from counterfoil.core.periods import DateRange, Grid, PartCharging
from counterfoil.core.recurring import BilledPart, Charge, Line, owed_lines, span_after
from tests.core.strategies import charges
from tests.core.test_crediting import creditable, terms_of, told
from tests.core.test_periods import MONTHLY, days
from tests.core.test_recurring import charge_of


@settings(max_examples=300)
@given(
    charges().filter(lambda charge: charge.part_charging is not PartCharging.NONE),
    st.lists(st.integers(1, 900), min_size=1, max_size=3),
    st.integers(0, 899),
    st.integers(0, 900),
)
def test_6_5_billed_less_credited_is_what_those_dates_would_have_cost_from_the_outset(
    charge: Charge, extensions: list[int], first_day: int, last_day: int
) -> None:
    """Billed in pieces, then cut at both sides: what is left is what the days that stay would have cost."""
    span, lines = None, list[Line]()
    for extension in sorted(extensions):
        so_far = replace(charge, ends_before=charge.starts_on + timedelta(days=extension), billed=span)
        new = owed_lines(so_far, through=None)
        span = span_after(so_far, new)
        lines += new
    served = DateRange(
        charge.starts_on + timedelta(days=first_day), charge.starts_on + timedelta(days=last_day)
    )
    if span is None or served.is_empty:
        return
    credits_given = credits_owed(
        terms=terms_of(charge),
        lines=creditable(lines),
        span=span,
        served=[served],
        basis=CreditBasis.DAILY,
    )
    stays = served.intersect(span)
    left = sum(line.net_minor for line in lines) + sum(credit.net_minor for credit in credits_given)
    would_be = (
        []
        if stays.is_empty
        else owed_lines(
            replace(charge, starts_on=stays.first_day, ends_before=stays.ends_before), through=None
        )
    )
    assert left == sum(line.net_minor for line in would_be)


def test_6_5_a_minor_unit_that_a_neighbour_rounded_up_comes_back() -> None:
    """0.7 ¢ a week, billed as 1/7 (0.1 ¢: 0) and 4/7 more (0.5 ¢ together: 1). The first day falls away; the
    four that stay would have cost 0.4 ¢: 0. The first piece has nothing to give back, so the second gives 1 ¢.
    """
    charge = charge_of("0.007", grid=Grid(MONTHLY.parse("1 week"), date(2026, 1, 1)))
    first = owed_lines(replace(charge, ends_before=date(2026, 1, 2)), through=None)
    extended = replace(charge, ends_before=date(2026, 1, 6), billed=days("2026-01-01", "2026-01-02"))
    lines = [*first, *owed_lines(extended, through=None)]
    assert [line.net_minor for line in lines] == [0, 1]
    found = credits_owed(
        terms=terms_of(charge),
        lines=creditable(lines),
        span=days("2026-01-01", "2026-01-06"),
        served=[days("2026-01-02", "2026-01-06")],
        basis=CreditBasis.DAILY,
    )
    assert told(found) == [("", "0", -1), ("2026-01-01..2026-01-02", "1/7", 0)]


@settings(max_examples=200)
@given(
    charges().filter(lambda charge: charge.part_charging is not PartCharging.NONE),
    st.integers(1, 899),
    st.integers(1, 899),
)
def test_3_4_shortened_and_extended_again_costs_what_it_would_have_from_the_outset(
    charge: Charge, shorter: int, longer: int
) -> None:
    assert charge.ends_before is not None
    lines = owed_lines(charge, through=None)
    span = span_after(charge, lines)
    if span is None:
        return
    served = DateRange(charge.starts_on, charge.starts_on + timedelta(days=shorter))
    given_back = credits_owed(
        terms=terms_of(charge),
        lines=creditable(lines),
        span=span,
        served=[served],
        basis=CreditBasis.DAILY,
    )
    left: dict[int, int] = {}
    for line in lines:
        left[line.k] = left.get(line.k, 0) + line.net_minor
    for credit in given_back:
        left[credit.line.k] += credit.net_minor
    ends_again = max(charge.starts_on + timedelta(days=longer), served.ends_before)
    extended = replace(
        charge,
        ends_before=ends_again,
        billed=span_after_credit(span, [served]),
        billed_parts=tuple(BilledPart(k=k, net_minor=net) for k, net in left.items()),
    )
    paid = sum(left.values()) + sum(line.net_minor for line in owed_lines(extended, through=None))
    outset = owed_lines(replace(charge, ends_before=ends_again), through=None)
    assert paid == sum(line.net_minor for line in outset)
