SELECT category_id AS tax_category_id, country, rate AS tax_rate, valid_from
FROM catalog_taxrate
