-- Ranges of customers with about %(shard_charges)s charges each, charges of events that are not charged among them;
-- a last row without customers holds the charges for which nobody pays.
WITH counted AS (
    SELECT COALESCE(charge.customer_id, client.customer_id) AS payer_id, count(*) AS charges
    FROM charges_charge AS charge
    JOIN parties_client AS client ON client.id = charge.client_id
    GROUP BY 1
    UNION ALL
    SELECT COALESCE(event.customer_id, client.customer_id), count(*)
    FROM charges_eventcharge AS event_charge
    JOIN charges_billableevent AS event ON event.id = event_charge.event_id
    JOIN parties_client AS client ON client.id = event.client_id
    WHERE event.is_chargeable
      AND event.to_be_billed_on IS NOT NULL
      AND NOT EXISTS (SELECT FROM charges_chargedevent AS charged WHERE charged.event_charge_id = event_charge.id)
    GROUP BY 1
), payers AS (
    SELECT payer_id, sum(charges) AS charges FROM counted GROUP BY payer_id
), placed AS (
    SELECT payer_id, charges,
           CASE WHEN payer_id IS NULL THEN NULL
                ELSE div(sum(charges) OVER (ORDER BY payer_id) - charges, %(shard_charges)s) END AS place
    FROM payers
)
SELECT min(payer_id), max(payer_id), sum(charges)::bigint
FROM placed
GROUP BY place
ORDER BY place NULLS LAST
