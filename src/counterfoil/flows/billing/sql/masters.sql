SELECT id AS master_id, code, ledger_code, currency, price_includes_tax::int AS includes_tax, unit_price, quantity, name AS description,
       charge_period_id, tax_category_id, while_commissioned::int
FROM catalog_mastercharge
