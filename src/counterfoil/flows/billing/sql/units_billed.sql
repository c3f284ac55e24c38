-- The units billed of the grid periods in which an edge of a billed span lies (billing-rules 3.4). Not those of a line
-- whose days a credit that followed the dates gave up, or that was credited and billed again by a newer line.
SELECT charge.charge_id, line.grid_start,
       (sum((line.details::jsonb ->> 'units')::numeric) * 1000000)::bigint AS units
FROM charges_charge_and_payer AS charge
JOIN catalog_mastercharge AS master ON master.id = charge.master_charge_id
JOIN charges_chargespan AS span USING (charge_id)
JOIN billing_invoiceline AS line USING (charge_id)
JOIN billing_live_invoice AS live ON live.id = line.invoice_id
WHERE master.tariff_id IS NOT NULL
  AND (span.starts_in_part OR span.ends_in_part)
  AND line.kind IN ('usage', 'waived')
  AND line.details <> ''
  AND (line.grid_end > span.billed_to OR line.grid_start < span.billed_from)
  AND charge.payer_id BETWEEN %(first_customer)s AND %(last_customer)s
  AND NOT EXISTS (
      SELECT FROM billing_invoiceline AS credit
      JOIN billing_live_invoice AS note ON note.id = credit.invoice_id
      WHERE credit.refers_to_id = line.id AND credit.kind = 'credit' AND credit.span_from IS NOT NULL
  )
  AND NOT EXISTS (
      SELECT FROM billing_invoiceline AS newer
      JOIN billing_live_invoice AS of_newer ON of_newer.id = newer.invoice_id
      WHERE newer.charge_id = charge.charge_id AND newer.id > line.id AND newer.kind IN ('usage', 'waived')
        AND newer.period_start < line.period_end AND newer.period_end > line.period_start
  )
GROUP BY charge.charge_id, line.grid_start
