"""Numbers, money and dates as a person's locale writes them. Pure: every function is told the locale.

Decimals in, text out; what is shown is never rounded (a currency's digits come from `core.currencies`, since
some of Babel's are wrong). Text is for people: exports write plain decimals and ISO dates instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.numbers import NumberPattern, format_compact_currency, format_decimal
from django.utils.translation import gettext

from counterfoil.core.counting import share_in_days
from counterfoil.core.money import MINOR_DIGITS, PLACES
from counterfoil.core.periods import DateRange

FALLBACK = Locale("en", "GB")
ONE_DAY = timedelta(days=1)
LEAST_SHORTENED, LEAST_MILLION = 1000, 1_000_000
_ANY_DECIMALS = "#,##0.######"


@dataclass(frozen=True)
class Conventions:
    """How one person's pages write numbers and dates, and whose clock they show."""

    locale: Locale = FALLBACK
    zone: tzinfo = UTC


# A function, so that a request that shows nothing asks the database nothing.
_conventions: ContextVar[Callable[[], Conventions]] = ContextVar("conventions", default=Conventions)


def current_locale() -> Locale:
    """Return the locale pages are written in now: that of the innermost `written_by`."""
    return _conventions.get()().locale


def current_zone() -> tzinfo:
    """Return the zone whose clock pages show now: that of the innermost `written_by`."""
    return _conventions.get()().zone


@contextmanager
def written_by(conventions: Callable[[], Conventions]) -> Iterator[None]:
    """Write numbers, dates and times within the block by what *conventions* returns, asked at first use."""
    token = _conventions.set(conventions)
    try:
        yield
    finally:
        _conventions.reset(token)


def locale_for(*, language: str, country: str) -> Locale:
    """Return the locale of *language* (such as `en` or `en-AU`) as written in *country* (ISO 3166).

    A language that names its own country keeps it. Unknown pairs fall back to the language alone, an unknown
    language to British English.
    """
    wanted = language.replace("-", "_")
    tries = [wanted] if "_" in wanted else [f"{wanted}_{country}", wanted]
    for name in tries:
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return FALLBACK


def money_text(minor: int, currency: str, *, locale: Locale) -> str:
    """Return *minor* units of *currency* with its sign and symbol: 4820000 EUR is "€48,200.00"."""
    digits = _digits(currency)
    amount = Decimal(minor).scaleb(-digits)
    pattern = _money_pattern(locale, least=digits, most=digits)
    return pattern.apply(amount, locale, currency=currency, currency_digits=False)  # type: ignore[no-any-return]


def short_money_text(minor: int, currency: str, *, locale: Locale) -> str:
    """Return about how much it is, to stand over a bar: 4820000 EUR is "€48K", "48.200 €". The exact text is near."""
    amount = Decimal(minor).scaleb(-_digits(currency))
    is_small = abs(amount) < LEAST_SHORTENED
    if abs(amount) < LEAST_MILLION and not _shortens_thousands(locale):
        digits = _digits(currency) if is_small else 0
        pattern = _money_pattern(locale, least=digits, most=digits)
        return pattern.apply(amount, locale, currency=currency, currency_digits=False)  # type: ignore[no-any-return]
    return format_compact_currency(amount, currency, locale=locale, fraction_digits=0 if is_small else 1)


def _shortens_thousands(locale: Locale) -> bool:
    """Tell whether *locale* has a short way to write thousands: English does (48K), German does not."""
    return locale.compact_currency_formats["short"]["other"]["1000"].pattern != "0"


def price_text(price: Decimal, currency: str, *, locale: Locale) -> str:
    """Return a unit price with at least its currency's decimals, up to six: 24.5 EUR is "€24.50"."""
    pattern = _money_pattern(locale, least=_digits(currency), most=PLACES)
    return pattern.apply(price, locale, currency=currency, currency_digits=False)  # type: ignore[no-any-return]


def _digits(currency: str) -> int:
    """Return the currency's decimals; two for a code that is none, so that what is stored can still be seen."""
    return MINOR_DIGITS.get(currency, 2)


@cache
def _money_pattern(locale: Locale, *, least: int, most: int) -> NumberPattern:
    """Return how *locale* writes money, with from *least* to *most* decimals."""
    pattern = copy(locale.currency_formats["standard"])
    pattern.frac_prec = (least, most)
    return pattern


def decimal_text(value: Decimal | int, *, locale: Locale) -> str:
    """Return a quantity or a rate with all the decimals it has, up to six: 12.5 is "12.5"."""
    return format_decimal(value, format=_ANY_DECIMALS, locale=locale, decimal_quantization=False)


def point_for_comma(typed: str, *, locale: Locale) -> str:
    """Return the number that somebody *typed* with a point for its decimals: "12,50" is "12.50" in German.

    Everything else stays as it is, for the parser to judge: "1.234,50" is no number to it.
    """
    writes_comma = locale.number_symbols["latn"]["decimal"] == ","
    return typed.replace(",", ".") if writes_comma and typed.count(",") == 1 and "." not in typed else typed


def count_text(number: int, *, locale: Locale) -> str:
    """Return a whole number with its group separators: 1240 is "1,240"."""
    return format_decimal(number, format="#,##0", locale=locale)


def date_text(day: date, *, locale: Locale) -> str:
    """Return a civil date: "1 Jun 2026"."""
    return format_date(day, format="medium", locale=locale)


def month_text(day: date, *, locale: Locale) -> str:
    """Return the month of *day*, short: "Jun 2026"."""
    return format_skeleton("yMMM", day, locale=locale)


def weekday_text(day: date, *, locale: Locale) -> str:
    """Return a civil date with its weekday, where a decision hangs on it: "Mon, 1 Jun 2026"."""
    return f"{format_date(day, format='EEE', locale=locale)}, {date_text(day, locale=locale)}"


def period_text(start: date | None, ends_before: date | None, *, locale: Locale) -> str:
    """Return the days [*start*, *ends_before*) as first day – last day: "1–30 Jun 2026". None is open."""
    if start is None and ends_before is None:
        return gettext("always")
    if ends_before is None:
        return gettext("from %(day)s") % {"day": date_text(start, locale=locale)}  # type: ignore[arg-type]
    last_day = ends_before - ONE_DAY
    if start is None:
        return gettext("until %(day)s") % {"day": date_text(last_day, locale=locale)}
    return format_interval(start, last_day, skeleton="yMMMd", locale=locale)


def share_text(line: Any) -> str:
    """Return the share of its charge period that *line* bills: "17/31" for 17 of 31 days, "1" for all of it."""
    return share_in_days(
        Fraction(line.fraction_num, line.fraction_den),
        grid=DateRange(line.grid_start, line.grid_end),
        part_charging=line.part_charging,
        day_count=line.day_count,
    )


def duration_text(took: timedelta) -> str:
    """Return how long it took: "0.4 s", "12 s", "3 min 5 s", "2 h 5 min"."""
    tenths = took // timedelta(milliseconds=100)
    if tenths < 100:
        return f"{decimal_text(Decimal(tenths) / 10, locale=current_locale())} s"
    minutes, seconds = divmod(tenths // 10, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def moment_text(moment: datetime, *, zone: tzinfo, locale: Locale) -> str:
    """Return a point in time as a clock in *zone* shows it: "1 Jun 2026, 14:05"."""
    there = moment.astimezone(zone)
    return f"{date_text(there.date(), locale=locale)}, {format_time(there.time(), format='short', locale=locale)}"
