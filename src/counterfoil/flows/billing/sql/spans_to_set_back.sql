-- For every charge with lines on drafts that are being dropped: where its billed span is, and where it was
-- before their run. `blocked_by` is an invoice with a newer line that still counts: then it cannot go back.
-- How new a line is tells the id it was first computed by: on a draft that replaced another it refers to it.
WITH dropped AS (
    SELECT line.charge_id, min(line.span_from) AS span_from, min(line.span_to) AS span_to,
           max(CASE line.kind WHEN 'credit' THEN line.id ELSE COALESCE(line.refers_to_id, line.id) END) AS newest_line
    FROM billing_invoiceline AS line
    JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
    WHERE invoice.run_id = %(run)s
      AND (%(invoices)s::bigint[] IS NULL OR invoice.id = ANY(%(invoices)s::bigint[]))
      AND NOT EXISTS (SELECT FROM billing_invoiceexclusion AS gone WHERE gone.invoice_id = invoice.id)
      AND line.charge_id IS NOT NULL
    GROUP BY line.charge_id
), counting AS (
    SELECT dropped.charge_id,
           bool_or(line.period_start = dropped.span_from AND line.grid_start = dropped.span_from) AS starts_whole,
           bool_or(line.period_end = dropped.span_to AND line.grid_end = dropped.span_to) AS ends_whole,
           min(line.invoice_id) FILTER (
               WHERE CASE line.kind WHEN 'credit' THEN line.id ELSE COALESCE(line.refers_to_id, line.id) END
                   > dropped.newest_line
           ) AS blocked_by
    FROM dropped
    JOIN billing_invoiceline AS line ON line.charge_id = dropped.charge_id
    JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
    JOIN billing_run AS run ON run.id = invoice.run_id
    WHERE run.status <> 'abandoned'
      AND NOT EXISTS (SELECT FROM billing_invoiceexclusion AS gone WHERE gone.invoice_id = invoice.id)
    GROUP BY dropped.charge_id
)
SELECT
    dropped.charge_id,
    span.billed_from AS was_from,
    span.billed_to AS was_to,
    dropped.span_from AS billed_from,
    dropped.span_to AS billed_to,
    (dropped.span_from IS NOT NULL AND counting.starts_whole IS NOT TRUE)::int AS starts_in_part,
    (dropped.span_to IS NOT NULL AND counting.ends_whole IS NOT TRUE)::int AS ends_in_part,
    counting.blocked_by
FROM dropped
JOIN counting USING (charge_id)
JOIN charges_chargespan AS span ON span.charge_id = dropped.charge_id
