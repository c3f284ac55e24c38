-- A run whose stored control totals are not those of the invoices it generated (billing-rules 12.5). Drafts that
-- replaced others in review, or were added by rating anew (shard 0), came later and are not among them.
WITH summed AS (
    SELECT invoice.run_id, invoice.currency, count(*) AS documents, sum(invoice.line_count) AS lines,
           sum(invoice.net_minor) AS net, sum(invoice.tax_minor) AS tax, sum(invoice.gross_minor) AS gross
    FROM billing_invoice AS invoice
    JOIN billing_run AS run ON run.id = invoice.run_id
    LEFT JOIN billing_invoiceexclusion AS replaced ON replaced.replaced_by_id = invoice.id
    WHERE run.generated_at IS NOT NULL AND replaced.invoice_id IS NULL AND invoice.shard > 0
    GROUP BY invoice.run_id, invoice.currency
)
SELECT 'run ' || COALESCE(summed.run_id, total.run_id) AS documents,
       COALESCE(summed.currency, total.currency) || ': stored ' || COALESCE(total.documents, 0)
           || ' documents, gross ' || COALESCE(total.gross_minor, 0) || '; found '
           || COALESCE(summed.documents, 0) || ', gross ' || COALESCE(summed.gross, 0) || ' (minor units)' AS message
FROM summed
FULL JOIN billing_runtotal AS total ON total.run_id = summed.run_id AND total.currency = summed.currency
WHERE (total.documents, total.lines, total.net_minor, total.tax_minor, total.gross_minor)
          IS DISTINCT FROM (summed.documents, summed.lines, summed.net, summed.tax, summed.gross)
ORDER BY 1
