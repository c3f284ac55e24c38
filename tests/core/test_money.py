"""The one rounding, exact decimals, currencies and sharing out (billing-rules 3.1, 3.3, 9, 13)."""

from __future__ import annotations

import pickle
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from counterfoil.core.currencies import MINOR_DIGITS
from counterfoil.core.money import (
    LARGEST_AMOUNT_MINOR,
    CurrenciesDiffer,
    Money,
    NotADecimal,
    NothingToShareBy,
    Rounding,
    TooManyPlaces,
    UnknownCurrency,
    amount_of,
    format_minor,
    format_steps,
    format_unit_price,
    minor_digits,
    parse_minor,
    parse_steps,
    round_fraction,
    round_ratio,
    share_out,
)
from tests.core import oracle

WHOLE_NUMBERS = st.integers(-(10**40), 10**40)


@pytest.mark.parametrize(
    ("numerator", "denominator", "half_away", "half_even"),
    [
        (51, 2, 26, 26),  # 25.5: away goes up, even goes to 26
        (49, 2, 25, 24),  # 24.5
        (-51, 2, -26, -26),
        (-49, 2, -25, -24),
        (1, 2, 1, 0),
        (-1, 2, -1, 0),
        (1, 3, 0, 0),
        (2, 3, 1, 1),
        (0, 7, 0, 0),
        (7, -2, -4, -4),  # a negative denominator: −3.5
    ],
)
def test_3_1_a_half_goes_away_from_zero_or_to_the_even_number(
    numerator: int, denominator: int, half_away: int, half_even: int
) -> None:
    assert round_ratio(numerator, denominator) == half_away
    assert round_ratio(numerator, denominator, rounding=Rounding.HALF_EVEN) == half_even


@pytest.mark.parametrize(
    ("unit_price", "fraction", "minor"),
    [
        ("0.34", Fraction(21, 28), 26),  # 34 ¢ × 21/28 = 25.5, which binary floats make 25
        ("0.42", Fraction(17, 28), 26),  # 42 ¢ × 17/28 = 25.5
        ("0.05", Fraction(9, 30), 2),  # 5 ¢ × 9/30 = 1.5
        ("16.45", Fraction(1), 1645),
        ("-0.34", Fraction(21, 28), -26),  # symmetric in sign
    ],
)
def test_3_3_amounts_that_floats_get_wrong(unit_price: str, fraction: Fraction, minor: int) -> None:
    amount = amount_of(
        quantity_steps=parse_steps("1"),
        unit_price_steps=parse_steps(unit_price),
        fraction=fraction,
        currency="EUR",
    )
    assert amount == minor


def test_3_1_an_amount_is_rounded_once_and_not_first_to_price_places() -> None:
    """1.8299 ÷ 366 = 0.00499972…, so 0.00; a column that divides early to 0.0050 would give 0.01."""
    amount = amount_of(
        quantity_steps=parse_steps("1"),
        unit_price_steps=parse_steps("1.8299"),
        fraction=Fraction(1, 366),
        currency="EUR",
    )
    assert amount == 0


def test_3_1_the_largest_quantity_keeps_every_digit() -> None:
    """10^9 × 0.000001 × 1/3 = 333.33…, in cents 33333."""
    amount = amount_of(
        quantity_steps=parse_steps("1000000000"),
        unit_price_steps=parse_steps("0.000001"),
        fraction=Fraction(1, 3),
        currency="EUR",
    )
    assert amount == 33333


@given(WHOLE_NUMBERS, st.integers(1, 10**20))
@example(10**38 + 5, 10)
def test_3_1_rounding_agrees_with_the_oracle_and_is_symmetric(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    for rounding, half in ((Rounding.HALF_AWAY, "away"), (Rounding.HALF_EVEN, "even")):
        rounded = round_ratio(numerator, denominator, rounding=rounding)
        assert rounded == oracle.rounded(exact, half=half)
        assert rounded == -round_ratio(-numerator, denominator, rounding=rounding)
        assert rounded == round_fraction(exact, rounding=rounding)


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**12), st.sampled_from([-1, 0, 1]))
def test_3_1_near_ties_fall_to_the_right_side(whole: int, denominator: int, nudge: int) -> None:
    """A value of exactly n + ½, and the nearest fractions on either side of it."""
    numerator = (2 * whole + 1) * denominator + nudge
    assert round_ratio(numerator, 2 * denominator) == oracle.rounded(Fraction(numerator, 2 * denominator))


