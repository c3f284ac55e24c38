-- What the documents of a run that count come to now, by currency: all of them, and those that have a number. Formal
-- lines are those that another system is given: of an amalgamated invoice one a tax category and rate.
SELECT invoice.currency, number.invoice_id IS NOT NULL AS is_issued, count(*) AS documents,
       sum(invoice.line_count)::bigint AS lines,
       sum(CASE WHEN invoice.is_amalgamated THEN (
               SELECT count(DISTINCT (line.tax_category_id, line.tax_rate))
               FROM billing_invoiceline AS line WHERE line.invoice_id = invoice.id)
           ELSE invoice.line_count END)::bigint AS formal_lines,
       sum(invoice.net_minor)::bigint AS net_minor,
       sum(invoice.tax_minor)::bigint AS tax_minor, sum(invoice.gross_minor)::bigint AS gross_minor
FROM billing_live_invoice AS live
JOIN billing_invoice AS invoice ON invoice.id = live.id
LEFT JOIN billing_documentnumber AS number ON number.invoice_id = invoice.id
WHERE live.run_id = %(run)s
GROUP BY 1, 2
ORDER BY 1, 2
