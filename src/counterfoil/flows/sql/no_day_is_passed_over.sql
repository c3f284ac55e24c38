-- Days between two live lines of a charge, or between its opening and the first, that no line bills. Rightly so
-- where parts of a period are not billed (`none`) or the service paused; else somebody ought to know.
WITH live AS (
    SELECT line.id, line.charge_id, line.period_start,
           COALESCE(max(line.period_end) OVER (
               PARTITION BY line.charge_id ORDER BY line.period_start, line.id
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ), CASE WHEN charge.opening_billed_to > charge.starts_on THEN charge.opening_billed_to END) AS billed_until
    FROM billing_invoiceline AS line
    JOIN billing_live_invoice AS invoice ON invoice.id = line.invoice_id
    JOIN charges_charge AS charge ON charge.id = line.charge_id
    WHERE line.kind IN ('charge', 'usage', 'waived')
)
SELECT 'charge ' || charge.key AS documents,
       'no line bills the days from ' || live.billed_until || ' to before ' || live.period_start AS message
FROM live
JOIN charges_charge AS charge ON charge.id = live.charge_id
WHERE live.period_start > live.billed_until
ORDER BY live.id
