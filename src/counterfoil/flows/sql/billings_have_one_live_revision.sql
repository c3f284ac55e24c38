-- A number with several live revisions, or whose revisions are not 0, 1, 2 …, each void but for the newest.
SELECT 'billing B' || billing.seq AS documents,
       count(*) || ' revisions up to ' || max(billing.revision) || ', '
       || count(*) FILTER (WHERE void.billing_id IS NULL) || ' of them live' AS message
FROM billing_consolidatedbilling AS billing
LEFT JOIN billing_billingvoid AS void ON void.billing_id = billing.id
GROUP BY billing.seq
HAVING count(*) <> max(billing.revision) + 1
    OR count(*) FILTER (WHERE void.billing_id IS NULL) > 1
    OR max(billing.revision) FILTER (WHERE void.billing_id IS NULL) <> max(billing.revision)
ORDER BY billing.seq
