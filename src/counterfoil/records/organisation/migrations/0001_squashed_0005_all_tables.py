"""The tables of organisation made at once, as the migrations 0001 to 0005 make them step by step (decision 0048)."""

import counterfoil.records.organisation.models
import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('organisation', '0001_initial'),
        ('organisation', '0002_api_answers'),
        ('organisation', '0003_tax_status_and_closing'),
        ('organisation', '0004_limits_and_second_factors'),
        ('organisation', '0005_document_looks'),
    ]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='DocumentTexts',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=10, unique=True)),
                ('header', models.TextField(blank=True)),
                ('payment_note', models.TextField(blank=True)),
                ('footer', models.TextField(blank=True)),
                ('mail_subject', models.CharField(blank=True, max_length=200)),
                ('mail_body', models.TextField(blank=True)),
            ],
            options={
                'verbose_name_plural': 'document texts',
                'ordering': ['language'],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_documenttextsevent" ("footer", "header", "id", "language", "mail_body", "mail_subject", "payment_note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."footer", new_values."header", new_values."id", new_values."language", new_values."mail_body", new_values."mail_subject", new_values."payment_note", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='db812f62e50bb1a657b11283c2f4193a3dab1052', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_360c6', referencing='REFERENCING NEW TABLE AS new_values ', table='organisation_documenttexts', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_documenttextsevent" ("footer", "header", "id", "language", "mail_body", "mail_subject", "payment_note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."footer", new_values."header", new_values."id", new_values."language", new_values."mail_body", new_values."mail_subject", new_values."payment_note", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='9f0de2f99b387f8e4e636b6066de455ef80ff3c2', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_f7861', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='organisation_documenttexts', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_documenttextsevent" ("footer", "header", "id", "language", "mail_body", "mail_subject", "payment_note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."footer", old_values."header", old_values."id", old_values."language", old_values."mail_body", old_values."mail_subject", old_values."payment_note", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b6de1ce363a647ed3c86a2e4c2239e7d7a277823', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_1cb9c', referencing='REFERENCING OLD TABLE AS old_values ', table='organisation_documenttexts', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='Logo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.BinaryField()),
                ('digest', models.CharField(help_text='SHA-256 of the content', max_length=64, unique=True)),
                ('uploaded_at', models.DateTimeField()),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='logo_insert_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='50038f043c50c423b5db4e9b51ec0d30490936b6', operation='UPDATE OR DELETE', pgid='pgtrigger_logo_insert_only_d4175', table='organisation_logo', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='DocumentTextsEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('language', models.CharField(max_length=10)),
                ('header', models.TextField(blank=True)),
                ('payment_note', models.TextField(blank=True)),
                ('footer', models.TextField(blank=True)),
                ('mail_subject', models.CharField(blank=True, max_length=200)),
                ('mail_body', models.TextField(blank=True)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='organisation.documenttexts')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4322d9f533a36510a66f6892774c1b3e56d2ca4e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_6bd24', table='organisation_documenttextsevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('legal_name', models.CharField(blank=True, max_length=200)),
                ('address', models.CharField(blank=True, max_length=300)),
                ('postcode', models.CharField(blank=True, max_length=20)),
                ('city', models.CharField(blank=True, max_length=100)),
                ('country', models.CharField(help_text='ISO 3166 code, for example IE', max_length=2)),
                ('tax_id', models.CharField(blank=True, max_length=40)),
                ('registration', models.CharField(blank=True, max_length=100)),
                ('email', models.EmailField(blank=True, help_text='Sender of invoices', max_length=254)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('website', models.URLField(blank=True)),
                ('bank_name', models.CharField(blank=True, max_length=100)),
                ('iban', models.CharField(blank=True, max_length=34)),
                ('bic', models.CharField(blank=True, max_length=11)),
                ('payment_note', models.TextField(blank=True)),
                ('footer', models.TextField(blank=True)),
                ('accent_color', models.CharField(default='#1f4e79', max_length=7)),
                ('currency', models.CharField(default='EUR', max_length=3)),
                ('timezone', models.CharField(default='UTC', max_length=64)),
                ('language', models.CharField(default='en', max_length=10)),
                ('rounding', models.CharField(choices=[('half_away', 'half_away'), ('half_even', 'half_even')], default='half_away', max_length=10)),
                ('payment_terms', models.CharField(default='14 days', max_length=60)),
                ('four_eyes', models.BooleanField(default=False, help_text='Nobody authorises a run they generated')),
                ('is_demo', models.BooleanField(default=False, editable=False)),
                ('books_closed_before', models.DateField(blank=True, help_text='Documents may not be dated before it (billing-rules 7.5)', null=True)),
                ('tax_status', models.CharField(choices=[('standard', 'Standard'), ('zero', 'Zero rated'), ('exempt', 'Exempt'), ('reverse_charge', 'Reverse charge'), ('out_of_scope', 'Out of scope')], db_default='standard', default='standard', max_length=20)),
                ('two_factor_roles', models.JSONField(blank=True, db_default=models.Value([], output_field=models.JSONField()), default=list, help_text='Whoever has one of these roles signs in with a second factor')),
                ('line_columns', models.JSONField(db_default=models.Value(['period', 'quantity', 'unit_price', 'share', 'tax_rate'], models.JSONField()), default=counterfoil.records.organisation.models.usual_line_columns, help_text="Which documents' lines may have")),
                ('logo', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.logo')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='only_one_organisation'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='currency_is_a_code')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_organisationevent" ("accent_color", "address", "bank_name", "bic", "books_closed_before", "city", "country", "currency", "email", "footer", "four_eyes", "iban", "id", "is_demo", "language", "legal_name", "line_columns", "logo_id", "name", "payment_note", "payment_terms", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode", "registration", "rounding", "tax_id", "tax_status", "timezone", "two_factor_roles", "website") SELECT new_values."accent_color", new_values."address", new_values."bank_name", new_values."bic", new_values."books_closed_before", new_values."city", new_values."country", new_values."currency", new_values."email", new_values."footer", new_values."four_eyes", new_values."iban", new_values."id", new_values."is_demo", new_values."language", new_values."legal_name", new_values."line_columns", new_values."logo_id", new_values."name", new_values."payment_note", new_values."payment_terms", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."phone", new_values."postcode", new_values."registration", new_values."rounding", new_values."tax_id", new_values."tax_status", new_values."timezone", new_values."two_factor_roles", new_values."website" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='0104561f9c3c9ae479e967f2682b44c49dbfca75', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_e7f16', referencing='REFERENCING NEW TABLE AS new_values ', table='organisation_organisation', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_organisationevent" ("accent_color", "address", "bank_name", "bic", "books_closed_before", "city", "country", "currency", "email", "footer", "four_eyes", "iban", "id", "is_demo", "language", "legal_name", "line_columns", "logo_id", "name", "payment_note", "payment_terms", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode", "registration", "rounding", "tax_id", "tax_status", "timezone", "two_factor_roles", "website") SELECT new_values."accent_color", new_values."address", new_values."bank_name", new_values."bic", new_values."books_closed_before", new_values."city", new_values."country", new_values."currency", new_values."email", new_values."footer", new_values."four_eyes", new_values."iban", new_values."id", new_values."is_demo", new_values."language", new_values."legal_name", new_values."line_columns", new_values."logo_id", new_values."name", new_values."payment_note", new_values."payment_terms", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."phone", new_values."postcode", new_values."registration", new_values."rounding", new_values."tax_id", new_values."tax_status", new_values."timezone", new_values."two_factor_roles", new_values."website" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='eb4ed84e13a44b5a7b92bb677ac06c03c9145555', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_929e2', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='organisation_organisation', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_organisationevent" ("accent_color", "address", "bank_name", "bic", "books_closed_before", "city", "country", "currency", "email", "footer", "four_eyes", "iban", "id", "is_demo", "language", "legal_name", "line_columns", "logo_id", "name", "payment_note", "payment_terms", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode", "registration", "rounding", "tax_id", "tax_status", "timezone", "two_factor_roles", "website") SELECT old_values."accent_color", old_values."address", old_values."bank_name", old_values."bic", old_values."books_closed_before", old_values."city", old_values."country", old_values."currency", old_values."email", old_values."footer", old_values."four_eyes", old_values."iban", old_values."id", old_values."is_demo", old_values."language", old_values."legal_name", old_values."line_columns", old_values."logo_id", old_values."name", old_values."payment_note", old_values."payment_terms", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."postcode", old_values."registration", old_values."rounding", old_values."tax_id", old_values."tax_status", old_values."timezone", old_values."two_factor_roles", old_values."website" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='ea9de08cc21fa6cda29fe2b46991740a3e12bf57', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_c7a77', referencing='REFERENCING OLD TABLE AS old_values ', table='organisation_organisation', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='Branch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('address', models.CharField(blank=True, max_length=300)),
                ('postcode', models.CharField(blank=True, max_length=20)),
                ('city', models.CharField(blank=True, max_length=100)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('organisation', models.ForeignKey(default=1, on_delete=django.db.models.deletion.PROTECT, to='organisation.organisation')),
            ],
            options={
                'verbose_name_plural': 'branches',
                'ordering': ['code'],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_branchevent" ("address", "city", "code", "email", "id", "name", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode") SELECT new_values."address", new_values."city", new_values."code", new_values."email", new_values."id", new_values."name", new_values."organisation_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."phone", new_values."postcode" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='1cb5bef63b1e47039a52a0ba7a517676d7e3d17e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_abb2d', referencing='REFERENCING NEW TABLE AS new_values ', table='organisation_branch', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_branchevent" ("address", "city", "code", "email", "id", "name", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode") SELECT new_values."address", new_values."city", new_values."code", new_values."email", new_values."id", new_values."name", new_values."organisation_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."phone", new_values."postcode" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='382a9b6529a9569d96cec2dcb3fbcef7aa27c3ac', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_ff5f6', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='organisation_branch', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_branchevent" ("address", "city", "code", "email", "id", "name", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode") SELECT old_values."address", old_values."city", old_values."code", old_values."email", old_values."id", old_values."name", old_values."organisation_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."postcode" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='cfa8bf2dfd34083f6f02b35df9c76a815a101dd9', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_94d17', referencing='REFERENCING OLD TABLE AS old_values ', table='organisation_branch', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='OrganisationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=200)),
                ('legal_name', models.CharField(blank=True, max_length=200)),
                ('address', models.CharField(blank=True, max_length=300)),
                ('postcode', models.CharField(blank=True, max_length=20)),
                ('city', models.CharField(blank=True, max_length=100)),
                ('country', models.CharField(help_text='ISO 3166 code, for example IE', max_length=2)),
                ('tax_id', models.CharField(blank=True, max_length=40)),
                ('registration', models.CharField(blank=True, max_length=100)),
                ('email', models.EmailField(blank=True, help_text='Sender of invoices', max_length=254)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('website', models.URLField(blank=True)),
                ('bank_name', models.CharField(blank=True, max_length=100)),
                ('iban', models.CharField(blank=True, max_length=34)),
                ('bic', models.CharField(blank=True, max_length=11)),
                ('payment_note', models.TextField(blank=True)),
                ('footer', models.TextField(blank=True)),
                ('accent_color', models.CharField(default='#1f4e79', max_length=7)),
                ('currency', models.CharField(default='EUR', max_length=3)),
                ('timezone', models.CharField(default='UTC', max_length=64)),
                ('language', models.CharField(default='en', max_length=10)),
                ('rounding', models.CharField(choices=[('half_away', 'half_away'), ('half_even', 'half_even')], default='half_away', max_length=10)),
                ('payment_terms', models.CharField(default='14 days', max_length=60)),
                ('four_eyes', models.BooleanField(default=False, help_text='Nobody authorises a run they generated')),
                ('is_demo', models.BooleanField(default=False, editable=False)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='organisation.organisation')),
                ('books_closed_before', models.DateField(blank=True, help_text='Documents may not be dated before it (billing-rules 7.5)', null=True)),
                ('tax_status', models.CharField(choices=[('standard', 'Standard'), ('zero', 'Zero rated'), ('exempt', 'Exempt'), ('reverse_charge', 'Reverse charge'), ('out_of_scope', 'Out of scope')], db_default='standard', default='standard', max_length=20)),
                ('two_factor_roles', models.JSONField(blank=True, db_default=models.Value([], output_field=models.JSONField()), default=list, help_text='Whoever has one of these roles signs in with a second factor')),
                ('line_columns', models.JSONField(db_default=models.Value(['period', 'quantity', 'unit_price', 'share', 'tax_rate'], models.JSONField()), default=counterfoil.records.organisation.models.usual_line_columns, help_text="Which documents' lines may have")),
                ('logo', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='organisation.logo')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a5102f941ace5d77d5b0acce0ae113925ea12c1e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b0ec7', table='organisation_organisationevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='BranchEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=20)),
                ('name', models.CharField(max_length=200)),
                ('address', models.CharField(blank=True, max_length=300)),
                ('postcode', models.CharField(blank=True, max_length=20)),
                ('city', models.CharField(blank=True, max_length=100)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='organisation.branch')),
                ('organisation', models.ForeignKey(db_constraint=False, default=1, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='organisation.organisation')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6bd6c327a4ef39911bb6c94ca1967a0830657187', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_8abba', table='organisation_branchevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('role', models.CharField(choices=[('viewer', 'Viewer'), ('biller', 'Biller'), ('approver', 'Approver'), ('accountant', 'Accountant'), ('administrator', 'Administrator')], default='viewer', max_length=20)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ('branches', models.ManyToManyField(blank=True, related_name='users', to='organisation.branch')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_userevent" ("date_joined", "email", "first_name", "id", "is_active", "is_staff", "is_superuser", "language", "last_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "username") SELECT new_values."date_joined", new_values."email", new_values."first_name", new_values."id", new_values."is_active", new_values."is_staff", new_values."is_superuser", new_values."language", new_values."last_name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."role", new_values."username" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d0bf92b2a0441bbec3cb461db0cdba1b64a08734', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_8dce9', referencing='REFERENCING NEW TABLE AS new_values ', table='organisation_user', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_userevent" ("date_joined", "email", "first_name", "id", "is_active", "is_staff", "is_superuser", "language", "last_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "username") SELECT new_values."date_joined", new_values."email", new_values."first_name", new_values."id", new_values."is_active", new_values."is_staff", new_values."is_superuser", new_values."language", new_values."last_name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."role", new_values."username" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."date_joined" IS DISTINCT FROM (new_values."date_joined") OR old_values."email" IS DISTINCT FROM (new_values."email") OR old_values."first_name" IS DISTINCT FROM (new_values."first_name") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_active" IS DISTINCT FROM (new_values."is_active") OR old_values."is_staff" IS DISTINCT FROM (new_values."is_staff") OR old_values."is_superuser" IS DISTINCT FROM (new_values."is_superuser") OR old_values."language" IS DISTINCT FROM (new_values."language") OR old_values."last_name" IS DISTINCT FROM (new_values."last_name") OR old_values."role" IS DISTINCT FROM (new_values."role") OR old_values."username" IS DISTINCT FROM (new_values."username")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='4ae2a3971c07cea715eb2ff6ba34408cd866e14f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_d7eb0', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='organisation_user', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_userevent" ("date_joined", "email", "first_name", "id", "is_active", "is_staff", "is_superuser", "language", "last_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "username") SELECT old_values."date_joined", old_values."email", old_values."first_name", old_values."id", old_values."is_active", old_values."is_staff", old_values."is_superuser", old_values."language", old_values."last_name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."role", old_values."username" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='15c4faf7543b718ad1e469d866adc615aa101781', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_b3007', referencing='REFERENCING OLD TABLE AS old_values ', table='organisation_user', when='AFTER'))],
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='UserBranch',
            fields=[
            ],
            options={
                'proxy': True,
            },
            bases=('organisation.user_branches',),
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('prefix', models.CharField(max_length=12, unique=True)),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('scopes', models.JSONField(default=list, help_text='Such as runs:read, runs:write')),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_apitokenevent" ("created_at", "expires_at", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix", "revoked_at", "scopes", "user_id") SELECT new_values."created_at", new_values."expires_at", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."prefix", new_values."revoked_at", new_values."scopes", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='cdf725a189bbd95404d9675b25fac325261b5990', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_fa393', referencing='REFERENCING NEW TABLE AS new_values ', table='organisation_apitoken', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_apitokenevent" ("created_at", "expires_at", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix", "revoked_at", "scopes", "user_id") SELECT new_values."created_at", new_values."expires_at", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."prefix", new_values."revoked_at", new_values."scopes", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."expires_at" IS DISTINCT FROM (new_values."expires_at") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."prefix" IS DISTINCT FROM (new_values."prefix") OR old_values."revoked_at" IS DISTINCT FROM (new_values."revoked_at") OR old_values."scopes" IS DISTINCT FROM (new_values."scopes") OR old_values."user_id" IS DISTINCT FROM (new_values."user_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f04d311ebacec137bd769a9baaae4b6941c9c51b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_c30c3', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='organisation_apitoken', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_apitokenevent" ("created_at", "expires_at", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prefix", "revoked_at", "scopes", "user_id") SELECT old_values."created_at", old_values."expires_at", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."prefix", old_values."revoked_at", old_values."scopes", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='9b27f490ce3f9a64f80dd27954600677aae234f2', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_296d9', referencing='REFERENCING OLD TABLE AS old_values ', table='organisation_apitoken', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='UserBranchEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('branch', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='organisation.branch')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('user', models.ForeignKey(db_constraint=False, db_tablespace='', on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='organisation.userbranch')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c27b21f927bdcde7cfe7d6b7bc214c97ee9dd3f5', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_711b9', table='organisation_userbranchevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='UserEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('role', models.CharField(choices=[('viewer', 'Viewer'), ('biller', 'Biller'), ('approver', 'Approver'), ('accountant', 'Accountant'), ('administrator', 'Administrator')], default='viewer', max_length=20)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='879cf9bd59aa5e233987f12efde35cd26441c868', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_1706f', table='organisation_userevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ApiAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=255)),
                ('fingerprint', models.CharField(help_text='SHA-256 of method, address and body', max_length=64)),
                ('status', models.PositiveSmallIntegerField(default=0)),
                ('body', models.TextField(blank=True)),
                ('answered_at', models.DateTimeField(db_index=True)),
                ('token', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='organisation.apitoken')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('token', 'key'), name='answer_once_a_key')],
            },
        ),
        migrations.CreateModel(
            name='ApiTokenEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=100)),
                ('prefix', models.CharField(max_length=12)),
                ('scopes', models.JSONField(default=list, help_text='Such as runs:read, runs:write')),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='organisation.apitoken')),
                ('user', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a938fe5b1dfc87d577fcb60a655c98854b22fb4d', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e6697', table='organisation_apitokenevent', when='BEFORE'))],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='userbranch',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_userbranchevent" ("branch_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT new_values."branch_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='9ad11ff10f0834656e5c8d34ff65f6221d7d9b26', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_da9e4', referencing='REFERENCING NEW TABLE AS new_values ', table='organisation_user_branches', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='userbranch',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_userbranchevent" ("branch_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT new_values."branch_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='da102689064ffc35da30e5307a78b7b9fdddb279', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_4af1d', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='organisation_user_branches', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='userbranch',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "organisation_userbranchevent" ("branch_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT old_values."branch_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='cfcfd4c8a868f1ab43f1d8dad62522fb0e489da7', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_7eaf1', referencing='REFERENCING OLD TABLE AS old_values ', table='organisation_user_branches', when='AFTER')),
        ),
    ]
