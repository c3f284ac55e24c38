"""A consolidated billing that was sent is known to have left the house, also while it is queued again."""

from django.db import migrations, models

LEFT = "UPDATE deliveries_billingdelivery SET left_at = changed_at WHERE state IN ('sent', 'uncertain')"


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0008_print_batches"),
    ]

    operations = [
        migrations.AddField(
            model_name="billingdelivery",
            name="left_at",
            field=models.DateTimeField(
                help_text="When it was first sent, or may have been; it stays when it is queued again", null=True
            ),
        ),
        migrations.RunSQL(LEFT, migrations.RunSQL.noop),
    ]
