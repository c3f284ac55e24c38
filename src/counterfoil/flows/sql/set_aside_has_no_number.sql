-- An invoice that has a number although it is held, excluded, or of a run that was never authorised.
SELECT 'invoice ' || number.number AS documents,
       CASE WHEN hold.invoice_id IS NOT NULL THEN 'it is held'
            WHEN exclusion.invoice_id IS NOT NULL THEN 'it is excluded'
            ELSE 'its run ' || run.id || ' is ' || run.status END || ', and has a number' AS message
FROM billing_documentnumber AS number
JOIN billing_invoice AS invoice ON invoice.id = number.invoice_id
JOIN billing_run AS run ON run.id = invoice.run_id
LEFT JOIN billing_invoicehold AS hold ON hold.invoice_id = invoice.id
LEFT JOIN billing_invoiceexclusion AS exclusion ON exclusion.invoice_id = invoice.id
WHERE hold.invoice_id IS NOT NULL OR exclusion.invoice_id IS NOT NULL
   OR run.status NOT IN ('authorised', 'issued', 'voided')
ORDER BY number.invoice_id
