-- The discounts that may be off something the customers of a shard pay: of a charge they pay, of a master charge
-- for everybody or for one of them, or off all that one of them pays.
SELECT discount.id AS discount_id, discount.name, discount.charge_id, discount.master_charge_id AS master_id,
       discount.customer_id, discount.percent, discount.amount, discount.starts_on, discount.ends_before
FROM charges_discount AS discount
LEFT JOIN charges_charge AS charge ON charge.id = discount.charge_id
LEFT JOIN parties_client AS client ON client.id = charge.client_id
WHERE CASE
          WHEN discount.charge_id IS NOT NULL
          THEN COALESCE(charge.customer_id, client.customer_id)
               BETWEEN %(first_customer)s AND %(last_customer)s
          ELSE COALESCE(discount.customer_id BETWEEN %(first_customer)s AND %(last_customer)s, TRUE)
      END
