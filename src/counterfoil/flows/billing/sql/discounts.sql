-- The discounts that may be off something the customers of a shard pay: of a charge they pay, of a master charge
-- for everybody or for one of them, or off all that one of them pays.
SELECT discount.id AS discount_id, discount.name, discount.charge_id, discount.master_charge_id AS master_id,
       discount.customer_id, discount.percent, discount.amount, discount.starts_on, discount.ends_before
FROM charges_discount AS discount
WHERE discount.charge_id IN (
    SELECT charge.charge_id
    FROM charges_charge_and_payer AS charge
    WHERE charge.payer_id BETWEEN %(first_customer)s AND %(last_customer)s
)
UNION ALL
SELECT discount.id, discount.name, NULL, discount.master_charge_id,
       discount.customer_id, discount.percent, discount.amount, discount.starts_on, discount.ends_before
FROM charges_discount AS discount
WHERE discount.charge_id IS NULL
  AND COALESCE(discount.customer_id BETWEEN %(first_customer)s AND %(last_customer)s, TRUE)
