-- The charges of one shard: whose payer lies between two customers, or (both null) who have none.
-- Charges with nothing left to bill are left out: they ended, and are billed from start to end.
WITH chosen AS (
    SELECT charge.*, charge.customer_id AS payer_id,
           client.dealer_id, client.branch_id AS client_branch_id, client.commissioned_on, client.decommissioned_on
    FROM charges_charge AS charge
    JOIN parties_client AS client ON client.id = charge.client_id
    WHERE charge.customer_id BETWEEN %(first_customer)s AND %(last_customer)s
    UNION ALL
    SELECT charge.*, client.customer_id,
           client.dealer_id, client.branch_id, client.commissioned_on, client.decommissioned_on
    FROM charges_charge AS charge
    JOIN parties_client AS client ON client.id = charge.client_id
    WHERE charge.customer_id IS NULL
      AND (client.customer_id BETWEEN %(first_customer)s AND %(last_customer)s
           OR (%(first_customer)s IS NULL AND client.customer_id IS NULL))
)
SELECT
    chosen.id AS charge_id,
    chosen.payer_id AS customer_id,
    chosen.client_id,
    chosen.dealer_id,
    chosen.master_charge_id AS master_id,
    chosen.starts_on,
    chosen.ends_before,
    chosen.commissioned_on,
    chosen.decommissioned_on,
    span.billed_from,
    span.billed_to,
    span.starts_in_part::int,
    span.ends_in_part::int,
    NULLIF(chosen.po_number, '') AS po_number,
    chosen.client_branch_id,
    chosen.unit_price,
    chosen.quantity,
    NULLIF(chosen.description, '') AS description,
    chosen.charge_period_id,
    chosen.tax_category_id,
    chosen.while_commissioned::int
FROM chosen
JOIN charges_chargespan AS span ON span.charge_id = chosen.id
JOIN catalog_mastercharge AS master ON master.id = chosen.master_charge_id
LEFT JOIN parties_dealer AS dealer ON dealer.id = chosen.dealer_id
WHERE master.kind = ANY(%(kinds)s)
  AND (%(branch)s IS NULL OR chosen.client_branch_id = %(branch)s)
  AND CASE %(payer)s
          WHEN 'dealer' THEN COALESCE(dealer.customer_id = chosen.payer_id, FALSE)
          WHEN 'direct' THEN COALESCE(dealer.customer_id <> chosen.payer_id, TRUE)
          ELSE TRUE
      END
  AND COALESCE(NOT (span.billed_from <= chosen.starts_on AND span.billed_to >= chosen.ends_before), TRUE)
