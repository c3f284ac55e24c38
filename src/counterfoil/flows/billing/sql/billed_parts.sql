-- What credits that followed the dates left of the grid periods that hold an edge of a charge's billed span, or days
-- given up within it, before discounts (billing-rules 3.4). Credits given by hand are not counted; a line credited in
-- full and billed again for the same days is not, either. Only periods all of whose lines have one price, and none of
-- which was waived.
WITH touched AS (
    SELECT DISTINCT charge.charge_id, original.grid_start, original.grid_end
    FROM charges_charge_and_payer AS charge
    JOIN charges_chargespan AS span USING (charge_id)
    JOIN billing_invoiceline AS original USING (charge_id)
    JOIN billing_invoiceline AS credit ON credit.refers_to_id = original.id
    JOIN billing_live_invoice AS note ON note.id = credit.invoice_id
    WHERE ((span.starts_in_part OR span.ends_in_part)
               AND (span.billed_to < original.grid_end OR span.billed_from > original.grid_start)
           OR charge.charge_id = ANY(%(reopened)s::bigint[]))
      AND credit.refers_to_id IS NOT NULL AND credit.kind = 'credit' AND credit.span_from IS NOT NULL
      AND original.grid_start < span.billed_to AND original.grid_end > span.billed_from
      AND charge.payer_id BETWEEN %(first_customer)s AND %(last_customer)s
), line AS (
    SELECT line.*, line.net_minor + line.discount_minor
                   + CASE WHEN line.includes_tax THEN line.tax_minor ELSE 0 END AS rated_minor
    FROM touched
    JOIN billing_invoiceline AS line USING (charge_id, grid_start, grid_end)
    JOIN billing_live_invoice AS live ON live.id = line.invoice_id
    WHERE line.kind IN ('charge', 'waived')
), credited AS (
    SELECT line.id, sum(credit.net_minor) AS net_minor,
           sum(credit.net_minor + credit.discount_minor
               + CASE WHEN credit.includes_tax THEN credit.tax_minor ELSE 0 END)
               FILTER (WHERE credit.span_from IS NOT NULL) AS rated_minor
    FROM line
    JOIN billing_invoiceline AS credit ON credit.refers_to_id = line.id AND credit.kind = 'credit'
    JOIN billing_live_invoice AS note ON note.id = credit.invoice_id
    GROUP BY line.id
), kept AS (
    SELECT line.charge_id, line.grid_start, line.grid_end, line.kind, line.quantity, line.unit_price,
           line.rated_minor + COALESCE(credited.rated_minor, 0) AS left_minor
    FROM line
    LEFT JOIN credited ON credited.id = line.id
    WHERE NOT (
        COALESCE(credited.net_minor = -line.net_minor, FALSE)
        AND EXISTS (
            SELECT FROM line AS newer
            WHERE newer.charge_id = line.charge_id AND newer.id > line.id
              AND newer.period_start < line.period_end AND newer.period_end > line.period_start
        )
    )
)
SELECT charge_id, grid_start, grid_end, min(quantity) AS quantity, min(unit_price) AS unit_price,
       sum(left_minor) AS left_minor
FROM kept
GROUP BY charge_id, grid_start, grid_end
HAVING min(quantity) = max(quantity) AND min(unit_price) = max(unit_price) AND bool_and(kind = 'charge')
