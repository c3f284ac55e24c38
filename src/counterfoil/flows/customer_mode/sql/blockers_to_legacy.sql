-- Why moving from standard to legacy customer mode would lose something, each with the object it is about.
WITH account AS (
    SELECT client.customer_id, client.code
    FROM parties_client AS client
    LEFT JOIN parties_dealer AS dealer ON dealer.id = client.dealer_id
    WHERE client.customer_id IS NOT NULL AND client.customer_id IS DISTINCT FROM dealer.customer_id
      -- It stands for the customer itself.
      AND client.own_of_customer_id IS NULL
    UNION ALL
    SELECT customer_id, code FROM parties_dealer WHERE customer_id IS NOT NULL
), shared AS (
    SELECT customer_id FROM account GROUP BY customer_id HAVING count(*) > 1
)
SELECT 'account_of_several' AS code, customer.account AS object
FROM shared JOIN parties_billingcustomer AS customer ON customer.id = shared.customer_id
UNION ALL
SELECT 'paid_by_somebody_else', charge.key
FROM charges_charge_and_payer AS paying
JOIN charges_charge AS charge ON charge.id = paying.charge_id
JOIN parties_client AS client ON client.id = paying.client_id
WHERE paying.payer_id IS NOT NULL AND NOT paying.by_dealer AND paying.payer_id IS DISTINCT FROM client.customer_id
UNION ALL
SELECT DISTINCT 'event_paid_otherwise', paying.event_key
FROM charges_event_charge_and_payer AS paying
JOIN catalog_mastercharge AS master ON master.id = paying.master_charge_id
JOIN parties_client AS client ON client.id = paying.client_id
LEFT JOIN parties_dealer AS dealer ON dealer.id = paying.dealer_id
-- A draft is not billed yet: it may be excluded, and billed again.
WHERE NOT EXISTS (
      SELECT FROM charges_chargedevent AS charged
      JOIN billing_invoiceline AS line ON line.id = charged.line_id
      JOIN billing_documentnumber AS number ON number.invoice_id = line.invoice_id
      WHERE charged.event_charge_id = paying.event_charge_id
  )
  AND NOT paying.is_invoice
  AND paying.payer_id IS DISTINCT FROM CASE master.paid_by
          WHEN 'dealer' THEN dealer.customer_id
          ELSE NULLIF(client.customer_id, dealer.customer_id) END
UNION ALL
SELECT 'prices_of_customer', customer.account || ' ' || master.code
FROM catalog_chargeoverride AS override
JOIN parties_billingcustomer AS customer ON customer.id = override.customer_id
JOIN catalog_mastercharge AS master ON master.id = override.master_charge_id
ORDER BY 1, 2
