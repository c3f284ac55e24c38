"""The writer of who pays charges and events when the customer mode changes; every statement is one set.

`charges_charge_and_payer` says who pays in the present mode, so call these before the mode itself is changed. The plans
of the audit triggers are discarded first, as in `records.upserting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

# In standard mode a charge without a customer is paid by its client's, which is the client's account already; a
# dealer's own client is paid by the dealer's in either mode.
_ASSIGN_CHARGES = """
UPDATE charges_charge AS charge SET customer_id = paying.payer_id
FROM charges_charge_and_payer AS paying
JOIN parties_client AS client ON client.id = paying.client_id
WHERE paying.charge_id = charge.id AND paying.by_dealer AND paying.payer_id IS NOT NULL
  AND client.own_of_dealer_id IS NULL
"""
# Also what is billed: its draft may be excluded, or its document void, and then it is billed again.
_ASSIGN_EVENTS = """
UPDATE charges_billableevent AS event SET customer_id = paying.payer_id
FROM charges_event_charge_and_payer AS paying
WHERE paying.event_id = event.id AND paying.by_dealer AND paying.payer_id IS NOT NULL AND NOT event.is_invoice
  AND NOT EXISTS (
      SELECT FROM charges_event_charge_and_payer AS other WHERE other.event_id = event.id AND NOT other.by_dealer
  )
"""
# A mark that says who pays already stays: it may be the master charge's.
_MARK_CHARGES = """
UPDATE charges_charge AS charge
SET customer_id = NULL,
    paid_by = CASE WHEN marked.needed <> marked.present THEN marked.needed ELSE charge.paid_by END
FROM (
    SELECT paying.charge_id, COALESCE(NULLIF(own.paid_by, ''), master.paid_by) AS present,
           CASE WHEN paying.by_dealer THEN 'dealer'
                WHEN paying.payer_id IS NULL AND dealer.customer_id IS NULL
                THEN COALESCE(NULLIF(own.paid_by, ''), master.paid_by)
                ELSE 'direct' END AS needed
    FROM charges_charge_and_payer AS paying
    JOIN charges_charge AS own ON own.id = paying.charge_id
    JOIN catalog_mastercharge AS master ON master.id = paying.master_charge_id
    LEFT JOIN parties_dealer AS dealer ON dealer.id = paying.dealer_id
) AS marked
WHERE marked.charge_id = charge.id AND (charge.customer_id IS NOT NULL OR marked.needed <> marked.present)
"""
_FREE_EVENTS = """
UPDATE charges_billableevent AS event SET customer_id = NULL
WHERE event.customer_id IS NOT NULL AND NOT event.is_invoice
  AND NOT EXISTS (
      SELECT FROM charges_eventcharge AS event_charge
      JOIN charges_chargedevent AS charged ON charged.event_charge_id = event_charge.id
      WHERE event_charge.event_id = event.id
  )
"""
# An event of several that was issued before a move to standard mode names nobody. Whoever is billed its charges again
# is named now, if all others of it are billed; and so in turn.
_KEEP_PAYERS = """
UPDATE charges_billableevent AS event SET customer_id = paid.customer_id
FROM (
    SELECT event_charge.event_id, min(invoice.customer_id) AS customer_id, array_agg(event_charge.id) AS charges
    FROM billing_invoiceline AS line
    JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
    JOIN billing_documentnumber AS number ON number.invoice_id = invoice.id
    JOIN charges_eventcharge AS event_charge ON event_charge.id = line.event_charge_id
    WHERE line.id = ANY (%(lines)s) AND number.issued_at < %(moved_at)s
    GROUP BY event_charge.event_id
    HAVING count(DISTINCT invoice.customer_id) = 1
) AS paid
WHERE event.id = paid.event_id AND NOT event.is_invoice AND event.customer_id IS DISTINCT FROM paid.customer_id
  AND EXISTS (
      SELECT FROM charges_event_charge_and_payer AS paying
      WHERE paying.event_charge_id = ANY (paid.charges) AND paying.payer_id IS DISTINCT FROM paid.customer_id
  )
  AND NOT EXISTS (
      SELECT FROM charges_eventcharge AS other
      WHERE other.event_id = event.id AND other.id <> ALL (paid.charges)
        AND NOT EXISTS (SELECT FROM charges_chargedevent AS charged WHERE charged.event_charge_id = other.id)
  )
  AND (event.customer_id IS NULL OR event.customer_id IN (
      SELECT invoice.customer_id
      FROM charges_eventcharge AS other
      JOIN billing_invoiceline AS line ON line.event_charge_id = other.id
      JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
      WHERE other.event_id = event.id AND other.id <> ALL (paid.charges)
  ))
