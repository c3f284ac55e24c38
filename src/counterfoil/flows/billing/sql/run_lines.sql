-- The lines of a run that count, for its workbook.
SELECT invoice.id AS invoice_no, line.line_no, line.kind, line.charge_id, line.event_charge_id, line.client_id,
       line.code, line.ledger_code, line.description, line.period_start, line.period_end, line.grid_start,
       line.grid_end, line.span_from, line.span_to, line.bill_date, line.fraction_num, line.fraction_den,
       line.part_charging, line.day_count, line.anchor_day, line.quantity, line.unit_price, line.price_level,
       line.tax_category_id, line.tax_rate, line.includes_tax::int, line.discount_minor, line.net_minor,
       line.tax_minor, line.details
FROM billing_invoice AS invoice
JOIN billing_live_invoice AS live ON live.id = invoice.id
JOIN billing_invoiceline AS line ON line.invoice_id = invoice.id
WHERE invoice.run_id = %(run)s
ORDER BY invoice.id, line.line_no
