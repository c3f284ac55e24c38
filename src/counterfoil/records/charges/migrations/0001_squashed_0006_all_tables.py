"""The tables of charges made at once, as the migrations 0001 to 0006 make them step by step (decision 0048)."""

import counterfoil.records.fields
import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('charges', '0001_initial'),
        ('charges', '0002_initial'),
        ('charges', '0003_prices_usage_and_events'),
        ('charges', '0004_confirmed_past'),
        ('charges', '0005_meters_count_in_a_few_digits'),
        ('charges', '0006_discounts_have_keys'),
    ]

    initial = True

    dependencies = [
        ('catalog', '0001_squashed_0003_all_tables'),
        ('organisation', '0001_squashed_0003_all_tables'),
        ('parties', '0001_squashed_0002_all_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='Charge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80, unique=True)),
                ('starts_on', models.DateField()),
                ('ends_before', models.DateField(blank=True, null=True)),
                ('quantity', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('unit_price', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('description', models.CharField(blank=True, max_length=300)),
                ('while_commissioned', models.BooleanField(blank=True, null=True)),
                ('opening_billed_to', models.DateField(blank=True, help_text='Days before it were billed by the system used before', null=True)),
                ('charge_period', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.chargeperiod')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='charges', to='parties.client')),
                ('customer', models.ForeignKey(blank=True, help_text="Who pays; empty: the client's default customer", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='charges', to='parties.billingcustomer')),
                ('master_charge', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='charges', to='catalog.mastercharge')),
                ('tax_category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.taxcategory')),
                ('escalation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.escalation')),
                ('po_number', models.CharField(blank=True, db_default='', default='', help_text="The customer's purchase order", max_length=60)),
            ],
            options={
                'ordering': ['key'],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_chargeevent" ("charge_period_id", "client_id", "customer_id", "description", "ends_before", "escalation_id", "id", "key", "master_charge_id", "opening_billed_to", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "po_number", "quantity", "starts_on", "tax_category_id", "unit_price", "while_commissioned") SELECT new_values."charge_period_id", new_values."client_id", new_values."customer_id", new_values."description", new_values."ends_before", new_values."escalation_id", new_values."id", new_values."key", new_values."master_charge_id", new_values."opening_billed_to", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."po_number", new_values."quantity", new_values."starts_on", new_values."tax_category_id", new_values."unit_price", new_values."while_commissioned" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='92824cb455d99478c8849c0ba4ed2391909ed80b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_8811b', referencing='REFERENCING NEW TABLE AS new_values ', table='charges_charge', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_chargeevent" ("charge_period_id", "client_id", "customer_id", "description", "ends_before", "escalation_id", "id", "key", "master_charge_id", "opening_billed_to", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "po_number", "quantity", "starts_on", "tax_category_id", "unit_price", "while_commissioned") SELECT new_values."charge_period_id", new_values."client_id", new_values."customer_id", new_values."description", new_values."ends_before", new_values."escalation_id", new_values."id", new_values."key", new_values."master_charge_id", new_values."opening_billed_to", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."po_number", new_values."quantity", new_values."starts_on", new_values."tax_category_id", new_values."unit_price", new_values."while_commissioned" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='8c8e171c045a1c61815cef14440c369d673bbf21', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_727c4', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='charges_charge', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_chargeevent" ("charge_period_id", "client_id", "customer_id", "description", "ends_before", "escalation_id", "id", "key", "master_charge_id", "opening_billed_to", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "po_number", "quantity", "starts_on", "tax_category_id", "unit_price", "while_commissioned") SELECT old_values."charge_period_id", old_values."client_id", old_values."customer_id", old_values."description", old_values."ends_before", old_values."escalation_id", old_values."id", old_values."key", old_values."master_charge_id", old_values."opening_billed_to", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."po_number", old_values."quantity", old_values."starts_on", old_values."tax_category_id", old_values."unit_price", old_values."while_commissioned" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='5ec1514c3dd3bd209717400b8fad68fda16870fe', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_25706', referencing='REFERENCING OLD TABLE AS old_values ', table='charges_charge', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ChargeEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('key', models.CharField(max_length=80)),
                ('starts_on', models.DateField()),
                ('ends_before', models.DateField(blank=True, null=True)),
                ('quantity', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('unit_price', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('description', models.CharField(blank=True, max_length=300)),
                ('while_commissioned', models.BooleanField(blank=True, null=True)),
                ('opening_billed_to', models.DateField(blank=True, help_text='Days before it were billed by the system used before', null=True)),
                ('charge_period', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.chargeperiod')),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parties.client')),
                ('customer', models.ForeignKey(blank=True, db_constraint=False, help_text="Who pays; empty: the client's default customer", null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parties.billingcustomer')),
                ('master_charge', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.mastercharge')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='charges.charge')),
                ('tax_category', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.taxcategory')),
                ('escalation', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.escalation')),
                ('po_number', models.CharField(blank=True, db_default='', default='', help_text="The customer's purchase order", max_length=60)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f5e71fe9ad8bc354ae8d96a81729b4f7c8f6f961', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_bf4e8', table='charges_chargeevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ChargeSpan',
            fields=[
                ('charge', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='span', serialize=False, to='charges.charge')),
                ('billed_from', models.DateField(null=True)),
                ('billed_to', models.DateField(null=True)),
                ('starts_in_part', models.BooleanField(db_default=False, default=False)),
                ('ends_in_part', models.BooleanField(db_default=False, default=False)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('billed_from__isnull', True), ('billed_to__isnull', True)), ('billed_from__lt', models.F('billed_to')), _connector='OR'), name='span_is_empty_or_a_range')],
            },
        ),
        migrations.CreateModel(
            name='BillableEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80, unique=True)),
                ('kind', models.CharField(choices=[('activation', 'Activation'), ('work_order', 'Work order'), ('dispatch', 'Dispatch'), ('sale', 'Sale')], max_length=10)),
                ('occurred_on', models.DateField()),
                ('to_be_billed_on', models.DateField(blank=True, null=True)),
                ('is_chargeable', models.BooleanField(default=True)),
                ('description', models.CharField(blank=True, max_length=300)),
                ('po_number', models.CharField(blank=True, db_default='', default='', max_length=60)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='billable_events', to='parties.client')),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='billable_events', to='parties.billingcustomer')),
            ],
            options={
                'ordering': ['key'],
                'indexes': [models.Index(fields=['kind', 'to_be_billed_on', 'id'], name='event_by_kind_and_date')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_billableeventevent" ("client_id", "customer_id", "description", "id", "is_chargeable", "key", "kind", "occurred_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "po_number", "to_be_billed_on") SELECT new_values."client_id", new_values."customer_id", new_values."description", new_values."id", new_values."is_chargeable", new_values."key", new_values."kind", new_values."occurred_on", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."po_number", new_values."to_be_billed_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a981eeddd9540684f55e42ff40319bb0c0b5df09', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_804f1', referencing='REFERENCING NEW TABLE AS new_values ', table='charges_billableevent', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_billableeventevent" ("client_id", "customer_id", "description", "id", "is_chargeable", "key", "kind", "occurred_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "po_number", "to_be_billed_on") SELECT new_values."client_id", new_values."customer_id", new_values."description", new_values."id", new_values."is_chargeable", new_values."key", new_values."kind", new_values."occurred_on", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."po_number", new_values."to_be_billed_on" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='867ad7c3e1db5551684182e34abf299c9f84e8ae', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_3b2e9', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='charges_billableevent', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_billableeventevent" ("client_id", "customer_id", "description", "id", "is_chargeable", "key", "kind", "occurred_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "po_number", "to_be_billed_on") SELECT old_values."client_id", old_values."customer_id", old_values."description", old_values."id", old_values."is_chargeable", old_values."key", old_values."kind", old_values."occurred_on", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."po_number", old_values."to_be_billed_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='61bb6cc8d8ce4414c75004cc00e9bcfede9bb62b', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_57970', referencing='REFERENCING OLD TABLE AS old_values ', table='charges_billableevent', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='BillableEventEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('key', models.CharField(max_length=80)),
                ('kind', models.CharField(choices=[('activation', 'Activation'), ('work_order', 'Work order'), ('dispatch', 'Dispatch'), ('sale', 'Sale')], max_length=10)),
                ('occurred_on', models.DateField()),
                ('to_be_billed_on', models.DateField(blank=True, null=True)),
                ('is_chargeable', models.BooleanField(default=True)),
                ('description', models.CharField(blank=True, max_length=300)),
                ('po_number', models.CharField(blank=True, db_default='', default='', max_length=60)),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parties.client')),
                ('customer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parties.billingcustomer')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='charges.billableevent')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='03648e0b48bd7f4e9a4d59bbaf3d1e245d9b3dff', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_20320', table='charges_billableeventevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='EventCharge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line_no', models.PositiveSmallIntegerField(default=1)),
                ('quantity', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('unit_price', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('description', models.CharField(blank=True, max_length=300)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='charges', to='charges.billableevent')),
                ('master_charge', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='event_charges', to='catalog.mastercharge')),
                ('tax_category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.taxcategory')),
            ],
            options={
                'ordering': ['event', 'line_no'],
                'constraints': [models.UniqueConstraint(fields=('event', 'line_no'), name='event_line_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_eventchargeevent" ("description", "event_id", "id", "line_no", "master_charge_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quantity", "tax_category_id", "unit_price") SELECT new_values."description", new_values."event_id", new_values."id", new_values."line_no", new_values."master_charge_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."quantity", new_values."tax_category_id", new_values."unit_price" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c5563edb6bfcfd32fb0217bb90cbf2fa791a8c8d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_c5500', referencing='REFERENCING NEW TABLE AS new_values ', table='charges_eventcharge', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_eventchargeevent" ("description", "event_id", "id", "line_no", "master_charge_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quantity", "tax_category_id", "unit_price") SELECT new_values."description", new_values."event_id", new_values."id", new_values."line_no", new_values."master_charge_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."quantity", new_values."tax_category_id", new_values."unit_price" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7eb4dda6b2e6fad253e2c459e4bd0b51c590bd10', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_dbc44', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='charges_eventcharge', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_eventchargeevent" ("description", "event_id", "id", "line_no", "master_charge_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quantity", "tax_category_id", "unit_price") SELECT old_values."description", old_values."event_id", old_values."id", old_values."line_no", old_values."master_charge_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."quantity", old_values."tax_category_id", old_values."unit_price" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='3dcebcc3e257e6bf533c8dd089f507fb8a23d44a', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_9b3ac', referencing='REFERENCING OLD TABLE AS old_values ', table='charges_eventcharge', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='Discount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='Printed on the invoice', max_length=120)),
                ('percent', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('amount', counterfoil.records.fields.StepsField(blank=True, help_text="In the customer's currency, off each line or invoice", null=True)),
                ('starts_on', models.DateField(blank=True, null=True)),
                ('ends_before', models.DateField(blank=True, null=True)),
                ('charge', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='discounts', to='charges.charge')),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='discounts', to='parties.billingcustomer')),
                ('master_charge', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='discounts', to='catalog.mastercharge')),
                ('key', models.CharField(max_length=80)),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('amount__isnull', True), ('percent__gt', 0), ('percent__lte', 100)), models.Q(('amount__gt', 0), ('percent__isnull', True)), _connector='OR'), name='discount_is_a_percentage_or_an_amount'), models.CheckConstraint(condition=models.Q(models.Q(('charge__isnull', False), ('customer__isnull', True), ('master_charge__isnull', True)), models.Q(('charge__isnull', True), ('master_charge__isnull', False)), models.Q(('charge__isnull', True), ('customer__isnull', False)), _connector='OR'), name='discount_is_off_something'), models.CheckConstraint(condition=models.Q(('starts_on__isnull', True), ('ends_before__isnull', True), ('starts_on__lt', models.F('ends_before')), _connector='OR'), name='discount_has_days')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_discountevent" ("amount", "charge_id", "customer_id", "ends_before", "id", "key", "master_charge_id", "name", "percent", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on") SELECT new_values."amount", new_values."charge_id", new_values."customer_id", new_values."ends_before", new_values."id", new_values."key", new_values."master_charge_id", new_values."name", new_values."percent", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."starts_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7368940866e2289f3daf765b10d29ccf4c7a1ada', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_62109', referencing='REFERENCING NEW TABLE AS new_values ', table='charges_discount', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_discountevent" ("amount", "charge_id", "customer_id", "ends_before", "id", "key", "master_charge_id", "name", "percent", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on") SELECT new_values."amount", new_values."charge_id", new_values."customer_id", new_values."ends_before", new_values."id", new_values."key", new_values."master_charge_id", new_values."name", new_values."percent", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."starts_on" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='5eb66cb8aba28fd47f4bc298e4fc5f0c004e7e83', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_b4b22', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='charges_discount', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_discountevent" ("amount", "charge_id", "customer_id", "ends_before", "id", "key", "master_charge_id", "name", "percent", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on") SELECT old_values."amount", old_values."charge_id", old_values."customer_id", old_values."ends_before", old_values."id", old_values."key", old_values."master_charge_id", old_values."name", old_values."percent", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."starts_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='9bc90a117cde6b82228adc5b7ca572f856dd9a41', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_84f06', referencing='REFERENCING OLD TABLE AS old_values ', table='charges_discount', when='AFTER'))],
            },
        ),
        # A step of its own, so that the constraint has the name that it has in older databases.
        migrations.AlterField(
            model_name='discount',
            name='key',
            field=models.CharField(max_length=80, unique=True),
        ),
        migrations.CreateModel(
            name='DiscountEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(help_text='Printed on the invoice', max_length=120)),
                ('percent', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('amount', counterfoil.records.fields.StepsField(blank=True, help_text="In the customer's currency, off each line or invoice", null=True)),
                ('starts_on', models.DateField(blank=True, null=True)),
                ('ends_before', models.DateField(blank=True, null=True)),
                ('charge', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='charges.charge')),
                ('customer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parties.billingcustomer')),
                ('master_charge', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.mastercharge')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='charges.discount')),
                ('key', models.CharField(max_length=80)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b6ebd172bb301db07f5a9f8c2ecf88ced015ef60', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5d59a', table='charges_discountevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='EventChargeEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('line_no', models.PositiveSmallIntegerField(default=1)),
                ('quantity', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('unit_price', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('description', models.CharField(blank=True, max_length=300)),
                ('event', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='charges.billableevent')),
                ('master_charge', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.mastercharge')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='charges.eventcharge')),
                ('tax_category', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.taxcategory')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='cf223819905457e80985d284d4c4a08f8872d9c6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_0c7b7', table='charges_eventchargeevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Meter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80, unique=True)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('digits', models.PositiveSmallIntegerField(blank=True, help_text='Set: the counter begins again at 0 after so many digits', null=True)),
                ('tolerance_days', models.PositiveSmallIntegerField(default=0, help_text="A reading so many days beside a period's edge counts as taken on it")),
                ('may_be_estimated', models.BooleanField(default=False, help_text='Without a reading, usage goes on as between the last two')),
                ('charge', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meters', to='charges.charge')),
            ],
            options={
                'ordering': ['key'],
                'constraints': [models.CheckConstraint(condition=models.Q(('digits__isnull', True), models.Q(('digits__gte', 1), ('digits__lte', 9)), _connector='OR'), name='meter_counts_in_a_few_digits')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_meterevent" ("charge_id", "digits", "id", "key", "may_be_estimated", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tolerance_days") SELECT new_values."charge_id", new_values."digits", new_values."id", new_values."key", new_values."may_be_estimated", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."tolerance_days" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='6858d4e89f506add0a826888bfffca9156ac3b73', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_cf44e', referencing='REFERENCING NEW TABLE AS new_values ', table='charges_meter', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_meterevent" ("charge_id", "digits", "id", "key", "may_be_estimated", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tolerance_days") SELECT new_values."charge_id", new_values."digits", new_values."id", new_values."key", new_values."may_be_estimated", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."tolerance_days" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='523bc1d75ab69020f640a56a30d539d422970cc5', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_57200', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='charges_meter', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_meterevent" ("charge_id", "digits", "id", "key", "may_be_estimated", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tolerance_days") SELECT old_values."charge_id", old_values."digits", old_values."id", old_values."key", old_values."may_be_estimated", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."tolerance_days" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='e34da680ea2f430f689e612234ff0fa269e3d127', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_b1e60', referencing='REFERENCING OLD TABLE AS old_values ', table='charges_meter', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='MeterEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('key', models.CharField(max_length=80)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('digits', models.PositiveSmallIntegerField(blank=True, help_text='Set: the counter begins again at 0 after so many digits', null=True)),
                ('tolerance_days', models.PositiveSmallIntegerField(default=0, help_text="A reading so many days beside a period's edge counts as taken on it")),
                ('may_be_estimated', models.BooleanField(default=False, help_text='Without a reading, usage goes on as between the last two')),
                ('charge', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='charges.charge')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='charges.meter')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a758c92eb8ecb248c45eeae7460b15c43b5f0fdc', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_898ac', table='charges_meterevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='PriceChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField()),
                ('unit_price', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('charge', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='price_changes', to='charges.charge')),
                ('master_charge', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='price_changes', to='catalog.mastercharge')),
                ('override', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='price_changes', to='catalog.chargeoverride')),
            ],
            options={
                'ordering': ['valid_from'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('charge__isnull', False), ('master_charge__isnull', True), ('override__isnull', True)), models.Q(('charge__isnull', True), ('master_charge__isnull', True), ('override__isnull', False)), models.Q(('charge__isnull', True), ('master_charge__isnull', False), ('override__isnull', True)), _connector='OR'), name='price_change_is_of_one_level'), models.UniqueConstraint(fields=('charge', 'valid_from'), name='charge_price_once_a_day'), models.UniqueConstraint(fields=('override', 'valid_from'), name='override_price_once_a_day'), models.UniqueConstraint(fields=('master_charge', 'valid_from'), name='master_price_once_a_day')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_pricechangeevent" ("charge_id", "id", "master_charge_id", "override_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "unit_price", "valid_from") SELECT new_values."charge_id", new_values."id", new_values."master_charge_id", new_values."override_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."unit_price", new_values."valid_from" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='876debe055bb48b0ca7dec62e33edc70921218c2', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_955e9', referencing='REFERENCING NEW TABLE AS new_values ', table='charges_pricechange', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_pricechangeevent" ("charge_id", "id", "master_charge_id", "override_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "unit_price", "valid_from") SELECT new_values."charge_id", new_values."id", new_values."master_charge_id", new_values."override_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."unit_price", new_values."valid_from" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b87edc891759a03d005f8ecea4fe9d45449ddf28', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_3860a', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='charges_pricechange', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_pricechangeevent" ("charge_id", "id", "master_charge_id", "override_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "unit_price", "valid_from") SELECT old_values."charge_id", old_values."id", old_values."master_charge_id", old_values."override_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."unit_price", old_values."valid_from" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='e27823f81b3b5e70567a2c1aa43404dc500f024a', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_0a300', referencing='REFERENCING OLD TABLE AS old_values ', table='charges_pricechange', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='PriceChangeEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('valid_from', models.DateField()),
                ('unit_price', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('charge', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='charges.charge')),
                ('master_charge', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.mastercharge')),
                ('override', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.chargeoverride')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='charges.pricechange')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='56c06afffa10dbc08b67d9c405a76c683de4d2be', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_37136', table='charges_pricechangeevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('read_on', models.DateField()),
                ('value', counterfoil.records.fields.StepsField()),
                ('is_estimate', models.BooleanField(default=False)),
                ('meter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readings', to='charges.meter')),
            ],
            options={
                'ordering': ['meter', 'read_on'],
                'constraints': [models.UniqueConstraint(fields=('meter', 'read_on'), name='reading_once_a_day'), models.CheckConstraint(condition=models.Q(('value__gte', 0)), name='reading_is_not_negative')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_readingevent" ("id", "is_estimate", "meter_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "read_on", "value") SELECT new_values."id", new_values."is_estimate", new_values."meter_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."read_on", new_values."value" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='4e2fbefa2d88337e9ca1a7b107799f291eb01b46', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_63fc6', referencing='REFERENCING NEW TABLE AS new_values ', table='charges_reading', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_readingevent" ("id", "is_estimate", "meter_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "read_on", "value") SELECT new_values."id", new_values."is_estimate", new_values."meter_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."read_on", new_values."value" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='eda3b64bcb19aa618eea3dba4ffda1ac8ac75167', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_2eb83', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='charges_reading', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_readingevent" ("id", "is_estimate", "meter_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "read_on", "value") SELECT old_values."id", old_values."is_estimate", old_values."meter_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."read_on", old_values."value" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='653d7cd362c929a98df1eb3fb521a840c31a444b', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_47006', referencing='REFERENCING OLD TABLE AS old_values ', table='charges_reading', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ReadingEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('read_on', models.DateField()),
                ('value', counterfoil.records.fields.StepsField()),
                ('is_estimate', models.BooleanField(default=False)),
                ('meter', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='charges.meter')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='charges.reading')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ead3006b88826b3c81dd2257f1acb194a14b601a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_1eb71', table='charges_readingevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ChargedEvent',
            fields=[
                ('event_charge', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='charged', serialize=False, to='charges.eventcharge')),
                ('line_id', models.BigIntegerField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='PastConfirmation',
            fields=[
                ('charge', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='past_confirmation', serialize=False, to='charges.charge')),
                ('ends_before', models.DateField()),
                ('reason', models.CharField(max_length=300)),
                ('confirmed_at', models.DateTimeField()),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_pastconfirmationevent" ("charge_id", "confirmed_at", "confirmed_by_id", "ends_before", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") SELECT new_values."charge_id", new_values."confirmed_at", new_values."confirmed_by_id", new_values."ends_before", _pgh_attached_context.value, NOW(), \'insert\', new_values."charge_id", new_values."reason" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='eac368d6c4a77c8b191ce88db98f68762fa4b83b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_8007a', referencing='REFERENCING NEW TABLE AS new_values ', table='charges_pastconfirmation', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_pastconfirmationevent" ("charge_id", "confirmed_at", "confirmed_by_id", "ends_before", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") SELECT new_values."charge_id", new_values."confirmed_at", new_values."confirmed_by_id", new_values."ends_before", _pgh_attached_context.value, NOW(), \'update\', new_values."charge_id", new_values."reason" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."charge_id") = (new_values."charge_id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='19939018b89d2ceba468a270d80dd13ed77d9d84', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_31b90', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='charges_pastconfirmation', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_pastconfirmationevent" ("charge_id", "confirmed_at", "confirmed_by_id", "ends_before", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") SELECT old_values."charge_id", old_values."confirmed_at", old_values."confirmed_by_id", old_values."ends_before", _pgh_attached_context.value, NOW(), \'delete\', old_values."charge_id", old_values."reason" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='bbf2c7e64f2dd5d09bc7078b19b82cfb7b09d148', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_4ef88', referencing='REFERENCING OLD TABLE AS old_values ', table='charges_pastconfirmation', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='PastConfirmationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('ends_before', models.DateField()),
                ('reason', models.CharField(max_length=300)),
                ('confirmed_at', models.DateTimeField()),
                ('charge', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', serialize=False, to='charges.charge')),
                ('confirmed_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='charges.pastconfirmation')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e48e2efd3499886db245137f4365e7c7f88f5767', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_2292e', table='charges_pastconfirmationevent', when='BEFORE'))],
            },
        ),
    ]
