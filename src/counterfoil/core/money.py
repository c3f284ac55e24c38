"""Minor units, exact decimals in millionths, THE one rounding, and sharing out an amount.

Money is a whole number of minor units and a currency code. Quantities, unit prices and percentages are whole
numbers of millionths (`*_steps`). Nothing here is ever a float (billing-rules 3.1, 9 and 13).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate

from counterfoil.core.currencies import MINOR_DIGITS, UnknownCurrency, minor_digits
from counterfoil.core.refusals import Refusal, shown

__all__ = [
    "LARGEST_AMOUNT_MINOR",
    "LARGEST_QUANTITY_STEPS",
    "LARGEST_UNIT_PRICE_STEPS",
    "MINOR_DIGITS",
    "PERCENT_STEPS",
    "PLACES",
    "STEPS",
    "CurrenciesDiffer",
    "Money",
    "NotADecimal",
    "NothingToShareBy",
    "Rounding",
    "TooManyPlaces",
    "UnknownCurrency",
    "amount_of",
    "differences",
    "format_minor",
    "format_steps",
    "format_unit_price",
    "minor_digits",
    "parse_minor",
    "parse_steps",
    "round_fraction",
    "round_ratio",
    "share_out",
]

PLACES = 6
STEPS = 10**PLACES

# A rate is a percentage in millionths: tax = net × rate ÷ PERCENT_STEPS.
PERCENT_STEPS = 100 * STEPS

# The largest values a charge may have: quantity, unit price, and the price of one whole charge period. The
# product of the first two, and of the third with the numerator of any share of a period, stays below 2^127.
LARGEST_QUANTITY_STEPS = 10**9 * STEPS
LARGEST_UNIT_PRICE_STEPS = 10**12 * STEPS
LARGEST_AMOUNT_MINOR = 10**15

_DECIMAL = re.compile(r"([+-]?)([0-9]{1,30})(?:\.([0-9]{1,30}))?", re.ASCII)


class NotADecimal(Refusal):
    """{text} is not a decimal number. Write digits with a point, for example 12.50, and nothing else."""


class TooManyPlaces(Refusal):
    """{text} has more than {places} decimal places. Round it to {places} places first."""


class NothingToShareBy(Refusal):
    """{total} cannot be shared out because the weights sum to zero. Give at least one share a weight."""


class CurrenciesDiffer(Refusal):
    """{left} and {right} are different currencies. Convert one of them at a dated exchange rate first."""


class Rounding(StrEnum):
    """What becomes of an exact half; the organisation's choice (billing-rules 3.1)."""

    HALF_AWAY = "half_away"
    HALF_EVEN = "half_even"


def round_ratio(numerator: int, denominator: int, *, rounding: Rounding = Rounding.HALF_AWAY) -> int:
    """Return *numerator* ÷ *denominator* rounded to a whole number: THE one rounding (billing-rules 3.1).

    Symmetric in sign: the rounding of −x is minus the rounding of x.
    """
    magnitude, size = abs(numerator), abs(denominator)
    whole, rest = divmod(magnitude, size)
    rounds_up = 2 * rest > size or (2 * rest == size and (rounding is Rounding.HALF_AWAY or whole % 2 == 1))
    rounded = whole + rounds_up
    return rounded if (numerator < 0) == (denominator < 0) else -rounded


def round_fraction(value: Fraction, *, rounding: Rounding = Rounding.HALF_AWAY) -> int:
    """Return the exact *value* rounded to a whole number by `round_ratio`."""
    return round_ratio(value.numerator, value.denominator, rounding=rounding)


def amount_of(
    *,
    quantity_steps: int,
    unit_price_steps: int,
    fraction: Fraction,
    currency: str,
    rounding: Rounding = Rounding.HALF_AWAY,
) -> int:
    """Return quantity × unit price × *fraction* in minor units, rounded once (billing-rules 3.1).

    34 ¢ × 21/28 is 25.5, so 26 (billing-rules 3.3).
    """
    exact = quantity_steps * unit_price_steps * 10 ** minor_digits(currency) * fraction.numerator
    return round_ratio(exact, STEPS * STEPS * fraction.denominator, rounding=rounding)