@given(
    st.integers(-(10**15), 10**15),
    st.integers(-(10**12), 10**12),
    st.fractions(min_value=0, max_value=1, max_denominator=400),
    st.sampled_from(["EUR", "JPY", "KWD", "CLF"]),
)
def test_3_1_an_amount_agrees_with_the_oracle(
    quantity_steps: int, unit_price_steps: int, fraction: Fraction, currency: str
) -> None:
    minor_units = {"EUR": 100, "JPY": 1, "KWD": 1000, "CLF": 10_000}[currency]
    exact = Fraction(quantity_steps, 10**6) * Fraction(unit_price_steps, 10**6) * fraction * minor_units
    amount = amount_of(
        quantity_steps=quantity_steps,
        unit_price_steps=unit_price_steps,
        fraction=fraction,
        currency=currency,
    )
    assert amount == oracle.rounded(exact)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("1", 1_000_000),
        ("0.5", 500_000),
        ("-0.000001", -1),
        ("+12.50", 12_500_000),
        (" 7 ", 7_000_000),
        ("007", 7_000_000),
        ("1000000000000", 10**18),
    ],
)
def test_13_decimals_become_millionths(text: str, steps: int) -> None:
    assert parse_steps(text) == steps


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "NaN", "Infinity", "1e3", "1E-3", "1,5", "1.000,00", "1.", ".5", "--1", "1 000", "0x10", "1_000",
        "١٢", "½", "12€", "1.5.5", "+", "-", "9" * 31, "1\n2", "=1+1",
    ],
)  # fmt: skip
def test_13_anything_but_plain_digits_is_refused(text: str) -> None:
    with pytest.raises(NotADecimal, match="is not a decimal number"):
        parse_steps(text)


def test_13_more_than_six_places_are_refused_even_zeros() -> None:
    with pytest.raises(TooManyPlaces) as refusal:
        parse_steps("1.0000000")
    assert str(refusal.value) == "'1.0000000' has more than 6 decimal places. Round it to 6 places first."


@given(st.integers(-(10**24), 10**24))
def test_13_steps_survive_the_way_to_text_and_back(steps: int) -> None:
    text = format_steps(steps)
    assert parse_steps(text) == steps
    assert Fraction(text) == Fraction(steps, 10**6)
    assert "." not in text or not text.endswith("0")


@pytest.mark.parametrize(
    ("steps", "currency", "text"),
    [
        (31_000_000, "EUR", "31.00"),
        (1_500_000, "EUR", "1.50"),
        (1_500, "EUR", "0.0015"),
        (-31_000_000, "EUR", "-31.00"),
        (31_000_000, "JPY", "31"),
        (31_500_000, "JPY", "31.5"),
        (31_000_000, "KWD", "31.000"),
    ],
)
def test_13_a_unit_price_shows_at_least_the_currencys_digits(steps: int, currency: str, text: str) -> None:
    assert format_unit_price(steps, currency) == text


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1200, "EUR", "12.00"),
        (-5, "EUR", "-0.05"),
        (0, "EUR", "0.00"),
        (12, "JPY", "12"),
        (-12, "JPY", "-12"),
        (12, "KWD", "0.012"),
        (-123_456, "IQD", "-123.456"),
        (12, "CLF", "0.0012"),
    ],
)
def test_13_amounts_show_the_currencys_digits(minor: int, currency: str, text: str) -> None:
    assert format_minor(minor, currency) == text
    assert parse_minor(text, currency) == minor


