-- A line credited by more than it came to, a credit that turns the sign, or one that refers to no line of the
-- invoice its note is for (billing-rules 6.1, 6.4).
WITH credited AS (
    SELECT line.refers_to_id, sum(line.net_minor) AS net, max(invoice.id) AS last_note
    FROM billing_invoiceline AS line
    JOIN billing_live_invoice AS invoice ON invoice.id = line.invoice_id
    WHERE line.kind = 'credit' AND line.refers_to_id IS NOT NULL
    GROUP BY line.refers_to_id
)
SELECT 'invoice ' || COALESCE(number.number, credited.last_note::text) || ', invoice ' || original.invoice_id AS documents,
       'line ' || original.id || ' came to ' || original.net_minor || ', credited are ' || -credited.net
           || ' (minor units)' AS message
FROM credited
JOIN billing_invoiceline AS original ON original.id = credited.refers_to_id
LEFT JOIN billing_documentnumber AS number ON number.invoice_id = credited.last_note
WHERE abs(credited.net) > abs(original.net_minor)
   OR sign(credited.net) * sign(original.net_minor) > 0
UNION ALL
SELECT 'invoice ' || COALESCE(number.number, note.id::text),
       'line ' || line.line_no || ' refers to no line of the invoice that is credited'
FROM billing_invoice AS note
JOIN billing_invoiceline AS line ON line.invoice_id = note.id AND line.kind = 'credit'
LEFT JOIN billing_invoiceline AS original ON original.id = line.refers_to_id
LEFT JOIN billing_documentnumber AS number ON number.invoice_id = note.id
WHERE note.credits_id IS NOT NULL AND original.invoice_id IS DISTINCT FROM note.credits_id
ORDER BY 1
