-- What moving from legacy to standard customer mode comes to.
SELECT
    (SELECT count(DISTINCT customer_id) FROM parties_client
     WHERE own_of_customer_id IS NULL AND own_of_dealer_id IS NULL) AS customers_of_clients,
    (SELECT count(DISTINCT customer_id) FROM parties_dealer) AS customers_of_dealers,
    count(*) FILTER (WHERE by_dealer AND own_of_dealer_id IS NULL AND payer_id IS NOT NULL) AS charges_assigned,
    count(*) FILTER (WHERE (NOT by_dealer OR own_of_dealer_id IS NOT NULL) AND payer_id IS NOT NULL)
        AS charges_by_default,
    count(*) FILTER (WHERE payer_id IS NULL) AS charges_of_nobody,
    (SELECT count(DISTINCT event_id) FROM charges_event_charge_and_payer AS paying
     WHERE paying.by_dealer AND paying.payer_id IS NOT NULL AND NOT paying.is_invoice AND NOT EXISTS (
         SELECT FROM charges_chargedevent AS charged WHERE charged.event_charge_id = paying.event_charge_id
     )) AS events_assigned
FROM charges_charge_and_payer AS paying
JOIN parties_client AS client ON client.id = paying.client_id