def test_13_an_amount_has_no_more_places_than_its_currency() -> None:
    assert parse_minor("12.5", "EUR") == 1250
    with pytest.raises(TooManyPlaces, match="more than 2 decimal places"):
        parse_minor("12.505", "EUR")
    with pytest.raises(TooManyPlaces, match="more than 0 decimal places"):
        parse_minor("12.0", "JPY")


@pytest.mark.parametrize(
    ("digits", "currencies"),
    [
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (
            2,
            "AUD BRL CAD CHF CNY CZK DKK EUR GBP HUF IDR INR MGA MRU MXN NOK NZD PLN SEK SLE USD VED XCG ZWG",
        ),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    ],
)
def test_13_iso_4217_digits(digits: int, currencies: str) -> None:
    assert [minor_digits(currency) for currency in currencies.split()] == [digits] * len(currencies.split())
    if digits != 2:
        assert {code for code, known in MINOR_DIGITS.items() if known == digits} == set(currencies.split())


@pytest.mark.parametrize("code", ["", "eur", "EURO", "XXX", "XAU", "XTS", "DEM", "E\u0415R", "€"])
def test_13_what_is_no_currency_is_refused(code: str) -> None:
    with pytest.raises(
        UnknownCurrency, match=r"is not a currency of ISO 4217\. Use its three capital letters"
    ):
        minor_digits(code)


def test_9_parts_sum_to_the_whole_in_a_stated_order() -> None:
    """10.00 in three: 3.33, round(6.67) − 3.33, the rest. The cumulative sums are 3.33, 6.67, 10.00."""
    assert share_out(1000, [1, 1, 1]) == [333, 334, 333]
    assert share_out(-1000, [1, 1, 1]) == [-333, -334, -333]
    assert share_out(100, [0, 3, 0, 1]) == [0, 75, 0, 25]
    assert share_out(1, [1, 1]) == [1, 0]  # 0.5 rounds away to 1
    assert share_out(0, []) == []
    assert share_out(0, [0, 0]) == [0, 0]


def test_9_nothing_can_be_shared_by_weights_of_zero() -> None:
    with pytest.raises(NothingToShareBy, match="100 cannot be shared out because the weights sum to zero"):
        share_out(100, [0, 0])


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any))
def test_9_sharing_agrees_with_the_oracle_and_always_sums(total: int, weights: list[int]) -> None:
    parts = share_out(total, weights)
    assert sum(parts) == total
    reached, given_out = Fraction(0), 0
    for part, weight in zip(parts, weights, strict=True):
        reached += Fraction(weight, sum(weights))
        assert part == oracle.rounded(total * reached) - given_out
        given_out += part


def test_money_of_one_currency_adds_up_and_two_currencies_do_not() -> None:
    assert Money(1200, "EUR") + Money(5, "EUR") - Money(10, "EUR") == Money(1195, "EUR")
    assert str(-Money(1200, "EUR")) == "-12.00 EUR"
    with pytest.raises(CurrenciesDiffer, match="EUR and USD are different currencies"):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(CurrenciesDiffer):
        Money(1, "EUR") - Money(1, "USD")


def test_a_refusal_travels_between_processes_with_its_message() -> None:
    with pytest.raises(NotADecimal) as caught:
        parse_steps("\x1b[31mred")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301
    assert "\x1b" not in str(caught.value)


def test_a_refusal_never_shows_a_book() -> None:
    with pytest.raises(NotADecimal) as refusal:
        parse_steps("x" * 10_000)
    assert len(str(refusal.value)) < 200


def test_the_largest_charge_stays_within_128_bits() -> None:
    """Quantity × price × 10^4 minor units, and the largest amount × 10^12 × any share's numerator, below 2^127."""
    from counterfoil.core.money import LARGEST_QUANTITY_STEPS, LARGEST_UNIT_PRICE_STEPS

    assert LARGEST_QUANTITY_STEPS * LARGEST_UNIT_PRICE_STEPS * 10**4 < 2**127
    largest_numerator = 12 * 28 * 29 * 30 * 31  # by_month over a year
    assert 2 * LARGEST_AMOUNT_MINOR * 10**12 * largest_numerator < 2**127
