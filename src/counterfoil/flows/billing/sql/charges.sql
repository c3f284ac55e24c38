-- The charges of one shard: whose payer lies between two customers, or (both null) who have none.
-- Charges with nothing left to bill are left out: they ended, and are billed from start to end; unless they are
-- reopened, since credits gave up some of their days.
SELECT
    charge.charge_id,
    charge.payer_id AS customer_id,
    charge.client_id,
    charge.dealer_id,
    charge.master_charge_id AS master_id,
    charge.paid_by,
    charge.starts_on,
    charge.ends_before,
    charge.commissioned_on,
    charge.decommissioned_on,
    span.billed_from,
    span.billed_to,
    span.starts_in_part::int,
    span.ends_in_part::int,
    NULLIF(charge.po_number, '') AS po_number,
    charge.client_branch_id,
    charge.unit_price,
    charge.quantity,
    NULLIF(charge.description, '') AS description,
    charge.charge_period_id,
    charge.tax_category_id,
    charge.while_commissioned::int
FROM charges_charge_and_payer AS charge
JOIN charges_chargespan AS span USING (charge_id)
JOIN catalog_mastercharge AS master ON master.id = charge.master_charge_id
WHERE (charge.payer_id BETWEEN %(first_customer)s AND %(last_customer)s
       OR (%(first_customer)s IS NULL AND charge.payer_id IS NULL))
  AND master.kind = ANY(%(kinds)s)
  AND (%(branch)s IS NULL OR charge.client_branch_id = %(branch)s)
  AND (%(group)s::bigint IS NULL OR charge.payer_id IN (SELECT member.id FROM parties_billingcustomer AS member WHERE member.group_id = %(group)s))
  AND (%(masters)s::bigint[] IS NULL OR charge.master_charge_id = ANY(%(masters)s::bigint[]))
  AND (%(periods)s::bigint[] IS NULL OR COALESCE(
      charge.charge_period_id,
      (SELECT own.charge_period_id FROM catalog_chargeoverride AS own
       WHERE own.master_charge_id = charge.master_charge_id AND own.customer_id = charge.payer_id AND charge.paid_by IS NULL),
      (SELECT own.charge_period_id FROM catalog_chargeoverride AS own
       WHERE own.master_charge_id = charge.master_charge_id AND own.dealer_id = charge.dealer_id),
      master.charge_period_id) = ANY(%(periods)s::bigint[]))
  AND (%(payer)s = 'any' OR charge.by_dealer = (%(payer)s = 'dealer'))
  AND (COALESCE(NOT (span.billed_from <= charge.starts_on AND span.billed_to >= charge.ends_before), TRUE)
       OR charge.charge_id = ANY(%(reopened)s::bigint[]))
