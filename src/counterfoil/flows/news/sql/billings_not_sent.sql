SELECT 105, min(id), min(changed_at), max(changed_at), count(*), 1::bigint, ''
FROM (
    SELECT sent.id, sent.changed_at FROM (
        SELECT id, changed_at, billing_id FROM deliveries_billingdelivery WHERE state IN ('failed', 'uncertain')
        ORDER BY id DESC LIMIT %(most_counted)s
    ) AS sent
    WHERE %(sees_all)s OR EXISTS (
        SELECT FROM billing_consolidatedbilling AS billing
        WHERE billing.id = sent.billing_id AND billing.branch_id = ANY (%(branches)s::bigint[])
    )
) AS newest
HAVING count(*) > 0
