-- A day of a charge stands on more live lines than are credited: it is billed twice (billing-rules 2.6).
-- Days of a line are free again where a credit followed the charge's dates, or the line is credited in full.
WITH billed AS (
    SELECT line.id, line.charge_id, line.invoice_id, line.period_start, line.period_end,
           lag(line.invoice_id) OVER before AS invoice_before,
           max(line.period_end) OVER before_all AS billed_until
    FROM billing_invoiceline AS line
    JOIN billing_live_invoice AS invoice ON invoice.id = line.invoice_id
    WHERE line.charge_id IS NOT NULL AND line.kind IN ('charge', 'usage', 'waived')
    WINDOW before AS (PARTITION BY line.charge_id ORDER BY line.period_start, line.id),
           before_all AS (before ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), overlapping AS (
    SELECT * FROM billed WHERE period_start < billed_until
), credit AS (
    SELECT original.charge_id, original.id AS line_id, original.period_start AS line_start,
           original.period_end AS line_end, line.period_start, line.period_end,
           line.span_from IS NOT NULL AND (line.fraction_num > 0 OR original.kind = 'usage') AS follows_dates,
           sum(line.net_minor) OVER of_line = -original.net_minor
               AND (original.net_minor <> 0 OR bool_or(line.span_from IS NULL) OVER of_line) AS is_in_full
    FROM billing_invoiceline AS original
    JOIN billing_invoiceline AS line ON line.refers_to_id = original.id AND line.kind = 'credit'
    JOIN billing_live_invoice AS invoice ON invoice.id = line.invoice_id
    WHERE original.charge_id IN (SELECT charge_id FROM overlapping)
    WINDOW of_line AS (PARTITION BY line.refers_to_id)
), given_up AS (
    -- Once for each line and day, however many credits it has.
    SELECT DISTINCT charge_id, line_id, line_start AS period_start, line_end AS period_end FROM credit WHERE is_in_full
    UNION ALL
    SELECT charge_id, line_id, period_start, period_end FROM credit WHERE follows_dates AND NOT is_in_full
), edge AS (
    SELECT charge_id, period_start AS day, 1 AS lines
    FROM billed WHERE charge_id IN (SELECT charge_id FROM overlapping)
    UNION ALL
    SELECT charge_id, period_end, -1 FROM billed WHERE charge_id IN (SELECT charge_id FROM overlapping)
    UNION ALL
    SELECT charge_id, period_start, -1 FROM given_up
    UNION ALL
    SELECT charge_id, period_end, 1 FROM given_up
), level AS (
    SELECT charge_id, day, sum(sum(lines)) OVER (PARTITION BY charge_id ORDER BY day) AS lines
    FROM edge GROUP BY charge_id, day
)
SELECT 'charge ' || COALESCE(charge.key, overlapping.charge_id::text) || ', invoice ' || overlapping.invoice_before
           || ', invoice ' || overlapping.invoice_id AS documents,
       'days from ' || overlapping.period_start || ' are billed already, until ' || overlapping.billed_until AS message
FROM overlapping
LEFT JOIN charges_charge AS charge ON charge.id = overlapping.charge_id
WHERE EXISTS (
    SELECT FROM level
    WHERE level.charge_id = overlapping.charge_id AND level.lines > 1
      AND level.day >= overlapping.period_start
      AND level.day < LEAST(overlapping.period_end, overlapping.billed_until)
)
ORDER BY overlapping.id
