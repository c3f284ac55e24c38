-- The live lines of one run, of the customers from %(first_customer)s up to, not including, %(before_customer)s;
-- null is open. Drafts excluded or replaced and documents voided are left out.
SELECT
    line.id AS line_id,
    invoice.customer_id,
    line.client_id,
    line.charge_id,
    line.event_charge_id,
    invoice.currency,
    line.kind,
    line.period_start,
    line.period_end,
    line.fraction_num,
    line.fraction_den,
    line.quantity,
    line.unit_price,
    line.tax_rate,
    line.includes_tax::int,
    line.discount_minor,
    line.net_minor
FROM billing_invoice AS invoice
JOIN billing_live_invoice AS live ON live.id = invoice.id
JOIN billing_invoiceline AS line ON line.invoice_id = invoice.id
WHERE invoice.run_id = %(run)s
  AND (%(first_customer)s::bigint IS NULL OR invoice.customer_id >= %(first_customer)s::bigint)
  AND (%(before_customer)s::bigint IS NULL OR invoice.customer_id < %(before_customer)s::bigint)
