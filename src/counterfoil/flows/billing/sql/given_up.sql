-- Days within the billed spans of charges that credits following the dates gave up, and that no newer line bills.
-- Charges are those of a shard's customers, or some by id. Usage, and days of a period that lines of several grids
-- lie in, are told apart: they are not rated again.
WITH credit AS (
    SELECT credit.id, original.charge_id, original.kind, original.grid_start, original.grid_end,
           daterange(credit.period_start, credit.period_end)
               * daterange(span.billed_from, span.billed_to) AS given_up
    FROM billing_invoiceline AS credit
    JOIN billing_live_invoice AS note ON note.id = credit.invoice_id
    JOIN billing_invoiceline AS original ON original.id = credit.refers_to_id
    JOIN charges_chargespan AS span ON span.charge_id = original.charge_id
    JOIN charges_charge_and_payer AS charge ON charge.charge_id = original.charge_id
    WHERE credit.refers_to_id IS NOT NULL AND credit.kind = 'credit' AND credit.span_from IS NOT NULL
      AND (credit.fraction_num > 0 OR original.kind = 'usage')
      AND credit.period_start < span.billed_to AND credit.period_end > span.billed_from
      AND (charge.charge_id = ANY(%(charges)s::bigint[])
           OR charge.payer_id BETWEEN %(first_customer)s AND %(last_customer)s)
), newer AS (
    SELECT credit.id, range_agg(daterange(line.period_start, line.period_end)) AS billed
    FROM credit
    JOIN billing_invoiceline AS line ON line.charge_id = credit.charge_id AND line.id > credit.id
    JOIN billing_live_invoice AS live ON live.id = line.invoice_id
    WHERE line.kind IN ('charge', 'usage', 'waived')
    GROUP BY credit.id
), left_open AS (
    SELECT credit.charge_id, credit.grid_start, credit.grid_end, bool_and(credit.kind = 'charge') AS is_by_price,
           unnest(range_agg(credit.given_up::datemultirange - COALESCE(newer.billed, '{}'))) AS days
    FROM credit
    LEFT JOIN newer USING (id)
    GROUP BY credit.charge_id, credit.grid_start, credit.grid_end
)
SELECT charge_id, lower(days) AS given_from, upper(days) AS given_to, grid_start, grid_end,
       (is_by_price AND NOT EXISTS (
           SELECT FROM billing_invoiceline AS line
           JOIN billing_live_invoice AS live ON live.id = line.invoice_id
           WHERE line.charge_id = left_open.charge_id AND line.kind IN ('charge', 'usage', 'waived')
             AND line.period_start < left_open.grid_end AND line.period_end > left_open.grid_start
             AND (line.grid_start, line.grid_end) <> (left_open.grid_start, left_open.grid_end)
       ))::int AS is_rated_again
FROM left_open
ORDER BY charge_id, given_from
