"""Discounts: percentages before amounts, lines before invoices, dated, each rounded once (billing-rules 4.5)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.discounts import Discount, Taken, invoice_discounts, line_discounts
from counterfoil.core.money import STEPS, Rounding
from tests.core import discount_oracle as oracle

JUNE = date(2026, 6, 1)
WHOLE = Fraction(1)


def percent(number: str, **dates: date) -> Discount:
    return Discount(name=f"{number} %", percent_steps=int(Fraction(number) * STEPS), **dates)


def amount(number: str, **dates: date) -> Discount:
    return Discount(name=f"{number} off", amount_steps=int(Fraction(number) * STEPS), **dates)


def off_line(
    minor: int, *discounts: Discount, fraction: Fraction = WHOLE, currency: str = "EUR"
) -> list[int]:
    taken = line_discounts(minor, discounts, first_day=JUNE, fraction=fraction, currency=currency)
    return [one.minor for one in taken]


def off_invoice(amounts: list[int], *discounts: Discount) -> list[list[int]]:
    taken = invoice_discounts(amounts, discounts, invoice_date=JUNE, currency="EUR")
    return [[one.minor for one in of_line] for of_line in taken]


def test_4_5_line_amount_and_discount_are_rounded_separately() -> None:
    """9.95 less 10 %: 0.995 is 1.00, and the net 8.95; 90 % of 9.95 rounded at once would be 8.96."""
    assert off_line(995, percent("10")) == [100]


def test_4_5_a_discount_is_named_with_what_it_takes() -> None:
    taken = line_discounts(1000, [percent("10")], first_day=JUNE, fraction=WHOLE, currency="EUR")
    assert taken == [Taken(name="10 %", minor=100)]


def test_4_5_percentages_go_before_amounts_and_off_what_is_left() -> None:
    """100.00: 10 % is 10.00, 5 % of 90.00 is 4.50, then 2.00; the amount first would give 9.80 and 4.41."""
    assert off_line(10000, amount("2"), percent("10"), percent("5")) == [1000, 450, 200]


def test_4_5_an_amount_takes_no_more_than_there_is() -> None:
    assert off_line(150, amount("2")) == [150]
    assert off_line(150, amount("1"), amount("1")) == [100, 50]
    assert off_line(0, amount("1")) == [0]


def test_4_5_off_a_rebate_a_percentage_is_taken_and_an_amount_is_not() -> None:
    """A line of −5.00 less 10 % is −4.50; 1.00 off it would make it −6.00, a rebate nobody gave."""
    assert off_line(-500, percent("10"), amount("1")) == [-50, 0]


def test_4_5_an_amount_is_that_of_a_whole_period() -> None:
    """2.00 off a month: 17/31 of it is 1.0967…, 14/31 is 0.9032…; together they are the month's 2.00."""
    assert off_line(1645, amount("2"), fraction=Fraction(17, 31)) == [110]
    assert off_line(1355, amount("2"), fraction=Fraction(14, 31)) == [90]


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 2), ("EUR", 250), ("KWD", 2500)])
def test_4_5_13_an_amount_is_in_the_currencys_minor_units(currency: str, minor: int) -> None:
    """2.50 is 250 cents and 2,500 fils; of yen, which have no minor unit, 2.5 is 3, and here only 2 are left."""
    assert off_line(minor, amount("2.5"), currency=currency) == [minor]


@pytest.mark.parametrize(
    ("dates", "is_taken"),
    [
        ({}, True),
        ({"starts_on": date(2026, 6, 1)}, True),
        ({"starts_on": date(2026, 6, 2)}, False),
        ({"ends_before": date(2026, 6, 2)}, True),
        ({"ends_before": date(2026, 6, 1)}, False),
    ],
)
def test_4_5_a_discount_is_taken_in_its_days(dates: dict[str, date], is_taken: bool) -> None:
    assert off_line(1000, percent("10", **dates)) == ([100] if is_taken else [])
    assert off_invoice([1000], percent("10", **dates)) == ([[100]] if is_taken else [[]])


