-- For every charge with lines on drafts that are being dropped: where its billed span is, and where it was
-- before their run. `blocked_by` is a newer line that still counts: then the span cannot go back.
WITH dropped AS (
    SELECT line.charge_id, min(line.span_from) AS span_from, min(line.span_to) AS span_to,
           max(line.id) AS newest_line
    FROM billing_invoiceline AS line
    JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
    WHERE invoice.run_id = %(run)s
      AND (%(invoices)s::bigint[] IS NULL OR invoice.id = ANY(%(invoices)s::bigint[]))
      AND NOT EXISTS (SELECT FROM billing_invoiceexclusion AS gone WHERE gone.invoice_id = invoice.id)
    GROUP BY line.charge_id
), counting AS (
    SELECT line.id, line.invoice_id, line.charge_id, line.period_start, line.period_end, line.grid_start,
           line.grid_end, dropped.newest_line, dropped.span_from, dropped.span_to
    FROM dropped
    JOIN billing_invoiceline AS line ON line.charge_id = dropped.charge_id
    JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
    JOIN billing_run AS run ON run.id = invoice.run_id
    WHERE run.status <> 'abandoned'
      AND NOT EXISTS (SELECT FROM billing_invoiceexclusion AS gone WHERE gone.invoice_id = invoice.id)
)
SELECT
    dropped.charge_id,
    span.billed_from AS was_from,
    span.billed_to AS was_to,
    dropped.span_from AS billed_from,
    dropped.span_to AS billed_to,
    (dropped.span_from IS NOT NULL AND NOT EXISTS (
        SELECT FROM counting
        WHERE counting.charge_id = dropped.charge_id
          AND counting.period_start = dropped.span_from AND counting.grid_start = dropped.span_from
    ))::int AS starts_in_part,
    (dropped.span_to IS NOT NULL AND NOT EXISTS (
        SELECT FROM counting
        WHERE counting.charge_id = dropped.charge_id
          AND counting.period_end = dropped.span_to AND counting.grid_end = dropped.span_to
    ))::int AS ends_in_part,
    (SELECT min(counting.invoice_id) FROM counting
     WHERE counting.charge_id = dropped.charge_id AND counting.id > dropped.newest_line) AS blocked_by
FROM dropped
JOIN charges_chargespan AS span ON span.charge_id = dropped.charge_id
