-- A consolidated billing that differs from its members: their number, tax or total, or one of another customer or
-- currency, or a contract invoice.
SELECT 'billing ' || billing.number AS documents,
       'its ' || COALESCE(held.members, 0) || ' invoices come to ' || COALESCE(held.gross_minor, 0) || ', the billing says '
       || billing.member_count || ' and ' || billing.gross_minor
       || CASE WHEN held.strange > 0 THEN '; ' || held.strange || ' do not belong there' ELSE '' END AS message
FROM billing_consolidatedbilling AS billing
LEFT JOIN (
    SELECT member.billing_id, count(*) AS members, sum(invoice.tax_minor) AS tax_minor,
           sum(invoice.gross_minor) AS gross_minor,
           count(*) FILTER (WHERE invoice.customer_id <> its.customer_id OR invoice.currency <> its.currency
                            OR COALESCE(credited.document_type, invoice.document_type) <> member.kind) AS strange
    FROM billing_billingmember AS member
    JOIN billing_consolidatedbilling AS its ON its.id = member.billing_id
    JOIN billing_invoice AS invoice ON invoice.id = member.invoice_id
    LEFT JOIN billing_invoice AS credited ON credited.id = invoice.credits_id
    GROUP BY member.billing_id
) AS held ON held.billing_id = billing.id
WHERE (held.members, held.tax_minor, held.gross_minor, held.strange)
      IS DISTINCT FROM (billing.member_count::bigint, billing.tax_minor::numeric, billing.gross_minor::numeric, 0::bigint)
ORDER BY billing.id
