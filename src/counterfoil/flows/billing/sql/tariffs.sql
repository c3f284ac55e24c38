SELECT id AS tariff_id, counts, mode AS tier_mode, unit AS counted_unit, unit_step, allowance, minimum
FROM catalog_tariff
