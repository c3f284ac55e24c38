"""The tables of billing made at once, as the migrations 0001 to 0011 make them step by step (decision 0048)."""

import counterfoil.records.fields
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

SEQUENCES = """
CREATE SEQUENCE billing_invoice_ids OWNED BY billing_invoice.id;
CREATE SEQUENCE billing_invoiceline_ids OWNED BY billing_invoiceline.id;

-- Takes consecutive ids and returns the first. The lock is held for this call only, not to the transaction's
-- end, so shards do not wait for each other's commit; setval alone could overtake another reservation.
CREATE FUNCTION billing_reserve_ids(sequence text, amount bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    first bigint;
BEGIN
    PERFORM pg_advisory_lock(sequence::regclass::oid::bigint);
    first := nextval(sequence::regclass);
    PERFORM setval(sequence::regclass, first + greatest(amount, 1) - 1);
    PERFORM pg_advisory_unlock(sequence::regclass::oid::bigint);
    RETURN first;
END $$;
"""

# The span is updated by every run: leave room in its pages, so that an update writes no index.
ROOM_FOR_UPDATES = "ALTER TABLE charges_chargespan SET (fillfactor = 50)"

GUARDS = """
CREATE FUNCTION billing_keep_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM billing_invoice WHERE customer_id = OLD.id) THEN
        RAISE foreign_key_violation USING MESSAGE =
            'customer ' || OLD.account || ' has invoices and is kept; make it inactive instead';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER customers_with_invoices_are_kept BEFORE DELETE ON parties_billingcustomer
    FOR EACH ROW EXECUTE FUNCTION billing_keep_customer();

CREATE FUNCTION billing_keep_charge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM billing_invoiceline WHERE charge_id = OLD.id) THEN
        RAISE foreign_key_violation USING MESSAGE =
            'charge ' || OLD.key || ' has been billed and is kept; end it instead';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER billed_charges_are_kept BEFORE DELETE ON charges_charge
    FOR EACH ROW EXECUTE FUNCTION billing_keep_charge();

CREATE FUNCTION billing_keep_always() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ' rows are kept for ever';
END $$;
CREATE TRIGGER tax_categories_are_kept BEFORE DELETE ON catalog_taxcategory
    FOR EACH ROW EXECUTE FUNCTION billing_keep_always();
CREATE TRIGGER runs_are_kept BEFORE DELETE ON billing_run
    FOR EACH ROW EXECUTE FUNCTION billing_keep_always();
"""

UNDO = """
DROP FUNCTION billing_reserve_ids, billing_keep_customer, billing_keep_charge, billing_keep_always CASCADE;
DROP SEQUENCE billing_invoice_ids, billing_invoiceline_ids;
"""

LIVE = """
-- Documents whose lines bill something: of runs that were neither abandoned nor voided, and neither excluded nor
-- voided themselves. Drafts of a run under way are among them: their days are taken.
CREATE VIEW billing_live_invoice AS
SELECT invoice.id, invoice.run_id, invoice.document_type, invoice.credits_id
FROM billing_invoice AS invoice
JOIN billing_run AS run ON run.id = invoice.run_id
WHERE run.status NOT IN ('abandoned', 'voided')
  AND NOT EXISTS (SELECT FROM billing_invoiceexclusion AS exclusion WHERE exclusion.invoice_id = invoice.id)
  AND NOT EXISTS (SELECT FROM billing_invoicevoid AS void WHERE void.invoice_id = invoice.id);
"""


