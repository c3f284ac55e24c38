-- Charges, of all or of one shard's, whose billed span may hold days no longer served: they end earlier, start later,
-- or their client was not commissioned all the time.
WITH billed AS (
    SELECT charge.*, span.billed_from, span.billed_to, span.starts_in_part, span.ends_in_part,
           COALESCE(
               charge.while_commissioned, of_customer.while_commissioned, of_dealer.while_commissioned,
               master.while_commissioned, FALSE
           ) AS only_commissioned
    FROM charges_charge_and_payer AS charge
    JOIN charges_chargespan AS span ON span.charge_id = charge.charge_id AND span.billed_from IS NOT NULL
    JOIN catalog_mastercharge AS master ON master.id = charge.master_charge_id
    LEFT JOIN catalog_chargeoverride AS of_customer
      ON of_customer.master_charge_id = charge.master_charge_id AND of_customer.customer_id = charge.payer_id
     AND (SELECT customer_mode FROM organisation_organisation WHERE id = 1) = 'standard'
    LEFT JOIN catalog_chargeoverride AS of_dealer
      ON of_dealer.master_charge_id = charge.master_charge_id AND of_dealer.dealer_id = charge.dealer_id
    WHERE (%(charges)s::bigint[] IS NULL OR charge.charge_id = ANY(%(charges)s::bigint[]))
      AND (cardinality(%(kinds)s::text[]) = 0 OR master.kind = ANY(%(kinds)s::text[]))
      AND (%(branch)s::bigint IS NULL OR charge.client_branch_id = %(branch)s)
      AND (%(group)s::bigint IS NULL OR charge.payer_id IN (
          SELECT member.id FROM parties_billingcustomer AS member WHERE member.group_id = %(group)s
      ))
      AND (%(masters)s::bigint[] IS NULL OR charge.master_charge_id = ANY(%(masters)s::bigint[]))
      AND (%(periods)s::bigint[] IS NULL OR COALESCE(
          charge.charge_period_id, of_customer.charge_period_id, of_dealer.charge_period_id, master.charge_period_id
      ) = ANY(%(periods)s::bigint[]))
      AND (%(payer)s = 'any' OR charge.by_dealer = (%(payer)s = 'dealer'))
)
SELECT
    billed.charge_id,
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
