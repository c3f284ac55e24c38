-- Clients that stand for a customer or a dealer itself and are not as that is, and their charges that another one would
-- pay, or that would wait for a commissioning.
WITH own AS (
    SELECT client.id, client.code, client.own_of_dealer_id IS NOT NULL AS is_dealers,
           (client.name, client.branch_id, client.customer_id) IS DISTINCT FROM
           (COALESCE(customer.name, dealer.name), COALESCE(customer.branch_id, dealer.branch_id),
            COALESCE(customer.id, dealer.customer_id)) AS differs
    FROM parties_client AS client
    LEFT JOIN parties_billingcustomer AS customer ON customer.id = client.own_of_customer_id
    LEFT JOIN parties_dealer AS dealer ON dealer.id = client.own_of_dealer_id
    WHERE client.own_of_customer_id IS NOT NULL OR client.own_of_dealer_id IS NOT NULL
)
SELECT 'client ' || own.code AS documents,
       'it stands for a customer or a dealer itself, and differs from it in name, branch or who pays' AS message
FROM own WHERE own.differs
UNION ALL
SELECT 'charge ' || charge.key,
       'it is of a customer or a dealer itself, and says that another one pays, or that it waits for a commissioning'
FROM own JOIN charges_charge AS charge ON charge.client_id = own.id
WHERE charge.customer_id IS NOT NULL
   OR charge.paid_by <> CASE WHEN own.is_dealers THEN 'dealer' ELSE 'direct' END
   OR charge.while_commissioned IS DISTINCT FROM FALSE
ORDER BY 1, 2
