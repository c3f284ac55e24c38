-- Charges, of all or of one shard's, whose billed span may hold days no longer served: they end earlier, start later,
-- or their client was not commissioned all the time.
WITH chosen AS (
    SELECT charge.*, COALESCE(charge.customer_id, client.customer_id) AS payer_id
    FROM charges_charge AS charge
    JOIN parties_client AS client ON client.id = charge.client_id
    WHERE %(charges)s::bigint[] IS NULL OR charge.id = ANY(%(charges)s::bigint[])
), billed AS (
    SELECT chosen.*, client.dealer_id, client.commissioned_on, client.decommissioned_on,
           span.billed_from, span.billed_to, span.starts_in_part, span.ends_in_part,
           COALESCE(
               chosen.while_commissioned, of_customer.while_commissioned, of_dealer.while_commissioned,
               master.while_commissioned, FALSE
           ) AS only_commissioned
    FROM chosen
    JOIN charges_chargespan AS span ON span.charge_id = chosen.id AND span.billed_from IS NOT NULL
    JOIN catalog_mastercharge AS master ON master.id = chosen.master_charge_id
    JOIN parties_client AS client ON client.id = chosen.client_id
    LEFT JOIN parties_dealer AS dealer ON dealer.id = client.dealer_id
    LEFT JOIN catalog_chargeoverride AS of_customer
      ON of_customer.master_charge_id = chosen.master_charge_id AND of_customer.customer_id = chosen.payer_id
    LEFT JOIN catalog_chargeoverride AS of_dealer
      ON of_dealer.master_charge_id = chosen.master_charge_id AND of_dealer.dealer_id = client.dealer_id
    WHERE (cardinality(%(kinds)s::text[]) = 0 OR master.kind = ANY(%(kinds)s::text[]))
      AND (%(branch)s::bigint IS NULL OR client.branch_id = %(branch)s)
      AND (%(group)s::bigint IS NULL OR chosen.payer_id IN (SELECT member.id FROM parties_billingcustomer AS member WHERE member.group_id = %(group)s))
      AND CASE %(payer)s
              WHEN 'dealer' THEN COALESCE(dealer.customer_id = chosen.payer_id, FALSE)
              WHEN 'direct' THEN COALESCE(dealer.customer_id <> chosen.payer_id, TRUE)
              ELSE TRUE
          END
)
SELECT
    billed.id AS charge_id,
    billed.payer_id AS customer_id,
    billed.client_id,
    billed.starts_on,
    billed.ends_before,
    billed.only_commissioned::int AS while_commissioned,
    CASE WHEN billed.only_commissioned THEN concat_ws(' ',
        (SELECT string_agg(past.starts_on || '/' || past.ends_before, ' ' ORDER BY past.starts_on)
         FROM parties_pastcommissioning AS past WHERE past.client_id = billed.client_id),
        billed.commissioned_on || '/' || COALESCE(billed.decommissioned_on::text, '')
    ) END AS commissioned,
    billed.billed_from,
    billed.billed_to,
    billed.starts_in_part::int,
    billed.ends_in_part::int,
    CASE WHEN billed.opening_billed_to > billed.starts_on THEN billed.opening_billed_to END AS opening_to
FROM billed
WHERE billed.ends_before < billed.billed_to
   OR billed.starts_on > billed.billed_from
   OR (billed.only_commissioned
       AND NOT COALESCE(billed.commissioned_on <= billed.billed_from
                        AND COALESCE(billed.decommissioned_on >= billed.billed_to, TRUE), FALSE))
