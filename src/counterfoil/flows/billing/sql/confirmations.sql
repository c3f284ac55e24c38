-- Charges whose unbilled past somebody confirmed, as far as it is not billed yet (billing-rules 2.7).
SELECT confirmation.charge_id, confirmation.ends_before AS confirmed_before
FROM charges_pastconfirmation AS confirmation
JOIN charges_chargespan AS span ON span.charge_id = confirmation.charge_id
WHERE COALESCE(NOT (span.billed_to >= confirmation.ends_before AND span.billed_from <= (
    SELECT charge.starts_on FROM charges_charge AS charge WHERE charge.id = confirmation.charge_id
)), TRUE)
