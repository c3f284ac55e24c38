-- How many charges there are to be looked at, charges of events that are not charged among them, by blocks of
-- %(customers)s neighbouring customers: far fewer than customers. *Block* null: nobody pays.
-- %(within)s, unless null, are the only customers looked at, by blocks of %(customers_within)s.
WITH counted AS (
    SELECT COALESCE(charge.customer_id, client.customer_id) / %(customers)s AS block, count(*) AS charges
    FROM charges_charge AS charge
    JOIN parties_client AS client ON client.id = charge.client_id
    WHERE %(within)s::bigint[] IS NULL
       OR COALESCE(charge.customer_id, client.customer_id) / %(customers_within)s = ANY(%(within)s)
    GROUP BY 1
    UNION ALL
    SELECT COALESCE(event.customer_id, client.customer_id) / %(customers)s, count(*)
    FROM charges_eventcharge AS event_charge
    JOIN charges_billableevent AS event ON event.id = event_charge.event_id
    JOIN parties_client AS client ON client.id = event.client_id
    WHERE event.is_chargeable
      AND event.to_be_billed_on IS NOT NULL
      AND NOT event.is_invoice
      AND NOT EXISTS (SELECT FROM charges_chargedevent AS charged WHERE charged.event_charge_id = event_charge.id)
      AND (%(within)s::bigint[] IS NULL
           OR COALESCE(event.customer_id, client.customer_id) / %(customers_within)s = ANY(%(within)s))
    GROUP BY 1
)
SELECT block, sum(charges)::bigint
FROM counted
GROUP BY block
ORDER BY block NULLS LAST
