-- When the clients of the shard's charges were commissioned before the present time.
WITH chosen AS (
    SELECT charge.id, charge.client_id, charge.starts_on, charge.ends_before, charge.escalation_id
    FROM charges_charge AS charge
    WHERE charge.customer_id BETWEEN %(first_customer)s AND %(last_customer)s
    UNION ALL
    SELECT charge.id, charge.client_id, charge.starts_on, charge.ends_before, charge.escalation_id
    FROM charges_charge AS charge
    JOIN parties_client AS client ON client.id = charge.client_id
    WHERE charge.customer_id IS NULL
      AND client.customer_id BETWEEN %(first_customer)s AND %(last_customer)s
)
SELECT past.client_id, past.starts_on, past.ends_before
FROM parties_pastcommissioning AS past
WHERE EXISTS (SELECT FROM chosen WHERE chosen.client_id = past.client_id)
