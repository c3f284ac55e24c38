"""The history of an invoice and of a consolidated billing, put together from the rows that lie beside them.

Documents are never changed, so they carry no audit trail: what happened to one is a row each, with who and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from counterfoil.core.sentences import Sentence, sentence
from counterfoil.records.audit import NOBODY
from counterfoil.records.billing.models import ConsolidatedBilling, Invoice
from counterfoil.records.deliveries.models import DeliveryState
from counterfoil.records.deliveries.queries import Happened, what_happened_to

MOST_EVENTS = 100


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What one person, or the program, did to a document at one moment, and why."""

    moment: datetime
    who: str
    what: Sentence
    reason: str = ""


def history_of_invoice(invoice: Invoice) -> list[Entry]:
    """Return what happened to *invoice*, the newest first."""
    return _newest_first([*_made(invoice), *map(_told, what_happened_to(invoice, most=MOST_EVENTS))])


def history_of_billing(billing: ConsolidatedBilling) -> list[Entry]:
    """Return what happened to *billing*, the newest first."""
    found = [_entry(billing.created_at, billing.created_by, sentence("Created"))]
    if hasattr(billing, "void"):
        void = billing.void
        what = (
            sentence("Replaced by {replaced_by}", replaced_by=void.replaced_by)
            if void.replaced_by
            else sentence("Voided")
        )
        found.append(_entry(void.voided_at, void.voided_by, what, reason=void.reason))
    for one in billing.deliveries.all():
        what = sentence("E-mail {state}, to {about}", state=_state(one.state), about=one.recipient)
        found.append(_entry(one.changed_at, None, what, reason=one.detail))
    return _newest_first(found)


def _made(invoice: Invoice) -> Iterator[Entry]:
    run = invoice.run
    yield _entry(run.generated_at or run.started_at, run.generated_by, sentence("Generated"))
    if hasattr(invoice, "exclusion"):
        exclusion = invoice.exclusion
        what = (
            sentence("Replaced by draft {draft}", draft=exclusion.replaced_by_id)
            if exclusion.replaced_by_id
            else sentence("Excluded")
        )
        yield _entry(exclusion.excluded_at, exclusion.excluded_by, what, reason=exclusion.reason)
    if hasattr(invoice, "number"):
        number = invoice.number
        what = sentence("Issued as {number}", number=number.number)
        yield _entry(number.issued_at, run.authorised_by, what)
    if hasattr(invoice, "void"):
        void = invoice.void
        yield _entry(void.voided_at, void.voided_by, sentence("Voided"), reason=void.reason)
    if run.voided_at is not None:
        what = sentence("Its run was voided")
        yield _entry(run.voided_at, run.voided_by, what, reason=run.voided_because)


def _told(one: Happened) -> Entry:
    return _entry(one.moment, one.by, _what(one), reason=one.reason)


def _what(one: Happened) -> Sentence:
    match one.what:
        case "took_the_place":
            return sentence("Took the place of draft {about}", about=one.about)
        case "held":
            return sentence("Held")
        case "released":
            return sentence("Released")
        case "line":
            return sentence("Line {about}: {beside}", about=one.about, beside=one.beside)
        case "queued":
            return sentence("Put on the queue for a consolidated billing")
        case "unqueued":
            return sentence("Released, to go out alone")
        case "consolidated":
            return sentence("Listed on consolidated billing {about}", about=one.about)
        case "mailed":
            return sentence("E-mail {state}, to {about}", state=_state(one.state), about=one.about)
        case _:
            return _carried(one)


def _carried(one: Happened) -> Sentence:
    what = sentence("To {about}: {state}", about=one.about, state=_state(one.state))
    return sentence("{what}, {number} there", what=what, number=one.beside) if one.beside else what


def _state(state: str) -> Sentence:
    """Return what became of a delivery, in the middle of a sentence."""
    match DeliveryState(state):
        case DeliveryState.QUEUED:
            return sentence("queued")
        case DeliveryState.SENDING:
            return sentence("sending")
        case DeliveryState.SENT:
            return sentence("sent")
        case DeliveryState.FAILED:
            return sentence("failed")
        case DeliveryState.UNCERTAIN:
            return sentence("uncertain")
        case DeliveryState.CANCELLED:
            return sentence("cancelled")


def _entry(moment: datetime, who: Any, what: Sentence, *, reason: str = "") -> Entry:
    return Entry(moment=moment, who=str(who or NOBODY), what=what, reason=reason)


def _newest_first(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.moment, reverse=True)[:MOST_EVENTS]
