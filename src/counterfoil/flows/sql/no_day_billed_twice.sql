-- Live lines of a charge overlap: a day is billed twice (billing-rules 2.6).
WITH live AS (
    SELECT line.id, line.charge_id, line.invoice_id, line.period_start,
           lag(line.invoice_id) OVER before AS invoice_before,
           max(line.period_end) OVER before_all AS billed_until
    FROM billing_invoiceline AS line
    JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
    JOIN billing_run AS run ON run.id = invoice.run_id
    WHERE run.status <> 'abandoned'
      AND NOT EXISTS (SELECT FROM billing_invoiceexclusion AS gone WHERE gone.invoice_id = invoice.id)
    WINDOW before AS (PARTITION BY line.charge_id ORDER BY line.period_start, line.id),
           before_all AS (before ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT 'charge ' || COALESCE(charge.key, live.charge_id::text) || ', invoice ' || live.invoice_before
           || ', invoice ' || live.invoice_id AS documents,
       'days from ' || live.period_start || ' are billed already, until ' || live.billed_until AS message
FROM live
LEFT JOIN charges_charge AS charge ON charge.id = live.charge_id
WHERE live.period_start < live.billed_until
ORDER BY live.id
