-- Up to which value of its counter each meter of a shard is billed: by the newest line that ends with the span.
SELECT span.charge_id, (meter ->> 'meter')::bigint AS meter_id, span.billed_to,
       ((meter ->> 'billed_to')::numeric * 1000000)::bigint AS value
FROM charges_chargespan AS span
JOIN charges_charge AS charge ON charge.id = span.charge_id
JOIN parties_client AS client ON client.id = charge.client_id
CROSS JOIN LATERAL (
    SELECT line.details
    FROM billing_invoiceline AS line
    JOIN billing_live_invoice AS live ON live.id = line.invoice_id
    WHERE line.charge_id = span.charge_id
      AND line.period_end = span.billed_to
      AND line.kind IN ('usage', 'waived')
      AND line.details <> ''
    ORDER BY line.id DESC
    LIMIT 1
) AS newest
CROSS JOIN LATERAL jsonb_array_elements(newest.details::jsonb -> 'meters') AS meter
WHERE charge.id IN (SELECT charge_id FROM charges_meter)
  AND COALESCE(charge.customer_id, client.customer_id) BETWEEN %(first_customer)s AND %(last_customer)s
