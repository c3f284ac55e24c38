-- The charges of the chargeable events of one shard that are not charged: their payer lies between two customers,
-- or (both null) there is none. When each is to be billed decides the engine. Sales invoices by themselves are among
-- them where %(events)s names them, and then nothing else is.
SELECT
    event_charge.id AS event_charge_id,
    event.key AS event,
    event.kind AS event_kind,
    event_charge.line_no AS event_line,
    event.description AS event_description,
    event.is_invoice::int,
    event.occurred_on,
    event.to_be_billed_on,
    COALESCE(event.customer_id, client.customer_id) AS customer_id,
    event.client_id,
    client.branch_id AS client_branch_id,
    client.dealer_id,
    event_charge.master_charge_id AS master_id,
    NULLIF(event.po_number, '') AS po_number,
    event_charge.unit_price,
    event_charge.quantity,
    NULLIF(event_charge.description, '') AS description,
    event_charge.tax_category_id
FROM charges_billableevent AS event
JOIN charges_eventcharge AS event_charge ON event_charge.event_id = event.id
JOIN parties_client AS client ON client.id = event.client_id
LEFT JOIN parties_dealer AS dealer ON dealer.id = client.dealer_id
WHERE event.kind = ANY(%(kinds)s)
  AND event.is_chargeable
  AND event.to_be_billed_on IS NOT NULL
  AND CASE WHEN %(events)s::bigint[] IS NULL THEN NOT event.is_invoice ELSE event.id = ANY(%(events)s::bigint[]) END
  AND NOT EXISTS (SELECT FROM charges_chargedevent AS charged WHERE charged.event_charge_id = event_charge.id)
  AND (COALESCE(event.customer_id, client.customer_id) BETWEEN %(first_customer)s AND %(last_customer)s
       OR (%(first_customer)s IS NULL AND event.customer_id IS NULL AND client.customer_id IS NULL))
  AND (%(branch)s IS NULL OR client.branch_id = %(branch)s)
  AND (%(group)s::bigint IS NULL OR COALESCE(event.customer_id, client.customer_id) IN (SELECT member.id FROM parties_billingcustomer AS member WHERE member.group_id = %(group)s))
  AND CASE %(payer)s
          WHEN 'dealer' THEN COALESCE(dealer.customer_id = COALESCE(event.customer_id, client.customer_id), FALSE)
          WHEN 'direct' THEN COALESCE(dealer.customer_id <> COALESCE(event.customer_id, client.customer_id), TRUE)
          ELSE TRUE
      END
