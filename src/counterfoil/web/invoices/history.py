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
from counterfoil.records.billing.models import (
    BillingMember,
    ConsolidatedBilling,
    Invoice,
    InvoiceExclusion,
    InvoiceHold,
    LineReason,
    QueueChange,
)
from counterfoil.records.deliveries.models import DeliveryState, Mail
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
    return _newest_first([*_made(invoice), *_reviewed(invoice), *_gathered(invoice), *_sent(invoice)])


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
    replaced = InvoiceExclusion.objects.filter(replaced_by=invoice).select_related("excluded_by").first()
    if replaced is not None:
        what = gettext("Took the place of draft %(invoice_id)s") % {"invoice_id": replaced.invoice_id}
        yield _entry(replaced.excluded_at, replaced.excluded_by, what, reason=replaced.reason)
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


def _reviewed(invoice: Invoice) -> Iterator[Entry]:
    exclusion = (
        InvoiceExclusion.objects.filter(invoice=invoice).select_related("excluded_by", "replaced_by").first()
    )
    if exclusion is not None:
        what = (
            gettext("Replaced by draft %(replaced_by_id)s") % {"replaced_by_id": exclusion.replaced_by_id}
            if exclusion.replaced_by_id
            else gettext("Excluded")
        )
        yield _entry(exclusion.excluded_at, exclusion.excluded_by, what, reason=exclusion.reason)
    trail: Any = InvoiceHold.pgh_event_model  # type: ignore[attr-defined]
    for event in trail.objects.filter(pgh_obj_id=invoice.pk).select_related("held_by").order_by("pgh_id"):
        if event.pgh_label == "insert":
            yield _entry(event.held_at, event.held_by, gettext("Held"), reason=event.reason)
        elif event.pgh_label == "delete":
            yield _entry(event.pgh_created_at, None, gettext("Released"))
    reasons = LineReason.objects.filter(line__invoice=invoice).select_related("line", "given_by")
    for one in reasons[:MOST_EVENTS]:
        what = gettext("Line %(line_no)s: %(description)s") % {
            "line_no": one.line.line_no,
            "description": one.line.description,
        }
        yield _entry(one.given_at, one.given_by, what, reason=one.reason)


def _gathered(invoice: Invoice) -> Iterator[Entry]:
    for change in QueueChange.objects.filter(invoice=invoice).select_related("changed_by"):
        what = (
            gettext("Put on the queue for a consolidated billing")
            if change.is_queued
            else gettext("Released, to go out alone")
        )
        yield _entry(change.changed_at, change.changed_by, what, reason=change.reason)
    members = BillingMember.objects.filter(invoice=invoice).select_related("billing__created_by")
    for member in members[:MOST_EVENTS]:
        what = gettext("Listed on consolidated billing %(number)s") % {"number": member.billing.number}
        yield _entry(member.billing.created_at, member.billing.created_by, what)


def _sent(invoice: Invoice) -> Iterator[Entry]:
    for mail in Mail.objects.filter(delivery__invoice=invoice).select_related("asked_by")[:MOST_EVENTS]:
        what = gettext("E-mail %(state)s, to %(recipients)s") % {
            "state": SENT_STATES[mail.state],
            "recipients": mail.recipients,
        }
        yield _entry(mail.settled_at or mail.begun_at, mail.asked_by, what, reason=mail.reason)
    for one in invoice.deliveries.exclude(channel="email"):
        words = (
            gettext("To %(channel)s: %(state)s, %(number)s there")
            if one.external_number
            else gettext("To %(channel)s: %(state)s")
        )
        yield _entry(
            one.changed_at,
            None,
            words % {"channel": one.channel, "state": SENT_STATES[one.state], "number": one.external_number},
        )


def _entry(moment: datetime, who: Any, what: str, *, reason: str = "") -> Entry:
    changes: list[Change] = []
    return Entry(moment, str(who or NOBODY), what, changes, reason)


def _newest_first(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.moment, reverse=True)[:MOST_EVENTS]
