"""Numbers, money and dates as a locale writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from counterfoil.web.display import (
    Conventions,
    count_text,
    current_locale,
    date_text,
    decimal_text,
    locale_for,
    moment_text,
    money_text,
    month_text,
    period_text,
    point_for_comma,
    short_money_text,
    weekday_text,
    written_by,
)

IRISH, GERMAN, AMERICAN = Locale("en", "IE"), Locale("de", "DE"), Locale("en", "US")
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "text"),
    [
        (4_820_000, "EUR", IRISH, "€48,200.00"),
        (-5, "EUR", IRISH, "-€0.05"),
        (0, "EUR", IRISH, "€0.00"),
        (12, "JPY", AMERICAN, "¥12"),
        (12_345, "KWD", IRISH, "KWD12.345"),
        (12_345, "IQD", IRISH, "IQD12.345"),  # three digits by ISO 4217, whatever locale data say
        (4_820_000, "EUR", GERMAN, "48.200,00\N{NO-BREAK SPACE}€"),
        (123_456_789_012_345_678, "EUR", IRISH, "€1,234,567,890,123,456.78"),  # no digit lost to a float
    ],
)
def test_money_has_its_currency_and_its_digits(minor: int, currency: str, locale: Locale, text: str) -> None:
    assert money_text(minor, currency, locale=locale) == text


def test_quantities_show_every_decimal_they_have() -> None:
    assert decimal_text(Decimal("1234.500001"), locale=IRISH) == "1,234.500001"
    assert decimal_text(Decimal("19"), locale=IRISH) == "19"
    assert count_text(1_240, locale=GERMAN) == "1.240"


def test_dates_are_written_as_the_locale_does() -> None:
    assert date_text(JUNE, locale=IRISH) == "1 Jun 2026"
    assert date_text(JUNE, locale=AMERICAN) == "Jun 1, 2026"
    assert weekday_text(JUNE, locale=IRISH) == "Mon, 1 Jun 2026"


@pytest.mark.parametrize(
    ("start", "ends_before", "text"),
    [
        (JUNE, JULY, "1–30 Jun 2026"),
        (date(2026, 6, 14), date(2026, 8, 1), "14 Jun – 31 Jul 2026"),
        (date(2025, 12, 1), date(2026, 2, 1), "1 Dec 2025 – 31 Jan 2026"),
        (JUNE, date(2026, 6, 2), "1 Jun 2026"),
        (JUNE, None, "from 1 Jun 2026"),
        (None, JULY, "until 30 Jun 2026"),
        (None, None, "always"),
    ],
)
def test_a_period_is_first_day_to_last_day(start: date | None, ends_before: date | None, text: str) -> None:
    assert period_text(start, ends_before, locale=IRISH).replace("\u2009", " ") == text


def test_a_moment_is_what_the_zones_clock_shows() -> None:
    moment = datetime(2026, 6, 1, 23, 5, tzinfo=UTC)
    assert moment_text(moment, zone=ZoneInfo("Europe/Dublin"), locale=IRISH) == "2 Jun 2026, 00:05"


@pytest.mark.parametrize(
    ("language", "country", "locale"),
    [
        ("en", "IE", IRISH),
        ("en-US", "IE", AMERICAN),  # a language that names its own country keeps it
        ("de", "IE", Locale("de")),
        ("xx", "IE", Locale("en", "GB")),
        ("", "", Locale("en", "GB")),
    ],
)
def test_the_locale_is_a_language_as_written_in_a_country(
    language: str, country: str, locale: Locale
) -> None:
    assert locale_for(language=language, country=country) == locale


def test_conventions_are_asked_for_at_first_use() -> None:
    asked = []

    def conventions() -> Conventions:
        asked.append(1)
        return Conventions(locale=GERMAN)

    with written_by(conventions):
        assert asked == []
        assert current_locale() == GERMAN
    assert current_locale() == Locale("en", "GB")


def test_a_number_typed_with_a_comma_is_read_where_commas_are_written() -> None:
    assert point_for_comma("12,50", locale=GERMAN) == "12.50"
    assert point_for_comma("12.50", locale=GERMAN) == "12.50"
    assert point_for_comma("1.234,50", locale=GERMAN) == "1.234,50"  # which sign is which is not guessed
    assert point_for_comma("1,234", locale=IRISH) == "1,234"


def test_about_how_much_it_is_fits_over_a_bar() -> None:
    assert short_money_text(4_820_000, "EUR", locale=IRISH) == "€48.2K"
    # German has no short way to write thousands.
    assert short_money_text(4_820_050, "EUR", locale=GERMAN) == "48.200\N{NO-BREAK SPACE}€"
    assert short_money_text(-99_950, "EUR", locale=GERMAN) == "-999,50\N{NO-BREAK SPACE}€"
    assert (
        short_money_text(482_000_000, "EUR", locale=GERMAN) == "4,8\N{NO-BREAK SPACE}Mio.\N{NO-BREAK SPACE}€"
    )


def test_a_month_is_short() -> None:
    assert month_text(date(2026, 5, 1), locale=GERMAN) == "Mai 2026"
    assert month_text(JUNE, locale=IRISH) == "Jun 2026"
