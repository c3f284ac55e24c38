-- An issued invoice without a delivery to the connector that its run's selection names. What is voided stays here.
SELECT 'invoice ' || number.number AS documents,
       'it is issued, but no delivery to ' || (run.selection ->> 'connector') || ' is queued' AS message
FROM billing_documentnumber AS number
JOIN billing_live_invoice AS live ON live.id = number.invoice_id
JOIN billing_run AS run ON run.id = live.run_id
LEFT JOIN deliveries_delivery AS delivery
  ON delivery.invoice_id = live.id AND delivery.channel = run.selection ->> 'connector'
WHERE COALESCE(run.selection ->> 'connector', '') <> '' AND delivery.id IS NULL
ORDER BY number.invoice_id
