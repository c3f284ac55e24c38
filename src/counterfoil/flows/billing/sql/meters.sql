-- The meters of the charges that one shard's customers pay.
SELECT meter.id AS meter_id, meter.charge_id, meter.key AS meter, meter.digits, meter.tolerance_days,
       meter.may_be_estimated::int
FROM charges_meter AS meter
JOIN charges_charge_and_payer AS charge USING (charge_id)
WHERE charge.payer_id BETWEEN %(first_customer)s AND %(last_customer)s