def parse_steps(text: str) -> int:
    """Return decimal *text* in millionths: "0.5" is 500000.

    Raises `NotADecimal` for anything but an optional sign, digits and a point (no exponent, NaN, comma or
    group separator), and `TooManyPlaces` beyond six decimal places.
    """
    return _parse_scaled(text, places=PLACES)


def format_steps(steps: int) -> str:
    """Return *steps* millionths as the shortest plain decimal: 500000 is "0.5", 1000000 is "1"."""
    whole, places = divmod(abs(steps), STEPS)
    tail = f".{places:06}".rstrip("0").rstrip(".")
    return f"{'-' if steps < 0 else ''}{whole}{tail}"


def format_unit_price(steps: int, currency: str) -> str:
    """Return a price of *steps* millionths as the shortest decimal with at least the currency's digits.

    31000000 EUR is "31.00", 1500 EUR is "0.0015", 31000000 JPY is "31".
    """
    whole, _, places = format_steps(steps).partition(".")
    places = places.ljust(minor_digits(currency), "0")
    return f"{whole}.{places}" if places else whole


def parse_minor(text: str, currency: str) -> int:
    """Return an amount in decimal *text* as minor units of *currency*: "12.5" EUR is 1250.

    Raises `NotADecimal`, `TooManyPlaces` beyond the currency's digits, and `UnknownCurrency`.
    """
    return _parse_scaled(text, places=minor_digits(currency))


def format_minor(minor: int, currency: str) -> str:
    """Return *minor* units as text with the currency's digits: 1200 EUR is "12.00", 12 JPY is "12"."""
    digits = minor_digits(currency)
    sign = "-" if minor < 0 else ""
    if digits == 0:
        return f"{sign}{abs(minor)}"
    whole, places = divmod(abs(minor), 10**digits)
    return f"{sign}{whole}.{places:0{digits}}"


def share_out(total: int, weights: Sequence[int], *, rounding: Rounding = Rounding.HALF_AWAY) -> list[int]:
    """Return *total* split by *weights*, in their order, by cumulative rounding (billing-rules 9).

    The parts always sum to *total*. Raises `NothingToShareBy` if the weights sum to 0 and *total* does not.
    """
    if total == 0:
        return [0] * len(weights)
    whole = sum(weights)
    if whole == 0:
        raise NothingToShareBy(total=total)
    reached = [round_ratio(total * weight, whole, rounding=rounding) for weight in accumulate(weights)]
    return differences(reached)


def differences(reached: Sequence[int]) -> list[int]:
    """Return the parts whose running totals are *reached*: what cumulative rounding gives each (9, 5.3)."""
    return [later - earlier for earlier, later in zip([0, *reached], reached, strict=False)]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole minor units of one currency."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        """Return the sum. Raises `CurrenciesDiffer`."""
        self._same_currency_as(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Return the difference. Raises `CurrenciesDiffer`."""
        self._same_currency_as(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        """Return the amount with the other sign, as a credit has."""
        return Money(-self.minor, self.currency)

    def __str__(self) -> str:
        """Return the amount and its currency: "12.00 EUR"."""
        return f"{format_minor(self.minor, self.currency)} {self.currency}"

    def _same_currency_as(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrenciesDiffer(left=self.currency, right=other.currency)


def _parse_scaled(text: str, *, places: int) -> int:
    match = _DECIMAL.fullmatch(text.strip())
    if match is None:
        raise NotADecimal(text=shown(text))
    sign, whole, decimals = match[1], match[2], match[3] or ""
    if len(decimals) > places:
        raise TooManyPlaces(text=shown(text), places=places)
    scaled = int(whole + decimals.ljust(places, "0"))
    return -scaled if sign == "-" else scaled
