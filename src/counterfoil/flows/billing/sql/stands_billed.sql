-- Up to which value of its counter each meter of a shard is billed: by the newest line that ends with the span.
SELECT charge.charge_id, (meter ->> 'meter')::bigint AS meter_id, span.billed_to,
       ((meter ->> 'billed_to')::numeric * 1000000)::bigint AS value
FROM charges_charge_and_payer AS charge
JOIN charges_chargespan AS span USING (charge_id)
CROSS JOIN LATERAL (
    SELECT line.details
    FROM billing_invoiceline AS line
    JOIN billing_live_invoice AS live ON live.id = line.invoice_id
    WHERE line.charge_id = charge.charge_id
      AND line.period_end = span.billed_to
      AND line.kind IN ('usage', 'waived')
      AND line.details <> ''
    ORDER BY line.id DESC
    LIMIT 1
) AS newest
CROSS JOIN LATERAL jsonb_array_elements(newest.details::jsonb -> 'meters') AS meter
WHERE charge.charge_id IN (SELECT charge_id FROM charges_meter)
  AND charge.payer_id BETWEEN %(first_customer)s AND %(last_customer)s
