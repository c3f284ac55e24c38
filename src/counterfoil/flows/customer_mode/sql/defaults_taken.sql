-- Clients whose default customer a move to legacy mode took away, with that customer, where it is their dealer's still
-- and there is nothing that nobody pays: it would begin to pay for that.
SELECT moved.pgh_obj_id, before.customer_id
FROM parties_clientevent AS moved
CROSS JOIN LATERAL (
    SELECT earlier.customer_id FROM parties_clientevent AS earlier
    WHERE earlier.pgh_obj_id = moved.pgh_obj_id AND earlier.pgh_id < moved.pgh_id
    ORDER BY earlier.pgh_id DESC LIMIT 1
) AS before
JOIN parties_client AS client ON client.id = moved.pgh_obj_id AND client.customer_id IS NULL
JOIN parties_dealer AS dealer ON dealer.id = client.dealer_id AND dealer.customer_id = before.customer_id
WHERE moved.pgh_created_at = %(moved_at)s
  AND NOT EXISTS (
      SELECT FROM charges_charge_and_payer AS paying WHERE paying.client_id = client.id AND paying.payer_id IS NULL
  )
  AND NOT EXISTS (
      SELECT FROM charges_event_charge_and_payer AS paying WHERE paying.client_id = client.id AND paying.payer_id IS NULL
  )
ORDER BY 1
