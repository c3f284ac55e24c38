-- Rows of the tables without foreign keys that refer to nothing (records/billing/integrity.py).
SELECT 'invoice ' || invoice.id AS documents, 'its run, customer, branch or credited invoice does not exist' AS message
FROM billing_invoice AS invoice
LEFT JOIN billing_run AS run ON run.id = invoice.run_id
LEFT JOIN parties_billingcustomer AS customer ON customer.id = invoice.customer_id
LEFT JOIN organisation_branch AS branch ON branch.id = invoice.branch_id
LEFT JOIN billing_invoice AS credited ON credited.id = invoice.credits_id
WHERE run.id IS NULL OR customer.id IS NULL OR branch.id IS NULL
   OR (invoice.credits_id IS NOT NULL AND credited.id IS NULL)
UNION ALL
SELECT 'line ' || line.id || ' of invoice ' || line.invoice_id,
       'its invoice, charge, event, client, tax category or the line it refers to does not exist'
FROM billing_invoiceline AS line
LEFT JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
LEFT JOIN charges_charge AS charge ON charge.id = line.charge_id
LEFT JOIN charges_eventcharge AS event_charge ON event_charge.id = line.event_charge_id
LEFT JOIN billing_invoiceline AS referred_to ON referred_to.id = line.refers_to_id
LEFT JOIN parties_client AS client ON client.id = line.client_id
LEFT JOIN catalog_taxcategory AS category ON category.id = line.tax_category_id
WHERE invoice.id IS NULL OR client.id IS NULL OR category.id IS NULL
   OR (line.charge_id IS NOT NULL AND charge.id IS NULL)
   OR (line.event_charge_id IS NOT NULL AND event_charge.id IS NULL)
   OR (line.refers_to_id IS NOT NULL AND referred_to.id IS NULL)
UNION ALL
SELECT 'number ' || number.number, 'its invoice or series does not exist'
FROM billing_documentnumber AS number
LEFT JOIN billing_invoice AS invoice ON invoice.id = number.invoice_id
LEFT JOIN billing_documentseries AS series ON series.id = number.series_id
WHERE invoice.id IS NULL OR series.id IS NULL
UNION ALL
SELECT 'delivery ' || delivery.id, 'its invoice does not exist'
FROM deliveries_delivery AS delivery
LEFT JOIN billing_invoice AS invoice ON invoice.id = delivery.invoice_id
WHERE invoice.id IS NULL
UNION ALL
SELECT 'billing ' || billing.number, 'its batch, customer or branch does not exist'
FROM billing_consolidatedbilling AS billing
LEFT JOIN billing_consolidationbatch AS batch ON batch.id = billing.batch_id
LEFT JOIN parties_billingcustomer AS customer ON customer.id = billing.customer_id
LEFT JOIN organisation_branch AS branch ON branch.id = billing.branch_id
WHERE customer.id IS NULL OR branch.id IS NULL OR (billing.batch_id IS NOT NULL AND batch.id IS NULL)
UNION ALL
SELECT 'member ' || member.id, 'its billing or invoice does not exist'
FROM billing_billingmember AS member
LEFT JOIN billing_consolidatedbilling AS billing ON billing.id = member.billing_id
LEFT JOIN billing_invoice AS invoice ON invoice.id = member.invoice_id
WHERE billing.id IS NULL OR invoice.id IS NULL
UNION ALL
SELECT 'delivery ' || delivery.id || ' of a billing', 'its billing does not exist'
FROM deliveries_billingdelivery AS delivery
LEFT JOIN billing_consolidatedbilling AS billing ON billing.id = delivery.billing_id
WHERE billing.id IS NULL
ORDER BY 1
