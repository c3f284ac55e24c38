"""The tables of deliveries made at once, as the migrations 0001 to 0015 make them step by step (decision 0048)."""

import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

from counterfoil.records.letters import index_letters


class Migration(migrations.Migration):

    replaces = [
        ('deliveries', '0001_initial'),
        ('deliveries', '0002_references_that_are_set'),
        ('deliveries', '0003_references_looked_up_in_a_row'),
        ('deliveries', '0004_cancelled_deliveries'),
        ('deliveries', '0005_undelivered_by_state'),
        ('deliveries', '0006_mails'),
        ('deliveries', '0007_consolidated_billing'),
        ('deliveries', '0008_print_batches'),
        ('deliveries', '0009_billings_that_left'),
        ('deliveries', '0010_print_batches_of_billings'),
        ('deliveries', '0011_statements_by_email'),
        ('deliveries', '0012_mailed_billings'),
        ('deliveries', '0013_found_by_their_letters'),
        ('deliveries', '0014_found_by_external_number'),
        ('deliveries', '0015_what_failed_and_what_ended'),
    ]

    initial = True

    dependencies = [
        ('charges', '0001_squashed_0017_all_tables'),
        ('billing', '0001_squashed_0029_all_tables'),
        ('organisation', '0013_ledger_code_of_free_text'),
        ('parties', '0001_squashed_0011_all_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='BillingDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=40)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed'), ('uncertain', 'Uncertain'), ('cancelled', 'Cancelled')], default='queued', max_length=9)),
                ('recipient', models.TextField(blank=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('detail', models.TextField(blank=True, help_text='What the other side said when it refused')),
                ('queued_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('billing', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='billing.consolidatedbilling')),
                ('left_at', models.DateTimeField(help_text='When it was first sent, or may have been; it stays when it is queued again', null=True)),
            ],
            options={
                'verbose_name_plural': 'billing deliveries',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['channel', 'state', 'id'], name='billing_delivery_by_state'), models.Index(condition=models.Q(('state__in', ('queued', 'sending', 'failed', 'uncertain'))), fields=['state', 'id'], name='billing_delivery_undelivered')],
                'constraints': [models.UniqueConstraint(fields=('billing', 'channel'), name='billing_delivery_once_a_channel')],
                'triggers': [pgtrigger.compiler.Trigger(name='billing_delivery_references_exist', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE seen record; found bigint; is_missing boolean;', func="SELECT count(billing_id) AS billing_id_set, min(billing_id) AS billing_id_least, max(billing_id) AS billing_id_most INTO seen FROM inserted; \n        IF seen.billing_id_set > 0 THEN\n            found := 0;\n            IF seen.billing_id_most - seen.billing_id_least < 2 * seen.billing_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_consolidatedbilling\n                WHERE id BETWEEN seen.billing_id_least AND seen.billing_id_most;\n            END IF;\n            IF found <= seen.billing_id_most - seen.billing_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE billing_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_consolidatedbilling AS target WHERE target.id = inserted.billing_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'billing_delivery_references_exist: a row refers to a billing_consolidatedbilling that does not exist';\n                END IF;\n            END IF;\n        END IF; RETURN NULL;", hash='71161a533eb872423942e14a7d9889a65b253dd1', level='STATEMENT', operation='INSERT', pgid='pgtrigger_billing_delivery_references_exist_a9197', referencing='REFERENCING NEW TABLE AS inserted ', table='deliveries_billingdelivery', when='AFTER'))],
            },
        ),
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
                'indexes': [models.Index(fields=['channel', 'state', 'id'], name='delivery_by_state'), models.Index(condition=models.Q(('state__in', ('queued', 'sending', 'failed', 'uncertain'))), fields=['state', 'id'], name='delivery_undelivered'), models.Index(condition=models.Q(('external_number', ''), _negated=True), fields=['external_number'], name='delivery_by_external_number', opclasses=['varchar_pattern_ops'])],
                'constraints': [models.UniqueConstraint(fields=('invoice', 'channel'), name='delivery_once_a_channel')],
                'triggers': [pgtrigger.compiler.Trigger(name='delivery_references_exist', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE seen record; found bigint; is_missing boolean;', func="SELECT count(invoice_id) AS invoice_id_set, min(invoice_id) AS invoice_id_least, max(invoice_id) AS invoice_id_most INTO seen FROM inserted; \n        IF seen.invoice_id_set > 0 THEN\n            found := 0;\n            IF seen.invoice_id_most - seen.invoice_id_least < 2 * seen.invoice_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_invoice\n                WHERE id BETWEEN seen.invoice_id_least AND seen.invoice_id_most;\n            END IF;\n            IF found <= seen.invoice_id_most - seen.invoice_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE invoice_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_invoice AS target WHERE target.id = inserted.invoice_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'delivery_references_exist: a row refers to a billing_invoice that does not exist';\n                END IF;\n            END IF;\n        END IF; RETURN NULL;", hash='98abac70d863a383d0032f20b6e9130d090156ae', level='STATEMENT', operation='INSERT', pgid='pgtrigger_delivery_references_exist_ba134', referencing='REFERENCING NEW TABLE AS inserted ', table='deliveries_delivery', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='PrintBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('invoices', models.JSONField(help_text='Ids of the documents, in the order in which they are printed')),
                ('documents', models.PositiveIntegerField()),
                ('done', models.PositiveIntegerField(default=0, help_text='Documents whose part is written')),
                ('asked_at', models.DateTimeField()),
                ('failure', models.TextField(blank=True)),
                ('asked_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('billings', models.JSONField(db_default=[], default=list, help_text='Ids of consolidated billings, printed in place of documents')),
                ('ended_at', models.DateTimeField(blank=True, help_text='When its last part was written, or it failed', null=True)),
            ],
            options={
                'verbose_name_plural': 'print batches',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['asked_by', 'ended_at'], name='print_batch_by_end')],
            },
        ),
        migrations.CreateModel(
            name='StatementRound',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('since', models.DateField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('asked_at', models.DateTimeField()),
                ('asked_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='StatementDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed'), ('uncertain', 'Uncertain'), ('cancelled', 'Cancelled')], default='queued', max_length=9)),
                ('recipient', models.TextField(help_text='Separated by ;')),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('detail', models.TextField(blank=True, help_text='What the mail server said when it refused')),
                ('queued_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='parties.billingcustomer')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='deliveries.statementround')),
            ],
            options={
                'verbose_name_plural': 'statement deliveries',
                'ordering': ['id'],
                'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'sending'])), fields=['state', 'id'], name='statement_to_be_sent'), models.Index(condition=models.Q(('state__in', ['failed', 'uncertain'])), fields=['id'], name='statement_not_sent')],
                'constraints': [models.UniqueConstraint(fields=('round', 'customer'), name='statement_once_a_round'), models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'sending'])), fields=('customer',), name='statement_open_once_a_customer')],
            },
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed'), ('uncertain', 'Uncertain'), ('cancelled', 'Cancelled')], default='sending', max_length=9)),
                ('recipients', models.TextField(help_text='Separated by ;')),
                ('subject', models.TextField(blank=True)),
                ('message_id', models.CharField(blank=True, max_length=300)),
                ('detail', models.TextField(blank=True, help_text='What the mail server said')),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('begun_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('asked_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('delivery', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='deliveries.delivery')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='parties.billingcustomer')),
                ('statement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='deliveries.statementdelivery')),
                ('billing', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='deliveries.billingdelivery')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['state', 'id'], name='mail_by_state')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'sending'])), fields=('delivery',), name='mail_open_once_a_delivery'), models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'sending'])), fields=('statement',), name='mail_open_once_a_statement'), models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'sending'])), fields=('billing',), name='mail_open_once_a_billing'), models.CheckConstraint(condition=models.Q(models.Q(('billing__isnull', True), ('delivery__isnull', False), ('statement__isnull', True)), models.Q(('billing__isnull', False), ('delivery__isnull', True), ('statement__isnull', True)), models.Q(('billing__isnull', True), ('delivery__isnull', True), ('statement__isnull', False)), _connector='OR'), name='mail_is_of_one')],
            },
        ),
        migrations.RunPython(lambda _apps, _schema: index_letters(), migrations.RunPython.noop),
    ]
