SELECT id AS tax_category_id, code AS tax_category
FROM catalog_taxcategory
