"""What is due counts by the day of its consolidated billing: what that moves is kept beside the sums of the runs."""

import django.db.models.deletion
from django.db import migrations, models

KNOWN = """
UPDATE billing_queuedinvoice AS queued SET due_on = number.due_on
FROM billing_documentnumber AS number WHERE number.invoice_id = queued.invoice_id
"""
MOVED = """
INSERT INTO billing_issueddue (run_id, due_on, branch_id, currency, gross_minor, documents)
SELECT NULL, moved.due_on, moved.branch_id, moved.currency, sum(moved.gross_minor)::bigint, sum(moved.documents)
FROM (
    SELECT own.*, live.*
    FROM billing_billingmember AS member
    JOIN billing_consolidatedbilling AS billing ON billing.id = member.billing_id
    JOIN billing_documentnumber AS number ON number.invoice_id = member.invoice_id
    JOIN billing_invoice AS invoice ON invoice.id = member.invoice_id
    CROSS JOIN LATERAL (SELECT invoice.branch_id, invoice.currency) AS own
    CROSS JOIN LATERAL (
        VALUES (number.due_on, -invoice.gross_minor, -1), (billing.due_on, invoice.gross_minor, 1)
    ) AS live (due_on, gross_minor, documents)
    WHERE member.is_live
) AS moved
GROUP BY moved.due_on, moved.branch_id, moved.currency
HAVING sum(moved.gross_minor) <> 0 OR sum(moved.documents) <> 0
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0018_trails_by_time")]

    operations = [
        migrations.AddField(
            model_name="queuedinvoice",
            name="due_on",
            field=models.DateField(help_text="When its payment is due by itself", null=True),
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="queuedinvoice",
            name="due_on",
            field=models.DateField(help_text="When its payment is due by itself"),
        ),
        migrations.AlterField(
            model_name="issueddue",
            name="run",
            field=models.ForeignKey(
                help_text="Empty: what consolidated billings move to their own due dates",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="issued_due",
                to="billing.run",
            ),
        ),
        migrations.RunSQL(MOVED, "DELETE FROM billing_issueddue WHERE run_id IS NULL"),
    ]
