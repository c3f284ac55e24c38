-- The newest documents whose delivery is failed, as one.
SELECT 103, min(id), min(changed_at), max(changed_at), count(*), 1::bigint, ''
FROM (
    SELECT sent.id, sent.changed_at FROM (
        SELECT id, changed_at, invoice_id FROM deliveries_delivery WHERE state = 'failed'
        ORDER BY id DESC LIMIT %(most_counted)s
    ) AS sent
    WHERE %(sees_all)s OR EXISTS (
        SELECT FROM billing_invoice AS invoice
        WHERE invoice.id = sent.invoice_id AND invoice.branch_id = ANY (%(branches)s::bigint[])
    )
) AS newest
HAVING count(*) > 0
