-- When the clients of the shard's charges were commissioned before the present time.
SELECT past.client_id, past.starts_on, past.ends_before
FROM parties_pastcommissioning AS past
WHERE past.client_id IN (
    SELECT charge.client_id
    FROM charges_charge_and_payer AS charge
    WHERE charge.payer_id BETWEEN %(first_customer)s AND %(last_customer)s
)
