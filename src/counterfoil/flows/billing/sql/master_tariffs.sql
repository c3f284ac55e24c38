SELECT id AS master_id, tariff_id
FROM catalog_mastercharge
WHERE tariff_id IS NOT NULL
