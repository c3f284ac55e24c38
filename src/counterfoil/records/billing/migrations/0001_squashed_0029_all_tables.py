"""The tables of billing made at once, as the migrations 0001 to 0029 make them step by step (decision 0048)."""

import counterfoil.records.fields
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
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
        ('billing', '0012_numbers_follow_the_shards'),
        ('billing', '0013_credit_shards_have_charges'),
        ('billing', '0014_what_issued_documents_add_up_to'),
        ('billing', '0015_schedules_of_definitions'),
        ('billing', '0016_consolidated_billing'),
        ('billing', '0017_invoices_added_later'),
        ('billing', '0018_trails_by_time'),
        ('billing', '0019_due_with_billings'),
        ('billing', '0020_definitions_of_a_group'),
        ('billing', '0021_one_invoice_an_event'),
        ('billing', '0022_found_by_customer_and_type'),
        ('billing', '0023_control_totals_kept'),
        ('billing', '0024_charge_summaries_by_email'),
        ('billing', '0025_due_again_and_not_due'),
        ('billing', '0026_definitions_of_periods_and_masters'),
        ('billing', '0027_notices_found_by_few'),
        ('billing', '0028_what_recurs_a_month'),
        ('billing', '0029_words_and_parts_of_large_runs'),
    ]

    initial = True

    dependencies = [
        ('catalog', '0001_squashed_0006_all_tables'),
        ('charges', '0001_squashed_0017_all_tables'),
        ('organisation', '0013_ledger_code_of_free_text'),
        ('parties', '0001_squashed_0011_all_tables'),
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
                ('grouping', models.CharField(choices=[('customer', 'One invoice a customer'), ('client', 'One invoice a client'), ('dealer', 'One invoice a dealer'), ('branch', 'One invoice a branch of the clients'), ('po', 'One invoice a purchase order'), ('event', 'One invoice an event')], default='customer', max_length=8)),
                ('past_periods_allowed', models.PositiveSmallIntegerField(default=2, help_text='More unbilled past periods on one charge are set aside (billing-rules 2.7)')),
                ('connector', models.CharField(blank=True, default='csv', help_text='Empty: none', max_length=40)),
                ('send_email', models.BooleanField(default=True)),
                ('authorised', models.BooleanField(default=False, help_text='Issue and deliver without review')),
                ('is_active', models.BooleanField(default=True)),
                ('branch', models.ForeignKey(blank=True, help_text='Empty: every branch', null=True, on_delete=django.db.models.deletion.PROTECT, to='organisation.branch')),
                ('amalgamated', models.BooleanField(default=False, help_text='One formal line a tax category and rate, the breakdown attached (C11)')),
                ('credit_basis', models.CharField(choices=[('none', 'Bills, credits nothing'), ('daily', 'Daily off'), ('monthly', 'Monthly off')], default='none', help_text='Set: a run credits served days that fell away, instead of billing (billing-rules 6)', max_length=7)),
                ('keeps_zero', models.BooleanField(default=False, help_text='Invoices over 0.00 are kept without a number (billing-rules 5.5)')),
                ('cutoff_rule', models.CharField(db_default='today', default='today', help_text='Everything with a bill date up to this day is billed', max_length=40, verbose_name='cut-off')),
                ('invoice_date_rule', models.CharField(db_default='today', default='today', help_text='Date of the documents', max_length=40, verbose_name='invoice date')),
                ('schedule', models.CharField(blank=True, db_default='', default='', help_text="When runs start by themselves, as cron writes it, in the organisation's zone; empty: never", max_length=100)),
                ('customer_group', models.ForeignKey(blank=True, help_text='Empty: whatever group', null=True, on_delete=django.db.models.deletion.PROTECT, to='parties.customergroup')),
                ('attaches_summary', models.BooleanField(db_default=False, default=False, help_text='E-mails of invoices have the charge summary beside them (D2)')),
                ('master_charges', models.JSONField(blank=True, db_default=[], default=list, help_text='Ids of master charges; empty: all')),
                ('period_lengths', models.JSONField(blank=True, db_default=[], default=list, help_text='Lengths of charge periods in months or days, such as 3 months; empty: any. Events have none')),
            ],
            options={
                'ordering': ['name'],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_batchdefinitionevent" ("amalgamated", "attaches_summary", "authorised", "branch_id", "connector", "credit_basis", "customer_group_id", "cutoff_rule", "grouping", "id", "invoice_date_rule", "is_active", "keeps_zero", "kinds", "master_charges", "name", "past_periods_allowed", "payer", "period_lengths", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "schedule", "send_email", "title") SELECT new_values."amalgamated", new_values."attaches_summary", new_values."authorised", new_values."branch_id", new_values."connector", new_values."credit_basis", new_values."customer_group_id", new_values."cutoff_rule", new_values."grouping", new_values."id", new_values."invoice_date_rule", new_values."is_active", new_values."keeps_zero", new_values."kinds", new_values."master_charges", new_values."name", new_values."past_periods_allowed", new_values."payer", new_values."period_lengths", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."schedule", new_values."send_email", new_values."title" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='6087545e4868b7dd83919329a95c2671eff3daba', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_d3676', referencing='REFERENCING NEW TABLE AS new_values ', table='billing_batchdefinition', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_batchdefinitionevent" ("amalgamated", "attaches_summary", "authorised", "branch_id", "connector", "credit_basis", "customer_group_id", "cutoff_rule", "grouping", "id", "invoice_date_rule", "is_active", "keeps_zero", "kinds", "master_charges", "name", "past_periods_allowed", "payer", "period_lengths", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "schedule", "send_email", "title") SELECT new_values."amalgamated", new_values."attaches_summary", new_values."authorised", new_values."branch_id", new_values."connector", new_values."credit_basis", new_values."customer_group_id", new_values."cutoff_rule", new_values."grouping", new_values."id", new_values."invoice_date_rule", new_values."is_active", new_values."keeps_zero", new_values."kinds", new_values."master_charges", new_values."name", new_values."past_periods_allowed", new_values."payer", new_values."period_lengths", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."schedule", new_values."send_email", new_values."title" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b789b472b6922862eb58c280d0a8e11b0e74da26', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_3ecff', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='billing_batchdefinition', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_batchdefinitionevent" ("amalgamated", "attaches_summary", "authorised", "branch_id", "connector", "credit_basis", "customer_group_id", "cutoff_rule", "grouping", "id", "invoice_date_rule", "is_active", "keeps_zero", "kinds", "master_charges", "name", "past_periods_allowed", "payer", "period_lengths", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "schedule", "send_email", "title") SELECT old_values."amalgamated", old_values."attaches_summary", old_values."authorised", old_values."branch_id", old_values."connector", old_values."credit_basis", old_values."customer_group_id", old_values."cutoff_rule", old_values."grouping", old_values."id", old_values."invoice_date_rule", old_values."is_active", old_values."keeps_zero", old_values."kinds", old_values."master_charges", old_values."name", old_values."past_periods_allowed", old_values."payer", old_values."period_lengths", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."schedule", old_values."send_email", old_values."title" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='44b1fcb140913f96cdfb9d45b216010a01e930a6', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_cd34f', referencing='REFERENCING OLD TABLE AS old_values ', table='billing_batchdefinition', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='BillingSequence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('next_seq', models.BigIntegerField(default=10001)),
                ('next_batch', models.BigIntegerField(default=1)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='only_one_billing_sequence')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_billingsequenceevent" ("id", "next_batch", "next_seq", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."next_batch", new_values."next_seq", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='4c240d8152ae07bae47f5f5e7e65af94083a6c16', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_11e06', referencing='REFERENCING NEW TABLE AS new_values ', table='billing_billingsequence', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_billingsequenceevent" ("id", "next_batch", "next_seq", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."next_batch", new_values."next_seq", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='6483fa2c109dd9f13b9a34d07d69294ef56406aa', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_32d06', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='billing_billingsequence', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_billingsequenceevent" ("id", "next_batch", "next_seq", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."id", old_values."next_batch", old_values."next_seq", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='3b26f5b7f95265a9de4d5cd7212505b94fa4b63e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_67ab2', referencing='REFERENCING OLD TABLE AS old_values ', table='billing_billingsequence', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ConsolidationBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True)),
                ('description', models.CharField(blank=True, max_length=300)),
                ('cutoff', models.DateField()),
                ('billing_date', models.DateField()),
                ('uses_next_date', models.BooleanField(help_text="Billings are dated the customer's next date, if it has one")),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'consolidation batches',
                'ordering': ['-id'],
                'triggers': [pgtrigger.compiler.Trigger(name='batches_are_never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0e63119669ab2dbae097025e874ab6925c30fbf0', operation='UPDATE OR DELETE', pgid='pgtrigger_batches_are_never_changed_6d7ea', table='billing_consolidationbatch', when='BEFORE'))],
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
                ('grouping', models.CharField(choices=[('customer', 'One invoice a customer'), ('client', 'One invoice a client'), ('dealer', 'One invoice a dealer'), ('branch', 'One invoice a branch of the clients'), ('po', 'One invoice a purchase order'), ('event', 'One invoice an event')], default='customer', max_length=8)),
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
                ('cutoff_rule', models.CharField(db_default='today', default='today', help_text='Everything with a bill date up to this day is billed', max_length=40, verbose_name='cut-off')),
                ('invoice_date_rule', models.CharField(db_default='today', default='today', help_text='Date of the documents', max_length=40, verbose_name='invoice date')),
                ('schedule', models.CharField(blank=True, db_default='', default='', help_text="When runs start by themselves, as cron writes it, in the organisation's zone; empty: never", max_length=100)),
                ('customer_group', models.ForeignKey(blank=True, db_constraint=False, help_text='Empty: whatever group', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parties.customergroup')),
                ('attaches_summary', models.BooleanField(db_default=False, default=False, help_text='E-mails of invoices have the charge summary beside them (D2)')),
                ('master_charges', models.JSONField(blank=True, db_default=[], default=list, help_text='Ids of master charges; empty: all')),
                ('period_lengths', models.JSONField(blank=True, db_default=[], default=list, help_text='Lengths of charge periods in months or days, such as 3 months; empty: any. Events have none')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='bcc91ef5ad97fb696378274c50f476639fb4b6c1', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_ad63d', table='billing_batchdefinitionevent', when='BEFORE'))],
                'indexes': [models.Index(fields=['pgh_created_at'], name='billing_bat_pgh_cre_cd0d27_idx')],
            },
        ),
        migrations.CreateModel(
            name='BillingSequenceEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('next_seq', models.BigIntegerField(default=10001)),
                ('next_batch', models.BigIntegerField(default=1)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='billing.billingsequence')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['pgh_created_at'], name='billing_bil_pgh_cre_2f8f46_idx')],
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d82cfcc889ecaf66f79608123028704cb8d28edb', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e0832', table='billing_billingsequenceevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ConsolidatedBilling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.BigIntegerField()),
                ('revision', models.PositiveIntegerField()),
                ('number', models.CharField(max_length=40, unique=True)),
                ('currency', models.CharField(max_length=3)),
                ('billing_date', models.DateField()),
                ('due_on', models.DateField()),
                ('po_number', models.CharField(blank=True, max_length=60)),
                ('description', models.CharField(blank=True, max_length=300)),
                ('member_count', models.PositiveIntegerField()),
                ('tax_minor', models.BigIntegerField()),
                ('gross_minor', models.BigIntegerField()),
                ('created_at', models.DateTimeField()),
                ('branch', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.branch')),
                ('created_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='consolidated_billings', to='parties.billingcustomer')),
                ('batch', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='billings', to='billing.consolidationbatch')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['customer', 'id'], name='billing_by_customer')],
                'constraints': [models.UniqueConstraint(fields=('seq', 'revision'), name='billing_number_once'), models.CheckConstraint(condition=models.Q(('member_count__gte', 1)), name='billing_has_a_member')],
                'triggers': [pgtrigger.compiler.Trigger(name='billings_are_never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='be0268eb74da1dfdfecef129dafca7d4ac6a589c', operation='UPDATE OR DELETE', pgid='pgtrigger_billings_are_never_changed_e6378', table='billing_consolidatedbilling', when='BEFORE')), pgtrigger.compiler.Trigger(name='billing_references_exist', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE seen record; found bigint; is_missing boolean;', func="SELECT count(batch_id) AS batch_id_set, min(batch_id) AS batch_id_least, max(batch_id) AS batch_id_most, count(customer_id) AS customer_id_set, min(customer_id) AS customer_id_least, max(customer_id) AS customer_id_most, count(branch_id) AS branch_id_set, min(branch_id) AS branch_id_least, max(branch_id) AS branch_id_most INTO seen FROM inserted; \n        IF seen.batch_id_set > 0 THEN\n            found := 0;\n            IF seen.batch_id_most - seen.batch_id_least < 2 * seen.batch_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_consolidationbatch\n                WHERE id BETWEEN seen.batch_id_least AND seen.batch_id_most;\n            END IF;\n            IF found <= seen.batch_id_most - seen.batch_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE batch_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_consolidationbatch AS target WHERE target.id = inserted.batch_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'billing_references_exist: a row refers to a billing_consolidationbatch that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.customer_id_set > 0 THEN\n            found := 0;\n            IF seen.customer_id_most - seen.customer_id_least < 2 * seen.customer_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM parties_billingcustomer\n                WHERE id BETWEEN seen.customer_id_least AND seen.customer_id_most;\n            END IF;\n            IF found <= seen.customer_id_most - seen.customer_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE customer_id IS NOT NULL AND\n                    (SELECT target.id FROM parties_billingcustomer AS target WHERE target.id = inserted.customer_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'billing_references_exist: a row refers to a parties_billingcustomer that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.branch_id_set > 0 THEN\n            found := 0;\n            IF seen.branch_id_most - seen.branch_id_least < 2 * seen.branch_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM organisation_branch\n                WHERE id BETWEEN seen.branch_id_least AND seen.branch_id_most;\n            END IF;\n            IF found <= seen.branch_id_most - seen.branch_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE branch_id IS NOT NULL AND\n                    (SELECT target.id FROM organisation_branch AS target WHERE target.id = inserted.branch_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'billing_references_exist: a row refers to a organisation_branch that does not exist';\n                END IF;\n            END IF;\n        END IF; RETURN NULL;", hash='28a8c497e2bf7572898f2f6e04fee320516ecce0', level='STATEMENT', operation='INSERT', pgid='pgtrigger_billing_references_exist_f4c36', referencing='REFERENCING NEW TABLE AS inserted ', table='billing_consolidatedbilling', when='AFTER'))],
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
                'indexes': [models.Index(fields=['pgh_created_at'], name='billing_doc_pgh_cre_4755aa_idx')],
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
                ('scheduled_for', models.DateTimeField(blank=True, help_text="When its definition's schedule had it due; empty: somebody asked for it", null=True)),
            ],
            options={
                'ordering': ['-id'],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_runevent" ("abandoned_at", "abandoned_because", "authorised_at", "authorised_by_id", "cutoff", "definition_id", "generated_at", "generated_by_id", "id", "invoice_date", "issued_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scheduled_for", "selection", "started_at", "status", "tax_point", "title", "voided_at", "voided_because", "voided_by_id") SELECT new_values."abandoned_at", new_values."abandoned_because", new_values."authorised_at", new_values."authorised_by_id", new_values."cutoff", new_values."definition_id", new_values."generated_at", new_values."generated_by_id", new_values."id", new_values."invoice_date", new_values."issued_at", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."scheduled_for", new_values."selection", new_values."started_at", new_values."status", new_values."tax_point", new_values."title", new_values."voided_at", new_values."voided_because", new_values."voided_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='311352b34f0f1aac67ef2b1ae972f2fc906f9cfa', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_68b31', referencing='REFERENCING NEW TABLE AS new_values ', table='billing_run', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_runevent" ("abandoned_at", "abandoned_because", "authorised_at", "authorised_by_id", "cutoff", "definition_id", "generated_at", "generated_by_id", "id", "invoice_date", "issued_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scheduled_for", "selection", "started_at", "status", "tax_point", "title", "voided_at", "voided_because", "voided_by_id") SELECT new_values."abandoned_at", new_values."abandoned_because", new_values."authorised_at", new_values."authorised_by_id", new_values."cutoff", new_values."definition_id", new_values."generated_at", new_values."generated_by_id", new_values."id", new_values."invoice_date", new_values."issued_at", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."scheduled_for", new_values."selection", new_values."started_at", new_values."status", new_values."tax_point", new_values."title", new_values."voided_at", new_values."voided_because", new_values."voided_by_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='40457d03036f0e4827c8a874eea461cee18c9920', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_e9b42', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='billing_run', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_runevent" ("abandoned_at", "abandoned_because", "authorised_at", "authorised_by_id", "cutoff", "definition_id", "generated_at", "generated_by_id", "id", "invoice_date", "issued_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scheduled_for", "selection", "started_at", "status", "tax_point", "title", "voided_at", "voided_because", "voided_by_id") SELECT old_values."abandoned_at", old_values."abandoned_because", old_values."authorised_at", old_values."authorised_by_id", old_values."cutoff", old_values."definition_id", old_values."generated_at", old_values."generated_by_id", old_values."id", old_values."invoice_date", old_values."issued_at", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."scheduled_for", old_values."selection", old_values."started_at", old_values."status", old_values."tax_point", old_values."title", old_values."voided_at", old_values."voided_because", old_values."voided_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='2f90c84358502348c8ab422e93d95e8fa79c7f7d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_53fbf', referencing='REFERENCING OLD TABLE AS old_values ', table='billing_run', when='AFTER'))],
                'indexes': [models.Index(condition=models.Q(('status__in', ['generating', 'in_review'])), fields=['status', 'id'], name='run_in_hand'), models.Index(condition=models.Q(('generated_at__isnull', False)), fields=['generated_at'], name='run_by_generation')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('scheduled_for__isnull', False)), fields=('definition', 'scheduled_for'), name='run_once_when_it_is_due')],
            },
        ),
        migrations.CreateModel(
            name='ScheduleState',
            fields=[
                ('definition', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='schedule_state', serialize=False, to='billing.batchdefinition')),
                ('seen_up_to', models.DateTimeField()),
                ('problem', models.CharField(blank=True, default='', max_length=500)),
            ],
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
            name='BillingVoid',
            fields=[
                ('billing', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='void', serialize=False, to='billing.consolidatedbilling')),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('voided_at', models.DateTimeField()),
                ('replaced_by', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='billing.consolidatedbilling')),
                ('voided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='billing_voids_are_never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e148f669c3fcb9ea7e2f114d4784ae8c6e330e9a', operation='UPDATE OR DELETE', pgid='pgtrigger_billing_voids_are_never_changed_b8d53', table='billing_billingvoid', when='BEFORE'))],
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
                'indexes': [models.Index(fields=['run', 'id'], name='invoice_by_run'), models.Index(fields=['customer', 'id'], name='invoice_by_customer'), models.Index(condition=models.Q(('credits__isnull', False)), fields=['credits'], name='credit_note_by_invoice'), django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['invoice_date'], name='invoice_by_date'), models.Index(condition=models.Q(('shard', 0)), fields=['run'], name='invoice_added_later'), models.Index(condition=models.Q(('document_type', 'contract'), _negated=True), fields=['document_type', 'id'], name='invoice_by_type')],
                'constraints': [models.CheckConstraint(condition=models.Q(('gross_minor', django.db.models.expressions.CombinedExpression(models.F('net_minor'), '+', models.F('tax_minor')))), name='invoice_adds_up')],
                'triggers': [pgtrigger.compiler.Trigger(name='invoices_are_never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6ca7c762ac1c5fa560fbbabb44c332e59c4ea2b7', operation='UPDATE OR DELETE', pgid='pgtrigger_invoices_are_never_changed_c51f4', table='billing_invoice', when='BEFORE')), pgtrigger.compiler.Trigger(name='invoice_references_exist', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE seen record; found bigint; is_missing boolean;', func="SELECT count(run_id) AS run_id_set, min(run_id) AS run_id_least, max(run_id) AS run_id_most, count(customer_id) AS customer_id_set, min(customer_id) AS customer_id_least, max(customer_id) AS customer_id_most, count(credits_id) AS credits_id_set, min(credits_id) AS credits_id_least, max(credits_id) AS credits_id_most INTO seen FROM inserted; \n        IF seen.run_id_set > 0 THEN\n            found := 0;\n            IF seen.run_id_most - seen.run_id_least < 2 * seen.run_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_run\n                WHERE id BETWEEN seen.run_id_least AND seen.run_id_most;\n            END IF;\n            IF found <= seen.run_id_most - seen.run_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE run_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_run AS target WHERE target.id = inserted.run_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'invoice_references_exist: a row refers to a billing_run that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.customer_id_set > 0 THEN\n            found := 0;\n            IF seen.customer_id_most - seen.customer_id_least < 2 * seen.customer_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM parties_billingcustomer\n                WHERE id BETWEEN seen.customer_id_least AND seen.customer_id_most;\n            END IF;\n            IF found <= seen.customer_id_most - seen.customer_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE customer_id IS NOT NULL AND\n                    (SELECT target.id FROM parties_billingcustomer AS target WHERE target.id = inserted.customer_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'invoice_references_exist: a row refers to a parties_billingcustomer that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.credits_id_set > 0 THEN\n            found := 0;\n            IF seen.credits_id_most - seen.credits_id_least < 2 * seen.credits_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_invoice\n                WHERE id BETWEEN seen.credits_id_least AND seen.credits_id_most;\n            END IF;\n            IF found <= seen.credits_id_most - seen.credits_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE credits_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_invoice AS target WHERE target.id = inserted.credits_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'invoice_references_exist: a row refers to a billing_invoice that does not exist';\n                END IF;\n            END IF;\n        END IF; RETURN NULL;", hash='b4d031dc2c57fff06d0970f6757155fd42ddbb09', level='STATEMENT', operation='INSERT', pgid='pgtrigger_invoice_references_exist_dfc15', referencing='REFERENCING NEW TABLE AS inserted ', table='billing_invoice', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='IssuedDue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_on', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('gross_minor', models.BigIntegerField()),
                ('documents', models.IntegerField()),
                ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.branch')),
                ('run', models.ForeignKey(help_text='Empty: what consolidated billings move to their own due dates', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='issued_due', to='billing.run')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['due_on'], name='issued_due_by_day')],
            },
        ),
        migrations.CreateModel(
            name='IssuedRevenue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='Its first day')),
                ('document_type', models.CharField(max_length=11)),
                ('kind', models.CharField(help_text='Of the master charge', max_length=10)),
                ('currency', models.CharField(max_length=3)),
                ('net_minor', models.BigIntegerField()),
                ('lines', models.IntegerField()),
                ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.branch')),
                ('dealer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.dealer')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='issued_revenue', to='billing.run')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['month'], name='revenue_by_month')],
            },
        ),
        migrations.CreateModel(
            name='RecurringRevenue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='Its first day')),
                ('kind', models.CharField(help_text='Of the master charge', max_length=10)),
                ('currency', models.CharField(max_length=3)),
                ('monthly_steps', models.BigIntegerField()),
                ('lines', models.IntegerField()),
                ('branch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.branch')),
                ('dealer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.dealer')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recurring_revenue', to='billing.run')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['month'], name='recurring_by_month'), models.Index(fields=['dealer', 'month'], name='recurring_by_dealer')],
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
            name='RunControl',
            fields=[
                ('run', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='control', serialize=False, to='billing.run')),
                ('controls', models.JSONField()),
                ('unreached', models.TextField(blank=True)),
                ('made_of', models.JSONField()),
                ('made_at', models.DateTimeField()),
            ],
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
                ('scheduled_for', models.DateTimeField(blank=True, help_text="When its definition's schedule had it due; empty: somebody asked for it", null=True)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='89d25f9f2f801c3f5b77819e9be238ebc1aa524e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_dbb8d', table='billing_runevent', when='BEFORE'))],
                'indexes': [models.Index(fields=['pgh_created_at'], name='billing_run_pgh_cre_dcaad2_idx')],
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
                ('first_invoice', models.BigIntegerField(help_text='None where it was stored before this was noted', null=True)),
                ('credited', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), null=True, size=None)),
                ('wording', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), help_text='None where there are too many, or this was not noted yet', null=True, size=None)),
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
            name='BillingMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('sales', 'Sales invoice'), ('service', 'Service invoice')], max_length=7)),
                ('was_locked', models.BooleanField()),
                ('is_live', models.BooleanField(default=True)),
                ('invoice', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='billing.invoice')),
                ('billing', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='billing.consolidatedbilling')),
            ],
            options={
                'ordering': ['billing_id', 'position'],
                'indexes': [models.Index(condition=models.Q(('is_live', False)), fields=['invoice'], name='member_by_invoice_once_void')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('invoice',), name='member_of_one_live_billing'), models.UniqueConstraint(fields=('billing', 'position'), name='member_once_a_place')],
                'triggers': [pgtrigger.compiler.Trigger(name='members_are_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='b47ccabadb92c6de7927b0e2377443a15a88e9c5', operation='DELETE', pgid='pgtrigger_members_are_kept_7eb4c', table='billing_billingmember', when='BEFORE')), pgtrigger.compiler.Trigger(name='members_only_end', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."billing_id" IS DISTINCT FROM (NEW."billing_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."invoice_id" IS DISTINCT FROM (NEW."invoice_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."position" IS DISTINCT FROM (NEW."position") OR OLD."was_locked" IS DISTINCT FROM (NEW."was_locked"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f9f493cb824b5eebc08c618c357382df32c7ec72', operation='UPDATE', pgid='pgtrigger_members_only_end_5fb98', table='billing_billingmember', when='BEFORE')), pgtrigger.compiler.Trigger(name='members_end_for_good', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT OLD."is_live")', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='4709f53d3ecea74b847dcd7f5abde931bff5a80f', operation='UPDATE', pgid='pgtrigger_members_end_for_good_8592f', table='billing_billingmember', when='BEFORE')), pgtrigger.compiler.Trigger(name='member_references_exist', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE seen record; found bigint; is_missing boolean;', func="SELECT count(billing_id) AS billing_id_set, min(billing_id) AS billing_id_least, max(billing_id) AS billing_id_most, count(invoice_id) AS invoice_id_set, min(invoice_id) AS invoice_id_least, max(invoice_id) AS invoice_id_most INTO seen FROM inserted; \n        IF seen.billing_id_set > 0 THEN\n            found := 0;\n            IF seen.billing_id_most - seen.billing_id_least < 2 * seen.billing_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_consolidatedbilling\n                WHERE id BETWEEN seen.billing_id_least AND seen.billing_id_most;\n            END IF;\n            IF found <= seen.billing_id_most - seen.billing_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE billing_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_consolidatedbilling AS target WHERE target.id = inserted.billing_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'member_references_exist: a row refers to a billing_consolidatedbilling that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.invoice_id_set > 0 THEN\n            found := 0;\n            IF seen.invoice_id_most - seen.invoice_id_least < 2 * seen.invoice_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_invoice\n                WHERE id BETWEEN seen.invoice_id_least AND seen.invoice_id_most;\n            END IF;\n            IF found <= seen.invoice_id_most - seen.invoice_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE invoice_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_invoice AS target WHERE target.id = inserted.invoice_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'member_references_exist: a row refers to a billing_invoice that does not exist';\n                END IF;\n            END IF;\n        END IF; RETURN NULL;", hash='7a4f97a3a371624f21e840523b703101d6b32f40', level='STATEMENT', operation='INSERT', pgid='pgtrigger_member_references_exist_7bb6a', referencing='REFERENCING NEW TABLE AS inserted ', table='billing_billingmember', when='AFTER'))],
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
                ('reason', models.CharField(choices=[('new', 'New'), ('gone', 'Gone'), ('due_again', 'Due again'), ('not_due', 'Not due this time'), ('period', 'Period'), ('price', 'Price'), ('quantity', 'Quantity'), ('tax', 'Tax in the price'), ('discount', 'Discount'), ('other', 'Other'), ('same', 'As last time')], max_length=9)),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.billingcustomer')),
                ('comparison', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='customers', to='billing.runcomparison')),
                ('due_again_minor', models.BigIntegerField()),
                ('not_due_minor', models.BigIntegerField()),
            ],
            options={
                'ordering': ['customer_id'],
                'constraints': [models.UniqueConstraint(fields=('comparison', 'customer', 'currency'), name='variance_once_a_customer')],
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
                'indexes': [django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['due_on'], name='number_by_due_date')],
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
                'indexes': [models.Index(fields=['charge', 'period_start'], name='line_by_charge'), models.Index(condition=models.Q(('event_charge__isnull', False)), fields=['event_charge'], name='line_by_event_charge'), models.Index(condition=models.Q(('refers_to__isnull', False)), fields=['refers_to'], name='line_by_line_referred_to'), models.Index(condition=models.Q(('fraction_num', models.F('fraction_den')), _negated=True), fields=['invoice', 'line_no'], name='line_for_a_part')],
                'constraints': [models.UniqueConstraint(fields=('invoice', 'line_no'), name='line_once_an_invoice'), models.CheckConstraint(condition=models.Q(('period_start__lt', models.F('period_end')), ('grid_start__lte', models.F('period_start')), ('period_end__lte', models.F('grid_end'))), name='line_has_days_within_its_grid_period'), models.CheckConstraint(condition=models.Q(('charge__isnull', False), ('event_charge__isnull', False), ('refers_to__isnull', False), _connector='OR'), name='line_is_of_something')],
                'triggers': [pgtrigger.compiler.Trigger(name='lines_are_never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1bcee70a8ad17c953e7dd61375f1023116e0e5de', operation='UPDATE OR DELETE', pgid='pgtrigger_lines_are_never_changed_d6016', table='billing_invoiceline', when='BEFORE')), pgtrigger.compiler.Trigger(name='line_references_exist', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE seen record; found bigint; is_missing boolean;', func="SELECT count(invoice_id) AS invoice_id_set, min(invoice_id) AS invoice_id_least, max(invoice_id) AS invoice_id_most, count(charge_id) AS charge_id_set, min(charge_id) AS charge_id_least, max(charge_id) AS charge_id_most, count(event_charge_id) AS event_charge_id_set, min(event_charge_id) AS event_charge_id_least, max(event_charge_id) AS event_charge_id_most, count(refers_to_id) AS refers_to_id_set, min(refers_to_id) AS refers_to_id_least, max(refers_to_id) AS refers_to_id_most, count(tax_category_id) AS tax_category_id_set, min(tax_category_id) AS tax_category_id_least, max(tax_category_id) AS tax_category_id_most INTO seen FROM inserted; \n        IF seen.invoice_id_set > 0 THEN\n            found := 0;\n            IF seen.invoice_id_most - seen.invoice_id_least < 2 * seen.invoice_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_invoice\n                WHERE id BETWEEN seen.invoice_id_least AND seen.invoice_id_most;\n            END IF;\n            IF found <= seen.invoice_id_most - seen.invoice_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE invoice_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_invoice AS target WHERE target.id = inserted.invoice_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'line_references_exist: a row refers to a billing_invoice that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.charge_id_set > 0 THEN\n            found := 0;\n            IF seen.charge_id_most - seen.charge_id_least < 2 * seen.charge_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM charges_charge\n                WHERE id BETWEEN seen.charge_id_least AND seen.charge_id_most;\n            END IF;\n            IF found <= seen.charge_id_most - seen.charge_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE charge_id IS NOT NULL AND\n                    (SELECT target.id FROM charges_charge AS target WHERE target.id = inserted.charge_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'line_references_exist: a row refers to a charges_charge that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.event_charge_id_set > 0 THEN\n            found := 0;\n            IF seen.event_charge_id_most - seen.event_charge_id_least < 2 * seen.event_charge_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM charges_eventcharge\n                WHERE id BETWEEN seen.event_charge_id_least AND seen.event_charge_id_most;\n            END IF;\n            IF found <= seen.event_charge_id_most - seen.event_charge_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE event_charge_id IS NOT NULL AND\n                    (SELECT target.id FROM charges_eventcharge AS target WHERE target.id = inserted.event_charge_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'line_references_exist: a row refers to a charges_eventcharge that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.refers_to_id_set > 0 THEN\n            found := 0;\n            IF seen.refers_to_id_most - seen.refers_to_id_least < 2 * seen.refers_to_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_invoiceline\n                WHERE id BETWEEN seen.refers_to_id_least AND seen.refers_to_id_most;\n            END IF;\n            IF found <= seen.refers_to_id_most - seen.refers_to_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE refers_to_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_invoiceline AS target WHERE target.id = inserted.refers_to_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'line_references_exist: a row refers to a billing_invoiceline that does not exist';\n                END IF;\n            END IF;\n        END IF; \n        IF seen.tax_category_id_set > 0 THEN\n            found := 0;\n            IF seen.tax_category_id_most - seen.tax_category_id_least < 2 * seen.tax_category_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM catalog_taxcategory\n                WHERE id BETWEEN seen.tax_category_id_least AND seen.tax_category_id_most;\n            END IF;\n            IF found <= seen.tax_category_id_most - seen.tax_category_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE tax_category_id IS NOT NULL AND\n                    (SELECT target.id FROM catalog_taxcategory AS target WHERE target.id = inserted.tax_category_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'line_references_exist: a row refers to a catalog_taxcategory that does not exist';\n                END IF;\n            END IF;\n        END IF; RETURN NULL;", hash='d2e6cab34ba04352011f8f2f525b3c8da6d9cc69', level='STATEMENT', operation='INSERT', pgid='pgtrigger_line_references_exist_7cc8b', referencing='REFERENCING NEW TABLE AS inserted ', table='billing_invoiceline', when='AFTER'))],
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
                ('reason', models.CharField(choices=[('new', 'New'), ('gone', 'Gone'), ('due_again', 'Due again'), ('not_due', 'Not due this time'), ('period', 'Period'), ('price', 'Price'), ('quantity', 'Quantity'), ('tax', 'Tax in the price'), ('discount', 'Discount'), ('other', 'Other'), ('same', 'As last time')], max_length=9)),
                ('charge', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='charges.charge')),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.client')),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.billingcustomer')),
                ('event_charge', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='charges.eventcharge')),
                ('comparison', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='billing.runcomparison')),
                ('due_again_minor', models.BigIntegerField()),
                ('not_due_minor', models.BigIntegerField()),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['comparison', 'id'], name='variance_by_comparison'), models.Index(fields=['comparison', 'reason', 'id'], name='variance_by_reason'), models.Index(fields=['customer', 'comparison'], name='variance_by_customer'), models.Index(fields=['client', 'comparison'], name='variance_by_client'), models.Index(fields=['charge', 'comparison'], name='variance_by_charge')],
            },
        ),
        migrations.CreateModel(
            name='QueueChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_queued', models.BooleanField()),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invoice', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='queue_changes', to='billing.invoice')),
            ],
            options={
                'ordering': ['id'],
                'triggers': [pgtrigger.compiler.Trigger(name='queue_changes_are_never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='81658f3f25dab5dffb2ac66ad6549de8da17cd0d', operation='UPDATE OR DELETE', pgid='pgtrigger_queue_changes_are_never_changed_d3902', table='billing_queuechange', when='BEFORE')), pgtrigger.compiler.Trigger(name='queue_change_references_exist', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE seen record; found bigint; is_missing boolean;', func="SELECT count(invoice_id) AS invoice_id_set, min(invoice_id) AS invoice_id_least, max(invoice_id) AS invoice_id_most INTO seen FROM inserted; \n        IF seen.invoice_id_set > 0 THEN\n            found := 0;\n            IF seen.invoice_id_most - seen.invoice_id_least < 2 * seen.invoice_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_invoice\n                WHERE id BETWEEN seen.invoice_id_least AND seen.invoice_id_most;\n            END IF;\n            IF found <= seen.invoice_id_most - seen.invoice_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE invoice_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_invoice AS target WHERE target.id = inserted.invoice_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'queue_change_references_exist: a row refers to a billing_invoice that does not exist';\n                END IF;\n            END IF;\n        END IF; RETURN NULL;", hash='f5b31f3d6482db233bd581f3c11542798247230a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_queue_change_references_exist_847ef', referencing='REFERENCING NEW TABLE AS inserted ', table='billing_queuechange', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='QueuedInvoice',
            fields=[
                ('invoice', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='queued', serialize=False, to='billing.invoice')),
                ('currency', models.CharField(max_length=3)),
                ('kind', models.CharField(choices=[('sales', 'Sales invoice'), ('service', 'Service invoice')], max_length=7)),
                ('invoice_date', models.DateField()),
                ('tax_minor', models.BigIntegerField()),
                ('gross_minor', models.BigIntegerField()),
                ('is_locked', models.BooleanField(help_text='Only a release takes it off the queue (billing-rules 8.1)')),
                ('branch', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.branch')),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='queued_invoices', to='parties.billingcustomer')),
                ('due_on', models.DateField(help_text='When its payment is due by itself')),
            ],
            options={
                'ordering': ['invoice'],
                'indexes': [models.Index(fields=['customer', 'invoice_date'], name='queued_by_customer_and_date')],
                'triggers': [pgtrigger.compiler.Trigger(name='queued_references_exist', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE seen record; found bigint; is_missing boolean;', func="SELECT count(invoice_id) AS invoice_id_set, min(invoice_id) AS invoice_id_least, max(invoice_id) AS invoice_id_most INTO seen FROM inserted; \n        IF seen.invoice_id_set > 0 THEN\n            found := 0;\n            IF seen.invoice_id_most - seen.invoice_id_least < 2 * seen.invoice_id_set + 1000 THEN\n                SELECT count(*) INTO found FROM billing_invoice\n                WHERE id BETWEEN seen.invoice_id_least AND seen.invoice_id_most;\n            END IF;\n            IF found <= seen.invoice_id_most - seen.invoice_id_least THEN\n                EXECUTE 'SELECT EXISTS (SELECT FROM inserted WHERE invoice_id IS NOT NULL AND\n                    (SELECT target.id FROM billing_invoice AS target WHERE target.id = inserted.invoice_id) IS NULL)'\n                INTO is_missing;\n                IF is_missing THEN\n                    RAISE foreign_key_violation\n                        USING MESSAGE = 'queued_references_exist: a row refers to a billing_invoice that does not exist';\n                END IF;\n            END IF;\n        END IF; RETURN NULL;", hash='b76084a61dad8d47b139480ee5fc75accd72e3f6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_queued_references_exist_8a640', referencing='REFERENCING NEW TABLE AS inserted ', table='billing_queuedinvoice', when='AFTER'))],
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
                ('due_again_lines', models.PositiveIntegerField()),
                ('due_again_minor', models.BigIntegerField()),
                ('not_due_lines', models.PositiveIntegerField()),
                ('not_due_minor', models.BigIntegerField()),
            ],
            options={
                'ordering': ['currency'],
                'constraints': [models.UniqueConstraint(fields=('comparison', 'currency'), name='variance_once_a_currency'), models.CheckConstraint(condition=models.Q(('difference_minor', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('new_minor'), '+', models.F('gone_minor')), '+', models.F('due_again_minor')), '+', models.F('not_due_minor')), '+', models.F('period_minor')), '+', models.F('price_minor')), '+', models.F('quantity_minor')), '+', models.F('tax_minor')), '+', models.F('discount_minor')), '+', models.F('other_minor'))), ('difference_minor', django.db.models.expressions.CombinedExpression(models.F('now_minor'), '-', models.F('before_minor')))), name='variance_total_adds_up')],
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
                'indexes': [models.Index(fields=['pgh_created_at'], name='billing_inv_pgh_cre_9fd1dc_idx')],
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
        migrations.RunSQL(SEQUENCES + GUARDS, UNDO),
        migrations.RunSQL(ROOM_FOR_UPDATES, migrations.RunSQL.noop),
        migrations.RunSQL(LIVE, "DROP VIEW billing_live_invoice"),
    ]
