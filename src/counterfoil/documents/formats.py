"""Dates, amounts, quantities and rates as the reader's language writes them.

Everything is exact: whole numbers in, text out, never a float.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval
from babel.numbers import NumberPattern, parse_pattern

from counterfoil.core.money import PLACES, minor_digits
from counterfoil.core.periods import DateRange
from counterfoil.documents.labels import LABELS

DEFAULT_LANGUAGE = "en"

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")


@lru_cache(maxsize=100)
def locale_of(language: str, country: str = "") -> Locale:
    """Return the locale for *language*, such as `de`, `de-AT` or `en_GB`, as it is written in *country* (ISO 3166).

    A language that names its own country keeps it, and one that is not written in *country* is written as at home. A
    language without labels gives English, so that no document mixes two.
    """
    wanted = language.replace("-", "_")
    if country and "_" not in wanted and (there := _known(f"{wanted}_{country}")):
        return there
    return _known(wanted) or Locale(DEFAULT_LANGUAGE)


def _known(name: str) -> Locale | None:
    """Return the locale called *name* if there is one, and labels in its language."""
    try:
        locale = Locale.parse(name)
    except (ValueError, UnknownLocaleError):
        return None
    return locale if locale.language in LABELS else None


@lru_cache(maxsize=10_000)
def day(value: date, *, locale: Locale) -> str:
    """Return a civil date: "Jun 1, 2026", "01.06.2026"."""
    return format_date(value, format="medium", locale=locale)


@lru_cache(maxsize=10_000)
def period(value: DateRange, *, locale: Locale) -> str:
    """Return a closed period as its first day – its last day, what both share written once.

    [2026-06-01, 2026-07-01) is "Jun 1 – 30, 2026". Raises `OpenRange` for an open one.
    """
    first, last = value.first_day, value.last_day
    if first == last:
        return format_date(first, format=locale.date_formats["medium"], locale=locale)
    return format_interval(first, last, "yMMMd", locale=locale)


def amount(minor: int, *, currency: str, locale: Locale) -> str:
    """Return an amount in minor units without its currency: 123456 EUR is "1,234.56", "1.234,56"."""
    digits = minor_digits(currency)
    return number(Decimal(minor).scaleb(-digits), least=digits, most=digits, locale=locale)


def money(minor: int, *, currency: str, locale: Locale) -> str:
    """Return an amount in minor units with its currency's code: "EUR 1,234.56", "1.234,56 EUR"."""
    return _with_code(amount(minor, currency=currency, locale=locale), currency=currency, locale=locale)


def price(steps: int, *, currency: str, locale: Locale) -> str:
    """Return a price in millionths with its currency's code: "EUR 0.0125", "0,0125 EUR"."""
    return _with_code(unit_price(steps, currency=currency, locale=locale), currency=currency, locale=locale)


def _with_code(text: str, *, currency: str, locale: Locale) -> str:
    """Return a number with the currency's code on the side on which the locale writes it."""
    pattern = locale.currency_formats["standard"].pattern
    return f"{currency} {text}" if pattern.startswith("¤") else f"{text} {currency}"


def quantity(steps: int, *, locale: Locale) -> str:
    """Return millionths with as many places as they need: 2500000 is "2.5"."""
    return number(_decimal(steps), least=0, most=PLACES, locale=locale)


def unit_price(steps: int, *, currency: str, locale: Locale) -> str:
    """Return a price in millionths with the currency's places, more where it needs them: "31.00", "0.0125"."""
    return number(_decimal(steps), least=minor_digits(currency), most=PLACES, locale=locale)


def percent(steps: int, *, locale: Locale) -> str:
    """Return a tax rate in millionths of a percent: 19000000 is "19%", "19 %"."""
    text = quantity(steps, locale=locale)
    pattern: str = locale.percent_formats[None].pattern
    return pattern.replace("#,##0", text)


def bank_account(account: str) -> str:
    """Return a bank account for reading: an IBAN in groups of four, any other as it is."""
    packed = account.replace(" ", "").upper()
    if not _IBAN.fullmatch(packed):
        return account
    return " ".join(packed[at : at + 4] for at in range(0, len(packed), 4))


def number(value: Decimal, *, least: int, most: int, locale: Locale) -> str:
    """Return *value*, which has at most *most* decimal places, with at least *least* of them."""
    return str(_pattern(locale, least=least, most=most).apply(value, locale))


@lru_cache(maxsize=1000)
def _pattern(locale: Locale, *, least: int, most: int) -> NumberPattern:
    """Return the locale's pattern of decimals, with *least* to *most* decimal places."""
    whole = locale.decimal_formats[None].pattern.split(".")[0]
    return parse_pattern(f"{whole}.{'0' * least}{'#' * (most - least)}".rstrip("."))


def _decimal(steps: int) -> Decimal:
    """Return millionths as a decimal, trailing zeros gone."""
    return Decimal(steps).scaleb(-PLACES)
