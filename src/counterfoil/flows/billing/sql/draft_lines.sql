-- The lines of some drafts, with what their taxing asks of invoice and customer.
SELECT
    line.id AS line_id, line.invoice_id, invoice.currency, customer.country, customer.tax_status, line.refers_to_id,
    line.line_no, line.kind, line.charge_id, line.event_charge_id, line.client_id, line.code, line.ledger_code,
    line.description, line.period_start, line.period_end, line.grid_start, line.grid_end, line.span_from, line.span_to,
    line.bill_date, line.fraction_num, line.fraction_den, line.part_charging, line.day_count, line.anchor_day,
    line.quantity, line.unit_price, line.price_level, line.tax_category_id, line.tax_rate, line.includes_tax::int,
    line.discount_minor, line.net_minor, line.tax_minor, line.details
FROM billing_invoiceline AS line
JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
JOIN parties_billingcustomer AS customer ON customer.id = invoice.customer_id
WHERE line.invoice_id = ANY(%(invoices)s::bigint[])
ORDER BY line.invoice_id, line.line_no
