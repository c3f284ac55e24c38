from django.db import migrations

from counterfoil.records.letters import index_letters


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0012_mailed_billings"),
        ("charges", "0008_trails_by_time"),
        ("parties", "0006_trails_by_time"),
    ]

    operations = [
        migrations.RunPython(lambda _apps, _schema: index_letters(), migrations.RunPython.noop),
    ]
