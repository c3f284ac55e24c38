-- A document numbered in a series of another branch, type or year than its own (billing-rules 7.2), or due before
-- it was invoiced.
SELECT 'invoice ' || number.number AS documents,
       'it is a ' || invoice.document_type || ' of branch ' || invoice.branch_id || ' dated ' || invoice.invoice_date
           || ', due on ' || number.due_on || '; its series counts ' || series.document_type || ' of branch '
           || series.branch_id || ' in ' || COALESCE(NULLIF(series.year, 0)::text, 'every year') AS message
FROM billing_documentnumber AS number
JOIN billing_invoice AS invoice ON invoice.id = number.invoice_id
JOIN billing_documentseries AS series ON series.id = number.series_id
WHERE series.branch_id <> invoice.branch_id
   OR series.document_type <> invoice.document_type
   OR (series.year <> 0 AND series.year <> date_part('year', invoice.invoice_date))
   OR number.due_on < invoice.invoice_date
ORDER BY number.invoice_id
