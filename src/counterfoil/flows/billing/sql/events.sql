-- The charges of the chargeable events of one shard that are not charged: their payer lies between two customers,
-- or (both null) there is none. When each is to be billed decides the engine. Sales invoices by themselves are among
-- them where %(events)s names them, and then nothing else is.
SELECT
    charge.event_charge_id,
    charge.event_key AS event,
    charge.event_kind,
    charge.line_no AS event_line,
    charge.event_description,
    charge.is_invoice::int,
    charge.occurred_on,
    charge.to_be_billed_on,
    charge.payer_id AS customer_id,
    charge.client_id,
    charge.client_branch_id,
    charge.dealer_id,
    charge.master_charge_id AS master_id,
    charge.paid_by,
    NULLIF(charge.po_number, '') AS po_number,
    charge.unit_price,
    charge.quantity,
    NULLIF(charge.description, '') AS description,
    charge.tax_category_id,
    CASE WHEN charge.master_charge_id IS NULL
         THEN (SELECT own.ledger_code FROM charges_eventcharge AS own WHERE own.id = charge.event_charge_id)
    END AS text_ledger_code
FROM charges_event_charge_and_payer AS charge
WHERE charge.event_kind = ANY(%(kinds)s)
  AND charge.is_chargeable
  AND charge.to_be_billed_on IS NOT NULL
  AND CASE WHEN %(events)s::bigint[] IS NULL THEN NOT charge.is_invoice ELSE charge.event_id = ANY(%(events)s::bigint[]) END
  AND NOT EXISTS (SELECT FROM charges_chargedevent AS charged WHERE charged.event_charge_id = charge.event_charge_id)
  AND (charge.payer_id BETWEEN %(first_customer)s AND %(last_customer)s
       OR (%(first_customer)s IS NULL AND charge.payer_id IS NULL))
  AND (%(branch)s IS NULL OR charge.client_branch_id = %(branch)s)
  AND (%(group)s::bigint IS NULL
       OR charge.payer_id IN (SELECT member.id FROM parties_billingcustomer AS member WHERE member.group_id = %(group)s))
  AND (%(masters)s::bigint[] IS NULL OR charge.master_charge_id = ANY(%(masters)s::bigint[]))
  AND (%(payer)s = 'any' OR charge.by_dealer = (%(payer)s = 'dealer'))
