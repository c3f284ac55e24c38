-- A document that waits for a consolidated billing though it is not issued, void, in a live billing or a contract
-- invoice, or of which the queue says what the document does not.
SELECT 'invoice ' || COALESCE(number.number, queued.invoice_id::text) AS documents,
       CASE WHEN number.invoice_id IS NULL THEN 'it waits for a consolidated billing, and is not issued'
            WHEN live.id IS NULL THEN 'it waits for a consolidated billing, and is void'
            WHEN member.billing_id IS NOT NULL THEN 'it waits for a consolidated billing, and is in one'
            ELSE 'it waits for a consolidated billing under values that are not its own' END AS message
FROM billing_queuedinvoice AS queued
LEFT JOIN billing_invoice AS invoice ON invoice.id = queued.invoice_id
LEFT JOIN billing_invoice AS credited ON credited.id = invoice.credits_id
LEFT JOIN billing_documentnumber AS number ON number.invoice_id = queued.invoice_id
LEFT JOIN billing_live_invoice AS live ON live.id = queued.invoice_id
LEFT JOIN billing_billingmember AS member ON member.invoice_id = queued.invoice_id AND member.is_live
WHERE number.invoice_id IS NULL OR live.id IS NULL OR member.billing_id IS NOT NULL
   OR (queued.customer_id, queued.branch_id, queued.currency, queued.kind, queued.invoice_date, queued.due_on,
       queued.tax_minor, queued.gross_minor)
      IS DISTINCT FROM (invoice.customer_id, invoice.branch_id, invoice.currency,
       COALESCE(credited.document_type, invoice.document_type), invoice.invoice_date, number.due_on,
       invoice.tax_minor, invoice.gross_minor)
ORDER BY queued.invoice_id
