-- How many charges of given events there are by who pays, in the order of the customers.
SELECT payer_id AS customer_id, count(*)
FROM charges_event_charge_and_payer
WHERE event_id = ANY(%(events)s::bigint[])
GROUP BY 1
ORDER BY 1
