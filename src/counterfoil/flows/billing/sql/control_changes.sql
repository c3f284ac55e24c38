-- What a run generated, and what was done to its documents after that, by currency and kind, as differences of its sums.
WITH documents AS (
    SELECT invoice.id, invoice.currency, invoice.shard, invoice.invoice_date, invoice.line_count AS lines,
           invoice.net_minor AS net, invoice.tax_minor AS tax, invoice.gross_minor AS gross,
           exclusion.invoice_id IS NOT NULL AS is_gone, exclusion.replaced_by_id, exclusion.excluded_at,
           void.invoice_id IS NOT NULL OR run.status = 'voided' AS is_void
    FROM billing_invoice AS invoice
    JOIN billing_run AS run ON run.id = invoice.run_id
    LEFT JOIN billing_invoiceexclusion AS exclusion ON exclusion.invoice_id = invoice.id
    LEFT JOIN billing_invoicevoid AS void ON void.invoice_id = invoice.id
    WHERE invoice.run_id = %(run)s
), decided AS (
    SELECT DISTINCT documents.id, line.kind
    FROM documents
    JOIN billing_invoiceline AS line ON line.invoice_id = documents.replaced_by_id
    JOIN billing_linereason AS reason ON reason.line_id = line.id AND reason.given_at = documents.excluded_at
), changes AS (
    SELECT CASE WHEN after.invoice_date <> before.invoice_date THEN 're-dated'
                WHEN EXISTS (SELECT FROM decided WHERE decided.id = before.id AND kind = 'adjustment') THEN 'adjusted'
                WHEN EXISTS (SELECT FROM decided WHERE decided.id = before.id AND kind = 'waived') THEN 'waived'
                ELSE 're-rated' END AS what,
           before.currency, 0 AS documents, after.lines - before.lines AS lines, after.net - before.net AS net,
           after.tax - before.tax AS tax, after.gross - before.gross AS gross
    FROM documents AS before JOIN documents AS after ON after.id = before.replaced_by_id
    UNION ALL
    SELECT 'excluded', currency, -1, -lines, -net, -tax, -gross FROM documents WHERE is_gone AND replaced_by_id IS NULL
    UNION ALL
    SELECT 'added', currency, 1, lines, net, tax, gross
    FROM documents
    WHERE shard = 0 AND NOT EXISTS (SELECT FROM documents AS before WHERE before.replaced_by_id = documents.id)
    UNION ALL
    SELECT 'voided', currency, -1, -lines, -net, -tax, -gross FROM documents WHERE NOT is_gone AND is_void
)
SELECT 'generated' AS what, currency, 1 AS times, documents, lines, net_minor, tax_minor, gross_minor
FROM billing_runtotal WHERE run_id = %(run)s
UNION ALL
SELECT what, currency, count(*) AS times, sum(documents)::bigint AS documents, sum(lines)::bigint AS lines,
       sum(net)::bigint AS net_minor, sum(tax)::bigint AS tax_minor, sum(gross)::bigint AS gross_minor
FROM changes
GROUP BY what, currency
ORDER BY currency, what
