-- Charges with days left to bill that no active definition selects: leakage (product C8).
SELECT 'charge ' || charge.key AS documents,
       'no active definition selects it: ' || master.kind || ', '
           || CASE WHEN dealer.customer_id = COALESCE(charge.customer_id, client.customer_id)
                   THEN 'paid by the dealer' ELSE 'paid directly' END || ', branch ' || branch.code AS message
FROM charges_charge AS charge
JOIN catalog_mastercharge AS master ON master.id = charge.master_charge_id
JOIN parties_client AS client ON client.id = charge.client_id
JOIN organisation_branch AS branch ON branch.id = client.branch_id
LEFT JOIN parties_dealer AS dealer ON dealer.id = client.dealer_id
LEFT JOIN charges_chargespan AS span ON span.charge_id = charge.id
WHERE COALESCE(NOT (span.billed_from <= charge.starts_on AND span.billed_to >= charge.ends_before), TRUE)
  AND NOT EXISTS (
      SELECT FROM billing_batchdefinition AS definition
      WHERE definition.is_active
        AND definition.kinds ? master.kind
        AND (definition.branch_id IS NULL OR definition.branch_id = client.branch_id)
        AND CASE definition.payer
                WHEN 'dealer' THEN
                    COALESCE(dealer.customer_id = COALESCE(charge.customer_id, client.customer_id), FALSE)
                WHEN 'direct' THEN
                    COALESCE(dealer.customer_id <> COALESCE(charge.customer_id, client.customer_id), TRUE)
                ELSE TRUE
            END
  )
ORDER BY charge.id
