-- What happened to a document beside what stands on its own row: when, what, who, what it is about, and why.
WITH happened (moment, what, by_id, about, beside, state, reason) AS (
    SELECT excluded_at, 'took_the_place', excluded_by_id, invoice_id::text, '', '', reason
    FROM billing_invoiceexclusion WHERE replaced_by_id = %(invoice)s
    UNION ALL
    SELECT CASE pgh_label WHEN 'insert' THEN held_at ELSE pgh_created_at END,
           CASE pgh_label WHEN 'insert' THEN 'held' ELSE 'released' END,
           CASE pgh_label WHEN 'insert' THEN held_by_id END,
           '', '', '', CASE pgh_label WHEN 'insert' THEN reason ELSE '' END
    FROM billing_invoiceholdevent WHERE pgh_obj_id = %(invoice)s AND pgh_label IN ('insert', 'delete')
    UNION ALL
    (SELECT reason.given_at, 'line', reason.given_by_id, line.line_no::text, line.description, '', reason.reason
     FROM billing_invoiceline AS line JOIN billing_linereason AS reason ON reason.line_id = line.id
     WHERE line.invoice_id = %(invoice)s ORDER BY line.line_no LIMIT %(most)s)
    UNION ALL
    SELECT changed_at, CASE WHEN is_queued THEN 'queued' ELSE 'unqueued' END, changed_by_id, '', '', '', reason
    FROM billing_queuechange WHERE invoice_id = %(invoice)s
    UNION ALL
    (SELECT billing.created_at, 'consolidated', billing.created_by_id, billing.number, '', '', ''
     FROM billing_billingmember AS member JOIN billing_consolidatedbilling AS billing ON billing.id = member.billing_id
     WHERE member.invoice_id = %(invoice)s ORDER BY billing.id DESC LIMIT %(most)s)
    UNION ALL
    (SELECT COALESCE(mail.settled_at, mail.begun_at), 'mailed', mail.asked_by_id, mail.recipients, '', mail.state,
            mail.reason
     FROM deliveries_delivery AS delivery JOIN deliveries_mail AS mail ON mail.delivery_id = delivery.id
     WHERE delivery.invoice_id = %(invoice)s ORDER BY mail.id DESC LIMIT %(most)s)
    UNION ALL
    SELECT changed_at, 'carried', NULL, channel, external_number, state, ''
    FROM deliveries_delivery WHERE invoice_id = %(invoice)s AND channel <> 'email'
)
SELECT happened.moment, happened.what, happened.about, happened.beside, happened.state, happened.reason,
       person.first_name, person.last_name, person.username
FROM happened LEFT JOIN organisation_user AS person ON person.id = happened.by_id
ORDER BY happened.moment DESC LIMIT %(most)s
