-- Found by the few deliveries that wait, whatever the batches of the person hold.
(
WITH waiting AS MATERIALIZED (
    SELECT billing_id FROM deliveries_billingdelivery WHERE state IN ('queued', 'sending')
)
SELECT 6, batch.id, batch.created_at, batch.created_at,
       count(*) FILTER (WHERE sent.state NOT IN ('queued', 'sending')), count(*), ''
FROM (
    SELECT DISTINCT billing.batch_id FROM waiting
    JOIN billing_consolidatedbilling AS billing ON billing.id = waiting.billing_id
) AS open
JOIN billing_consolidationbatch AS batch ON batch.id = open.batch_id
JOIN billing_consolidatedbilling AS billing ON billing.batch_id = batch.id
JOIN deliveries_billingdelivery AS sent ON sent.billing_id = billing.id
WHERE batch.created_by_id = %(user)s
GROUP BY batch.id
)
