"""What an organisation chooses about its documents: columns, and texts with placeholders in each language."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from counterfoil.documents.look import Look, Texts, UnknownColumn
from counterfoil.documents.mail import compose, letter_of
from counterfoil.documents.placeholders import UnknownPlaceholder, check_placeholders
from counterfoil.documents.render import render_pdf
from counterfoil.documents.samples import sample
from counterfoil.documents.sheet import sheet_of
from tests.build_document import SELLER, credit_note, document, line

TEXTS = Texts(
    header="{customer}, {title} of {date}:",
    payment_note="Quote {number} and {account}.\nDue {due_date}.",
    footer="{seller} · {period}",
    mail_subject="{number}: {amount}",
    mail_body="Dear {customer},\n\nhere is {title}.\nPO {purchase_order}, {unknown}.",
)


def test_texts_are_the_languages_and_filled() -> None:
    look = Look(texts={"en": TEXTS})
    sheet = sheet_of(document(), look=look)
    assert sheet["header"] == ["Brightwater Stores Ltd, Invoice INV-2026-000123 of 1 Jun 2026:"]
    assert sheet["payment"]["lines"][1:] == ["Quote INV-2026-000123 and C-10042.", "Due 15 Jun 2026."]
    assert sheet["footer"]["text"] == ["Larkfield Alarm Monitoring GmbH · 1–30 Jun 2026"]
    german = sheet_of(document(language="de"), look=look)
    assert (german["header"], german["footer"]["text"]) == ([], [])


def test_a_text_of_every_language_stands_in() -> None:
    look = Look(payment_text="By transfer.", footer_text="Foot", texts={"de": Texts(footer="Fuß")})
    german = sheet_of(document(language="de"), look=look)
    assert german["footer"]["text"] == ["Fuß"]
    assert german["payment"]["lines"][-1] == "By transfer."
    assert sheet_of(document(), look=look)["footer"]["text"] == ["Foot"]


def test_what_is_filled_in_is_not_looked_through() -> None:
    named = document(purchase_order="{seller}")
    look = Look(texts={"en": Texts(header="Your order {purchase_order}")})
    assert sheet_of(named, look=look)["header"] == ["Your order {seller}"]


def test_a_credit_note_is_not_due() -> None:
    look = Look(texts={"en": Texts(header="Due {due_date}.")})
    assert sheet_of(credit_note(line(sign=-1)), look=look)["header"] == ["Due ."]


def test_the_mail_says_what_the_organisation_wrote() -> None:
    letter = letter_of(document(purchase_order="4711\r\nBcc: a@b.example"), look=Look(texts={"en": TEXTS}))
    assert letter.subject == "INV-2026-000123: EUR 35.70"
    assert letter.paragraphs == (
        ("Dear Brightwater Stores Ltd,",),
        ("here is Invoice INV-2026-000123.", "PO 4711", "Bcc: a@b.example, {unknown}."),
    )
    message = compose(
        document(number="1\r\nBcc: a@b.example"),
        b"%PDF",
        recipients=["c@d.example"],
        sender="a@b.example",
        delivery_key="1",
        sent_at=datetime(2026, 6, 1, tzinfo=UTC),
        look=Look(texts={"en": TEXTS}),
    )
    assert message["Subject"] == "1 Bcc: a@b.example: EUR 35.70"
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        (("unit_price", "code"), ["description", "code", "unit_price", "net"]),
        ((), ["description", "net"]),
        (("share", "tax_rate"), ["description", "share", "net"]),  # one rate: nothing to say
    ],
)
def test_lines_have_the_columns_that_were_chosen(columns: tuple[str, ...], shown: list[str]) -> None:
    table = sheet_of(document(line(fraction=Fraction(1, 2))), look=Look(columns=columns))["table"]
    assert [column["key"] for column in table["columns"]] == shown
    assert bool(table["share_note"]) == ("share" in shown)
    assert render_pdf(document(), look=Look(columns=columns)).startswith(b"%PDF")


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(UnknownColumn, match="'colour' is no column that lines may have"):
        Look(columns=("colour",))


@pytest.mark.parametrize("text", ["{name}", "{}", "{Number}", "{number.__class__}", "{title!r}", "{0}"])
def test_an_unknown_placeholder_is_refused(text: str) -> None:
    with pytest.raises(UnknownPlaceholder, match=r"stands for nothing. Known are \{title\} \{number\}"):
        check_placeholders(f"Dear {text}")


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_samples_add_up_in_every_currency(currency: str, language: str) -> None:
    day = date(2026, 12, 31)
    for is_credit_note in (False, True):
        made = sample(SELLER, language=language, currency=currency, day=day, is_credit_note=is_credit_note)
        assert sheet_of(made, look=Look())["language"] == language
