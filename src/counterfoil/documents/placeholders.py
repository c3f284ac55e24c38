"""What an organisation's texts may stand in for: `{number}` is the document's number. Pure.

Nothing is looked up in what is filled in, so that a name in braces is printed as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from counterfoil.core.amalgamation import service_period
from counterfoil.core.billing_document import BillingDocument
from counterfoil.core.document import Document
from counterfoil.core.refusals import Refusal, shown
from counterfoil.core.report import Report
from counterfoil.core.statement import Statement
from counterfoil.documents.wording import Wording, title_of

PLACEHOLDERS = (
    "title",
    "number",
    "date",
    "due_date",
    "amount",
    "period",
    "customer",
    "account",
    "purchase_order",
    "seller",
)
_BRACES = re.compile(r"\{([^{}]*)\}")


class UnknownPlaceholder(Refusal):
    """{placeholder} stands for nothing. Known are {known}; leave the braces out to print the word itself."""


def check_placeholders(text: str) -> None:
    """Raise `UnknownPlaceholder` if something in braces stands for nothing."""
    for name in _BRACES.findall(text):
        if name not in PLACEHOLDERS:
            known = " ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise UnknownPlaceholder(placeholder=shown(f"{{{name}}}"), known=known)


def filled(text: str, *, values: Mapping[str, str]) -> str:
    """Return *text* with its placeholders filled; braces around anything else stay as they are."""
    return _BRACES.sub(lambda found: values.get(found[1], found[0]), text)


def values_of(
    document: Document | BillingDocument | Statement | Report, *, wording: Wording
) -> dict[str, str]:
    """Return what each placeholder stands for on *document*, as its reader writes it."""
    asks = not document.is_credit_note and not document.is_draft
    return {
        "title": title_of(document, wording=wording),
        "number": document.number or "",
        "date": wording.day(document.invoice_date),
        "due_date": wording.day(document.due_date) if asks else "",
        "amount": wording.money(document.gross_minor),
        "period": wording.period(service_period(document.lines)),
        "customer": document.buyer.name,
        "account": document.buyer.account,
        "purchase_order": document.purchase_order,
        "seller": document.seller.name,
    }
