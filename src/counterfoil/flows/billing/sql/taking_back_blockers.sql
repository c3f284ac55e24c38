-- Why documents of a run cannot be taken back, one row a document and reason (billing-rules 7.5, 12.4), of the kinds
-- asked for, the first *most* of each. What stands against setting spans back is found with the spans. `blockers` counts all rows, `documents` those of the kind.
WITH chosen AS (
    SELECT invoice.id, invoice.invoice_date, invoice.credits_id,
           COALESCE(number.number, 'draft ' || invoice.id) AS name
    FROM billing_live_invoice AS live
    JOIN billing_invoice AS invoice ON invoice.id = live.id
    LEFT JOIN billing_documentnumber AS number ON number.invoice_id = invoice.id
    WHERE live.run_id = %(run)s
      AND (%(invoices)s::bigint[] IS NULL OR live.id = ANY(%(invoices)s::bigint[]))
), blocked AS (
    -- What was sent once left the house, also while it is queued to be sent again or that failed.
    SELECT 'delivered' AS kind, chosen.id, chosen.name || ' left the house by ' || delivery.channel || ' (' || gone.state || ')' AS why
    FROM chosen
    JOIN deliveries_delivery AS delivery ON delivery.invoice_id = chosen.id
    CROSS JOIN LATERAL (
        SELECT delivery.state WHERE delivery.state IN ('sending', 'sent', 'uncertain')
        UNION ALL
        SELECT mail.state FROM deliveries_mail AS mail
        WHERE mail.delivery_id = delivery.id AND mail.state IN ('sent', 'uncertain')
        LIMIT 1
    ) AS gone
    UNION ALL
    SELECT 'consolidated', chosen.id, chosen.name || ' is in the consolidated billing ' || billing.number
    FROM chosen
    JOIN billing_billingmember AS member ON member.invoice_id = chosen.id AND member.is_live
    JOIN billing_consolidatedbilling AS billing ON billing.id = member.billing_id
    UNION ALL
    SELECT 'delivered', chosen.id, chosen.name || ' left the house with ' || billing.number || ' by '
           || delivery.channel
           || ' (' || CASE WHEN delivery.state IN ('sending', 'uncertain') THEN delivery.state ELSE 'sent' END || ')'
    FROM chosen
    JOIN billing_billingmember AS member ON member.invoice_id = chosen.id
    JOIN billing_consolidatedbilling AS billing ON billing.id = member.billing_id
    JOIN deliveries_billingdelivery AS delivery ON delivery.billing_id = billing.id
    WHERE delivery.state IN ('sending', 'sent', 'uncertain') OR delivery.left_at IS NOT NULL
    UNION ALL
    SELECT 'credited', chosen.id, chosen.name || ' is credited by ' || COALESCE(number.number, 'draft ' || note.id)
    FROM chosen
    JOIN billing_live_invoice AS note ON note.credits_id = chosen.id
    LEFT JOIN billing_documentnumber AS number ON number.invoice_id = note.id
    WHERE NOT EXISTS (SELECT FROM chosen AS also WHERE also.id = note.id)
    UNION ALL
    SELECT 'followed', chosen.id, chosen.name || ' is followed by ' || COALESCE(number.number, 'draft ' || later.id)
           || ', which credits the same invoice'
    FROM chosen
    JOIN billing_live_invoice AS later ON later.credits_id = chosen.credits_id AND later.id > chosen.id
    LEFT JOIN billing_documentnumber AS number ON number.invoice_id = later.id
    WHERE NOT EXISTS (SELECT FROM chosen AS also WHERE also.id = later.id)
    UNION ALL
    SELECT 'closed', chosen.id, chosen.name || ' is dated ' || chosen.invoice_date || ', and the books are closed before '
           || organisation.books_closed_before
    FROM chosen
    JOIN organisation_organisation AS organisation ON chosen.invoice_date < organisation.books_closed_before
    UNION ALL
    SELECT 'paired', chosen.id, chosen.name || ' belongs together with ' || COALESCE(number.number, 'draft ' || other.id)
           || ': credited and billed again'
    FROM chosen
    JOIN billing_run AS run ON run.id = %(run)s AND run.selection ->> 'bills_again' = 'true'
    JOIN billing_live_invoice AS other ON other.run_id = run.id
    LEFT JOIN billing_documentnumber AS number ON number.invoice_id = other.id
    WHERE NOT EXISTS (SELECT FROM chosen AS also WHERE also.id = other.id)
)
, numbered AS (
    SELECT kind, id, why, count(*) OVER () AS blockers, row_number() OVER (PARTITION BY kind ORDER BY id, why) AS nth
    FROM blocked
    WHERE kind = ANY(%(kinds)s::text[])
), counted AS (
    SELECT kind, count(DISTINCT id) AS documents FROM blocked GROUP BY kind
)
SELECT kind, id, why, blockers, documents
FROM numbered
JOIN counted USING (kind)
WHERE nth <= COALESCE(%(most)s, nth)
ORDER BY id, why
