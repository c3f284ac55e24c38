-- An issued run whose kept sums are not what its documents come to that have a number and are not void; and days to
-- and from which consolidated billings move what is due, that are not those of the live ones (billing-rules 8.5).
WITH documents AS (
    SELECT invoice.run_id, invoice.currency, sum(invoice.net_minor) AS net, sum(invoice.gross_minor) AS gross
    FROM billing_run AS run
    JOIN billing_invoice AS invoice ON invoice.run_id = run.id
    JOIN billing_documentnumber AS number ON number.invoice_id = invoice.id
    WHERE run.status = 'issued'
      AND NOT EXISTS (SELECT FROM billing_invoicevoid AS void WHERE void.invoice_id = invoice.id)
    GROUP BY invoice.run_id, invoice.currency
), revenue AS (
    SELECT run_id, currency, sum(net_minor) AS net FROM billing_issuedrevenue GROUP BY run_id, currency
), due AS (
    SELECT run_id, currency, sum(gross_minor) AS gross FROM billing_issueddue
    WHERE run_id IS NOT NULL GROUP BY run_id, currency
), moved AS (
    SELECT due_on, branch_id, currency, sum(gross_minor) AS gross, sum(documents) AS documents
    FROM billing_issueddue WHERE run_id IS NULL GROUP BY due_on, branch_id, currency
), live AS (
    SELECT one.due_on, invoice.branch_id, invoice.currency, sum(one.gross) AS gross, sum(one.documents) AS documents
    FROM billing_billingmember AS member
    JOIN billing_consolidatedbilling AS billing ON billing.id = member.billing_id
    JOIN billing_documentnumber AS number ON number.invoice_id = member.invoice_id
    JOIN billing_invoice AS invoice ON invoice.id = member.invoice_id
    CROSS JOIN LATERAL (
        VALUES (number.due_on, -invoice.gross_minor, -1), (billing.due_on, invoice.gross_minor, 1)
    ) AS one (due_on, gross, documents)
    WHERE member.is_live
    GROUP BY one.due_on, invoice.branch_id, invoice.currency
)
SELECT 'run ' || documents.run_id AS documents,
       documents.currency || ': kept net ' || COALESCE(revenue.net, 0) || ', gross ' || COALESCE(due.gross, 0)
           || '; its documents come to net ' || documents.net || ', gross ' || documents.gross
           || ' (minor units)' AS message
FROM documents
LEFT JOIN revenue USING (run_id, currency)
LEFT JOIN due USING (run_id, currency)
WHERE (documents.net, documents.gross) IS DISTINCT FROM (COALESCE(revenue.net, 0), COALESCE(due.gross, 0))
UNION ALL
SELECT 'due ' || due_on,
       'branch ' || branch_id || ', ' || currency || ': consolidated billings move gross ' || COALESCE(moved.gross, 0) || ' of '
           || COALESCE(moved.documents, 0) || ' documents; the live ones hold ' || COALESCE(live.gross, 0) || ' of '
           || COALESCE(live.documents, 0) || ' (minor units)'
FROM moved
FULL JOIN live USING (due_on, branch_id, currency)
WHERE (COALESCE(moved.gross, 0), COALESCE(moved.documents, 0))
      IS DISTINCT FROM (COALESCE(live.gross, 0), COALESCE(live.documents, 0))
ORDER BY 1
