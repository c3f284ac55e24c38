"""The tables of parties made at once, as the migrations 0001 to 0002 make them step by step (decision 0048)."""

import django.db.models.deletion
import pgtrigger.compiler
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('parties', '0001_initial'),
        ('parties', '0002_commissionings'),
    ]

    initial = True

    dependencies = [
        ('organisation', '0001_squashed_0003_all_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='BillingCustomer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('email', models.TextField(blank=True, help_text='Several addresses are separated by ;')),
                ('currency', models.CharField(max_length=3)),
                ('country', models.CharField(blank=True, max_length=2)),
                ('address', models.CharField(blank=True, max_length=300)),
                ('postcode', models.CharField(blank=True, max_length=20)),
                ('city', models.CharField(blank=True, max_length=100)),
                ('tax_id', models.CharField(blank=True, max_length=40)),
                ('tax_status', models.CharField(choices=[('standard', 'Standard'), ('zero', 'Zero rated'), ('exempt', 'Exempt'), ('reverse_charge', 'Reverse charge'), ('out_of_scope', 'Out of scope')], default='standard', max_length=20)),
                ('payment_terms', models.CharField(blank=True, help_text="Empty: the organisation's", max_length=60)),
                ('delivery', models.CharField(choices=[('email', 'E-mail'), ('print', 'Print'), ('einvoice', 'E-invoice'), ('none', 'None')], default='email', max_length=10)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('is_active', models.BooleanField(default=True)),
                ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='customers', to='organisation.branch')),
            ],
            options={
                'ordering': ['account'],
                'indexes': [models.Index(fields=['name', 'id'], name='customer_by_name')],
                'constraints': [models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='customer_currency_is_a_code')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "parties_billingcustomerevent" ("account", "address", "branch_id", "city", "country", "currency", "delivery", "email", "id", "is_active", "language", "name", "payment_terms", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postcode", "tax_id", "tax_status") SELECT new_values."account", new_values."address", new_values."branch_id", new_values."city", new_values."country", new_values."currency", new_values."delivery", new_values."email", new_values."id", new_values."is_active", new_values."language", new_values."name", new_values."payment_terms", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."postcode", new_values."tax_id", new_values."tax_status" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='97edc8d3536b63b0a0b1c45f47b5540cad2d67dd', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_dfe79', referencing='REFERENCING NEW TABLE AS new_values ', table='parties_billingcustomer', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "parties_billingcustomerevent" ("account", "address", "branch_id", "city", "country", "currency", "delivery", "email", "id", "is_active", "language", "name", "payment_terms", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postcode", "tax_id", "tax_status") SELECT new_values."account", new_values."address", new_values."branch_id", new_values."city", new_values."country", new_values."currency", new_values."delivery", new_values."email", new_values."id", new_values."is_active", new_values."language", new_values."name", new_values."payment_terms", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."postcode", new_values."tax_id", new_values."tax_status" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b36b9c867c634f4ad88a18fe5da5cdd2f09f63bc', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_05755', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='parties_billingcustomer', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "parties_billingcustomerevent" ("account", "address", "branch_id", "city", "country", "currency", "delivery", "email", "id", "is_active", "language", "name", "payment_terms", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postcode", "tax_id", "tax_status") SELECT old_values."account", old_values."address", old_values."branch_id", old_values."city", old_values."country", old_values."currency", old_values."delivery", old_values."email", old_values."id", old_values."is_active", old_values."language", old_values."name", old_values."payment_terms", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."postcode", old_values."tax_id", old_values."tax_status" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a38d55686da409719f6443e594bc27f653f8cbe1', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_7ba4c', referencing='REFERENCING OLD TABLE AS old_values ', table='parties_billingcustomer', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='BillingCustomerEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('account', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=200)),
                ('email', models.TextField(blank=True, help_text='Several addresses are separated by ;')),
                ('currency', models.CharField(max_length=3)),
                ('country', models.CharField(blank=True, max_length=2)),
                ('address', models.CharField(blank=True, max_length=300)),
                ('postcode', models.CharField(blank=True, max_length=20)),
                ('city', models.CharField(blank=True, max_length=100)),
                ('tax_id', models.CharField(blank=True, max_length=40)),
                ('tax_status', models.CharField(choices=[('standard', 'Standard'), ('zero', 'Zero rated'), ('exempt', 'Exempt'), ('reverse_charge', 'Reverse charge'), ('out_of_scope', 'Out of scope')], default='standard', max_length=20)),
                ('payment_terms', models.CharField(blank=True, help_text="Empty: the organisation's", max_length=60)),
                ('delivery', models.CharField(choices=[('email', 'E-mail'), ('print', 'Print'), ('einvoice', 'E-invoice'), ('none', 'None')], default='email', max_length=10)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('is_active', models.BooleanField(default=True)),
                ('branch', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='organisation.branch')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='parties.billingcustomer')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='071029f82cd9605ef63aefadcad2e7af2203bc65', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_fd4bb', table='parties_billingcustomerevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Dealer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('is_active', models.BooleanField(default=True)),
                ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dealers', to='organisation.branch')),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dealers', to='parties.billingcustomer')),
            ],
            options={
                'ordering': ['code'],
                'indexes': [models.Index(fields=['name', 'id'], name='dealer_by_name')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "parties_dealerevent" ("branch_id", "code", "customer_id", "id", "is_active", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."branch_id", new_values."code", new_values."customer_id", new_values."id", new_values."is_active", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='9392a18dc4f1cc61d076a392a1f15501fc881243', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_1d30a', referencing='REFERENCING NEW TABLE AS new_values ', table='parties_dealer', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "parties_dealerevent" ("branch_id", "code", "customer_id", "id", "is_active", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."branch_id", new_values."code", new_values."customer_id", new_values."id", new_values."is_active", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e1923da9d543906b35d08021ae2721375a144f0d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_d9aea', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='parties_dealer', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "parties_dealerevent" ("branch_id", "code", "customer_id", "id", "is_active", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."branch_id", old_values."code", old_values."customer_id", old_values."id", old_values."is_active", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f100d163c63bc3e69f257e4a0ac72f742aebd6e8', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_7d98f', referencing='REFERENCING OLD TABLE AS old_values ', table='parties_dealer', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='Client',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('address', models.CharField(blank=True, max_length=300)),
                ('postcode', models.CharField(blank=True, max_length=20)),
                ('city', models.CharField(blank=True, max_length=100)),
                ('commissioned_on', models.DateField(blank=True, null=True)),
                ('decommissioned_on', models.DateField(blank=True, null=True)),
                ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clients', to='organisation.branch')),
                ('customer', models.ForeignKey(blank=True, help_text='Who pays unless a charge says otherwise', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='clients', to='parties.billingcustomer')),
                ('dealer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='clients', to='parties.dealer')),
            ],
            options={
                'ordering': ['code'],
                'indexes': [models.Index(fields=['name', 'id'], name='client_by_name')],
                'constraints': [models.CheckConstraint(condition=models.Q(('decommissioned_on__isnull', True), ('commissioned_on__isnull', True), ('decommissioned_on__gte', models.F('commissioned_on')), _connector='OR'), name='client_decommissioned_after_commissioned')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "parties_clientevent" ("address", "branch_id", "city", "code", "commissioned_on", "customer_id", "dealer_id", "decommissioned_on", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postcode") SELECT new_values."address", new_values."branch_id", new_values."city", new_values."code", new_values."commissioned_on", new_values."customer_id", new_values."dealer_id", new_values."decommissioned_on", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."postcode" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='511e5c474ed4f5ec80a832088aebfdadeda3eaa6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_0964d', referencing='REFERENCING NEW TABLE AS new_values ', table='parties_client', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "parties_clientevent" ("address", "branch_id", "city", "code", "commissioned_on", "customer_id", "dealer_id", "decommissioned_on", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postcode") SELECT new_values."address", new_values."branch_id", new_values."city", new_values."code", new_values."commissioned_on", new_values."customer_id", new_values."dealer_id", new_values."decommissioned_on", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."postcode" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='05cb6a71b45b2f559b8208894ffa81a602f6ee13', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_1eb5d', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='parties_client', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "parties_clientevent" ("address", "branch_id", "city", "code", "commissioned_on", "customer_id", "dealer_id", "decommissioned_on", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postcode") SELECT old_values."address", old_values."branch_id", old_values."city", old_values."code", old_values."commissioned_on", old_values."customer_id", old_values."dealer_id", old_values."decommissioned_on", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."postcode" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='09c9e47774857ccc422b36a4bed2d01c83643441', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_6ecaa', referencing='REFERENCING OLD TABLE AS old_values ', table='parties_client', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ClientEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=200)),
                ('address', models.CharField(blank=True, max_length=300)),
                ('postcode', models.CharField(blank=True, max_length=20)),
                ('city', models.CharField(blank=True, max_length=100)),
                ('commissioned_on', models.DateField(blank=True, null=True)),
                ('decommissioned_on', models.DateField(blank=True, null=True)),
                ('branch', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='organisation.branch')),
                ('customer', models.ForeignKey(blank=True, db_constraint=False, help_text='Who pays unless a charge says otherwise', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parties.billingcustomer')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='parties.client')),
                ('dealer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parties.dealer')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='366d6d2eb8ddb71d7ebb4e4422f2c4b9784e11c0', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_49d05', table='parties_clientevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='DealerEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=200)),
                ('is_active', models.BooleanField(default=True)),
                ('branch', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='organisation.branch')),
                ('customer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parties.billingcustomer')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='parties.dealer')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5f9d881d7632c214ef8fd264d74f705082fe63a7', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_36d66', table='parties_dealerevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='PastCommissioning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField()),
                ('ends_before', models.DateField()),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='past_commissionings', to='parties.client')),
            ],
            options={
                'ordering': ['client', 'starts_on'],
                'constraints': [models.UniqueConstraint(fields=('client', 'starts_on'), name='commissioned_once_a_day'), models.CheckConstraint(condition=models.Q(('starts_on__lt', models.F('ends_before'))), name='past_commissioning_has_days')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "parties_pastcommissioningevent" ("client_id", "ends_before", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on") SELECT new_values."client_id", new_values."ends_before", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."starts_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='0d0dda5832278675c131b6cac410a93abe513c61', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_cf13a', referencing='REFERENCING NEW TABLE AS new_values ', table='parties_pastcommissioning', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "parties_pastcommissioningevent" ("client_id", "ends_before", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on") SELECT new_values."client_id", new_values."ends_before", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."starts_on" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f396c3bb5ba77d06fbd68c6eac7d96b9ac066fb8', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_d5368', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='parties_pastcommissioning', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "parties_pastcommissioningevent" ("client_id", "ends_before", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on") SELECT old_values."client_id", old_values."ends_before", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."starts_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a79ec454491852700b7987c63f00ed16afd4684d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_7c538', referencing='REFERENCING OLD TABLE AS old_values ', table='parties_pastcommissioning', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='PastCommissioningEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('starts_on', models.DateField()),
                ('ends_before', models.DateField()),
                ('client', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parties.client')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='parties.pastcommissioning')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d942d61aa92da8385b1b687db270cc14eb680107', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_cbaa0', table='parties_pastcommissioningevent', when='BEFORE'))],
            },
        ),
    ]
