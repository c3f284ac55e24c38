-- What stands in the way from legacy to standard customer mode, each with the object it is about. A draft is not billed
-- yet: it may be excluded, and billed again.
SELECT 'dealer_without_account' AS code, charge.key AS object
FROM charges_charge_and_payer AS paying
JOIN charges_charge AS charge ON charge.id = paying.charge_id
JOIN parties_client AS client ON client.id = paying.client_id
WHERE paying.by_dealer AND paying.payer_id IS NULL AND client.customer_id IS NOT NULL
UNION ALL
SELECT DISTINCT CASE WHEN event.is_begun OR event.dealers BETWEEN 1 AND event.charges - 1
                     THEN 'event_of_several' ELSE 'event_of_dealer_without_account' END, event.event_key
FROM (
    SELECT paying.event_key, count(*) AS charges, count(*) FILTER (WHERE paying.by_dealer) AS dealers,
           bool_or(paying.by_dealer AND paying.payer_id IS NULL AND client.customer_id IS NOT NULL) AS lacks_account,
           bool_or(charged.event_charge_id IS NOT NULL) AS is_begun,
           bool_and(number.invoice_id IS NOT NULL) AS is_issued,
           bool_or(charged.event_charge_id IS NULL AND paying.by_dealer) AS has_dealers_left
    FROM charges_event_charge_and_payer AS paying
    JOIN parties_client AS client ON client.id = paying.client_id
    LEFT JOIN charges_chargedevent AS charged ON charged.event_charge_id = paying.event_charge_id
    LEFT JOIN billing_invoiceline AS line ON line.id = charged.line_id
    LEFT JOIN billing_documentnumber AS number ON number.invoice_id = line.invoice_id
    WHERE NOT paying.is_invoice
    GROUP BY paying.event_key
) AS event
WHERE NOT event.is_issued
  AND (event.lacks_account OR event.dealers BETWEEN 1 AND event.charges - 1 OR event.is_begun AND event.has_dealers_left)
UNION ALL
SELECT 'prices_of_customer', customer.account || ' ' || master.code
FROM catalog_chargeoverride AS override
JOIN parties_billingcustomer AS customer ON customer.id = override.customer_id
JOIN catalog_mastercharge AS master ON master.id = override.master_charge_id
ORDER BY 1, 2
