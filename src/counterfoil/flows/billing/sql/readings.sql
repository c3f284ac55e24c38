-- The readings that the next periods of a shard's meters can need: those after what is billed, and the last three
-- before; all of them where nothing is billed, or days before the billed span are owed.
SELECT reading.meter_id, reading.read_on, reading.value, reading.is_estimate::int
FROM charges_meter AS meter
JOIN charges_charge_and_payer AS charge USING (charge_id)
JOIN charges_chargespan AS span USING (charge_id)
LEFT JOIN LATERAL (
    SELECT earlier.read_on
    FROM charges_reading AS earlier
    WHERE earlier.meter_id = meter.id
      AND earlier.read_on <= span.billed_to
      AND span.billed_from <= charge.starts_on
    ORDER BY earlier.read_on DESC
    OFFSET 2 LIMIT 1
) AS needed ON TRUE
JOIN charges_reading AS reading
  ON reading.meter_id = meter.id AND reading.read_on >= COALESCE(needed.read_on, '-infinity')
WHERE charge.payer_id BETWEEN %(first_customer)s AND %(last_customer)s
