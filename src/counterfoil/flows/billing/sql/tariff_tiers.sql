SELECT tariff_id, from_units, unit_price AS tier_price, fee
FROM catalog_tarifftier
