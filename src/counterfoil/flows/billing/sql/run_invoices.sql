-- The invoices of a run that count, for its workbook.
SELECT invoice.id AS invoice_no, invoice.customer_id, invoice.branch_id, invoice.document_type, invoice.currency,
       invoice.po_number, invoice.line_count, invoice.net_minor, invoice.tax_minor, invoice.gross_minor
FROM billing_invoice AS invoice
JOIN billing_live_invoice AS live ON live.id = invoice.id
WHERE invoice.run_id = %(run)s
ORDER BY invoice.id
