-- What a shard's customers get differently; in standard customer mode only (billing-rules 4.1).
SELECT master_charge_id AS master_id, customer_id, unit_price, quantity, NULLIF(description, '') AS description,
       charge_period_id, tax_category_id, while_commissioned::int
FROM catalog_chargeoverride
WHERE customer_id BETWEEN %(first_customer)s AND %(last_customer)s
  AND (SELECT customer_mode FROM organisation_organisation WHERE id = 1) = 'standard'
