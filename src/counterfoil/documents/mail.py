"""An e-mail with a document attached: composed here, sent by `mail_transport`. Pure.

Nothing of a document can reach the headers but through the address parser and the header policy, and nothing the
HTML but escaped. The same document, key and moment give the same bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from html import escape

from counterfoil.core.billing_document import BillingDocument
from counterfoil.core.document import Document, Party
from counterfoil.core.refusals import Refusal, shown
from counterfoil.core.statement import Statement
from counterfoil.documents import formats
from counterfoil.documents.look import Look
from counterfoil.documents.placeholders import filled, values_of
from counterfoil.documents.wording import Wording, title_of, wording_of

MAIL_POLICY = SMTP.clone(cte_type="7bit")
LONGEST_ADDRESS = 254

_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


class UnusableMailAddress(Refusal):
    """{text} is not an e-mail address. Write it as name@example.org."""


class NobodyToMail(Refusal):
    """{reference} has nobody to be sent to. Give the customer an e-mail address."""


class DraftNotMailed(Refusal):
    """{reference} is a draft and has no number. Issue it before it is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What the mail says, as plain texts, in the reader's language."""

    language: str
    subject: str
    paragraphs: tuple[tuple[str, ...], ...]
    facts: tuple[tuple[str, str], ...]
    closing: tuple[str, ...]


def compose(
    document: Document | BillingDocument,
    pdf: bytes,
    *,
    recipients: Sequence[str],
    sender: str,
    delivery_key: str,
    sent_at: datetime,
    look: Look,
    reply_to: str = "",
    summary: bytes = b"",
) -> EmailMessage:
    """Return a mail to all *recipients* from the seller at *sender*, plain and HTML, with *pdf* attached.

    A *summary* of its charges is attached beside it.

    *delivery_key* names this delivery for ever; the Message-ID is derived from it, so that a mail sent twice can be
    recognised as one. *sent_at* has a time zone. Raises `DraftNotMailed`, `NobodyToMail` and `UnusableMailAddress`.
    """
    if document.is_draft:
        raise DraftNotMailed(reference=document.reference)
    attached = {file_name(document): pdf}
    if summary:
        attached[file_name(document, more="-summary")] = summary
    return _message(
        letter_of(document, look=look),
        seller=document.seller.name,
        attached=attached,
        to=_addresses(recipients, reference=document.reference),
        sender=sender,
        delivery_key=delivery_key,
        sent_at=sent_at,
        look=look,
        reply_to=reply_to,
    )


def compose_statements(
    statements: Sequence[Statement],
    pdf: bytes,
    *,
    recipients: Sequence[str],
    sender: str,
    delivery_key: str,
    sent_at: datetime,
    look: Look,
) -> EmailMessage:
    """Return a mail with a customer's *statements*, one a currency, in *pdf*; as `compose` otherwise."""
    first = statements[0]
    return _message(
        _letter_of_statements(statements, look=look),
        seller=first.seller.name,
        attached={f"{_stem(f'statement-{first.buyer.account}-{first.day}')}.pdf": pdf},
        to=_addresses(recipients, reference=f"The statement of {first.buyer.name}"),
        sender=sender,
        delivery_key=delivery_key,
        sent_at=sent_at,
        look=look,
    )


def _message(
    letter: Letter,
    *,
    seller: str,
    attached: Mapping[str, bytes],
    to: Sequence[Address],
    sender: str,
    delivery_key: str,
    sent_at: datetime,
    look: Look,
    reply_to: str = "",
) -> EmailMessage:
    from_address = mail_address(sender)
    digest = sha256(delivery_key.encode()).hexdigest()[:32]
    message = EmailMessage(policy=MAIL_POLICY)
    message["From"] = Address(one_line(seller), addr_spec=from_address)
    message["To"] = to
    if reply_to:
        message["Reply-To"] = Address(addr_spec=mail_address(reply_to))
    message["Subject"] = letter.subject
    message["Date"] = sent_at
    message["Message-ID"] = f"<{digest}@{from_address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_plain(letter))
    message.add_alternative(_html(letter, look=look), subtype="html")
    for name, pdf in attached.items():
        message.add_attachment(pdf, maintype="application", subtype="pdf", filename=name)
    _set_boundaries(message, digest=digest)
    return message


def mail_address(text: str) -> str:
    """Return *text* as an address a server takes: spaces around it gone, an international domain in ASCII.

    Raises `UnusableMailAddress` for anything but one plain `name@domain`.
    """
    local, _, domain = text.strip().rpartition("@")
    try:
        host = domain.encode("idna").decode("ascii")
        usable = bool(_LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(host))
        address = Address(addr_spec=f"{local}@{host}").addr_spec if usable else ""
    except (UnicodeError, MessageError, ValueError, IndexError):
        address = ""
    if not address or len(address) > LONGEST_ADDRESS:
        raise UnusableMailAddress(text=shown(text))
    return address


def file_name(document: Document | BillingDocument, *, more: str = "") -> str:
    """Return the PDF's file name: the number, with `-` for what file systems refuse, and *more* behind it."""
    return f"{_stem(document.number or '') or 'document'}{more}.pdf"


