-- A charge's billed span is not what its live lines and its opening cover, or a line lies outside (2.5).
-- The span begins where its first line, or the opening, begins, or before it where days were passed over.
-- A credit that follows the dates brings its edges in: then the span lies within what was billed.
WITH live AS (
    SELECT line.charge_id, min(line.period_start) AS first_day, max(line.period_end) AS last_end
    FROM billing_invoiceline AS line
    JOIN billing_live_invoice AS invoice ON invoice.id = line.invoice_id
    WHERE line.charge_id IS NOT NULL AND line.kind IN ('charge', 'usage', 'waived')
    GROUP BY line.charge_id
), shortened AS (
    SELECT DISTINCT original.charge_id
    FROM billing_invoiceline AS line
    JOIN billing_live_invoice AS invoice ON invoice.id = line.invoice_id
    JOIN billing_run AS run ON run.id = invoice.run_id
    JOIN billing_invoiceline AS original ON original.id = line.refers_to_id
    WHERE line.refers_to_id IS NOT NULL AND line.kind = 'credit'
      AND COALESCE(run.selection ->> 'credit_basis', 'none') <> 'none'
), billed AS (
    SELECT charge.id, charge.key, live.first_day, live.last_end,
           CASE WHEN charge.opening_billed_to > charge.starts_on THEN charge.opening_billed_to END AS opening_to,
           span.charge_id IS NULL AS is_missing, span.billed_from, span.billed_to,
           shortened.charge_id IS NOT NULL AS is_shortened
    FROM charges_charge AS charge
    LEFT JOIN charges_chargespan AS span ON span.charge_id = charge.id
    LEFT JOIN live ON live.charge_id = charge.id
    LEFT JOIN shortened ON shortened.charge_id = charge.id
)
SELECT 'charge ' || key AS documents,
       CASE WHEN is_missing THEN 'it has no billed span'
            ELSE 'its billed span is ' || COALESCE(billed_from || ' to ' || billed_to, 'empty')
                 || ', but its lines and opening reach '
                 || COALESCE('from ' || first_day || ' ', '')
                 || COALESCE('to ' || GREATEST(last_end, opening_to), 'nowhere') END AS message
FROM billed
WHERE is_missing
   OR (is_shortened AND billed_to > GREATEST(last_end, opening_to))
   OR (NOT is_shortened
       AND (billed_to IS DISTINCT FROM GREATEST(last_end, opening_to) OR billed_from > first_day))
ORDER BY id
