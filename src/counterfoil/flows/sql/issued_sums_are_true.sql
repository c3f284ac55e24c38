-- An issued run whose kept sums are not what its documents come to that have a number and are not void.
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
    SELECT run_id, currency, sum(gross_minor) AS gross FROM billing_issueddue GROUP BY run_id, currency
)
SELECT 'run ' || documents.run_id AS documents,
       documents.currency || ': kept net ' || COALESCE(revenue.net, 0) || ', gross ' || COALESCE(due.gross, 0)
           || '; its documents come to net ' || documents.net || ', gross ' || documents.gross
           || ' (minor units)' AS message
FROM documents
LEFT JOIN revenue USING (run_id, currency)
LEFT JOIN due USING (run_id, currency)
WHERE (documents.net, documents.gross) IS DISTINCT FROM (COALESCE(revenue.net, 0), COALESCE(due.gross, 0))
ORDER BY 1
