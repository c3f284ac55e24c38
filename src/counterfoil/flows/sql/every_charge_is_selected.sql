-- Charges with days left to bill, and charges of chargeable events, that no active definition selects: leakage
-- (product C8), as flows/billing/leaking.py finds it. One that credits selects nothing.
WITH billable AS (
    SELECT 'charge ' || charge.key AS documents, charge.id AS place, master.kind, client.branch_id,
           payer.group_id,
           COALESCE(dealer.customer_id = COALESCE(charge.customer_id, client.customer_id), FALSE) AS by_dealer
    FROM charges_charge AS charge
    JOIN catalog_mastercharge AS master ON master.id = charge.master_charge_id
    JOIN parties_client AS client ON client.id = charge.client_id
    LEFT JOIN parties_dealer AS dealer ON dealer.id = client.dealer_id
    LEFT JOIN parties_billingcustomer AS payer ON payer.id = COALESCE(charge.customer_id, client.customer_id)
    LEFT JOIN charges_chargespan AS span ON span.charge_id = charge.id
    WHERE COALESCE(NOT (span.billed_from <= charge.starts_on AND span.billed_to >= charge.ends_before), TRUE)
    UNION ALL
    SELECT 'event ' || event.key, event_charge.id, event.kind, client.branch_id, payer.group_id,
           COALESCE(dealer.customer_id = COALESCE(event.customer_id, client.customer_id), FALSE)
    FROM charges_eventcharge AS event_charge
    JOIN charges_billableevent AS event ON event.id = event_charge.event_id
    JOIN parties_client AS client ON client.id = event.client_id
    LEFT JOIN parties_dealer AS dealer ON dealer.id = client.dealer_id
    LEFT JOIN parties_billingcustomer AS payer ON payer.id = COALESCE(event.customer_id, client.customer_id)
    WHERE event.is_chargeable
      AND event.to_be_billed_on IS NOT NULL
      AND NOT event.is_invoice
      AND NOT EXISTS (SELECT FROM charges_chargedevent AS charged WHERE charged.event_charge_id = event_charge.id)
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
        AND (definition.payer = 'any' OR (definition.payer = 'dealer') = billable.by_dealer)
  )
ORDER BY billable.documents LIKE 'event%%', billable.place