"""
# What they named before a move, by the audit trail, where the same customer pays and the mark was not changed since.
_GIVE_BACK_CHARGES = """
UPDATE charges_charge AS charge SET customer_id = before.customer_id, paid_by = before.paid_by
FROM charges_charge AS stored
JOIN parties_client AS client ON client.id = stored.client_id
CROSS JOIN LATERAL (
    SELECT customer_id, paid_by FROM charges_chargeevent
    WHERE pgh_obj_id = stored.id AND pgh_created_at < %(moved_at)s ORDER BY pgh_id DESC LIMIT 1
) AS before
CROSS JOIN LATERAL (
    SELECT paid_by FROM charges_chargeevent
    WHERE pgh_obj_id = stored.id AND pgh_created_at <= %(moved_at)s ORDER BY pgh_id DESC LIMIT 1
) AS moved
WHERE charge.id = stored.id AND stored.paid_by = moved.paid_by
  AND (before.customer_id, before.paid_by) IS DISTINCT FROM (stored.customer_id, stored.paid_by)
  AND COALESCE(before.customer_id, client.customer_id)
      IS NOT DISTINCT FROM COALESCE(stored.customer_id, client.customer_id)
"""
_GIVE_BACK_EVENTS = """
UPDATE charges_billableevent AS event SET customer_id = before.customer_id
FROM charges_billableevent AS stored
JOIN parties_client AS client ON client.id = stored.client_id
CROSS JOIN LATERAL (
    SELECT customer_id FROM charges_billableeventevent
    WHERE pgh_obj_id = stored.id AND pgh_created_at < %(moved_at)s ORDER BY pgh_id DESC LIMIT 1
) AS before
WHERE event.id = stored.id AND before.customer_id IS DISTINCT FROM stored.customer_id
  AND COALESCE(before.customer_id, client.customer_id)
      IS NOT DISTINCT FROM COALESCE(stored.customer_id, client.customer_id)
"""


def assign_what_dealers_pay() -> tuple[int, int]:
    """Assign charges and events that dealers pay in legacy mode to their customers; return how many of each."""
    return _run(_ASSIGN_CHARGES), _run(_ASSIGN_EVENTS)


def mark_who_pays() -> tuple[int, int]:
    """Mark charges by who pays them in standard mode, and let them and events name no customer; return how many."""
    return _run(_MARK_CHARGES), _run(_FREE_EVENTS)


def keep_payers(*, lines: list[int], moved_at: datetime) -> int:
    """Let events name who paid the *lines* (ids) that were issued before the move and are void; return how many."""
    return _run(_KEEP_PAYERS, {"lines": lines, "moved_at": moved_at})


def give_back(*, moved_at: datetime) -> tuple[int, int]:
    """Let charges and events name who paid them before the move of that moment in the trail; return how many."""
    move = {"moved_at": moved_at}
    return _run(_GIVE_BACK_CHARGES, move), _run(_GIVE_BACK_EVENTS, move)


def _run(statement: str, values: Mapping[str, Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
        cursor.execute(statement, values)
        return int(cursor.rowcount)
