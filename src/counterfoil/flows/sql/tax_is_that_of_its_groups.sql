-- A group of lines of one tax category and rate whose tax is not round(net × rate), rounded once (5.2), or whose
-- net is not round(gross ÷ (1 + rate)) where prices include the tax (5.4). Rates are millionths of a percent, so
-- tax = net × rate ÷ 100,000,000, in whole numbers. Half goes away from zero, or to the even neighbour where the
-- organisation says so; only exact halves tell them apart. The tax of credit notes is another invariant.
WITH tax_group AS (
    SELECT line.invoice_id, line.tax_category_id, line.tax_rate, line.includes_tax,
           sum(line.net_minor) AS net, sum(line.tax_minor) AS tax
    FROM billing_invoiceline AS line
    JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
    WHERE invoice.credits_id IS NULL
    GROUP BY line.invoice_id, line.tax_category_id, line.tax_rate, line.includes_tax
), share AS (
    SELECT *,
           CASE WHEN includes_tax THEN (net + tax) * 100000000 ELSE net * tax_rate END AS over,
           CASE WHEN includes_tax THEN 100000000 + tax_rate::numeric ELSE 100000000 END AS under
    FROM tax_group
), exact AS (
    SELECT *, sign(over) AS direction, div(abs(over), under) AS whole, mod(abs(over), under) AS rest FROM share
), owed AS (
    SELECT *, direction * (whole + CASE
               WHEN rest * 2 > under THEN 1
               WHEN rest * 2 < under THEN 0
               WHEN (SELECT rounding FROM organisation_organisation) = 'half_even' THEN mod(whole, 2)
               ELSE 1 END) AS amount_owed
    FROM exact
)
SELECT 'invoice ' || COALESCE(number.number, owed.invoice_id::text) AS documents,
       'tax category ' || COALESCE(category.code, owed.tax_category_id::text) || ': tax ' || owed.tax
           || ' on net ' || owed.net || ' should be '
           || CASE WHEN owed.includes_tax THEN owed.tax + owed.net - owed.amount_owed ELSE owed.amount_owed END
           || ' (minor units)' AS message
FROM owed
LEFT JOIN catalog_taxcategory AS category ON category.id = owed.tax_category_id
LEFT JOIN billing_documentnumber AS number ON number.invoice_id = owed.invoice_id
WHERE owed.amount_owed <> CASE WHEN owed.includes_tax THEN owed.net ELSE owed.tax END
ORDER BY owed.invoice_id
