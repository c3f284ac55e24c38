-- The tax groups of original invoices, with what live credit notes took off each (billing-rules 6.6).
WITH credited AS (
    SELECT note.credits_id AS invoice_id, line.tax_category_id, line.tax_rate, line.includes_tax,
           -sum(line.net_minor) AS net_minor, -sum(line.tax_minor) AS tax_minor
    FROM billing_live_invoice AS note
    JOIN billing_invoiceline AS line ON line.invoice_id = note.id
    WHERE note.credits_id = ANY(%(invoices)s::bigint[])
    GROUP BY note.credits_id, line.tax_category_id, line.tax_rate, line.includes_tax
)
SELECT line.invoice_id, line.tax_category_id, line.tax_rate, line.includes_tax::int,
       sum(line.net_minor) AS net_minor, sum(line.tax_minor) AS tax_minor,
       COALESCE(max(credited.net_minor), 0) AS credited_minor,
       COALESCE(max(credited.tax_minor), 0) AS credited_tax_minor
FROM billing_invoiceline AS line
LEFT JOIN credited
  ON credited.invoice_id = line.invoice_id AND credited.tax_category_id = line.tax_category_id
 AND credited.tax_rate = line.tax_rate AND credited.includes_tax = line.includes_tax
WHERE line.invoice_id = ANY(%(invoices)s::bigint[])
GROUP BY line.invoice_id, line.tax_category_id, line.tax_rate, line.includes_tax
