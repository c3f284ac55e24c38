-- In legacy customer mode a billing customer that is the account of more than one client or dealer. A client whose dealer
-- has the same account shares it, and one that stands for the customer itself is no other owner.
WITH account AS (
    SELECT client.customer_id, 'client ' || client.code AS owner
    FROM parties_client AS client
    LEFT JOIN parties_dealer AS dealer ON dealer.id = client.dealer_id
    WHERE client.customer_id IS NOT NULL AND client.customer_id IS DISTINCT FROM dealer.customer_id
      AND client.own_of_customer_id IS NULL
    UNION ALL
    SELECT customer_id, 'dealer ' || code FROM parties_dealer WHERE customer_id IS NOT NULL
)
SELECT 'account ' || customer.account AS documents,
       'it is the account of ' || string_agg(account.owner, ' and ' ORDER BY account.owner)
       || ', and in legacy customer mode each has its own' AS message
FROM account JOIN parties_billingcustomer AS customer ON customer.id = account.customer_id
WHERE (SELECT customer_mode FROM organisation_organisation) = 'legacy'
GROUP BY customer.account
HAVING count(*) > 1
ORDER BY customer.account