def test_4_5_9_an_invoices_discount_is_spread_over_its_lines_by_cumulative_rounding() -> None:
    """10 % of 1.00 is 0.10, by 0.33, 0.33 and 0.34: reached round(3.3) = 3, round(6.6) = 7, 10; parts 3, 4, 3."""
    assert off_invoice([33, 33, 34], percent("10")) == [[3], [4], [3]]


def test_4_5_9_an_amount_off_an_invoice_takes_no_more_than_all_of_it() -> None:
    assert off_invoice([300, 200], amount("10")) == [[300], [200]]


def test_4_5_off_an_invoice_that_is_not_above_zero_nothing_is_taken() -> None:
    assert off_invoice([300, -300], percent("10")) == [[], []]
    assert off_invoice([300, -400], amount("1")) == [[], []]


AMOUNTS = st.one_of(st.integers(-60, 60), st.integers(-(10**12), 10**12))
NUMBERS = {
    "percent": st.sampled_from(["0.5", "1", "2.5", "10", "12.345678", "33.333333", "50", "99.9", "100"]),
    "amount": st.sampled_from(["0.005", "0.01", "0.25", "1", "2.5", "7.999999", "1000", "999999999"]),
}
SHARES = st.fractions(0, 1, max_denominator=366).filter(bool)
DATES = st.none() | st.dates(date(2026, 5, 28), date(2026, 6, 4))
DIGITS = {"JPY": 0, "EUR": 2, "KWD": 3}


@st.composite
def offs(draw: st.DrawFn) -> oracle.Off:
    kind = draw(st.sampled_from(["percent", "amount"]))
    return kind, Fraction(draw(NUMBERS[kind])), draw(DATES), draw(DATES)


def as_discount(number: int, off: oracle.Off) -> Discount:
    kind, value, starts_on, ends_before = off
    steps = {f"{kind}_steps": int(value * STEPS)}
    return Discount(name=str(number), starts_on=starts_on, ends_before=ends_before, **steps)


@given(
    AMOUNTS, st.lists(offs(), max_size=5), SHARES, st.sampled_from(list(DIGITS)), st.sampled_from(Rounding)
)
def test_4_5_lines_are_as_the_oracle_says_and_never_turn(
    minor: int, some: list[oracle.Off], share: Fraction, currency: str, rounding: Rounding
) -> None:
    taken = line_discounts(
        minor,
        [as_discount(number, off) for number, off in enumerate(some)],
        first_day=JUNE,
        fraction=share,
        currency=currency,
        rounding=rounding,
    )
    half = "even" if rounding is Rounding.HALF_EVEN else "away"
    expected = oracle.off_line(minor, some, day=JUNE, share=share, digits=DIGITS[currency], half=half)
    assert [one.minor for one in taken] == expected
    net = minor - sum(expected)
    assert abs(net) <= abs(minor)
    assert net == 0 or (net > 0) == (minor > 0)


@given(
    st.lists(AMOUNTS, min_size=1, max_size=8),
    st.lists(offs(), max_size=4),
    st.sampled_from(list(DIGITS)),
    st.sampled_from(Rounding),
)
def test_4_5_9_invoices_are_as_the_oracle_says_and_no_line_turns(
    amounts: list[int], some: list[oracle.Off], currency: str, rounding: Rounding
) -> None:
    taken = invoice_discounts(
        amounts,
        [as_discount(number, off) for number, off in enumerate(some)],
        invoice_date=JUNE,
        currency=currency,
        rounding=rounding,
    )
    half = "even" if rounding is Rounding.HALF_EVEN else "away"
    expected = oracle.off_invoice(amounts, some, day=JUNE, digits=DIGITS[currency], half=half)
    assert [[one.minor for one in of_line] for of_line in taken] == expected
    for minor, parts in zip(amounts, expected, strict=True):
        net = minor - sum(parts)
        assert net == 0 or (net > 0) == (minor > 0)
        assert abs(net) <= abs(minor)
