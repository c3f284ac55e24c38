-- An invoice whose net, tax or number of lines is not that of its lines.
WITH summed AS (
    SELECT invoice_id, count(*) AS lines, sum(net_minor) AS net, sum(tax_minor) AS tax
    FROM billing_invoiceline GROUP BY invoice_id
)
SELECT 'invoice ' || COALESCE(number.number, invoice.id::text) AS documents,
       invoice.line_count || ' lines, net ' || invoice.net_minor || ', tax ' || invoice.tax_minor
           || ' on the invoice; ' || COALESCE(summed.lines, 0) || ' lines, net ' || COALESCE(summed.net, 0)
           || ', tax ' || COALESCE(summed.tax, 0) || ' in its lines (minor units)' AS message
FROM billing_invoice AS invoice
LEFT JOIN summed ON summed.invoice_id = invoice.id
LEFT JOIN billing_documentnumber AS number ON number.invoice_id = invoice.id
WHERE (invoice.line_count, invoice.net_minor, invoice.tax_minor)
          IS DISTINCT FROM (COALESCE(summed.lines, 0), COALESCE(summed.net, 0), COALESCE(summed.tax, 0))
   OR invoice.gross_minor <> invoice.net_minor + invoice.tax_minor
ORDER BY invoice.id
