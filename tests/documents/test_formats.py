"""Dates, amounts, quantities and rates as a reader's language writes them."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.core.periods import DateRange, OpenRange
from counterfoil.documents import formats
from counterfoil.documents.labels import LABELS

EN, DE, CH, GB = map(formats.locale_of, ("en", "de", "de-CH", "en_GB"))
NARROW, THIN, NO_BREAK = "\u202f", "\u2009", "\xa0"


@pytest.mark.parametrize(
    ("minor", "currency", "english", "german"),
    [
        (0, "EUR", "0.00", "0,00"),
        (5, "EUR", "0.05", "0,05"),
        (-123456, "EUR", "-1,234.56", "-1.234,56"),
        (123456, "JPY", "123,456", "123.456"),
        (123456, "KWD", "123.456", "123,456"),
        (10**17 + 1, "EUR", "1,000,000,000,000,000.01", "1.000.000.000.000.000,01"),
    ],
)
def test_an_amount_has_its_currencys_minor_digits(
    minor: int, currency: str, english: str, german: str
) -> None:
    assert formats.amount(minor, currency=currency, locale=EN) == english
    assert formats.amount(minor, currency=currency, locale=DE) == german


def test_the_currency_stands_where_the_language_puts_it() -> None:
    assert formats.money(123456, currency="EUR", locale=EN) == "EUR 1,234.56"
    assert formats.money(123456, currency="EUR", locale=DE) == "1.234,56 EUR"
    assert formats.money(123456, currency="CHF", locale=CH) == "CHF 1’234.56"


def test_a_quantity_has_the_places_it_needs() -> None:
    assert formats.quantity(1_000_000, locale=EN) == "1"
    assert formats.quantity(2_500_000, locale=DE) == "2,5"
    assert formats.quantity(1, locale=EN) == "0.000001"


def test_a_unit_price_has_at_least_the_currencys_places() -> None:
    assert formats.unit_price(31_000_000, currency="EUR", locale=EN) == "31.00"
    assert formats.unit_price(12_500, currency="EUR", locale=EN) == "0.0125"
    assert formats.unit_price(31_000_000, currency="JPY", locale=EN) == "31"
    assert formats.unit_price(10**18, currency="EUR", locale=EN) == "1,000,000,000,000.00"


def test_a_rate_is_a_percentage() -> None:
    assert formats.percent(19_000_000, locale=EN) == "19%"
    assert formats.percent(5_500_000, locale=DE) == f"5,5{NO_BREAK}%"


def test_a_period_is_its_first_and_last_day() -> None:
    june = DateRange(date(2026, 6, 1), date(2026, 7, 1))
    over_new_year = DateRange(date(2025, 12, 15), date(2026, 1, 15))
    assert formats.period(june, locale=EN) == f"Jun 1{THIN}–{THIN}30, 2026"
    assert formats.period(june, locale=GB) == "1–30 Jun 2026"
    assert formats.period(june, locale=DE) == "1.–30. Juni 2026"
    assert formats.period(over_new_year, locale=EN) == f"Dec 15, 2025{THIN}–{THIN}Jan 14, 2026"
    assert formats.period(DateRange(date(2026, 6, 1), date(2026, 6, 2)), locale=DE) == "01.06.2026"


def test_an_open_period_cannot_be_printed() -> None:
    with pytest.raises(OpenRange):
        formats.period(DateRange(date(2026, 6, 1), None), locale=EN)


@pytest.mark.parametrize("language", ["", "fr", "xx", "not a language", "de_XX_YY_ZZ", "\x00"])
def test_a_language_without_labels_is_english(language: str) -> None:
    assert formats.locale_of(language) == EN


def test_every_language_has_every_label_with_the_same_places() -> None:
    english = LABELS["en"]
    for language, words in LABELS.items():
        assert words.keys() == english.keys(), language
        assert [key for key in words if _places(words[key]) != _places(english[key])] == []


def _places(text: str) -> set[str]:
    return {part.split("}")[0] for part in text.split("{")[1:]}
