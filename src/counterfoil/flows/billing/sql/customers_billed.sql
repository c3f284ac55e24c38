-- Whom the live lines of charges were billed to.
SELECT DISTINCT line.charge_id, invoice.customer_id
FROM billing_invoiceline AS line
JOIN billing_live_invoice AS live ON live.id = line.invoice_id
JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
WHERE line.charge_id = ANY(%(charges)s::bigint[]) AND line.kind IN ('charge', 'usage', 'waived')
