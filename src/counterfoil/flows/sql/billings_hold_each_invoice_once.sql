-- An invoice in two live consolidated billings, a live member of a void billing, or an ended one of a live billing.
SELECT 'billing ' || billing.number AS documents,
       'invoice ' || COALESCE(number.number, member.invoice_id::text) ||
       CASE WHEN member.is_live AND void.billing_id IS NOT NULL THEN ' is still held, though the billing is void'
            WHEN NOT member.is_live THEN ' is no longer held, though the billing is live'
            ELSE ' is in ' || member.billings || ' live billings' END AS message
FROM (
    SELECT *, count(*) FILTER (WHERE is_live) OVER (PARTITION BY invoice_id) AS billings FROM billing_billingmember
) AS member
JOIN billing_consolidatedbilling AS billing ON billing.id = member.billing_id
LEFT JOIN billing_billingvoid AS void ON void.billing_id = member.billing_id
LEFT JOIN billing_documentnumber AS number ON number.invoice_id = member.invoice_id
WHERE member.is_live = (void.billing_id IS NOT NULL) OR (member.is_live AND member.billings > 1)
ORDER BY billing.id, member.position
