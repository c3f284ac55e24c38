-- Charges with days left to bill, and charges of chargeable events, that no active definition selects: leakage
-- (product C8), as flows/billing/leaking.py finds it. One that credits selects nothing.
WITH billable AS (
    SELECT 'charge ' || charge.key AS documents, charge.id AS place, master.kind, paying.client_branch_id AS branch_id,
           payer.group_id, paying.by_dealer, paying.master_charge_id,
           (SELECT counted.number || counted.unit || CASE counted.number WHEN 1 THEN '' ELSE 's' END
            FROM (SELECT period.count * CASE period.unit WHEN 'year' THEN 12 WHEN 'week' THEN 7 ELSE 1 END AS number,
                         CASE WHEN period.unit IN ('year', 'month') THEN ' month' ELSE ' day' END AS unit
                  FROM catalog_chargeperiod AS period
                  WHERE period.id = COALESCE(
                      paying.charge_period_id,
                      (SELECT own.charge_period_id FROM catalog_chargeoverride AS own
                       WHERE own.master_charge_id = paying.master_charge_id AND own.customer_id = paying.payer_id
                         AND paying.paid_by IS NULL),
                      (SELECT own.charge_period_id FROM catalog_chargeoverride AS own
                       WHERE own.master_charge_id = paying.master_charge_id AND own.dealer_id = paying.dealer_id),
                      master.charge_period_id)) AS counted) AS length,
           FALSE AS is_event
    FROM charges_charge_and_payer AS paying
    JOIN charges_charge AS charge ON charge.id = paying.charge_id
    JOIN catalog_mastercharge AS master ON master.id = paying.master_charge_id
    LEFT JOIN parties_billingcustomer AS payer ON payer.id = paying.payer_id
    LEFT JOIN charges_chargespan AS span ON span.charge_id = paying.charge_id
    WHERE COALESCE(NOT (span.billed_from <= paying.starts_on AND span.billed_to >= paying.ends_before), TRUE)
    UNION ALL
    SELECT 'event ' || charge.event_key, charge.event_charge_id, charge.event_kind, charge.client_branch_id,
           payer.group_id, charge.by_dealer, charge.master_charge_id, NULL, TRUE
    FROM charges_event_charge_and_payer AS charge
    LEFT JOIN parties_billingcustomer AS payer ON payer.id = charge.payer_id
    WHERE charge.is_chargeable
      AND charge.to_be_billed_on IS NOT NULL
      AND NOT charge.is_invoice
      AND NOT EXISTS (
          SELECT FROM charges_chargedevent AS charged WHERE charged.event_charge_id = charge.event_charge_id
      )
)
SELECT billable.documents,
       'no active definition selects it: ' || billable.kind || ', '
           || CASE WHEN billable.by_dealer THEN 'paid by the dealer' ELSE 'paid directly' END
           || ', branch ' || branch.code AS message
FROM billable
JOIN organisation_branch AS branch ON branch.id = billable.branch_id
WHERE NOT EXISTS (
      SELECT FROM billing_batchdefinition AS definition
      WHERE definition.is_active
        AND definition.credit_basis = 'none'
        AND definition.kinds ? billable.kind
        AND (definition.branch_id IS NULL OR definition.branch_id = billable.branch_id)
        AND (definition.customer_group_id IS NULL OR definition.customer_group_id = billable.group_id)
        AND (definition.master_charges = '[]' OR definition.master_charges @> to_jsonb(billable.master_charge_id))
        AND (definition.period_lengths = '[]' OR billable.is_event OR COALESCE(definition.period_lengths ? billable.length, FALSE))
        AND (definition.payer = 'any' OR (definition.payer = 'dealer') = billable.by_dealer)
  )
ORDER BY billable.documents LIKE 'event%%', billable.place
