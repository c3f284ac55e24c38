-- How many charges of given events there are by who pays, in the order of the customers.
SELECT COALESCE(event.customer_id, client.customer_id) AS customer_id, count(*)
FROM charges_eventcharge AS event_charge
JOIN charges_billableevent AS event ON event.id = event_charge.event_id
JOIN parties_client AS client ON client.id = event.client_id
WHERE event.id = ANY(%(events)s::bigint[])
GROUP BY 1
ORDER BY 1
