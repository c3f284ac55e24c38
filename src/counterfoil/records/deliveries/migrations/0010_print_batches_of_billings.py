"""A print batch may be of consolidated billings."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0009_billings_that_left")]

    operations = [
        migrations.AddField(
            model_name="printbatch",
            name="billings",
            field=models.JSONField(
                db_default=[],
                default=list,
                help_text="Ids of consolidated billings, printed in place of documents",
            ),
        ),
    ]
