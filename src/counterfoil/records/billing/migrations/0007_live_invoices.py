"""Which invoices count: one place says it for every query that asks what is billed."""

from django.db import migrations

LIVE = """
-- Documents whose lines bill something: of runs that were neither abandoned nor voided, and neither excluded nor
-- voided themselves. Drafts of a run under way are among them: their days are taken.
CREATE VIEW billing_live_invoice AS
SELECT invoice.id, invoice.run_id, invoice.document_type, invoice.credits_id
FROM billing_invoice AS invoice
JOIN billing_run AS run ON run.id = invoice.run_id
WHERE run.status NOT IN ('abandoned', 'voided')
  AND NOT EXISTS (SELECT FROM billing_invoiceexclusion AS exclusion WHERE exclusion.invoice_id = invoice.id)
  AND NOT EXISTS (SELECT FROM billing_invoicevoid AS void WHERE void.invoice_id = invoice.id);
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_lines_of_every_kind")]

    operations = [migrations.RunSQL(LIVE, "DROP VIEW billing_live_invoice")]
