"""To whom documents are mailed: a customer's addresses in one text, each with what it gets (product B3).

`accounts@north.example; owner@north.example (statements)`: who has no brackets gets everything. The same rule is
written once more for the database, in `records.parties.recipients`; a test holds the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from counterfoil.core.document import DocumentType

_ENTRY = re.compile(r"([^()]+?)\s*(?:\(([^()]*)\))?")


class MailKind(StrEnum):
    """What a recipient can get."""

    INVOICES = "invoices"
    CREDIT_NOTES = "credit notes"
    BILLINGS = "consolidated billings"
    STATEMENTS = "statements"


EVERYTHING = frozenset(MailKind)


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address, and what is mailed to it; nobody looks here whether a server would take it."""

    address: str
    kinds: frozenset[MailKind] = EVERYTHING

    def __str__(self) -> str:
        gets = ", ".join(kind for kind in MailKind if kind in self.kinds)
        return self.address if self.kinds == EVERYTHING else f"{self.address} ({gets})"


def parse_recipients(text: str) -> tuple[Recipient, ...]:
    """Return the recipients that *text* lists. Raises ValueError where a part cannot be meant."""
    return tuple(_parsed(part.strip()) for part in text.split(";")) if text.strip() else ()


def listed_in(text: str) -> tuple[Recipient, ...]:
    """Return the recipients of a stored *text*; where it cannot be read, its addresses get everything."""
    try:
        return parse_recipients(text)
    except ValueError:
        return tuple(map(Recipient, addresses_in(text)))


def write_recipients(recipients: Iterable[Recipient]) -> str:
    """Return *recipients* as the text that `parse_recipients` reads."""
    return "; ".join(map(str, recipients))


def in_order(text: str) -> str:
    """Return *text* as `write_recipients` writes it; without brackets, or where it cannot be read, as it is."""
    try:
        return write_recipients(parse_recipients(text)) if "(" in text else text
    except ValueError:
        return text


def addresses_in(text: str, *, kind: MailKind | None = None) -> tuple[str, ...]:
    """Return the addresses of a stored *text* in their order: all of them, or those that get *kind*."""
    parts = [part.strip().partition("(") for part in text.split(";") if part.strip()]
    return tuple(
        address.strip()
        for address, bracket, gets in parts
        if kind is None or not bracket or kind in _words(gets.rstrip(")"))
    )


def mail_kind_of(document_type: DocumentType) -> MailKind:
    """Return as what a document of this type is mailed when it goes alone."""
    return MailKind.CREDIT_NOTES if document_type == DocumentType.CREDIT_NOTE else MailKind.INVOICES


def missed_by_all(recipients: Iterable[Recipient]) -> list[MailKind]:
    """Return what of the documents that go out by themselves none of *recipients* gets; nothing if there are none."""
    found = list(recipients)
    got = {kind for recipient in found for kind in recipient.kinds}
    by_themselves = [kind for kind in MailKind if kind != MailKind.STATEMENTS]
    return [kind for kind in by_themselves if found and kind not in got]


def _parsed(part: str) -> Recipient:
    entry = _ENTRY.fullmatch(part)
    if entry is None:
        raise ValueError(part)
    address, gets = entry.groups()
    if gets is None:
        return Recipient(address)
    return Recipient(address, frozenset(MailKind(word) for word in _words(gets)))


def _words(gets: str) -> list[str]:
    return [" ".join(word.split()).lower() for word in gets.split(",")]
