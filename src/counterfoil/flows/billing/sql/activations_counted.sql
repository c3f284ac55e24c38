-- The chargeable activations, by day, of the clients whose activations a shard's tariffs count.
SELECT event.client_id, event.occurred_on, count(*) AS activations
FROM charges_billableevent AS event
WHERE event.kind = 'activation'
  AND event.is_chargeable
  AND event.client_id IN (
      SELECT charge.client_id
      FROM charges_charge_and_payer AS charge
      JOIN catalog_mastercharge AS master ON master.id = charge.master_charge_id
      JOIN catalog_tariff AS tariff ON tariff.id = master.tariff_id
      WHERE tariff.counts = 'activations'
        AND charge.payer_id BETWEEN %(first_customer)s AND %(last_customer)s
  )
GROUP BY event.client_id, event.occurred_on
