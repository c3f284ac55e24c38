-- The grid periods that hold the first and the last billed day of a charge, as its live lines were billed by, where
-- days may be owed beside an edge that lies within a period: another grid may have taken effect since (1.5).
WITH beside AS (
    SELECT span.*,
           span.starts_in_part AND charge.starts_on < span.billed_from AS has_days_before,
           span.ends_in_part AND COALESCE(span.billed_to < charge.ends_before, TRUE) AS has_days_after
    FROM charges_charge_and_payer AS charge
    JOIN charges_chargespan AS span USING (charge_id)
    WHERE (span.starts_in_part OR span.ends_in_part)
      AND charge.payer_id BETWEEN %(first_customer)s AND %(last_customer)s
)
SELECT beside.charge_id, first_line.grid_start AS start_grid_start, first_line.grid_end AS start_grid_end,
       last_line.grid_start AS end_grid_start, last_line.grid_end AS end_grid_end,
       other_grid.ends_before AS end_grid_since
FROM beside
LEFT JOIN LATERAL (
    SELECT line.grid_start, line.grid_end
    FROM billing_invoiceline AS line
    JOIN billing_live_invoice AS invoice ON invoice.id = line.invoice_id
    WHERE line.charge_id = beside.charge_id
      AND line.kind IN ('charge', 'usage', 'waived')
      AND line.period_start <= beside.billed_from AND line.period_end > beside.billed_from
    ORDER BY line.id DESC
    LIMIT 1
) AS first_line ON beside.has_days_before
LEFT JOIN LATERAL (
    SELECT line.grid_start, line.grid_end
    FROM billing_invoiceline AS line
    JOIN billing_live_invoice AS invoice ON invoice.id = line.invoice_id
    WHERE line.charge_id = beside.charge_id
      AND line.kind IN ('charge', 'usage', 'waived')
      AND line.period_start < beside.billed_to AND line.period_end >= beside.billed_to
    ORDER BY line.id DESC
    LIMIT 1
) AS last_line ON beside.has_days_after
LEFT JOIN LATERAL (
    SELECT max(line.period_end) AS ends_before
    FROM billing_invoiceline AS line
    JOIN billing_live_invoice AS invoice ON invoice.id = line.invoice_id
    WHERE line.charge_id = beside.charge_id
      AND line.kind IN ('charge', 'usage', 'waived')
      AND line.period_end > last_line.grid_start AND line.period_end <= beside.billed_to
      AND (line.grid_start, line.grid_end) <> (last_line.grid_start, last_line.grid_end)
) AS other_grid ON last_line.grid_start IS NOT NULL
WHERE beside.has_days_before OR beside.has_days_after
