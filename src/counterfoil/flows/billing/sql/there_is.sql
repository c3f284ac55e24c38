-- Whether there is any of what few charges have; what there is none of need not be looked for in every shard.
SELECT EXISTS (SELECT FROM charges_pricechange) AS price_changes,
       EXISTS (SELECT FROM catalog_escalation) AS escalations,
       EXISTS (SELECT FROM parties_pastcommissioning) AS commissionings,
       EXISTS (SELECT FROM charges_discount) AS discounts,
       EXISTS (SELECT FROM charges_pastconfirmation) AS confirmations,
       EXISTS (SELECT FROM billing_invoiceexclusion) AS excluded_lines,
       EXISTS (
           SELECT FROM billing_invoiceline AS credit
           WHERE credit.refers_to_id IS NOT NULL AND credit.kind = 'credit' AND credit.span_from IS NOT NULL
       ) AS given_up
