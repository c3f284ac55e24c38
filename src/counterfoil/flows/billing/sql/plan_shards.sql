-- How many charges there are to be looked at, charges of events that are not charged among them, by blocks of
-- %(customers)s neighbouring customers: far fewer than customers. *Block* null: nobody pays.
-- %(within)s, unless null, are the only customers looked at, by blocks of %(customers_within)s.
WITH counted AS (
    SELECT payer_id / %(customers)s AS block, count(*) AS charges
    FROM charges_charge_and_payer
    WHERE %(within)s::bigint[] IS NULL OR payer_id / %(customers_within)s = ANY(%(within)s)
    GROUP BY 1
    UNION ALL
    SELECT charge.payer_id / %(customers)s, count(*)
    FROM charges_event_charge_and_payer AS charge
    WHERE charge.is_chargeable
      AND charge.to_be_billed_on IS NOT NULL
      AND NOT charge.is_invoice
      AND NOT EXISTS (
          SELECT FROM charges_chargedevent AS charged WHERE charged.event_charge_id = charge.event_charge_id
      )
      AND (%(within)s::bigint[] IS NULL OR charge.payer_id / %(customers_within)s = ANY(%(within)s))
    GROUP BY 1
)
SELECT block, sum(charges)::bigint
FROM counted
GROUP BY block
ORDER BY block NULLS LAST