class Migration(migrations.Migration):

    replaces = [
        ('billing', '0001_initial'),
        ('billing', '0002_initial'),
        ('billing', '0003_initial'),
        ('billing', '0004_ids_and_guards'),
        ('billing', '0005_what_lies_beside_a_document'),
        ('billing', '0006_lines_of_every_kind'),
        ('billing', '0007_live_invoices'),
        ('billing', '0008_series_that_are_closed'),
        ('billing', '0009_what_runs_differ_by'),
        ('billing', '0010_references_looked_up_in_a_row'),
        ('billing', '0011_supplied_definitions_of_events'),
    ]

    initial = True

    dependencies = [
        ('catalog', '0001_squashed_0003_all_tables'),
        ('charges', '0001_squashed_0006_all_tables'),
        ('organisation', '0001_squashed_0003_all_tables'),
        ('parties', '0001_squashed_0002_all_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.CreateModel(
            name='BatchDefinition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(max_length=60, unique=True)),
                ('title', models.CharField(max_length=200)),
                ('kinds', models.JSONField(default=list, help_text='Kinds of charge, such as service')),
                ('payer', models.CharField(choices=[('any', 'Everybody'), ('direct', 'Direct customers'), ('dealer', 'Dealers')], default='any', max_length=6)),
                ('grouping', models.CharField(choices=[('customer', 'One invoice a customer'), ('client', 'One invoice a client'), ('dealer', 'One invoice a dealer'), ('branch', 'One invoice a branch of the clients'), ('po', 'One invoice a purchase order')], default='customer', max_length=8)),
                ('past_periods_allowed', models.PositiveSmallIntegerField(default=2, help_text='More unbilled past periods on one charge are set aside (billing-rules 2.7)')),
                ('connector', models.CharField(blank=True, default='csv', help_text='Empty: none', max_length=40)),
                ('send_email', models.BooleanField(default=True)),
                ('authorised', models.BooleanField(default=False, help_text='Issue and deliver without review')),
                ('is_active', models.BooleanField(default=True)),
                ('branch', models.ForeignKey(blank=True, help_text='Empty: every branch', null=True, on_delete=django.db.models.deletion.PROTECT, to='organisation.branch')),
                ('amalgamated', models.BooleanField(default=False, help_text='One formal line a tax category and rate, the breakdown attached (C11)')),
                ('credit_basis', models.CharField(choices=[('none', 'Bills, credits nothing'), ('daily', 'Daily off'), ('monthly', 'Monthly off')], default='none', help_text='Set: a run credits served days that fell away, instead of billing (billing-rules 6)', max_length=7)),
                ('keeps_zero', models.BooleanField(default=False, help_text='Invoices over 0.00 are kept without a number (billing-rules 5.5)')),
            ],
            options={
                'ordering': ['name'],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_batchdefinitionevent" ("amalgamated", "authorised", "branch_id", "connector", "credit_basis", "grouping", "id", "is_active", "keeps_zero", "kinds", "name", "past_periods_allowed", "payer", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "send_email", "title") SELECT new_values."amalgamated", new_values."authorised", new_values."branch_id", new_values."connector", new_values."credit_basis", new_values."grouping", new_values."id", new_values."is_active", new_values."keeps_zero", new_values."kinds", new_values."name", new_values."past_periods_allowed", new_values."payer", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."send_email", new_values."title" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='693c065b9a156488cbe33feab6faf5851019ef6e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_d3676', referencing='REFERENCING NEW TABLE AS new_values ', table='billing_batchdefinition', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_batchdefinitionevent" ("amalgamated", "authorised", "branch_id", "connector", "credit_basis", "grouping", "id", "is_active", "keeps_zero", "kinds", "name", "past_periods_allowed", "payer", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "send_email", "title") SELECT new_values."amalgamated", new_values."authorised", new_values."branch_id", new_values."connector", new_values."credit_basis", new_values."grouping", new_values."id", new_values."is_active", new_values."keeps_zero", new_values."kinds", new_values."name", new_values."past_periods_allowed", new_values."payer", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."send_email", new_values."title" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='eaebba2f3cec1895d0340d7282ed92cac37b694a', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_3ecff', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='billing_batchdefinition', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_batchdefinitionevent" ("amalgamated", "authorised", "branch_id", "connector", "credit_basis", "grouping", "id", "is_active", "keeps_zero", "kinds", "name", "past_periods_allowed", "payer", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "send_email", "title") SELECT old_values."amalgamated", old_values."authorised", old_values."branch_id", old_values."connector", old_values."credit_basis", old_values."grouping", old_values."id", old_values."is_active", old_values."keeps_zero", old_values."kinds", old_values."name", old_values."past_periods_allowed", old_values."payer", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."send_email", old_values."title" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='48e827bc0bb596e6194781e22dd75b8c5da916ea', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_cd34f', referencing='REFERENCING OLD TABLE AS old_values ', table='billing_batchdefinition', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='BatchDefinitionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.SlugField(db_index=False, max_length=60)),
                ('title', models.CharField(max_length=200)),
                ('kinds', models.JSONField(default=list, help_text='Kinds of charge, such as service')),
                ('payer', models.CharField(choices=[('any', 'Everybody'), ('direct', 'Direct customers'), ('dealer', 'Dealers')], default='any', max_length=6)),
                ('grouping', models.CharField(choices=[('customer', 'One invoice a customer'), ('client', 'One invoice a client'), ('dealer', 'One invoice a dealer'), ('branch', 'One invoice a branch of the clients'), ('po', 'One invoice a purchase order')], default='customer', max_length=8)),
                ('past_periods_allowed', models.PositiveSmallIntegerField(default=2, help_text='More unbilled past periods on one charge are set aside (billing-rules 2.7)')),
                ('connector', models.CharField(blank=True, default='csv', help_text='Empty: none', max_length=40)),
                ('send_email', models.BooleanField(default=True)),
                ('authorised', models.BooleanField(default=False, help_text='Issue and deliver without review')),
                ('is_active', models.BooleanField(default=True)),
                ('branch', models.ForeignKey(blank=True, db_constraint=False, help_text='Empty: every branch', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='organisation.branch')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='billing.batchdefinition')),
                ('amalgamated', models.BooleanField(default=False, help_text='One formal line a tax category and rate, the breakdown attached (C11)')),
                ('credit_basis', models.CharField(choices=[('none', 'Bills, credits nothing'), ('daily', 'Daily off'), ('monthly', 'Monthly off')], default='none', help_text='Set: a run credits served days that fell away, instead of billing (billing-rules 6)', max_length=7)),
                ('keeps_zero', models.BooleanField(default=False, help_text='Invoices over 0.00 are kept without a number (billing-rules 5.5)')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='bcc91ef5ad97fb696378274c50f476639fb4b6c1', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_ad63d', table='billing_batchdefinitionevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='DocumentSeries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('document_type', models.CharField(choices=[('contract', 'Contract invoice'), ('service', 'Service invoice'), ('sales', 'Sales invoice'), ('credit_note', 'Credit note')], max_length=11)),
                ('year', models.PositiveSmallIntegerField(default=0)),
                ('pattern', models.CharField(default='INV-{year}-{seq:06}', max_length=60)),
                ('next_seq', models.BigIntegerField(default=1)),
                ('last_date', models.DateField(blank=True, help_text='Invoice date of the newest document', null=True)),
                ('any_date_order', models.BooleanField(default=False, help_text='Allow dates to go back within the series')),
                ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='series', to='organisation.branch')),
                ('is_open', models.BooleanField(db_default=True, default=True, help_text='Closed: another series of the same documents took over')),
            ],
            options={
                'verbose_name_plural': 'document series',
                'ordering': ['branch', 'document_type', 'year'],
                'constraints': [models.UniqueConstraint(fields=('branch', 'document_type', 'year'), name='series_once'), models.CheckConstraint(condition=models.Q(('next_seq__gte', 1)), name='series_counts_from_one')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_documentseriesevent" ("any_date_order", "branch_id", "document_type", "id", "is_open", "last_date", "next_seq", "pattern", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "year") SELECT new_values."any_date_order", new_values."branch_id", new_values."document_type", new_values."id", new_values."is_open", new_values."last_date", new_values."next_seq", new_values."pattern", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."year" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='51a1e992ded310dac1a27e1dab508a9f2644a5ba', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_4a28d', referencing='REFERENCING NEW TABLE AS new_values ', table='billing_documentseries', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_documentseriesevent" ("any_date_order", "branch_id", "document_type", "id", "is_open", "last_date", "next_seq", "pattern", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "year") SELECT new_values."any_date_order", new_values."branch_id", new_values."document_type", new_values."id", new_values."is_open", new_values."last_date", new_values."next_seq", new_values."pattern", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."year" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='deda6809f0f2da6fbe55f53c8201344400c01acb', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_079e7', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='billing_documentseries', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_documentseriesevent" ("any_date_order", "branch_id", "document_type", "id", "is_open", "last_date", "next_seq", "pattern", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "year") SELECT old_values."any_date_order", old_values."branch_id", old_values."document_type", old_values."id", old_values."is_open", old_values."last_date", old_values."next_seq", old_values."pattern", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."year" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='e66632b74429fc59568c29aa5cdd3ce5469f15c2', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_bbd1c', referencing='REFERENCING OLD TABLE AS old_values ', table='billing_documentseries', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='DocumentSeriesEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('document_type', models.CharField(choices=[('contract', 'Contract invoice'), ('service', 'Service invoice'), ('sales', 'Sales invoice'), ('credit_note', 'Credit note')], max_length=11)),
                ('year', models.PositiveSmallIntegerField(default=0)),
                ('pattern', models.CharField(default='INV-{year}-{seq:06}', max_length=60)),
                ('next_seq', models.BigIntegerField(default=1)),
                ('last_date', models.DateField(blank=True, help_text='Invoice date of the newest document', null=True)),
                ('any_date_order', models.BooleanField(default=False, help_text='Allow dates to go back within the series')),
                ('branch', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='organisation.branch')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='billing.documentseries')),
                ('is_open', models.BooleanField(db_default=True, default=True, help_text='Closed: another series of the same documents took over')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='9c4c225abc23833f86a99afaf48780cc5558a94a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c809b', table='billing_documentseriesevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('selection', models.JSONField(help_text='What was selected and how, as it was when the run began')),
                ('cutoff', models.DateField()),
                ('invoice_date', models.DateField()),
                ('status', models.CharField(choices=[('generating', 'Generating'), ('in_review', 'In review'), ('authorised', 'Authorised'), ('issued', 'Issued'), ('abandoned', 'Abandoned'), ('voided', 'Voided')], default='generating', max_length=10)),
                ('started_at', models.DateTimeField()),
                ('generated_at', models.DateTimeField(blank=True, null=True)),
                ('authorised_at', models.DateTimeField(blank=True, null=True)),
                ('issued_at', models.DateTimeField(blank=True, null=True)),
                ('abandoned_at', models.DateTimeField(blank=True, null=True)),
                ('abandoned_because', models.CharField(blank=True, max_length=300)),
                ('authorised_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs_authorised', to=settings.AUTH_USER_MODEL)),
                ('definition', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='billing.batchdefinition')),
                ('generated_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs_generated', to=settings.AUTH_USER_MODEL)),
                ('tax_point', models.DateField(blank=True, help_text='Empty: the invoice date (5.1)', null=True)),
                ('voided_at', models.DateTimeField(blank=True, null=True)),
                ('voided_because', models.CharField(blank=True, max_length=300)),
                ('voided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs_voided', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_runevent" ("abandoned_at", "abandoned_because", "authorised_at", "authorised_by_id", "cutoff", "definition_id", "generated_at", "generated_by_id", "id", "invoice_date", "issued_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "selection", "started_at", "status", "tax_point", "title", "voided_at", "voided_because", "voided_by_id") SELECT new_values."abandoned_at", new_values."abandoned_because", new_values."authorised_at", new_values."authorised_by_id", new_values."cutoff", new_values."definition_id", new_values."generated_at", new_values."generated_by_id", new_values."id", new_values."invoice_date", new_values."issued_at", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."selection", new_values."started_at", new_values."status", new_values."tax_point", new_values."title", new_values."voided_at", new_values."voided_because", new_values."voided_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='293dfb7b74169752095f220810bec9dd0f23546f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_68b31', referencing='REFERENCING NEW TABLE AS new_values ', table='billing_run', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_runevent" ("abandoned_at", "abandoned_because", "authorised_at", "authorised_by_id", "cutoff", "definition_id", "generated_at", "generated_by_id", "id", "invoice_date", "issued_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "selection", "started_at", "status", "tax_point", "title", "voided_at", "voided_because", "voided_by_id") SELECT new_values."abandoned_at", new_values."abandoned_because", new_values."authorised_at", new_values."authorised_by_id", new_values."cutoff", new_values."definition_id", new_values."generated_at", new_values."generated_by_id", new_values."id", new_values."invoice_date", new_values."issued_at", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."selection", new_values."started_at", new_values."status", new_values."tax_point", new_values."title", new_values."voided_at", new_values."voided_because", new_values."voided_by_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e7958ee13b3c63aebb44ef147afbfc8191d738c5', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_e9b42', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='billing_run', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_runevent" ("abandoned_at", "abandoned_because", "authorised_at", "authorised_by_id", "cutoff", "definition_id", "generated_at", "generated_by_id", "id", "invoice_date", "issued_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "selection", "started_at", "status", "tax_point", "title", "voided_at", "voided_because", "voided_by_id") SELECT old_values."abandoned_at", old_values."abandoned_because", old_values."authorised_at", old_values."authorised_by_id", old_values."cutoff", old_values."definition_id", old_values."generated_at", old_values."generated_by_id", old_values."id", old_values."invoice_date", old_values."issued_at", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."selection", old_values."started_at", old_values."status", old_values."tax_point", old_values."title", old_values."voided_at", old_values."voided_because", old_values."voided_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='ef4dac53531ef58bfc1a03670a4ca18cdcf4116a', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_53fbf', referencing='REFERENCING OLD TABLE AS old_values ', table='billing_run', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='BillingException',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shard', models.PositiveIntegerField()),
                ('code', models.CharField(max_length=40)),
                ('message', models.TextField()),
                ('remedy', models.TextField()),
                ('charge', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='charges.charge')),
                ('client', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='parties.client')),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='parties.billingcustomer')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exceptions', to='billing.run')),
            ],
            options={
                'verbose_name': 'exception',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['run', 'code', 'id'], name='exception_by_run_and_code')],
            },
        ),
        migrations.CreateModel(
            name='Invoice',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('shard', models.IntegerField()),
                ('document_type', models.CharField(choices=[('contract', 'Contract invoice'), ('service', 'Service invoice'), ('sales', 'Sales invoice'), ('credit_note', 'Credit note')], max_length=11)),
                ('currency', models.CharField(max_length=3)),
                ('invoice_date', models.DateField()),
                ('line_count', models.IntegerField()),
                ('net_minor', models.BigIntegerField()),
                ('tax_minor', models.BigIntegerField()),
                ('gross_minor', models.BigIntegerField()),
                ('branch', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='organisation.branch')),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='parties.billingcustomer')),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='billing.run')),
                ('credits', models.ForeignKey(db_constraint=False, db_index=False, help_text='The invoice that a credit note is for (billing-rules 6.4)', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='billing.invoice')),
                ('is_amalgamated', models.BooleanField(db_default=False, default=False)),
                ('po_number', models.CharField(db_default='', default='', max_length=60)),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['run', 'id'], name='invoice_by_run'), models.Index(fields=['customer', 'id'], name='invoice_by_customer'), models.Index(condition=models.Q(('credits__isnull', False)), fields=['credits'], name='credit_note_by_invoice')],
                'constraints': [models.CheckConstraint(condition=models.Q(('gross_minor', django.db.models.expressions.CombinedExpression(models.F('net_minor'), '+', models.F('tax_minor')))), name='invoice_adds_up')],
                'triggers': [pgtrigger.compiler.Trigger(name='invoices_are_never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6ca7c762ac1c5fa560fbbabb44c332e59c4ea2b7', operation='UPDATE OR DELETE', pgid='pgtrigger_invoices_are_never_changed_c51f4', table='billing_invoice', when='BEFORE')), pgtrigger.compiler.Trigger(name='invoice_references_exist', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE seen record; found bigint; is_missing boolean;', func="SELECT count(run_id) AS run_id_set, min(run_id) AS run_id_least, max(run_id) AS run_id_most, count(customer_id) AS customer_id_set, min(customer_id) AS customer_id_least, max(customer_id) AS customer_id_most, count(credits_id) AS credits_id_set, min(credits_id) AS credits_id_least, max(credits_id) AS credits_id_most INTO seen FROM inserted; \n        IF seen.run_id_set > 0 THEN\n            found := 0;\n            IF seen.run_id_most - seen.run_id_least < 2 * seen.run_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_run\n                WHERE id BETWEEN seen.run_id_least AND seen.run_id_most;\n            END IF;\n            IF found <= seen.run_id_most - seen.run_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE run_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_run AS target WHERE target.id = inserted.run_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'invoice_references_exist: a row refers to a billing_run that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.customer_id_set > 0 THEN\n            found := 0;\n            IF seen.customer_id_most - seen.customer_id_least < 2 * seen.customer_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM parties_billingcustomer\n                WHERE id BETWEEN seen.customer_id_least AND seen.customer_id_most;\n            END IF;\n            IF found <= seen.customer_id_most - seen.customer_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE customer_id IS NOT NULL AND\n                    (SELECT target.id FROM parties_billingcustomer AS target WHERE target.id = inserted.customer_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'invoice_references_exist: a row refers to a parties_billingcustomer that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.credits_id_set > 0 THEN\n            found := 0;\n            IF seen.credits_id_most - seen.credits_id_least < 2 * seen.credits_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_invoice\n                WHERE id BETWEEN seen.credits_id_least AND seen.credits_id_most;\n            END IF;\n            IF found <= seen.credits_id_most - seen.credits_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE credits_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_invoice AS target WHERE target.id = inserted.credits_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'invoice_references_exist: a row refers to a billing_invoice that does not exist';\n                END IF;\n            END IF;\n        END IF; RETURN NULL;", hash='b4d031dc2c57fff06d0970f6757155fd42ddbb09', level='STATEMENT', operation='INSERT', pgid='pgtrigger_invoice_references_exist_dfc15', referencing='REFERENCING NEW TABLE AS inserted ', table='billing_invoice', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='InvoiceLine',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('line_no', models.IntegerField()),
                ('code', models.CharField(help_text='Master charge', max_length=64)),
                ('ledger_code', models.CharField(max_length=64)),
                ('description', models.CharField(max_length=300)),
                ('period_start', models.DateField()),
                ('period_end', models.DateField()),
                ('grid_start', models.DateField()),
                ('grid_end', models.DateField()),
                ('span_from', models.DateField(null=True)),
                ('span_to', models.DateField(null=True)),
                ('bill_date', models.DateField()),
                ('fraction_num', models.BigIntegerField()),
                ('fraction_den', models.BigIntegerField()),
                ('quantity', counterfoil.records.fields.StepsField()),
                ('unit_price', counterfoil.records.fields.StepsField()),
                ('price_level', models.CharField(help_text='Which level set the price (billing-rules 4.1)', max_length=10)),
                ('tax_rate', counterfoil.records.fields.StepsField(help_text='Percent')),
                ('net_minor', models.BigIntegerField()),
                ('tax_minor', models.BigIntegerField()),
                ('charge', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='charges.charge')),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='parties.client')),
                ('invoice', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='billing.invoice')),
                ('tax_category', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='catalog.taxcategory')),
                ('anchor_day', models.SmallIntegerField(help_text='Of the grid; null for days and weeks', null=True)),
                ('day_count', models.CharField(choices=[('actual', 'Actual days'), ('by_month', 'Month by month'), ('thirty_360', '30/360')], db_default='', default='', max_length=10)),
                ('details', models.TextField(db_default='', default='')),
                ('discount_minor', models.BigIntegerField(db_default=0, default=0)),
                ('event_charge', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='charges.eventcharge')),
                ('includes_tax', models.BooleanField(db_default=False, default=False, help_text='Rated with tax in the price (billing-rules 5.4)')),
                ('kind', models.CharField(choices=[('charge', 'Charge'), ('usage', 'Usage'), ('event', 'Event'), ('credit', 'Credit'), ('adjustment', 'Adjustment'), ('waived', 'Waived')], db_default='charge', default='charge', max_length=10)),
                ('part_charging', models.CharField(choices=[('none', 'Not billed'), ('whole', 'Billed in full'), ('daily', 'By days'), ('monthly', 'By months')], db_default='', default='', max_length=7)),
                ('refers_to', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='referring_lines', to='billing.invoiceline')),
            ],
            options={
                'ordering': ['invoice_id', 'line_no'],
                'indexes': [models.Index(fields=['charge', 'period_start'], name='line_by_charge'), models.Index(condition=models.Q(('event_charge__isnull', False)), fields=['event_charge'], name='line_by_event_charge'), models.Index(condition=models.Q(('refers_to__isnull', False)), fields=['refers_to'], name='line_by_line_referred_to')],
                'constraints': [models.UniqueConstraint(fields=('invoice', 'line_no'), name='line_once_an_invoice'), models.CheckConstraint(condition=models.Q(('period_start__lt', models.F('period_end')), ('grid_start__lte', models.F('period_start')), ('period_end__lte', models.F('grid_end'))), name='line_has_days_within_its_grid_period'), models.CheckConstraint(condition=models.Q(('charge__isnull', False), ('event_charge__isnull', False), ('refers_to__isnull', False), _connector='OR'), name='line_is_of_something')],
                'triggers': [pgtrigger.compiler.Trigger(name='lines_are_never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1bcee70a8ad17c953e7dd61375f1023116e0e5de', operation='UPDATE OR DELETE', pgid='pgtrigger_lines_are_never_changed_d6016', table='billing_invoiceline', when='BEFORE')), pgtrigger.compiler.Trigger(name='line_references_exist', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE seen record; found bigint; is_missing boolean;', func="SELECT count(invoice_id) AS invoice_id_set, min(invoice_id) AS invoice_id_least, max(invoice_id) AS invoice_id_most, count(charge_id) AS charge_id_set, min(charge_id) AS charge_id_least, max(charge_id) AS charge_id_most, count(event_charge_id) AS event_charge_id_set, min(event_charge_id) AS event_charge_id_least, max(event_charge_id) AS event_charge_id_most, count(refers_to_id) AS refers_to_id_set, min(refers_to_id) AS refers_to_id_least, max(refers_to_id) AS refers_to_id_most, count(tax_category_id) AS tax_category_id_set, min(tax_category_id) AS tax_category_id_least, max(tax_category_id) AS tax_category_id_most INTO seen FROM inserted; \n        IF seen.invoice_id_set > 0 THEN\n            found := 0;\n            IF seen.invoice_id_most - seen.invoice_id_least < 2 * seen.invoice_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_invoice\n                WHERE id BETWEEN seen.invoice_id_least AND seen.invoice_id_most;\n            END IF;\n            IF found <= seen.invoice_id_most - seen.invoice_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE invoice_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_invoice AS target WHERE target.id = inserted.invoice_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'line_references_exist: a row refers to a billing_invoice that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.charge_id_set > 0 THEN\n            found := 0;\n            IF seen.charge_id_most - seen.charge_id_least < 2 * seen.charge_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM charges_charge\n                WHERE id BETWEEN seen.charge_id_least AND seen.charge_id_most;\n            END IF;\n            IF found <= seen.charge_id_most - seen.charge_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE charge_id IS NOT NULL AND\n                    (SELECT target.id FROM charges_charge AS target WHERE target.id = inserted.charge_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'line_references_exist: a row refers to a charges_charge that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.event_charge_id_set > 0 THEN\n            found := 0;\n            IF seen.event_charge_id_most - seen.event_charge_id_least < 2 * seen.event_charge_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM charges_eventcharge\n                WHERE id BETWEEN seen.event_charge_id_least AND seen.event_charge_id_most;\n            END IF;\n            IF found <= seen.event_charge_id_most - seen.event_charge_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE event_charge_id IS NOT NULL AND\n                    (SELECT target.id FROM charges_eventcharge AS target WHERE target.id = inserted.event_charge_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'line_references_exist: a row refers to a charges_eventcharge that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.refers_to_id_set > 0 THEN\n            found := 0;\n            IF seen.refers_to_id_most - seen.refers_to_id_least < 2 * seen.refers_to_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_invoiceline\n                WHERE id BETWEEN seen.refers_to_id_least AND seen.refers_to_id_most;\n            END IF;\n            IF found <= seen.refers_to_id_most - seen.refers_to_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE refers_to_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_invoiceline AS target WHERE target.id = inserted.refers_to_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'line_references_exist: a row refers to a billing_invoiceline that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.tax_category_id_set > 0 THEN\n            found := 0;\n            IF seen.tax_category_id_most - seen.tax_category_id_least < 2 * seen.tax_category_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM catalog_taxcategory\n                WHERE id BETWEEN seen.tax_category_id_least AND seen.tax_category_id_most;\n            END IF;\n            IF found <= seen.tax_category_id_most - seen.tax_category_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE tax_category_id IS NOT NULL AND\n                    (SELECT target.id FROM catalog_taxcategory AS target WHERE target.id = inserted.tax_category_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'line_references_exist: a row refers to a catalog_taxcategory that does not exist';\n                END IF;\n            END IF;\n        END IF; RETURN NULL;", hash='d2e6cab34ba04352011f8f2f525b3c8da6d9cc69', level='STATEMENT', operation='INSERT', pgid='pgtrigger_line_references_exist_7cc8b', referencing='REFERENCING NEW TABLE AS inserted ', table='billing_invoiceline', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='RunEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('title', models.CharField(max_length=200)),
                ('selection', models.JSONField(help_text='What was selected and how, as it was when the run began')),
                ('cutoff', models.DateField()),
                ('invoice_date', models.DateField()),
                ('status', models.CharField(choices=[('generating', 'Generating'), ('in_review', 'In review'), ('authorised', 'Authorised'), ('issued', 'Issued'), ('abandoned', 'Abandoned'), ('voided', 'Voided')], default='generating', max_length=10)),
                ('started_at', models.DateTimeField()),
                ('generated_at', models.DateTimeField(blank=True, null=True)),
                ('authorised_at', models.DateTimeField(blank=True, null=True)),
                ('issued_at', models.DateTimeField(blank=True, null=True)),
                ('abandoned_at', models.DateTimeField(blank=True, null=True)),
                ('abandoned_because', models.CharField(blank=True, max_length=300)),
                ('authorised_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('definition', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='billing.batchdefinition')),
                ('generated_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='billing.run')),
                ('tax_point', models.DateField(blank=True, help_text='Empty: the invoice date (5.1)', null=True)),
                ('voided_at', models.DateTimeField(blank=True, null=True)),
                ('voided_because', models.CharField(blank=True, max_length=300)),
                ('voided_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='89d25f9f2f801c3f5b77819e9be238ebc1aa524e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_dbb8d', table='billing_runevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='RunShard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('first_customer', models.BigIntegerField(null=True)),
                ('last_customer', models.BigIntegerField(null=True)),
                ('charges', models.PositiveIntegerField(help_text='How many charges the shard was planned to read')),
                ('done_at', models.DateTimeField(null=True)),
                ('invoices', models.PositiveIntegerField(default=0)),
                ('lines', models.PositiveIntegerField(default=0)),
                ('exceptions', models.PositiveIntegerField(default=0)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shards', to='billing.run')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('run', 'number'), name='shard_once_a_run')],
            },
        ),
        migrations.CreateModel(
            name='RunTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('documents', models.PositiveIntegerField()),
                ('lines', models.PositiveIntegerField()),
                ('net_minor', models.BigIntegerField()),
                ('tax_minor', models.BigIntegerField()),
                ('gross_minor', models.BigIntegerField()),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='totals', to='billing.run')),
            ],
            options={
                'ordering': ['currency'],
                'constraints': [models.UniqueConstraint(fields=('run', 'currency'), name='run_total_once_a_currency'), models.CheckConstraint(condition=models.Q(('gross_minor', django.db.models.expressions.CombinedExpression(models.F('net_minor'), '+', models.F('tax_minor')))), name='run_total_adds_up')],
            },
        ),
        migrations.CreateModel(
            name='DocumentNumber',
            fields=[
                ('invoice', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='number', serialize=False, to='billing.invoice')),
                ('seq', models.BigIntegerField()),
                ('number', models.CharField(max_length=80, unique=True)),
                ('due_on', models.DateField()),
                ('issued_at', models.DateTimeField()),
                ('series', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='billing.documentseries')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('series', 'seq'), name='number_once_a_series')],
                'triggers': [pgtrigger.compiler.Trigger(name='numbers_are_never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='fdd42b3c7fe1c6e86246333fc6d9dda9bb78d23a', operation='UPDATE OR DELETE', pgid='pgtrigger_numbers_are_never_changed_251fe', table='billing_documentnumber', when='BEFORE')), pgtrigger.compiler.Trigger(name='number_references_exist', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE seen record; found bigint; is_missing boolean;', func="SELECT count(invoice_id) AS invoice_id_set, min(invoice_id) AS invoice_id_least, max(invoice_id) AS invoice_id_most, count(series_id) AS series_id_set, min(series_id) AS series_id_least, max(series_id) AS series_id_most INTO seen FROM inserted; \n        IF seen.invoice_id_set > 0 THEN\n            found := 0;\n            IF seen.invoice_id_most - seen.invoice_id_least < 2 * seen.invoice_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_invoice\n                WHERE id BETWEEN seen.invoice_id_least AND seen.invoice_id_most;\n            END IF;\n            IF found <= seen.invoice_id_most - seen.invoice_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE invoice_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_invoice AS target WHERE target.id = inserted.invoice_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'number_references_exist: a row refers to a billing_invoice that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.series_id_set > 0 THEN\n            found := 0;\n            IF seen.series_id_most - seen.series_id_least < 2 * seen.series_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_documentseries\n                WHERE id BETWEEN seen.series_id_least AND seen.series_id_most;\n            END IF;\n            IF found <= seen.series_id_most - seen.series_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE series_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_documentseries AS target WHERE target.id = inserted.series_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'number_references_exist: a row refers to a billing_documentseries that does not exist';\n                END IF;\n            END IF;\n        END IF; RETURN NULL;", hash='a49514aca165b98bd589d6f87669e6c06d51e229', level='STATEMENT', operation='INSERT', pgid='pgtrigger_number_references_exist_1f38b', referencing='REFERENCING NEW TABLE AS inserted ', table='billing_documentnumber', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='InvoiceExclusion',
            fields=[
                ('invoice', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='exclusion', serialize=False, to='billing.invoice')),
                ('reason', models.CharField(max_length=300)),
                ('excluded_at', models.DateTimeField()),
                ('excluded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                ('replaced_by', models.OneToOneField(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='billing.invoice')),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='exclusions_are_never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0dcf93068b42cb7bf53ff422b806cd868b318cde', operation='UPDATE OR DELETE', pgid='pgtrigger_exclusions_are_never_changed_4483a', table='billing_invoiceexclusion', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='InvoiceHold',
            fields=[
                ('invoice', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='hold', serialize=False, to='billing.invoice')),
                ('reason', models.CharField(max_length=300)),
                ('held_at', models.DateTimeField()),
                ('held_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_invoiceholdevent" ("held_at", "held_by_id", "invoice_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") SELECT new_values."held_at", new_values."held_by_id", new_values."invoice_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."invoice_id", new_values."reason" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='88a3791266bd8b9f1a4040fd0cb4271869120d36', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_64101', referencing='REFERENCING NEW TABLE AS new_values ', table='billing_invoicehold', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_invoiceholdevent" ("held_at", "held_by_id", "invoice_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") SELECT new_values."held_at", new_values."held_by_id", new_values."invoice_id", _pgh_attached_context.value, NOW(), \'update\', new_values."invoice_id", new_values."reason" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."invoice_id") = (new_values."invoice_id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c1e0a2717e7506e440f933fe4b1d1a2a4b7209ab', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_075fa', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='billing_invoicehold', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_invoiceholdevent" ("held_at", "held_by_id", "invoice_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason") SELECT old_values."held_at", old_values."held_by_id", old_values."invoice_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."invoice_id", old_values."reason" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='87e5056f4f71a471ec2a4957962f28d4e565f0d5', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_b2c48', referencing='REFERENCING OLD TABLE AS old_values ', table='billing_invoicehold', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='InvoiceHoldEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('reason', models.CharField(max_length=300)),
                ('held_at', models.DateTimeField()),
                ('held_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('invoice', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', serialize=False, to='billing.invoice')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='billing.invoicehold')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a6acc060e667488cd7079d90d18f01c2f60db9c9', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_fde6f', table='billing_invoiceholdevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='InvoiceVoid',
            fields=[
                ('invoice', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='void', serialize=False, to='billing.invoice')),
                ('reason', models.CharField(max_length=300)),
                ('voided_at', models.DateTimeField()),
                ('voided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='voids_are_never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b07b0ab1c5f86ec4f72903b83b7cebfe5e2549eb', operation='UPDATE OR DELETE', pgid='pgtrigger_voids_are_never_changed_2f480', table='billing_invoicevoid', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='LineReason',
            fields=[
                ('line', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='reason', serialize=False, to='billing.invoiceline')),
                ('reason', models.CharField(max_length=300)),
                ('given_at', models.DateTimeField()),
                ('given_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='line_reasons_are_never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='793ae03aac2acf45330f2b87ce2ad7899eb8c5da', operation='UPDATE OR DELETE', pgid='pgtrigger_line_reasons_are_never_changed_e8fd5', table='billing_linereason', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='RunComparison',
            fields=[
                ('run', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='comparison', serialize=False, to='billing.run')),
                ('dropped', models.PositiveIntegerField()),
                ('compared_at', models.DateTimeField()),
                ('before', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='compared_later', to='billing.run')),
            ],
        ),
        migrations.CreateModel(
            name='LineVariance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('before_minor', models.BigIntegerField()),
                ('now_minor', models.BigIntegerField()),
                ('difference_minor', models.BigIntegerField()),
                ('new_minor', models.BigIntegerField()),
                ('gone_minor', models.BigIntegerField()),
                ('period_minor', models.BigIntegerField()),
                ('price_minor', models.BigIntegerField()),
                ('quantity_minor', models.BigIntegerField()),
                ('tax_minor', models.BigIntegerField()),
                ('discount_minor', models.BigIntegerField()),
                ('other_minor', models.BigIntegerField()),
                ('line_id', models.BigIntegerField(null=True)),
                ('before_line_id', models.BigIntegerField(null=True)),
                ('kind', models.CharField(max_length=10)),
                ('reason', models.CharField(choices=[('new', 'New'), ('gone', 'Gone'), ('period', 'Period'), ('price', 'Price'), ('quantity', 'Quantity'), ('tax', 'Tax in the price'), ('discount', 'Discount'), ('other', 'Other'), ('same', 'As last time')], max_length=8)),
                ('charge', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='charges.charge')),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.client')),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.billingcustomer')),
                ('event_charge', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='charges.eventcharge')),
                ('comparison', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='billing.runcomparison')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['comparison', 'id'], name='variance_by_comparison'), models.Index(fields=['comparison', 'reason', 'id'], name='variance_by_reason')],
            },
        ),
        migrations.CreateModel(
            name='CustomerVariance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('before_minor', models.BigIntegerField()),
                ('now_minor', models.BigIntegerField()),
                ('difference_minor', models.BigIntegerField()),
                ('new_minor', models.BigIntegerField()),
                ('gone_minor', models.BigIntegerField()),
                ('period_minor', models.BigIntegerField()),
                ('price_minor', models.BigIntegerField()),
                ('quantity_minor', models.BigIntegerField()),
                ('tax_minor', models.BigIntegerField()),
                ('discount_minor', models.BigIntegerField()),
                ('other_minor', models.BigIntegerField()),
                ('reason', models.CharField(choices=[('new', 'New'), ('gone', 'Gone'), ('period', 'Period'), ('price', 'Price'), ('quantity', 'Quantity'), ('tax', 'Tax in the price'), ('discount', 'Discount'), ('other', 'Other'), ('same', 'As last time')], max_length=8)),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.billingcustomer')),
                ('comparison', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='customers', to='billing.runcomparison')),
            ],
            options={
                'ordering': ['customer_id'],
                'constraints': [models.UniqueConstraint(fields=('comparison', 'customer', 'currency'), name='variance_once_a_customer')],
            },
        ),
        migrations.CreateModel(
            name='VarianceTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('before_minor', models.BigIntegerField()),
                ('now_minor', models.BigIntegerField()),
                ('difference_minor', models.BigIntegerField()),
                ('new_minor', models.BigIntegerField()),
                ('gone_minor', models.BigIntegerField()),
                ('period_minor', models.BigIntegerField()),
                ('price_minor', models.BigIntegerField()),
                ('quantity_minor', models.BigIntegerField()),
                ('tax_minor', models.BigIntegerField()),
                ('discount_minor', models.BigIntegerField()),
                ('other_minor', models.BigIntegerField()),
                ('new_lines', models.PositiveIntegerField()),
                ('gone_lines', models.PositiveIntegerField()),
                ('period_lines', models.PositiveIntegerField()),
                ('price_lines', models.PositiveIntegerField()),
                ('quantity_lines', models.PositiveIntegerField()),
                ('tax_lines', models.PositiveIntegerField()),
                ('discount_lines', models.PositiveIntegerField()),
                ('other_lines', models.PositiveIntegerField()),
                ('same_lines', models.PositiveIntegerField()),
                ('comparison', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='totals', to='billing.runcomparison')),
            ],
            options={
                'ordering': ['currency'],
                'constraints': [models.UniqueConstraint(fields=('comparison', 'currency'), name='variance_once_a_currency'), models.CheckConstraint(condition=models.Q(('difference_minor', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('new_minor'), '+', models.F('gone_minor')), '+', models.F('period_minor')), '+', models.F('price_minor')), '+', models.F('quantity_minor')), '+', models.F('tax_minor')), '+', models.F('discount_minor')), '+', models.F('other_minor'))), ('difference_minor', django.db.models.expressions.CombinedExpression(models.F('now_minor'), '-', models.F('before_minor')))), name='variance_total_adds_up')],
            },
        ),
        migrations.RunSQL(SEQUENCES + GUARDS, UNDO),
        migrations.RunSQL(ROOM_FOR_UPDATES, migrations.RunSQL.noop),
        migrations.RunSQL(LIVE, "DROP VIEW billing_live_invoice"),
    ]
