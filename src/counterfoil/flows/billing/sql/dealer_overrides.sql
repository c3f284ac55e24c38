SELECT master_charge_id AS master_id, dealer_id, unit_price, quantity, NULLIF(description, '') AS description,
       charge_period_id, tax_category_id, while_commissioned::int
FROM catalog_chargeoverride
WHERE dealer_id IS NOT NULL
