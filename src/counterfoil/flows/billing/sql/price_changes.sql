-- Prices by date: of the shard's charges, of what its customers and any dealer pay, and of every master charge.
SELECT change.charge_id, NULL::bigint AS master_id, NULL::bigint AS customer_id, NULL::bigint AS dealer_id,
       change.valid_from, change.unit_price
FROM charges_pricechange AS change
JOIN charges_charge_and_payer AS charge USING (charge_id)
WHERE charge.payer_id BETWEEN %(first_customer)s AND %(last_customer)s
UNION ALL
SELECT NULL, override.master_charge_id, override.customer_id, override.dealer_id, change.valid_from, change.unit_price
FROM charges_pricechange AS change
JOIN catalog_chargeoverride AS override ON override.id = change.override_id
WHERE override.dealer_id IS NOT NULL
   OR (override.customer_id BETWEEN %(first_customer)s AND %(last_customer)s
       AND (SELECT customer_mode FROM organisation_organisation WHERE id = 1) = 'standard')
UNION ALL
SELECT NULL, change.master_charge_id, NULL, NULL, change.valid_from, change.unit_price
FROM charges_pricechange AS change
WHERE change.master_charge_id IS NOT NULL
