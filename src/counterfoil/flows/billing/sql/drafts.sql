-- Drafts of a run and a date that take the next numbers: neither held, excluded, kept nor
-- issued, in the order of their ids.
SELECT invoice.id AS invoice_id, series.id AS series_id,
       COALESCE(NULLIF(customer.payment_terms, ''), %(payment_terms)s) AS payment_terms
FROM billing_invoice AS invoice
JOIN parties_billingcustomer AS customer ON customer.id = invoice.customer_id
JOIN billing_documentseries AS series
  ON series.branch_id = invoice.branch_id
 AND series.document_type = invoice.document_type
 AND series.id = ANY(%(series)s::bigint[])
WHERE invoice.run_id = %(run)s
  AND invoice.id > %(after)s
  AND invoice.invoice_date = %(invoice_date)s
  AND NOT EXISTS (SELECT FROM billing_invoicehold AS hold WHERE hold.invoice_id = invoice.id)
  AND NOT EXISTS (SELECT FROM billing_invoiceexclusion AS exclusion WHERE exclusion.invoice_id = invoice.id)
  AND NOT EXISTS (SELECT FROM billing_documentnumber AS number WHERE number.invoice_id = invoice.id)
  AND NOT (%(keeps_zero)s AND invoice.gross_minor = 0)
ORDER BY invoice.id
LIMIT %(batch)s
