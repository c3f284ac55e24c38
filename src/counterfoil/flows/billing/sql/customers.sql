SELECT id AS customer_id, account, branch_id, currency, country, tax_status, is_active::int
FROM parties_billingcustomer
WHERE id BETWEEN %(first_customer)s AND %(last_customer)s
