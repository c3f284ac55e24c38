-- The charges %(charges)s with their dates and the charge period in force: each value from the first level that sets
-- it (billing-rules 4.1). Charges without a charge period are left out.
SELECT
    charge.charge_id,
    charge.starts_on,
    charge.ends_before,
    charge.commissioned_on,
    charge.decommissioned_on,
    COALESCE(charge.while_commissioned, of_customer.while_commissioned, of_dealer.while_commissioned,
             master.while_commissioned)::int AS while_commissioned,
    period.count,
    period.unit,
    period.anchor,
    period.billing_day,
    period.bill_on,
    period.offset_days
FROM charges_charge_and_payer AS charge
JOIN catalog_mastercharge AS master ON master.id = charge.master_charge_id
LEFT JOIN catalog_chargeoverride AS of_customer
       ON of_customer.master_charge_id = master.id AND of_customer.customer_id = charge.payer_id
      AND (SELECT customer_mode FROM organisation_organisation) = 'standard'
LEFT JOIN catalog_chargeoverride AS of_dealer
       ON of_dealer.master_charge_id = master.id AND of_dealer.dealer_id = charge.dealer_id
JOIN catalog_chargeperiod AS period
  ON period.id = COALESCE(charge.charge_period_id, of_customer.charge_period_id, of_dealer.charge_period_id,
                          master.charge_period_id)
WHERE charge.charge_id = ANY(%(charges)s::bigint[])
