-- A group of lines of one tax category and rate whose tax is not round(net × rate), rounded once (5.2).
-- Rates are millionths of a percent, so tax = net × rate ÷ 100,000,000, in whole numbers. Half goes away
-- from zero, or to the even neighbour where the organisation says so; only exact halves tell them apart.
WITH tax_group AS (
    SELECT invoice_id, tax_category_id, tax_rate, sum(net_minor) AS net, sum(tax_minor) AS tax
    FROM billing_invoiceline GROUP BY invoice_id, tax_category_id, tax_rate
), exact AS (
    SELECT *, sign(net * tax_rate) AS direction,
           div(abs(net * tax_rate), 100000000) AS whole,
           mod(abs(net * tax_rate), 100000000) AS rest
    FROM tax_group
), owed AS (
    SELECT *, direction * (whole + CASE
               WHEN rest > 50000000 THEN 1
               WHEN rest < 50000000 THEN 0
               WHEN (SELECT rounding FROM organisation_organisation) = 'half_even' THEN mod(whole, 2)
               ELSE 1 END) AS tax_owed
    FROM exact
)
SELECT 'invoice ' || COALESCE(number.number, owed.invoice_id::text) AS documents,
       'tax category ' || COALESCE(category.code, owed.tax_category_id::text) || ': tax ' || owed.tax
           || ' on net ' || owed.net || ' should be ' || owed.tax_owed || ' (minor units)' AS message
FROM owed
LEFT JOIN catalog_taxcategory AS category ON category.id = owed.tax_category_id
LEFT JOIN billing_documentnumber AS number ON number.invoice_id = owed.invoice_id
WHERE owed.tax <> owed.tax_owed
ORDER BY owed.invoice_id
