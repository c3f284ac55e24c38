-- How prices grow: of the shard's charges that have an escalation of their own, and of master charges.
WITH escalated AS (
    SELECT charge.charge_id, NULL::bigint AS master_id, charge.escalation_id
    FROM charges_charge_and_payer AS charge
    WHERE charge.escalation_id IS NOT NULL
      AND charge.payer_id BETWEEN %(first_customer)s AND %(last_customer)s
    UNION ALL
    SELECT NULL, master.id, master.escalation_id
    FROM catalog_mastercharge AS master
    WHERE master.escalation_id IS NOT NULL
)
SELECT escalated.charge_id, escalated.master_id, escalated.escalation_id, escalation.rate, escalation.step,
       escalation.every_periods, escalation.on_date, escalation.yearly::int
FROM escalated
JOIN catalog_escalation AS escalation ON escalation.id = escalated.escalation_id
