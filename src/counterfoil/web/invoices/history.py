"""The history of an invoice and of a consolidated billing, put together from the rows that lie beside them.

Documents are never changed, so they carry no audit trail: what happened to one is a row each, with who and why.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.records.audit import NOBODY
from counterfoil.records.billing.models import ConsolidatedBilling, Invoice
from counterfoil.records.deliveries.models import DeliveryState
from counterfoil.records.deliveries.queries import what_happened_to
from counterfoil.web.layout.history import Change, Entry

MOST_EVENTS = 100
# What became of a delivery, in the middle of a sentence.
SENT_STATES = {
    DeliveryState.QUEUED: _("queued"),
    DeliveryState.SENDING: _("sending"),
    DeliveryState.SENT: _("sent"),
    DeliveryState.FAILED: _("failed"),
    DeliveryState.UNCERTAIN: _("uncertain"),
    DeliveryState.CANCELLED: _("cancelled"),
}


def history_of_invoice(invoice: Invoice) -> list[Entry]:
    """Return what happened to *invoice*, the newest first."""
    return _newest_first([*_made(invoice), *_beside(invoice)])


def history_of_billing(billing: ConsolidatedBilling) -> list[Entry]:
    """Return what happened to *billing*, the newest first."""
    found = [_entry(billing.created_at, billing.created_by, gettext("Created"))]
    if hasattr(billing, "void"):
        void = billing.void
        what = (
            gettext("Replaced by %(replaced_by)s") % {"replaced_by": void.replaced_by}
            if void.replaced_by
            else gettext("Voided")
        )
        found.append(_entry(void.voided_at, void.voided_by, what, reason=void.reason))
    for one in billing.deliveries.all():
        detail = gettext("%(state)s, to %(recipient)s") % {
            "state": one.get_state_display(),
            "recipient": one.recipient,
        }
        found.append(
            _entry(
                one.changed_at, None, gettext("E-mail: %(detail)s") % {"detail": detail}, reason=one.detail
            )
        )
    return _newest_first(found)


def _made(invoice: Invoice) -> Iterator[Entry]:
    run = invoice.run
    yield _entry(run.generated_at or run.started_at, run.generated_by, gettext("Generated"))
    if hasattr(invoice, "exclusion"):
        exclusion = invoice.exclusion
        what = (
            gettext("Replaced by draft %(replaced_by_id)s") % {"replaced_by_id": exclusion.replaced_by_id}
            if exclusion.replaced_by_id
            else gettext("Excluded")
        )
        yield _entry(exclusion.excluded_at, exclusion.excluded_by, what, reason=exclusion.reason)
    if hasattr(invoice, "number"):
        number = invoice.number
        yield _entry(
            number.issued_at, run.authorised_by, gettext("Issued as %(number)s") % {"number": number.number}
        )
    if hasattr(invoice, "void"):
        void = invoice.void
        yield _entry(void.voided_at, void.voided_by, gettext("Voided"), reason=void.reason)
    if run.voided_at is not None:
        yield _entry(run.voided_at, run.voided_by, gettext("Its run was voided"), reason=run.voided_because)


# By what happened, the sentence around what it is about.
_SAID = {
    "took_the_place": _("Took the place of draft %(about)s"),
    "held": _("Held"),
    "released": _("Released"),
    "line": _("Line %(about)s: %(beside)s"),
    "queued": _("Put on the queue for a consolidated billing"),
    "unqueued": _("Released, to go out alone"),
    "consolidated": _("Listed on consolidated billing %(about)s"),
    "mailed": _("E-mail %(state)s, to %(about)s"),
    "carried": _("To %(about)s: %(state)s"),
}


def _beside(invoice: Invoice) -> Iterator[Entry]:
    for one in what_happened_to(invoice, most=MOST_EVENTS):
        state = SENT_STATES[DeliveryState(one.state)] if one.state else ""
        words = str(_SAID[one.what]) % {"about": one.about, "beside": one.beside, "state": state}
        if one.what == "carried" and one.beside:
            words = gettext("%(what)s, %(number)s there") % {"what": words, "number": one.beside}
        yield _entry(one.moment, one.by, words, reason=one.reason)


def _entry(moment: datetime, who: Any, what: str, *, reason: str = "") -> Entry:
    changes: list[Change] = []
    return Entry(moment, str(who or NOBODY), what, changes, reason)


def _newest_first(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.moment, reverse=True)[:MOST_EVENTS]
