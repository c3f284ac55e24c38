-- The meters of the charges that one shard's customers pay.
SELECT meter.id AS meter_id, meter.charge_id, meter.key AS meter, meter.digits, meter.tolerance_days,
       meter.may_be_estimated::int
FROM charges_meter AS meter
JOIN charges_charge AS charge ON charge.id = meter.charge_id
JOIN parties_client AS client ON client.id = charge.client_id
WHERE COALESCE(charge.customer_id, client.customer_id) BETWEEN %(first_customer)s AND %(last_customer)s
