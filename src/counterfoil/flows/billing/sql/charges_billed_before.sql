-- Until when runs of the same kind before run %(run)s (null: all there are) billed each of the charges %(charges)s, and
-- to whom: the newest live line of each, where it is of a run of that definition, or of that selection on the spot.
SELECT newest.charge_id, newest.customer_id, newest.period_end AS billed_to
FROM unnest(%(charges)s::bigint[]) AS wanted (charge_id)
CROSS JOIN LATERAL (
    SELECT line.charge_id, line.period_end, invoice.customer_id, invoice.run_id
    FROM billing_invoiceline AS line
    JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
    JOIN billing_live_invoice AS live ON live.id = invoice.id
    WHERE line.charge_id = wanted.charge_id
      AND line.kind IN ('charge', 'usage', 'waived')
      AND (%(run)s::bigint IS NULL OR invoice.run_id < %(run)s::bigint)
    ORDER BY line.period_start DESC
    LIMIT 1
) AS newest
JOIN billing_run AS run ON run.id = newest.run_id
WHERE run.definition_id IS NOT DISTINCT FROM %(definition)s::bigint
  AND (%(definition)s::bigint IS NOT NULL OR run.selection = %(selection)s::jsonb)
