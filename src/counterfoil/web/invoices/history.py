"""The history of an invoice and of a consolidated billing, put together from the rows that lie beside them.

Documents are never changed, so they carry no audit trail: what happened to one is a row each, with who and why.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

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
from counterfoil.records.deliveries.models import Mail
from counterfoil.web.layout.history import Change, Entry

MOST_EVENTS = 100


def history_of_invoice(invoice: Invoice) -> list[Entry]:
    """Return what happened to *invoice*, the newest first."""
    return _newest_first([*_made(invoice), *_reviewed(invoice), *_gathered(invoice), *_sent(invoice)])


def history_of_billing(billing: ConsolidatedBilling) -> list[Entry]:
    """Return what happened to *billing*, the newest first."""
    found = [_entry(billing.created_at, billing.created_by, "Created")]
    if hasattr(billing, "void"):
        void = billing.void
        what = f"Replaced by {void.replaced_by}" if void.replaced_by else "Voided"
        found.append(_entry(void.voided_at, void.voided_by, what, reason=void.reason))
    for one in billing.deliveries.all():
        detail = f"{one.get_state_display()}, to {one.recipient}"
        found.append(_entry(one.changed_at, None, f"E-mail: {detail}", reason=one.detail))
    return _newest_first(found)


def _made(invoice: Invoice) -> Iterator[Entry]:
    run = invoice.run
    yield _entry(run.generated_at or run.started_at, run.generated_by, "Generated")
    replaced = InvoiceExclusion.objects.filter(replaced_by=invoice).select_related("excluded_by").first()
    if replaced is not None:
        what = f"Took the place of draft {replaced.invoice_id}"
        yield _entry(replaced.excluded_at, replaced.excluded_by, what, reason=replaced.reason)
    if hasattr(invoice, "number"):
        number = invoice.number
        yield _entry(number.issued_at, run.authorised_by, f"Issued as {number.number}")
    if hasattr(invoice, "void"):
        void = invoice.void
        yield _entry(void.voided_at, void.voided_by, "Voided", reason=void.reason)
    if run.voided_at is not None:
        yield _entry(run.voided_at, run.voided_by, "Its run was voided", reason=run.voided_because)


def _reviewed(invoice: Invoice) -> Iterator[Entry]:
    exclusion = (
        InvoiceExclusion.objects.filter(invoice=invoice).select_related("excluded_by", "replaced_by").first()
    )
    if exclusion is not None:
        what = f"Replaced by draft {exclusion.replaced_by_id}" if exclusion.replaced_by_id else "Excluded"
        yield _entry(exclusion.excluded_at, exclusion.excluded_by, what, reason=exclusion.reason)
    trail: Any = InvoiceHold.pgh_event_model  # type: ignore[attr-defined]
    for event in trail.objects.filter(pgh_obj_id=invoice.pk).select_related("held_by").order_by("pgh_id"):
        if event.pgh_label == "insert":
            yield _entry(event.held_at, event.held_by, "Held", reason=event.reason)
        elif event.pgh_label == "delete":
            yield _entry(event.pgh_created_at, None, "Released")
    reasons = LineReason.objects.filter(line__invoice=invoice).select_related("line", "given_by")
    for one in reasons[:MOST_EVENTS]:
        what = f"Line {one.line.line_no}: {one.line.description}"
        yield _entry(one.given_at, one.given_by, what, reason=one.reason)


def _gathered(invoice: Invoice) -> Iterator[Entry]:
    for change in QueueChange.objects.filter(invoice=invoice).select_related("changed_by"):
        what = (
            "Put on the queue for a consolidated billing" if change.is_queued else "Released, to go out alone"
        )
        yield _entry(change.changed_at, change.changed_by, what, reason=change.reason)
    members = BillingMember.objects.filter(invoice=invoice).select_related("billing__created_by")
    for member in members[:MOST_EVENTS]:
        what = f"Listed on consolidated billing {member.billing.number}"
        yield _entry(member.billing.created_at, member.billing.created_by, what)


def _sent(invoice: Invoice) -> Iterator[Entry]:
    for mail in Mail.objects.filter(delivery__invoice=invoice).select_related("asked_by")[:MOST_EVENTS]:
        what = f"E-mail {mail.get_state_display().lower()}, to {mail.recipients}"
        yield _entry(mail.settled_at or mail.begun_at, mail.asked_by, what, reason=mail.reason)
    for one in invoice.deliveries.exclude(channel="email"):
        number = f", {one.external_number} there" if one.external_number else ""
        yield _entry(one.changed_at, None, f"To {one.channel}: {one.get_state_display().lower()}{number}")


def _entry(moment: datetime, who: Any, what: str, *, reason: str = "") -> Entry:
    changes: list[Change] = []
    return Entry(moment, str(who or NOBODY), what, changes, reason)


def _newest_first(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.moment, reverse=True)[:MOST_EVENTS]
