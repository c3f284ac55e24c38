-- How prices grow: of the shard's charges that have an escalation of their own, and of master charges.
WITH chosen AS (
    SELECT charge.id, charge.client_id, charge.starts_on, charge.ends_before, charge.escalation_id
    FROM charges_charge AS charge
    WHERE charge.customer_id BETWEEN %(first_customer)s AND %(last_customer)s
    UNION ALL
    SELECT charge.id, charge.client_id, charge.starts_on, charge.ends_before, charge.escalation_id
    FROM charges_charge AS charge
    JOIN parties_client AS client ON client.id = charge.client_id
    WHERE charge.customer_id IS NULL
      AND client.customer_id BETWEEN %(first_customer)s AND %(last_customer)s
), escalated AS (
    SELECT chosen.id AS charge_id, NULL::bigint AS master_id, chosen.escalation_id
    FROM chosen
    WHERE chosen.escalation_id IS NOT NULL
    UNION ALL
    SELECT NULL, master.id, master.escalation_id
    FROM catalog_mastercharge AS master
    WHERE master.escalation_id IS NOT NULL
)
SELECT escalated.charge_id, escalated.master_id, escalated.escalation_id, escalation.rate, escalation.step,
       escalation.every_periods, escalation.on_date, escalation.yearly::int
FROM escalated
JOIN catalog_escalation AS escalation ON escalation.id = escalated.escalation_id