def _stem(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")


def one_line(text: str) -> str:
    """Return *text* on one line, without control characters and direction overrides."""
    spaced = " ".join(text.split())
    return "".join(one for one in spaced if unicodedata.category(one) not in {"Cc", "Cf", "Cs"})


def _addresses(recipients: Sequence[str], *, reference: str) -> list[Address]:
    """Return each recipient once, in order."""
    usable = [mail_address(one) for one in recipients if one.strip()]
    if not usable:
        raise NobodyToMail(reference=reference)
    once = {address.lower(): address for address in reversed(usable)}
    return [Address(addr_spec=one) for one in dict.fromkeys(once[address.lower()] for address in usable)]


def letter_of(document: Document | BillingDocument, *, look: Look) -> Letter:
    """Return what a mail with *document* says, in the organisation's own words where it wrote any."""
    wording = wording_of(document, language=look.language)
    words = wording.words
    title = one_line(title_of(document, wording=wording))
    seller = one_line(document.seller.name)
    asks = not document.is_credit_note and document.gross_minor > 0
    amount = wording.money(document.gross_minor)
    attached = words["mail_attached"].format(
        title=title, date=wording.day(document.invoice_date), amount=amount
    )
    due = words["mail_due"].format(date=wording.day(document.due_date))
    texts, values = look.texts_in(wording.locale.language), values_of(document, wording=wording)
    usual = ((words["mail_greeting"],), (attached, due) if asks else (attached,))
    own = one_line(filled(texts.mail_subject, values=values))
    return Letter(
        language=wording.locale.language,
        subject=own or words["mail_subject"].format(title=title, seller=seller),
        paragraphs=_paragraphs(filled(texts.mail_body, values=values)) or usual,
        facts=_facts(document, wording=wording, asks=asks),
        closing=_closing(document.seller, words=words),
    )


def _letter_of_statements(statements: Sequence[Statement], *, look: Look) -> Letter:
    """Return what a mail with *statements* says: what is open in each currency."""
    first = statements[0]
    wording = wording_of(first, language=look.language)
    words = wording.words
    title, seller = title_of(first, wording=wording), one_line(first.seller.name)
    account = (words["account"], one_line(first.buyer.account))
    opened = [
        (words["total_open"], wording_of(one, language=look.language).money(one.gross_minor))
        for one in statements
    ]
    return Letter(
        language=wording.locale.language,
        subject=words["mail_subject"].format(title=title, seller=seller),
        paragraphs=(
            (words["mail_greeting"],),
            (words["mail_statement"].format(date=wording.day(first.day)), words["statement_note"]),
        ),
        facts=(account, *opened),
        closing=_closing(first.seller, words=words),
    )


def _closing(seller: Party, *, words: Mapping[str, str]) -> tuple[str, ...]:
    contact = [seller.name, seller.phone, *seller.emails[:1], seller.website]
    return (words["mail_closing"], *(one_line(line) for line in contact if line))


def _paragraphs(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the paragraphs of *text*, which blank lines part, each as its lines."""
    parts = re.split(r"\n[ \t]*\n", text.replace("\r", "").strip())
    return tuple(tuple(map(one_line, part.splitlines())) for part in parts if part.strip())


def _facts(
    document: Document | BillingDocument, *, wording: Wording, asks: bool
) -> tuple[tuple[str, str], ...]:
    """Return label and value of what the reader needs without opening the PDF."""
    words = wording.words
    facts = [
        (words["number"], document.number or ""),
        (words["account"], document.buyer.account),
        (words["amount_due" if asks else "gross"], wording.money(document.gross_minor)),
        (words["due_date"], wording.day(document.due_date) if asks else ""),
        (words["bank_account"], formats.bank_account(document.seller.bank_account) if asks else ""),
    ]
    return tuple((label, one_line(value)) for label, value in facts if value)


def _plain(letter: Letter) -> str:
    """Return the letter as plain text."""
    width = max(len(label) for label, _ in letter.facts) + 2
    facts = "\n".join(f"{label + ':':{width}}{value}" for label, value in letter.facts)
    parts = [*map("\n".join, letter.paragraphs), facts, "\n".join(letter.closing)]
    return "\n\n".join(parts) + "\n"


def _html(letter: Letter, *, look: Look) -> str:
    """Return the letter as HTML that loads nothing and runs nothing."""
    rows = "\n".join(
        f'<tr><td style="padding:2px 16px 2px 0;color:#5c6570">{escape(label)}</td>'
        f'<td style="padding:2px 0;font-weight:600">{escape(value)}</td></tr>'
        for label, value in letter.facts
    )
    paragraphs = "\n".join(f"<p>{'<br>'.join(map(escape, one))}</p>" for one in letter.paragraphs)
    return f"""\
<!DOCTYPE html>
<html lang="{escape(letter.language)}">
<head><meta charset="utf-8"><title>{escape(letter.subject)}</title></head>
<body style="margin:0;padding:24px;color:#1b1f24;font:15px/1.5 system-ui,'Segoe UI',Arial,sans-serif">
<div style="max-width:600px;border-top:4px solid {look.accent};padding-top:20px">
{paragraphs}
<table role="presentation" style="border-collapse:collapse;margin:16px 0">
{rows}
</table>
<p>{"<br>".join(map(escape, letter.closing))}</p>
</div>
</body>
</html>
"""


def _set_boundaries(message: EmailMessage, *, digest: str) -> None:
    """Give every multipart a boundary of its own that is no accident; `=_` occurs in no encoded part."""
    for nth, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{digest}_{nth}")
