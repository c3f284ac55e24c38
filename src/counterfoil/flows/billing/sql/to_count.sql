-- How many charges there are to be counted, the first and the last id of who may pay for them, and whether there may be
-- any that nobody pays.
SELECT (SELECT count(*) FROM charges_charge),
       (SELECT min(id) FROM parties_billingcustomer),
       (SELECT max(id) FROM parties_billingcustomer),
       EXISTS (SELECT FROM parties_client WHERE customer_id IS NULL)
       OR EXISTS (SELECT FROM organisation_organisation WHERE customer_mode = 'legacy')
