-- Credit notes of an invoice that give back another tax than their net carries: round(rate × all credited of the
-- group), never above the group's tax, and all of it once all is credited (billing-rules 6.6). Where a credit note
-- was voided between others the cents of rounding may lie elsewhere; then only the limit is checked.
WITH credited AS (
    SELECT note.credits_id, line.tax_category_id, line.tax_rate, line.includes_tax,
           sum(line.net_minor) AS net, sum(line.tax_minor) AS tax, max(note.id) AS last_note
    FROM billing_invoiceline AS line
    JOIN billing_live_invoice AS note ON note.id = line.invoice_id
    WHERE note.credits_id IS NOT NULL
    GROUP BY note.credits_id, line.tax_category_id, line.tax_rate, line.includes_tax
), tax_group AS (
    SELECT credited.*, sum(original.net_minor) AS group_net, sum(original.tax_minor) AS group_tax
    FROM credited
    JOIN billing_invoiceline AS original
      ON original.invoice_id = credited.credits_id AND original.tax_category_id = credited.tax_category_id
     AND original.tax_rate = credited.tax_rate AND original.includes_tax = credited.includes_tax
    GROUP BY credited.credits_id, credited.tax_category_id, credited.tax_rate, credited.includes_tax,
             credited.net, credited.tax, credited.last_note
)
SELECT 'invoice ' || COALESCE(number.number, tax_group.last_note::text) || ', invoice ' || tax_group.credits_id
           AS documents,
       'tax ' || -tax_group.tax || ' is credited on net ' || -tax_group.net || ' of a group of net '
           || tax_group.group_net || ' and tax ' || tax_group.group_tax || ' (minor units)' AS message
FROM tax_group
LEFT JOIN billing_documentnumber AS number ON number.invoice_id = tax_group.last_note
WHERE abs(tax_group.tax) > abs(tax_group.group_tax)
   OR (tax_group.net = -tax_group.group_net AND tax_group.tax <> -tax_group.group_tax)
   OR (NOT tax_group.includes_tax AND tax_group.net <> -tax_group.group_net
       AND abs(tax_group.tax) <> abs(tax_group.group_tax)
       AND abs(abs(tax_group.tax) * 100000000 - abs(tax_group.net) * tax_group.tax_rate) * 2 > 100000000
       AND NOT EXISTS (
           SELECT FROM billing_invoice AS other
           WHERE other.credits_id = tax_group.credits_id
             AND NOT EXISTS (SELECT FROM billing_live_invoice AS live WHERE live.id = other.id)
       ))
ORDER BY 1
