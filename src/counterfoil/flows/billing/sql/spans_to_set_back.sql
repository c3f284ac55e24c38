-- For every charge with lines on documents that are being dropped: where its billed span is, and where it was
-- before their run. `blocked_by` is an invoice with a newer line that still counts: then it cannot go back.
-- Lines that moved no span are left out: credits given by hand, and days billed again while they stay billed.
-- How new a line is tells the id it was first computed by: on a draft that replaced another it refers to it.
WITH dropped_invoice AS (
    SELECT live.id
    FROM billing_live_invoice AS live
    WHERE live.run_id = %(run)s
      AND (%(invoices)s::bigint[] IS NULL OR live.id = ANY(%(invoices)s::bigint[]))
), dropped_charge AS (
    SELECT DISTINCT line.charge_id
    FROM dropped_invoice
    JOIN billing_invoiceline AS line ON line.invoice_id = dropped_invoice.id
    WHERE line.charge_id IS NOT NULL
), counting AS (
    SELECT line.charge_id, line.invoice_id, line.span_from, line.span_to, line.kind,
           line.period_start, line.period_end, line.grid_start, line.grid_end,
           dropped_invoice.id IS NOT NULL AS is_dropped,
           live.run_id = %(run)s AS is_of_run,
           CASE line.kind WHEN 'credit' THEN line.id ELSE COALESCE(line.refers_to_id, line.id) END AS age,
           CASE line.kind
               WHEN 'credit' THEN line.span_from IS NOT NULL
               WHEN 'adjustment' THEN FALSE
               ELSE NOT COALESCE(line.period_start >= line.span_from AND line.period_end <= line.span_to, FALSE)
           END AS moved_span
    FROM dropped_charge
    JOIN billing_invoiceline AS line ON line.charge_id = dropped_charge.charge_id
    JOIN billing_live_invoice AS live ON live.id = line.invoice_id
    LEFT JOIN dropped_invoice ON dropped_invoice.id = line.invoice_id
), dropped AS (
    -- A draft rated anew may have days that its run bills on top of those of others: what the oldest line found counts.
    SELECT charge_id, (array_agg(span_from ORDER BY age))[1] AS span_from, (array_agg(span_to ORDER BY age))[1] AS span_to,
           max(age) AS newest_line
    FROM counting
    WHERE is_dropped AND moved_span
    GROUP BY charge_id
), billed_since AS (
    -- Days that a dropped credit gave up, and a newer line bills, would be billed twice.
    SELECT credit.charge_id, min(line.invoice_id) AS blocked_by
    FROM counting AS credit
    JOIN counting AS line ON line.charge_id = credit.charge_id AND line.age > credit.age
     AND line.period_start < credit.period_end AND line.period_end > credit.period_start
    WHERE credit.kind = 'credit' AND credit.is_dropped AND credit.moved_span
      AND line.kind NOT IN ('credit', 'adjustment') AND NOT line.is_dropped
    GROUP BY credit.charge_id
), edge AS (
    SELECT dropped.charge_id,
           bool_or(line.period_start = dropped.span_from AND line.grid_start = dropped.span_from)
               FILTER (WHERE line.kind <> 'credit') AS starts_whole,
           bool_or(line.period_end = dropped.span_to AND line.grid_end = dropped.span_to)
               FILTER (WHERE line.kind <> 'credit') AS ends_whole,
           min(line.invoice_id) FILTER (
               WHERE line.moved_span AND NOT line.is_dropped AND (line.age > dropped.newest_line OR line.is_of_run)
           ) AS blocked_by
    FROM dropped
    JOIN counting AS line USING (charge_id)
    GROUP BY dropped.charge_id
)
SELECT
    dropped.charge_id,
    span.billed_from AS was_from,
    span.billed_to AS was_to,
    dropped.span_from AS billed_from,
    dropped.span_to AS billed_to,
    (dropped.span_from IS NOT NULL AND edge.starts_whole IS NOT TRUE)::int AS starts_in_part,
    (dropped.span_to IS NOT NULL AND edge.ends_whole IS NOT TRUE)::int AS ends_in_part,
    COALESCE(edge.blocked_by, billed_since.blocked_by) AS blocked_by
FROM dropped
JOIN edge USING (charge_id)
LEFT JOIN billed_since USING (charge_id)
JOIN charges_chargespan AS span ON span.charge_id = dropped.charge_id
-- Runs lock spans in this order, too.
ORDER BY dropped.charge_id
