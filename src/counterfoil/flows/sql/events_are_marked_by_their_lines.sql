-- An event's charge is marked as billed by a line that does not bill it, or is billed by a live line without that
-- mark: it could be billed again (product C14, billing-rules 2.6).
SELECT 'event charge ' || mark.event_charge_id AS documents,
       'it is marked as billed by line ' || mark.line_id || ', which does not bill it' AS message
FROM charges_chargedevent AS mark
LEFT JOIN billing_invoiceline AS line ON line.id = mark.line_id
LEFT JOIN billing_live_invoice AS invoice ON invoice.id = line.invoice_id
WHERE invoice.id IS NULL OR line.event_charge_id IS DISTINCT FROM mark.event_charge_id OR line.kind = 'credit'
UNION ALL
SELECT 'event charge ' || line.event_charge_id || ', invoice ' || line.invoice_id,
       'line ' || line.id || ' bills it, but it is not marked as billed by that line'
FROM billing_invoiceline AS line
JOIN billing_live_invoice AS invoice ON invoice.id = line.invoice_id
LEFT JOIN charges_chargedevent AS mark ON mark.event_charge_id = line.event_charge_id AND mark.line_id = line.id
WHERE line.event_charge_id IS NOT NULL AND line.kind IN ('event', 'waived') AND mark.line_id IS NULL
ORDER BY 1
