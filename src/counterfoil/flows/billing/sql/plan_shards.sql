-- Ranges of customers with about %(shard_charges)s charges each; a last row without customers holds the
-- charges for which nobody pays.
WITH payers AS (
    SELECT COALESCE(charge.customer_id, client.customer_id) AS payer_id, count(*) AS charges
    FROM charges_charge AS charge
    JOIN parties_client AS client ON client.id = charge.client_id
    GROUP BY 1
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
