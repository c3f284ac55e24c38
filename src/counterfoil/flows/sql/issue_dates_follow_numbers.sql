-- A document whose invoice date is before that of an earlier number of its series (billing-rules 7.2).
WITH placed AS (
    SELECT number.number, number.series_id, number.seq, invoice.invoice_date,
           max(invoice.invoice_date) OVER (
               PARTITION BY number.series_id ORDER BY number.seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ) AS latest_before
    FROM billing_documentnumber AS number
    JOIN billing_invoice AS invoice ON invoice.id = number.invoice_id
)
SELECT 'invoice ' || placed.number AS documents,
       'dated ' || placed.invoice_date || ', but an earlier number is dated ' || placed.latest_before AS message
FROM placed
JOIN billing_documentseries AS series ON series.id = placed.series_id
WHERE placed.invoice_date < placed.latest_before AND NOT series.any_date_order
ORDER BY placed.series_id, placed.seq
