"""The writer of who pays charges and events when the customer mode changes; every statement is one set.

`charges_charge_and_payer` says who pays in the present mode, so call these before the mode itself is changed. The plans
of the audit triggers are discarded first, as in `records.upserting`.
"""

from __future__ import annotations

from django.db import connection

# In standard mode a charge without a customer is paid by its client's, which is the client's account already.
_ASSIGN_CHARGES = """
UPDATE charges_charge AS charge SET customer_id = paying.payer_id
FROM charges_charge_and_payer AS paying
WHERE paying.charge_id = charge.id AND paying.by_dealer AND paying.payer_id IS NOT NULL
"""
_ASSIGN_EVENTS = """
UPDATE charges_billableevent AS event SET customer_id = paying.payer_id
FROM charges_event_charge_and_payer AS paying
WHERE paying.event_id = event.id AND paying.by_dealer AND paying.payer_id IS NOT NULL AND NOT event.is_invoice
  AND NOT EXISTS (SELECT FROM charges_chargedevent AS charged WHERE charged.event_charge_id = paying.event_charge_id)
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


def assign_what_dealers_pay() -> tuple[int, int]:
    """Assign charges and events that dealers pay in legacy mode to their customers; return how many of each."""
    return _run(_ASSIGN_CHARGES), _run(_ASSIGN_EVENTS)


def mark_who_pays() -> tuple[int, int]:
    """Mark charges by who pays them in standard mode, and let them and events name no customer; return how many."""
    return _run(_MARK_CHARGES), _run(_FREE_EVENTS)


def _run(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
        cursor.execute(statement)
        return int(cursor.rowcount)
