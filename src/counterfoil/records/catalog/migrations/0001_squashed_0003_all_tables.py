"""The tables of catalog made at once, as the migrations 0001 to 0003 make them step by step (decision 0048)."""

import counterfoil.records.fields
import datetime
import django.db.models.deletion
import django.db.models.functions.comparison
import pgtrigger.compiler
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('catalog', '0001_initial'),
        ('catalog', '0002_initial'),
        ('catalog', '0003_escalations_and_tariffs'),
    ]

    initial = True

    dependencies = [
        ('parties', '0001_squashed_0002_all_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChargePeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('count', models.PositiveIntegerField(default=1)),
                ('unit', models.CharField(choices=[('day', 'day'), ('week', 'week'), ('month', 'month'), ('year', 'year')], default='month', max_length=5)),
                ('anchor', models.DateField(blank=True, null=True)),
                ('billing_day', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('part_charging', models.CharField(choices=[('none', 'Not billed'), ('whole', 'Billed in full'), ('daily', 'By days'), ('monthly', 'By months')], default='daily', max_length=7)),
                ('day_count', models.CharField(choices=[('actual', 'Actual days'), ('by_month', 'Month by month'), ('thirty_360', '30/360')], default='actual', max_length=10)),
                ('bill_on', models.CharField(choices=[('advance', 'In advance'), ('arrears', 'In arrears')], default='advance', max_length=7)),
                ('offset_days', models.SmallIntegerField(default=0)),
                ('split_on_price_change', models.BooleanField(db_default=False, default=False, help_text='A price change within a period splits it (billing-rules 4.2)')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('count__gte', 1), ('count__lte', 1200)), name='charge_period_has_a_length'), models.CheckConstraint(condition=models.Q(('anchor__isnull', True), ('billing_day__isnull', True), _connector='OR'), name='charge_period_has_anchor_or_billing_day'), models.CheckConstraint(condition=models.Q(('billing_day__isnull', True), models.Q(('billing_day__gte', 1), ('billing_day__lte', 31), ('unit__in', ['month', 'year'])), _connector='OR'), name='billing_day_is_a_day_of_a_month'), models.CheckConstraint(condition=models.Q(('unit__in', ['month', 'year']), models.Q(models.Q(('part_charging', 'monthly'), _negated=True), models.Q(('day_count', 'by_month'), _negated=True)), _connector='OR'), name='months_are_counted_in_months_and_years_only'), models.UniqueConstraint(models.F('count'), models.F('unit'), django.db.models.functions.comparison.Coalesce('anchor', datetime.date(1, 1, 1)), django.db.models.functions.comparison.Coalesce('billing_day', 0), models.F('part_charging'), models.F('day_count'), models.F('bill_on'), models.F('offset_days'), models.F('split_on_price_change'), name='charge_period_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_chargeperiodevent" ("anchor", "bill_on", "billing_day", "count", "day_count", "id", "name", "offset_days", "part_charging", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "split_on_price_change", "unit") SELECT new_values."anchor", new_values."bill_on", new_values."billing_day", new_values."count", new_values."day_count", new_values."id", new_values."name", new_values."offset_days", new_values."part_charging", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."split_on_price_change", new_values."unit" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='78ed52871140f1444c611ac3f8c0c32a64c0e6d7', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_4932f', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_chargeperiod', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_chargeperiodevent" ("anchor", "bill_on", "billing_day", "count", "day_count", "id", "name", "offset_days", "part_charging", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "split_on_price_change", "unit") SELECT new_values."anchor", new_values."bill_on", new_values."billing_day", new_values."count", new_values."day_count", new_values."id", new_values."name", new_values."offset_days", new_values."part_charging", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."split_on_price_change", new_values."unit" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a5ebbb1b4b098509b5aa59380ab0ec2476b5c29d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_581f6', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_chargeperiod', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_chargeperiodevent" ("anchor", "bill_on", "billing_day", "count", "day_count", "id", "name", "offset_days", "part_charging", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "split_on_price_change", "unit") SELECT old_values."anchor", old_values."bill_on", old_values."billing_day", old_values."count", old_values."day_count", old_values."id", old_values."name", old_values."offset_days", old_values."part_charging", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."split_on_price_change", old_values."unit" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f8c895d9777d68e9a2f71c98d96932b317990e4c', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_07748', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_chargeperiod', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ChargePeriodEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=120)),
                ('count', models.PositiveIntegerField(default=1)),
                ('unit', models.CharField(choices=[('day', 'day'), ('week', 'week'), ('month', 'month'), ('year', 'year')], default='month', max_length=5)),
                ('anchor', models.DateField(blank=True, null=True)),
                ('billing_day', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('part_charging', models.CharField(choices=[('none', 'Not billed'), ('whole', 'Billed in full'), ('daily', 'By days'), ('monthly', 'By months')], default='daily', max_length=7)),
                ('day_count', models.CharField(choices=[('actual', 'Actual days'), ('by_month', 'Month by month'), ('thirty_360', '30/360')], default='actual', max_length=10)),
                ('bill_on', models.CharField(choices=[('advance', 'In advance'), ('arrears', 'In arrears')], default='advance', max_length=7)),
                ('offset_days', models.SmallIntegerField(default=0)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='catalog.chargeperiod')),
                ('split_on_price_change', models.BooleanField(db_default=False, default=False, help_text='A price change within a period splits it (billing-rules 4.2)')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='63d992b382c65104ffb1a8bb29304c935914628c', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_a195f', table='catalog_chargeperiodevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='TaxCategory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True)),
                ('name', models.CharField(max_length=100)),
            ],
            options={
                'verbose_name_plural': 'tax categories',
                'ordering': ['code'],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_taxcategoryevent" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='9aca28e44626bb6e2f5eb083555c138109434a50', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_a8769', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_taxcategory', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_taxcategoryevent" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='423039ce99b8eb8700e19e90d23d74428923594c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_4e88a', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_taxcategory', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_taxcategoryevent" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."code", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='ef12ad6be3282de2b8696b4a1468fea1d675e400', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_d7bab', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_taxcategory', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='TaxCategoryEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=100)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='catalog.taxcategory')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f21b2eeb413209d79a1ed525d1f708a7fedfaca3', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7956a', table='catalog_taxcategoryevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='TaxRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('country', models.CharField(blank=True, max_length=2)),
                ('rate', counterfoil.records.fields.StepsField(help_text='Percent')),
                ('valid_from', models.DateField()),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rates', to='catalog.taxcategory')),
            ],
            options={
                'ordering': ['category', 'country', 'valid_from'],
                'constraints': [models.UniqueConstraint(fields=('category', 'country', 'valid_from'), name='tax_rate_once_a_day'), models.CheckConstraint(condition=models.Q(('rate__gte', 0), ('rate__lte', 1000)), name='tax_rate_is_a_percentage')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_taxrateevent" ("category_id", "country", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rate", "valid_from") SELECT new_values."category_id", new_values."country", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."rate", new_values."valid_from" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='be2e6b417d2f903ac4187f90e53862334bfaf1fb', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_a8630', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_taxrate', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_taxrateevent" ("category_id", "country", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rate", "valid_from") SELECT new_values."category_id", new_values."country", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."rate", new_values."valid_from" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='5fe55419ad27432f6d38fc2d06d2fad1f6accbb1', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_b93d8', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_taxrate', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_taxrateevent" ("category_id", "country", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rate", "valid_from") SELECT old_values."category_id", old_values."country", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."rate", old_values."valid_from" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='6226070d62a5f108b33933602263499366a9a835', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_98d51', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_taxrate', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='TaxRateEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('country', models.CharField(blank=True, max_length=2)),
                ('rate', counterfoil.records.fields.StepsField(help_text='Percent')),
                ('valid_from', models.DateField()),
                ('category', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.taxcategory')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='catalog.taxrate')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b6746d05f8e2ead79e7d48c52f79d5e52d705b53', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d0dd6', table='catalog_taxrateevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Escalation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('rate', counterfoil.records.fields.StepsField(help_text='Percent; negative lowers the price')),
                ('every_periods', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('on_date', models.DateField(blank=True, null=True)),
                ('yearly', models.BooleanField(default=False)),
                ('step', counterfoil.records.fields.StepsField(default='0.01', help_text='The new price is rounded to a multiple of it')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('every_periods__gte', 1), ('on_date__isnull', True), ('yearly', False)), models.Q(('every_periods__isnull', True), ('on_date__isnull', False)), _connector='OR'), name='escalation_is_by_periods_or_by_date'), models.CheckConstraint(condition=models.Q(('step__gt', 0)), name='escalation_rounds_to_a_step'), models.CheckConstraint(condition=models.Q(('rate__gt', -100)), name='escalation_leaves_a_price')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_escalationevent" ("every_periods", "id", "name", "on_date", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rate", "step", "yearly") SELECT new_values."every_periods", new_values."id", new_values."name", new_values."on_date", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."rate", new_values."step", new_values."yearly" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='035a11edbabda77c09d09972b6cda89d2e20cc9c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_df658', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_escalation', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_escalationevent" ("every_periods", "id", "name", "on_date", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rate", "step", "yearly") SELECT new_values."every_periods", new_values."id", new_values."name", new_values."on_date", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."rate", new_values."step", new_values."yearly" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e16b8e64a39e3bd174bc8d9812272b51f5d929d3', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_f86e2', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_escalation', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_escalationevent" ("every_periods", "id", "name", "on_date", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rate", "step", "yearly") SELECT old_values."every_periods", old_values."id", old_values."name", old_values."on_date", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."rate", old_values."step", old_values."yearly" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a447662b78ab97e5ed207be4abe13c0b922ce5b7', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_44c58', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_escalation', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='EscalationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=120)),
                ('rate', counterfoil.records.fields.StepsField(help_text='Percent; negative lowers the price')),
                ('every_periods', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('on_date', models.DateField(blank=True, null=True)),
                ('yearly', models.BooleanField(default=False)),
                ('step', counterfoil.records.fields.StepsField(default='0.01', help_text='The new price is rounded to a multiple of it')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='catalog.escalation')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f90d5ba3d562619ddda088c6aba78220fe249b0a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_a46e2', table='catalog_escalationevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Tariff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('counts', models.CharField(choices=[('meter', 'Meter readings'), ('activations', 'Activations')], default='meter', max_length=11)),
                ('mode', models.CharField(choices=[('graduated', 'Graduated: each tier prices its own units'), ('volume', 'Volume: the tier reached prices all units')], default='graduated', max_length=9)),
                ('unit', models.CharField(blank=True, max_length=40)),
                ('unit_step', counterfoil.records.fields.StepsField(default=1)),
                ('allowance', counterfoil.records.fields.StepsField(default=0, help_text='Free units a whole period')),
                ('minimum', counterfoil.records.fields.StepsField(default=0, help_text='The least a whole period costs')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('allowance__gte', 0), ('minimum__gte', 0), ('unit_step__gt', 0)), name='tariff_counts_in_positive_units')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_tariffevent" ("allowance", "counts", "id", "minimum", "mode", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "unit", "unit_step") SELECT new_values."allowance", new_values."counts", new_values."id", new_values."minimum", new_values."mode", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."unit", new_values."unit_step" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='8373024977257a7d968bcd6997350e1534d6a8df', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_0cfd9', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_tariff', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_tariffevent" ("allowance", "counts", "id", "minimum", "mode", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "unit", "unit_step") SELECT new_values."allowance", new_values."counts", new_values."id", new_values."minimum", new_values."mode", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."unit", new_values."unit_step" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='bf334ed500777956a849f98d84f560f71721801b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_be853', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_tariff', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_tariffevent" ("allowance", "counts", "id", "minimum", "mode", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "unit", "unit_step") SELECT old_values."allowance", old_values."counts", old_values."id", old_values."minimum", old_values."mode", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."unit", old_values."unit_step" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f141dfd8da99dd36d0f312435808d987ecf6f4ad', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_24034', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_tariff', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='MasterCharge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('service', 'Service'), ('activation', 'Activation'), ('work_order', 'Work order'), ('dispatch', 'Dispatch'), ('sale', 'Sale')], default='service', max_length=10)),
                ('ledger_code', models.CharField(blank=True, max_length=64)),
                ('currency', models.CharField(max_length=3)),
                ('unit_price', counterfoil.records.fields.StepsField(blank=True, help_text='The price of one whole charge period', null=True)),
                ('quantity', counterfoil.records.fields.StepsField(default=1)),
                ('unit', models.CharField(blank=True, max_length=40)),
                ('while_commissioned', models.BooleanField(default=False)),
                ('assignable', models.BooleanField(default=True)),
                ('is_active', models.BooleanField(default=True)),
                ('charge_period', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='master_charges', to='catalog.chargeperiod')),
                ('tax_category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='master_charges', to='catalog.taxcategory')),
                ('price_includes_tax', models.BooleanField(db_default=False, default=False)),
                ('escalation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='master_charges', to='catalog.escalation')),
                ('tariff', models.ForeignKey(blank=True, help_text='Set: usage is billed, in arrears (billing-rules 4.4)', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='master_charges', to='catalog.tariff')),
            ],
            options={
                'ordering': ['code'],
                'indexes': [models.Index(fields=['name', 'id'], name='master_charge_by_name')],
                'constraints': [models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='master_currency_is_a_code')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_masterchargeevent" ("assignable", "charge_period_id", "code", "currency", "escalation_id", "id", "is_active", "kind", "ledger_code", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_includes_tax", "quantity", "tariff_id", "tax_category_id", "unit", "unit_price", "while_commissioned") SELECT new_values."assignable", new_values."charge_period_id", new_values."code", new_values."currency", new_values."escalation_id", new_values."id", new_values."is_active", new_values."kind", new_values."ledger_code", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."price_includes_tax", new_values."quantity", new_values."tariff_id", new_values."tax_category_id", new_values."unit", new_values."unit_price", new_values."while_commissioned" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='2ffcff26825a60a71d0632f1b24d064978867321', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_69237', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_mastercharge', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_masterchargeevent" ("assignable", "charge_period_id", "code", "currency", "escalation_id", "id", "is_active", "kind", "ledger_code", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_includes_tax", "quantity", "tariff_id", "tax_category_id", "unit", "unit_price", "while_commissioned") SELECT new_values."assignable", new_values."charge_period_id", new_values."code", new_values."currency", new_values."escalation_id", new_values."id", new_values."is_active", new_values."kind", new_values."ledger_code", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."price_includes_tax", new_values."quantity", new_values."tariff_id", new_values."tax_category_id", new_values."unit", new_values."unit_price", new_values."while_commissioned" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='26ee5c85d0053a6c44b213e5eae6449022120d56', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_89f7e', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_mastercharge', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_masterchargeevent" ("assignable", "charge_period_id", "code", "currency", "escalation_id", "id", "is_active", "kind", "ledger_code", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_includes_tax", "quantity", "tariff_id", "tax_category_id", "unit", "unit_price", "while_commissioned") SELECT old_values."assignable", old_values."charge_period_id", old_values."code", old_values."currency", old_values."escalation_id", old_values."id", old_values."is_active", old_values."kind", old_values."ledger_code", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."price_includes_tax", old_values."quantity", old_values."tariff_id", old_values."tax_category_id", old_values."unit", old_values."unit_price", old_values."while_commissioned" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='bea869d585d238cc4b0419b3443593c5625bdba2', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_94f9e', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_mastercharge', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ChargeOverride',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit_price', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('quantity', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('description', models.CharField(blank=True, max_length=300)),
                ('while_commissioned', models.BooleanField(blank=True, null=True)),
                ('assignable', models.BooleanField(blank=True, null=True)),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='parties.billingcustomer')),
                ('dealer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='parties.dealer')),
                ('charge_period', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.chargeperiod')),
                ('master_charge', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='catalog.mastercharge')),
                ('tax_category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.taxcategory')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('customer__isnull', True), ('dealer__isnull', False)), models.Q(('customer__isnull', False), ('dealer__isnull', True)), _connector='OR'), name='override_is_for_a_customer_or_a_dealer'), models.UniqueConstraint(fields=('master_charge', 'customer'), name='override_once_a_customer'), models.UniqueConstraint(fields=('master_charge', 'dealer'), name='override_once_a_dealer')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_chargeoverrideevent" ("assignable", "charge_period_id", "customer_id", "dealer_id", "description", "id", "master_charge_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quantity", "tax_category_id", "unit_price", "while_commissioned") SELECT new_values."assignable", new_values."charge_period_id", new_values."customer_id", new_values."dealer_id", new_values."description", new_values."id", new_values."master_charge_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."quantity", new_values."tax_category_id", new_values."unit_price", new_values."while_commissioned" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='bd780447ce9a93b205b0bf9a4bf40978c73250f2', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_4ca62', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_chargeoverride', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_chargeoverrideevent" ("assignable", "charge_period_id", "customer_id", "dealer_id", "description", "id", "master_charge_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quantity", "tax_category_id", "unit_price", "while_commissioned") SELECT new_values."assignable", new_values."charge_period_id", new_values."customer_id", new_values."dealer_id", new_values."description", new_values."id", new_values."master_charge_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."quantity", new_values."tax_category_id", new_values."unit_price", new_values."while_commissioned" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='045afba3790be64a4ac96579690d844304255129', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_25bef', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_chargeoverride', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_chargeoverrideevent" ("assignable", "charge_period_id", "customer_id", "dealer_id", "description", "id", "master_charge_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quantity", "tax_category_id", "unit_price", "while_commissioned") SELECT old_values."assignable", old_values."charge_period_id", old_values."customer_id", old_values."dealer_id", old_values."description", old_values."id", old_values."master_charge_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."quantity", old_values."tax_category_id", old_values."unit_price", old_values."while_commissioned" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='48a81ea2ef161db95e344c648af15dfdcc2dd6c7', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_014d3', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_chargeoverride', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ChargeOverrideEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('unit_price', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('quantity', counterfoil.records.fields.StepsField(blank=True, null=True)),
                ('description', models.CharField(blank=True, max_length=300)),
                ('while_commissioned', models.BooleanField(blank=True, null=True)),
                ('assignable', models.BooleanField(blank=True, null=True)),
                ('customer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parties.billingcustomer')),
                ('dealer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parties.dealer')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='catalog.chargeoverride')),
                ('charge_period', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.chargeperiod')),
                ('master_charge', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.mastercharge')),
                ('tax_category', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.taxcategory')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='cb6c90332b1e0f9a5e96425c9361f96fb2d3f8f9', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_2e76d', table='catalog_chargeoverrideevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='MasterChargeEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('service', 'Service'), ('activation', 'Activation'), ('work_order', 'Work order'), ('dispatch', 'Dispatch'), ('sale', 'Sale')], default='service', max_length=10)),
                ('ledger_code', models.CharField(blank=True, max_length=64)),
                ('currency', models.CharField(max_length=3)),
                ('unit_price', counterfoil.records.fields.StepsField(blank=True, help_text='The price of one whole charge period', null=True)),
                ('quantity', counterfoil.records.fields.StepsField(default=1)),
                ('unit', models.CharField(blank=True, max_length=40)),
                ('while_commissioned', models.BooleanField(default=False)),
                ('assignable', models.BooleanField(default=True)),
                ('is_active', models.BooleanField(default=True)),
                ('charge_period', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.chargeperiod')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='catalog.mastercharge')),
                ('tax_category', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.taxcategory')),
                ('price_includes_tax', models.BooleanField(db_default=False, default=False)),
                ('escalation', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.escalation')),
                ('tariff', models.ForeignKey(blank=True, db_constraint=False, help_text='Set: usage is billed, in arrears (billing-rules 4.4)', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.tariff')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f089100437005aaf4f5ba03849efa7ee19dd1838', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_bb3fd', table='catalog_masterchargeevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='TariffEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=120)),
                ('counts', models.CharField(choices=[('meter', 'Meter readings'), ('activations', 'Activations')], default='meter', max_length=11)),
                ('mode', models.CharField(choices=[('graduated', 'Graduated: each tier prices its own units'), ('volume', 'Volume: the tier reached prices all units')], default='graduated', max_length=9)),
                ('unit', models.CharField(blank=True, max_length=40)),
                ('unit_step', counterfoil.records.fields.StepsField(default=1)),
                ('allowance', counterfoil.records.fields.StepsField(default=0, help_text='Free units a whole period')),
                ('minimum', counterfoil.records.fields.StepsField(default=0, help_text='The least a whole period costs')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='catalog.tariff')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='92e463cef8d2aa3dbb459fc4907f5ce1485fc272', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b55f8', table='catalog_tariffevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='TariffTier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_units', counterfoil.records.fields.StepsField(default=0)),
                ('unit_price', counterfoil.records.fields.StepsField()),
                ('fee', counterfoil.records.fields.StepsField(default=0)),
                ('tariff', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tiers', to='catalog.tariff')),
            ],
            options={
                'ordering': ['tariff', 'from_units'],
                'constraints': [models.UniqueConstraint(fields=('tariff', 'from_units'), name='tier_once_a_bound'), models.CheckConstraint(condition=models.Q(('from_units__gte', 0)), name='tier_begins_at_units')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_tarifftierevent" ("fee", "from_units", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tariff_id", "unit_price") SELECT new_values."fee", new_values."from_units", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."tariff_id", new_values."unit_price" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='54bfd1add68e945509c8b7dd27e7801e6742eb05', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_d6b09', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_tarifftier', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_tarifftierevent" ("fee", "from_units", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tariff_id", "unit_price") SELECT new_values."fee", new_values."from_units", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."tariff_id", new_values."unit_price" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='3b349a70a4058b33bb0b1f2c1b08f2973affc4db', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_aec43', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_tarifftier', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "catalog_tarifftierevent" ("fee", "from_units", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tariff_id", "unit_price") SELECT old_values."fee", old_values."from_units", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."tariff_id", old_values."unit_price" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='da2e266f2df054079c7a76f65c6a12777733035f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_517a2', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_tarifftier', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='TariffTierEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('from_units', counterfoil.records.fields.StepsField(default=0)),
                ('unit_price', counterfoil.records.fields.StepsField()),
                ('fee', counterfoil.records.fields.StepsField(default=0)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='catalog.tarifftier')),
                ('tariff', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.tariff')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='607758ddc2597bd6764b21be59891a6f74ac1b82', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_34da7', table='catalog_tarifftierevent', when='BEFORE'))],
            },
        ),
    ]
