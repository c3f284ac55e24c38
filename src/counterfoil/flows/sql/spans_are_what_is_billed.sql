-- A charge's billed span is not what its live lines and its opening cover, or a line lies outside (2.5).
-- The span begins where its first line, or the opening, begins, or before it where days were passed over.
WITH live AS (
    SELECT line.charge_id, min(line.period_start) AS first_day, max(line.period_end) AS last_end
    FROM billing_invoiceline AS line
    JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
    JOIN billing_run AS run ON run.id = invoice.run_id
    WHERE run.status <> 'abandoned'
      AND NOT EXISTS (SELECT FROM billing_invoiceexclusion AS gone WHERE gone.invoice_id = invoice.id)
    GROUP BY line.charge_id
), billed AS (
    SELECT charge.id, charge.key, live.first_day, live.last_end,
           CASE WHEN charge.opening_billed_to > charge.starts_on THEN charge.opening_billed_to END AS opening_to,
           span.charge_id IS NULL AS is_missing, span.billed_from, span.billed_to
    FROM charges_charge AS charge
    LEFT JOIN charges_chargespan AS span ON span.charge_id = charge.id
    LEFT JOIN live ON live.charge_id = charge.id
)
SELECT 'charge ' || key AS documents,
       CASE WHEN is_missing THEN 'it has no billed span'
            ELSE 'its billed span is ' || COALESCE(billed_from || ' to ' || billed_to, 'empty')
                 || ', but its lines and opening reach '
                 || COALESCE('to ' || GREATEST(last_end, opening_to), 'nowhere') END AS message
FROM billed
WHERE is_missing
   OR billed_to IS DISTINCT FROM GREATEST(last_end, opening_to)
   OR billed_from > first_day
ORDER BY id
