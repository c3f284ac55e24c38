-- Drafts of a run and a date that take the next numbers: neither held, excluded, kept nor
-- issued, of a range of ids and in their order. They are found before anything is joined, so that a batch
-- reads no further than it reaches.
WITH waiting AS MATERIALIZED (
    SELECT invoice.id, invoice.customer_id, invoice.branch_id, invoice.document_type
    FROM billing_invoice AS invoice
    WHERE invoice.run_id = %(run)s
      AND invoice.id >= %(first)s
      AND (%(end)s::bigint IS NULL OR invoice.id < %(end)s)
      AND invoice.invoice_date = %(invoice_date)s
      AND NOT EXISTS (SELECT FROM billing_invoicehold AS hold WHERE hold.invoice_id = invoice.id)
      AND NOT EXISTS (SELECT FROM billing_invoiceexclusion AS exclusion WHERE exclusion.invoice_id = invoice.id)
      AND NOT EXISTS (SELECT FROM billing_documentnumber AS number WHERE number.invoice_id = invoice.id)
      AND NOT (%(keeps_zero)s AND invoice.gross_minor = 0)
    ORDER BY invoice.id
    LIMIT %(batch)s
)
SELECT waiting.id AS invoice_id, series.id AS series_id,
       COALESCE(NULLIF(customer.payment_terms, ''), %(payment_terms)s) AS payment_terms
FROM waiting
JOIN parties_billingcustomer AS customer ON customer.id = waiting.customer_id
JOIN billing_documentseries AS series
  ON series.branch_id = waiting.branch_id
 AND series.document_type = waiting.document_type
 AND series.id = ANY(%(series)s::bigint[])
ORDER BY waiting.id
