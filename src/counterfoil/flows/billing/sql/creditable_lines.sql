-- The live lines of charges, or all lines of invoices, with what live credits took off them. A credit that followed
-- the dates has the span from which it took days; its share is 0 where it only carries a minor unit of another piece.
-- A line of usage is credited as a whole, with or without a share. Adjustments are what a person took off a line, or
-- added to it, before it was issued, less what is credited of them.
WITH line AS (
    SELECT * FROM billing_invoiceline
    WHERE (charge_id = ANY(%(charges)s::bigint[]) AND kind IN ('charge', 'usage', 'waived'))
       OR (invoice_id = ANY(%(invoices)s::bigint[]) AND kind <> 'credit')
), credited AS (
    SELECT line.id,
           -sum(credit.net_minor) AS net_minor,
           -sum(credit.discount_minor) AS discount_minor,
           bool_or(credit.span_from IS NULL) AS by_hand,
           string_agg(credit.fraction_num || '/' || credit.fraction_den, ' ')
               FILTER (WHERE credit.span_from IS NOT NULL) AS shares,
           string_agg(credit.period_start || '/' || credit.period_end, ' ')
               FILTER (WHERE credit.span_from IS NOT NULL AND (credit.fraction_num > 0 OR line.kind = 'usage')) AS given_up
    FROM line
    JOIN billing_invoiceline AS credit ON credit.refers_to_id = line.id AND credit.kind = 'credit'
    JOIN billing_live_invoice AS note ON note.id = credit.invoice_id
    GROUP BY line.id
), adjustment AS (
    SELECT adjustment.id, line.id AS line_id, adjustment.net_minor
    FROM line
    JOIN billing_invoiceline AS adjustment ON adjustment.refers_to_id = line.id AND adjustment.kind = 'adjustment'
    JOIN billing_live_invoice AS live ON live.id = adjustment.invoice_id
), adjusted AS (
    SELECT line_id, sum(net_minor) AS net_minor
    FROM (
        SELECT line_id, net_minor FROM adjustment
        UNION ALL
        SELECT adjustment.line_id, credit.net_minor
        FROM adjustment
        JOIN billing_invoiceline AS credit ON credit.refers_to_id = adjustment.id AND credit.kind = 'credit'
        JOIN billing_live_invoice AS note ON note.id = credit.invoice_id
    ) AS part
    GROUP BY line_id
)
SELECT
    line.id AS line_id,
    line.invoice_id,
    line.line_no AS original_line_no,
    (number.invoice_id IS NOT NULL)::int AS is_issued,
    invoice.customer_id,
    invoice.branch_id,
    invoice.currency,
    invoice.po_number,
    line.kind,
    line.charge_id,
    line.event_charge_id,
    line.client_id,
    line.code,
    line.ledger_code,
    line.description,
    line.period_start,
    line.period_end,
    line.grid_start,
    line.grid_end,
    line.bill_date,
    line.fraction_num,
    line.fraction_den,
    line.part_charging,
    line.day_count,
    line.anchor_day,
    line.quantity,
    line.unit_price,
    line.price_level,
    line.tax_category_id,
    line.tax_rate,
    line.includes_tax::int,
    line.discount_minor,
    line.net_minor,
    line.tax_minor,
    line.details,
    COALESCE(credited.net_minor, 0) AS credited_minor,
    COALESCE(credited.discount_minor, 0) AS credited_discount_minor,
    COALESCE(adjusted.net_minor, 0) AS adjusted_minor,
    COALESCE(credited.by_hand, FALSE)::int AS is_credited_by_hand,
    COALESCE(credited.shares, '') AS credited_shares,
    COALESCE(credited.given_up, '') AS given_up
FROM line
JOIN billing_live_invoice AS live ON live.id = line.invoice_id
JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
LEFT JOIN billing_documentnumber AS number ON number.invoice_id = line.invoice_id
LEFT JOIN credited ON credited.id = line.id
LEFT JOIN adjusted ON adjusted.line_id = line.id
