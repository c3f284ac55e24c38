"""The tables of deliveries made at once, as the migrations 0001 to 0004 make them step by step (decision 0048)."""

import django.db.models.deletion
import pgtrigger.compiler
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('deliveries', '0001_initial'),
        ('deliveries', '0002_references_that_are_set'),
        ('deliveries', '0003_references_looked_up_in_a_row'),
        ('deliveries', '0004_cancelled_deliveries'),
    ]

    initial = True

    dependencies = [
        ('billing', '0001_squashed_0011_all_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=40)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed'), ('uncertain', 'Uncertain'), ('cancelled', 'Cancelled')], default='queued', max_length=9)),
                ('recipient', models.TextField(blank=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('external_number', models.CharField(blank=True, max_length=100)),
                ('detail', models.TextField(blank=True, help_text='What the other side said when it refused')),
                ('queued_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('invoice', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='billing.invoice')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['channel', 'state', 'id'], name='delivery_by_state')],
                'constraints': [models.UniqueConstraint(fields=('invoice', 'channel'), name='delivery_once_a_channel')],
                'triggers': [pgtrigger.compiler.Trigger(name='delivery_references_exist', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE seen record; found bigint; is_missing boolean;', func="SELECT count(invoice_id) AS invoice_id_set, min(invoice_id) AS invoice_id_least, max(invoice_id) AS invoice_id_most INTO seen FROM inserted; \n        IF seen.invoice_id_set > 0 THEN\n            found := 0;\n            IF seen.invoice_id_most - seen.invoice_id_least < 2 * seen.invoice_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_invoice\n                WHERE id BETWEEN seen.invoice_id_least AND seen.invoice_id_most;\n            END IF;\n            IF found <= seen.invoice_id_most - seen.invoice_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE invoice_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_invoice AS target WHERE target.id = inserted.invoice_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'delivery_references_exist: a row refers to a billing_invoice that does not exist';\n                END IF;\n            END IF;\n        END IF; RETURN NULL;", hash='98abac70d863a383d0032f20b6e9130d090156ae', level='STATEMENT', operation='INSERT', pgid='pgtrigger_delivery_references_exist_ba134', referencing='REFERENCING NEW TABLE AS inserted ', table='deliveries_delivery', when='AFTER'))],
            },
        ),
    ]
