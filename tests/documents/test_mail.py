"""An e-mail with a document attached, as its reader gets it."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from counterfoil.core.document import Document
from counterfoil.documents.look import Look
from counterfoil.documents.mail import (
    DraftNotMailed,
    NobodyToMail,
    UnusableMailAddress,
    compose,
    file_name,
    mail_address,
)
from tests.build_document import SELLER, credit_note, document, line

SENT_AT = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
PDF = b"%PDF-1.7 \x00\xff"


def mail(printed: Document | None = None, **fields: Any) -> EmailMessage:
    """Return the mail of *printed* as it is read back from the wire."""
    values: dict[str, Any] = {
        "recipients": ["ledger@brightwater.example"],
        "sender": "billing@larkfield.example",
        "delivery_key": "delivery:1",
        "sent_at": SENT_AT,
        "look": Look(),
    }
    composed = compose(printed or document(), PDF, **values | fields)
    return message_from_bytes(composed.as_bytes(), policy=SMTP)


def text(message: EmailMessage, kind: str = "plain") -> str:
    """Return the mail's plain text or HTML."""
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")


def test_the_mail_says_what_is_due_and_carries_the_pdf() -> None:
    message = mail(reply_to="accounts@larkfield.example")
    assert message["From"] == "Larkfield Alarm Monitoring GmbH <billing@larkfield.example>"
    assert message["To"] == "ledger@brightwater.example"
    assert message["Reply-To"] == "accounts@larkfield.example"
    assert message["Subject"] == "Invoice INV-2026-000123 from Larkfield Alarm Monitoring GmbH"
    assert message["Date"] == "Mon, 01 Jun 2026 08:30:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    (attached,) = message.iter_attachments()
    assert attached.get_content() == PDF
    assert (attached.get_content_type(), attached.get_filename()) == (
        "application/pdf",
        "INV-2026-000123.pdf",
    )
    assert (
        text(message)
        == """\
Good day,

Please find attached Invoice INV-2026-000123 of 1 Jun 2026, over EUR 35.70.
The amount is due by 15 Jun 2026.

Number:         INV-2026-000123
Account number: C-10042
Amount due:     EUR 35.70
Due date:       15 Jun 2026
Account:        DE00 1234 5678 1234 5678 90

Kind regards
Larkfield Alarm Monitoring GmbH
+49 40 0000 0000
accounts@larkfield.example
www.larkfield.example
"""
    )


def test_a_credit_note_in_german_asks_for_nothing() -> None:
    body = text(mail(credit_note(line(sign=-1)), look=Look(language="de")))
    assert "anbei erhalten Sie Rechnungskorrektur CN-2026-000007 vom 01.06.2026 über 35,70 EUR." in body
    assert "Brutto:       35,70 EUR" in body
    assert "Konto" not in body
    assert "fällig" not in body


def test_the_same_delivery_gives_the_same_bytes_and_another_key_another_id() -> None:
    assert mail().as_bytes() == mail().as_bytes()
    assert mail()["Message-ID"] == "<1205c70f625d8fab46f1e8d634d21f11@larkfield.example>"
    assert mail(delivery_key="delivery:2")["Message-ID"] != mail()["Message-ID"]


def test_html_is_escaped_and_loads_nothing() -> None:
    evil = "<script>alert(1)</script>&\"'"
    html = text(mail(document(seller=SELLER, number=evil), look=Look(accent="#0f766e")), "html")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#x27;" in html
    assert "<script" not in html
    assert not any(loads in html for loads in ("src=", "url(", "http", "<link"))
    assert "border-top:4px solid #0f766e" in html


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r", "\u2028", "\x0b"])
def test_no_name_or_number_can_add_a_header(breaks: str) -> None:
    evil = f"Evil{breaks}Bcc: everybody@example.org{breaks}{breaks}body"
    message = mail(document(number=evil, seller=SELLER.__class__(name=evil)))
    assert message["Bcc"] is None
    assert sorted(message.keys()) == sorted(mail().keys())
    assert message["Subject"].startswith("Invoice Evil Bcc: everybody@example.org body from Evil")
    assert "\n" not in str(message["From"])


@pytest.mark.parametrize(
    "address",
    [
        "", "ada", "@example.org", "ada@", "a b@example.org", "a@b@example.org", "ada@example.org\nBcc: x@y.example",
        "ada@example.org, eve@example.org", "<ada@example.org>", "Ada <ada@example.org>", "ada@ex ample.org",
        "ada@-x.example", "ada@example..org", "ädä@example.org", ".ada@example.org", "ada@[127.0.0.1]",
        "x" * 250 + "@example.org", '"ada\r\n"@example.org', "ada@" + "x" * 64 + ".org",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(address: str) -> None:
    with pytest.raises(
        UnusableMailAddress, match=r"is not an e-mail address\. Write it as name@example\.org\."
    ):
        mail_address(address)


def test_an_address_is_made_ready_for_a_server() -> None:
    assert mail_address(" ada.o'neil+bills@example.org ") == "ada.o'neil+bills@example.org"
    assert mail_address("ada@bücher.example") == "ada@xn--bcher-kva.example"
    assert mail_address("root@localhost") == "root@localhost"


def test_several_recipients_get_one_mail_each_once() -> None:
    recipients = ["a@example.org", " ", "B@example.org", "A@example.org"]
    assert mail(recipients=recipients)["To"] == "a@example.org, B@example.org"


def test_nobody_to_send_to_is_said() -> None:
    with pytest.raises(NobodyToMail, match=r"INV-2026-000123 has nobody to be sent to\. Give the customer"):
        mail(recipients=[" "])


def test_a_draft_is_not_sent() -> None:
    with pytest.raises(DraftNotMailed, match="is a draft and has no number"):
        mail(document(number=None))


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("INV/2026/7", "INV-2026-7.pdf"),
        ("../../etc/passwd", "etc-passwd.pdf"),
        ("№ 7", "7.pdf"),
        ("...", "document.pdf"),
        ('a"\r\nX: y', "a-X-y.pdf"),
    ],
)
def test_the_file_is_named_by_the_number(number: str, name: str) -> None:
    assert file_name(document(number=number)) == name
