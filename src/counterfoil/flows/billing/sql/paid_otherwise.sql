-- The first of some lines, issued before a move of the customer mode, whose event somebody else would pay now. Whom
-- somebody chose for the event since is meant to pay: nobody chose one whom another charge of the event was billed to.
SELECT number.number, event.key, customer.name, COALESCE(payer.name, 'nobody')
FROM billing_invoiceline AS line
JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
JOIN billing_documentnumber AS number ON number.invoice_id = invoice.id
JOIN parties_billingcustomer AS customer ON customer.id = invoice.customer_id
JOIN charges_event_charge_and_payer AS paying ON paying.event_charge_id = line.event_charge_id
JOIN charges_billableevent AS event ON event.id = paying.event_id
LEFT JOIN parties_billingcustomer AS payer ON payer.id = paying.payer_id
WHERE line.id = ANY (%(lines)s) AND number.issued_at < %(moved_at)s AND NOT event.is_invoice
  AND paying.payer_id IS DISTINCT FROM invoice.customer_id
  AND (event.customer_id IS NULL OR event.customer_id = invoice.customer_id OR event.customer_id IN (
      SELECT billed.customer_id
      FROM charges_eventcharge AS other
      JOIN billing_invoiceline AS of_other ON of_other.event_charge_id = other.id
      JOIN billing_invoice AS billed ON billed.id = of_other.invoice_id
      WHERE other.event_id = event.id AND other.id <> line.event_charge_id
  ))
ORDER BY line.id
LIMIT 1
