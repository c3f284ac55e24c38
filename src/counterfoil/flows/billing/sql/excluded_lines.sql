-- Lines of drafts that somebody excluded from a run of these customers, and whose days or event are not billed since.
SELECT line.charge_id, line.event_charge_id, line.period_start, line.period_end,
       invoice.run_id AS excluded_run, invoice.id AS excluded_draft
FROM billing_invoiceexclusion AS exclusion
JOIN billing_invoice AS invoice ON invoice.id = exclusion.invoice_id
JOIN billing_run AS run ON run.id = invoice.run_id
JOIN billing_invoiceline AS line ON line.invoice_id = invoice.id
LEFT JOIN charges_chargespan AS span ON span.charge_id = line.charge_id
LEFT JOIN charges_chargedevent AS charged ON charged.event_charge_id = line.event_charge_id
WHERE exclusion.replaced_by_id IS NULL
  AND run.status <> 'abandoned'
  AND invoice.customer_id BETWEEN %(first_customer)s AND %(last_customer)s
  AND (line.charge_id IS NOT NULL OR line.event_charge_id IS NOT NULL)
  AND charged.event_charge_id IS NULL
  AND COALESCE(NOT (span.billed_from <= line.period_start AND span.billed_to >= line.period_end), TRUE)
