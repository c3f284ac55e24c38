-- Invoices that count and have a number, with how many live credit notes each has and which is the newest. An
-- invoice that was voided meanwhile is not among them.
SELECT live.id AS invoice_id, count(note.id) AS notes, max(note.id) AS newest_note
FROM billing_live_invoice AS live
JOIN billing_documentnumber AS number ON number.invoice_id = live.id
LEFT JOIN billing_live_invoice AS note ON note.credits_id = live.id
WHERE live.id = ANY(%(invoices)s::bigint[])
GROUP BY live.id
