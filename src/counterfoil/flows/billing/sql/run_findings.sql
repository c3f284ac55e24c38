-- What a run could not bill, for its workbook.
SELECT code, charge_id, customer_id, client_id, message, remedy
FROM billing_billingexception
WHERE run_id = %(run)s
ORDER BY id
