"""Documents in the reader's language, as the reader's country writes it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterfoil.core.document import Address
from counterfoil.documents.look import Look
from counterfoil.documents.mail import letter_of
from counterfoil.documents.sheet import sheet_of
from tests.build_document import BUYER, document


@pytest.mark.parametrize(
    ("language", "country", "date", "due"),
    [
        ("en", "GB", "1 Jun 2026", "EUR 35.70"),
        ("en", "US", "Jun 1, 2026", "EUR 35.70"),
        ("en", "DE", "1 Jun 2026", "35,70 EUR"),
        ("en-US", "DE", "Jun 1, 2026", "EUR 35.70"),
        ("de", "DE", "01.06.2026", "35,70 EUR"),
        ("de", "AT", "01.06.2026", "EUR 35,70"),
        ("de", "CH", "01.06.2026", "EUR 35.70"),
        ("de", "IE", "01.06.2026", "35,70 EUR"),
        ("xx", "GB", "Jun 1, 2026", "EUR 35.70"),
    ],
)
def test_dates_and_amounts_are_the_readers(language: str, country: str, date: str, due: str) -> None:
    buyer = replace(BUYER, address=Address(lines=("1 Street",), city="Town", country=country))
    sheet = sheet_of(document(language=language, buyer=buyer), look=Look())
    assert (sheet["facts"][1][1], sheet["due"][1].replace("\N{NO-BREAK SPACE}", " ")) == (date, due)


@pytest.mark.parametrize(
    ("terms", "english", "german"),
    [
        ("14 days", "Payable within 14 days", "Zahlbar innerhalb von 14 Tagen"),
        ("net 1", "Payable within 1 day", "Zahlbar innerhalb von einem Tag"),
        ("due on receipt", "Payable on receipt", "Zahlbar sofort nach Erhalt"),
        ("end of month", "Payable by the end of the month", "Zahlbar bis Monatsende"),
        (
            "30 days end of month + 10 days",
            "Payable 10 days after the end of the month that 30 days lead to",
            "Zahlbar 10 Tage nach Ende des Monats, in den 30 Tage führen",
        ),
        ("As we agreed", "As we agreed", "As we agreed"),
    ],
)
def test_payment_terms_are_told_in_the_readers_words(terms: str, english: str, german: str) -> None:
    for language, told in (("en", english), ("de", german)):
        printed = sheet_of(document(payment_terms=terms, language=language), look=Look())
        assert printed["payment"]["lines"][1] == told


def test_a_german_mail_is_german() -> None:
    letter = letter_of(document(language="de"), look=Look())
    first, second = letter.paragraphs[1]
    assert first == "anbei erhalten Sie Rechnung INV-2026-000123 vom 01.06.2026 über 35,70 EUR."
    assert second == "Der Betrag ist fällig am 15.06.2026."
