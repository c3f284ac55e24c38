-- What moving from standard to legacy customer mode comes to.
SELECT
    (SELECT count(DISTINCT client.customer_id) FROM parties_client AS client
     LEFT JOIN parties_dealer AS dealer ON dealer.id = client.dealer_id
     WHERE client.customer_id IS DISTINCT FROM dealer.customer_id
       AND client.own_of_customer_id IS NULL) AS accounts_of_clients,
    (SELECT count(DISTINCT customer_id) FROM parties_dealer) AS accounts_of_dealers,
    (SELECT count(*) FROM parties_client AS client JOIN parties_dealer AS dealer ON dealer.id = client.dealer_id
     WHERE dealer.customer_id = client.customer_id AND client.own_of_dealer_id IS NULL) AS clients_left_to_dealers,
    count(*) FILTER (WHERE by_dealer) AS charges_marked_dealer,
    count(*) FILTER (WHERE NOT by_dealer AND payer_id IS NOT NULL) AS charges_marked_direct,
    count(*) FILTER (WHERE payer_id IS NULL) AS charges_of_nobody,
    (SELECT count(*) FROM charges_billableevent AS event
     WHERE event.customer_id IS NOT NULL AND NOT event.is_invoice AND NOT EXISTS (
         SELECT FROM charges_eventcharge AS event_charge
         JOIN charges_chargedevent AS charged ON charged.event_charge_id = event_charge.id
         WHERE event_charge.event_id = event.id
     )) AS events_freed
FROM charges_charge_and_payer
