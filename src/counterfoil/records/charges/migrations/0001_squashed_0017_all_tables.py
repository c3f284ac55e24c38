"""The tables of charges made at once, as the migrations 0001 to 0017 make them step by step (decision 0048)."""

import counterfoil.records.fields
import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

CHARGE = """
       charge.client_id, charge.master_charge_id, charge.starts_on, charge.ends_before, charge.quantity,
       charge.unit_price, charge.description, charge.charge_period_id, charge.tax_category_id,
       charge.while_commissioned, charge.escalation_id, charge.po_number, charge.opening_billed_to,
       client.dealer_id, client.branch_id AS client_branch_id, client.commissioned_on, client.decommissioned_on
FROM charges_charge AS charge
JOIN parties_client AS client ON client.id = charge.client_id"""
DEALER = "LEFT JOIN parties_dealer AS dealer ON dealer.id = client.dealer_id"
MASTER = "JOIN catalog_mastercharge AS master ON master.id = charge.master_charge_id"
MODE = "(SELECT customer_mode FROM organisation_organisation WHERE id = 1)"
MARK = "COALESCE(NULLIF(charge.paid_by, ''), master.paid_by)"

CHARGES = f"""
CREATE VIEW charges_charge_and_payer AS
SELECT charge.id AS charge_id, charge.customer_id AS payer_id,
       COALESCE(dealer.customer_id = charge.customer_id, FALSE) AS by_dealer, NULL::text AS paid_by,
{CHARGE} {DEALER}
WHERE charge.customer_id IS NOT NULL AND {MODE} = 'standard'
UNION ALL
SELECT charge.id, client.customer_id, COALESCE(dealer.customer_id = client.customer_id, FALSE), NULL::text,
{CHARGE} {DEALER}
WHERE charge.customer_id IS NULL AND {MODE} = 'standard'
UNION ALL
SELECT charge.id, client.customer_id, FALSE, 'direct'::text,
{CHARGE} {MASTER}
WHERE {MARK} = 'direct' AND {MODE} = 'legacy'
UNION ALL
SELECT charge.id, dealer.customer_id, TRUE, 'dealer'::text,
{CHARGE} {MASTER} {DEALER}
WHERE {MARK} = 'dealer' AND {MODE} = 'legacy';

COMMENT ON VIEW charges_charge_and_payer IS
'The charges with who pays them, as core.paying says: in standard mode the customer given, else the default customer of '
'the client; in legacy mode the account of the client or of its dealer. In parts, so that a range of payers is found by '
'an index in each; those of the other mode are not executed.';
"""

EVENTS = f"""
CREATE VIEW charges_event_charge_and_payer AS
SELECT event_charge.id AS event_charge_id, paying.payer_id, paying.by_dealer, paying.paid_by,
       event_charge.line_no, event_charge.master_charge_id, event_charge.unit_price, event_charge.quantity,
       event_charge.description, event_charge.tax_category_id,
       event.id AS event_id, event.key AS event_key, event.kind AS event_kind,
       event.description AS event_description, event.occurred_on, event.to_be_billed_on, event.is_chargeable,
       event.is_invoice,
       event.client_id, event.po_number, client.dealer_id, client.branch_id AS client_branch_id
FROM charges_billableevent AS event
JOIN charges_eventcharge AS event_charge ON event_charge.event_id = event.id
JOIN parties_client AS client ON client.id = event.client_id
LEFT JOIN catalog_mastercharge AS master ON master.id = event_charge.master_charge_id
LEFT JOIN parties_dealer AS dealer ON dealer.id = client.dealer_id
CROSS JOIN LATERAL (
    SELECT CASE WHEN {MODE} = 'standard' OR event.is_invoice THEN COALESCE(event.customer_id, client.customer_id)
                WHEN master.paid_by = 'dealer' THEN dealer.customer_id
                ELSE client.customer_id END AS payer_id,
           CASE WHEN {MODE} = 'standard' OR event.is_invoice
                THEN COALESCE(dealer.customer_id = COALESCE(event.customer_id, client.customer_id), FALSE)
                ELSE master.paid_by = 'dealer' END AS by_dealer,
           CASE WHEN {MODE} = 'legacy' AND NOT event.is_invoice THEN master.paid_by END AS paid_by
) AS paying;

COMMENT ON VIEW charges_event_charge_and_payer IS
'The charges of events with who pays them, as core.paying says; in legacy mode the master charge has the mark. '
'A sales invoice by itself names its customer in either mode.';
"""

ONE_CHARGE = """
CREATE VIEW charges_charge_who_pays AS
SELECT told.charge_id, told.payer_id, told.by_dealer, told.paid_by
FROM (
    SELECT charge.id AS charge_id, COALESCE(NULLIF(charge.paid_by, ''), master.paid_by) AS mark,
           COALESCE(charge.customer_id, client.customer_id) AS standard_payer,
           client.customer_id AS client_payer, dealer.customer_id AS dealer_payer,
           (SELECT customer_mode FROM organisation_organisation WHERE id = 1) AS mode
    FROM charges_charge AS charge
    JOIN parties_client AS client ON client.id = charge.client_id
    JOIN catalog_mastercharge AS master ON master.id = charge.master_charge_id
    LEFT JOIN parties_dealer AS dealer ON dealer.id = client.dealer_id
) AS charge
CROSS JOIN LATERAL (
    SELECT charge.charge_id,
           CASE WHEN mode = 'standard' THEN standard_payer WHEN mark = 'dealer' THEN dealer_payer
                ELSE client_payer END AS payer_id,
           CASE WHEN mode = 'standard' THEN COALESCE(dealer_payer = standard_payer, FALSE)
                ELSE mark = 'dealer' END AS by_dealer,
           CASE WHEN mode <> 'standard' THEN mark END AS paid_by
) AS told
WHERE mode = 'standard' OR mark IN ('direct', 'dealer');

COMMENT ON VIEW charges_charge_who_pays IS
'The charges with who pays them, as charges_charge_and_payer has them by payer: for charges that are looked up by key.';
"""


class Migration(migrations.Migration):

    replaces = [
        ('charges', '0001_initial'),
        ('charges', '0002_initial'),
        ('charges', '0003_prices_usage_and_events'),
        ('charges', '0004_confirmed_past'),
        ('charges', '0005_meters_count_in_a_few_digits'),
        ('charges', '0006_discounts_have_keys'),
        ('charges', '0007_who_pays_a_charge'),
        ('charges', '0008_trails_by_time'),
        ('charges', '0009_sales_invoices'),
        ('charges', '0010_who_pays_in_either_mode'),
        ('charges', '0011_views_of_who_pays'),
        ('charges', '0012_mode_found_by_its_key'),
        ('charges', '0013_charges_found_by_their_days'),
        ('charges', '0014_trails_by_name'),
        ('charges', '0015_who_pays_one_charge'),
        ('charges', '0016_charges_that_pause'),
        ('charges', '0017_ledger_code_of_free_text'),
    ]

    initial = True

    dependencies = [
        ('catalog', '0001_squashed_0006_all_tables'),
        ('organisation', '0013_ledger_code_of_free_text'),
        ('parties', '0001_squashed_0011_all_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
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
                ('is_invoice', models.BooleanField(db_default=False, default=False, help_text='A sales invoice by itself: no run bills it')),
            ],
            options={
                'ordering': ['key'],
                'indexes': [models.Index(fields=['kind', 'to_be_billed_on', 'id'], name='event_by_kind_and_date')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_billableeventevent" ("client_id", "customer_id", "description", "id", "is_chargeable", "is_invoice", "key", "kind", "occurred_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "po_number", "to_be_billed_on") SELECT new_values."client_id", new_values."customer_id", new_values."description", new_values."id", new_values."is_chargeable", new_values."is_invoice", new_values."key", new_values."kind", new_values."occurred_on", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."po_number", new_values."to_be_billed_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='4d3e80ec1d17cdfc0ffe175eaa82d46978c28607', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_804f1', referencing='REFERENCING NEW TABLE AS new_values ', table='charges_billableevent', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_billableeventevent" ("client_id", "customer_id", "description", "id", "is_chargeable", "is_invoice", "key", "kind", "occurred_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "po_number", "to_be_billed_on") SELECT new_values."client_id", new_values."customer_id", new_values."description", new_values."id", new_values."is_chargeable", new_values."is_invoice", new_values."key", new_values."kind", new_values."occurred_on", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."po_number", new_values."to_be_billed_on" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='cec3b9ad292a09c6b619fd87b33131fa1359bfb4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_3b2e9', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='charges_billableevent', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_billableeventevent" ("client_id", "customer_id", "description", "id", "is_chargeable", "is_invoice", "key", "kind", "occurred_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "po_number", "to_be_billed_on") SELECT old_values."client_id", old_values."customer_id", old_values."description", old_values."id", old_values."is_chargeable", old_values."is_invoice", old_values."key", old_values."kind", old_values."occurred_on", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."po_number", old_values."to_be_billed_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='47419c11dc7323c1ad4b13247bb8c69a3807f833', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_57970', referencing='REFERENCING OLD TABLE AS old_values ', table='charges_billableevent', when='AFTER'))],
                'constraints': [models.CheckConstraint(condition=models.Q(('is_invoice', False), models.Q(('customer__isnull', False), ('kind', 'sale'), ('to_be_billed_on__isnull', False)), _connector='OR'), name='invoice_is_a_sale_to_somebody')],
            },
        ),
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
                ('paid_by', models.CharField(blank=True, choices=[('direct', 'Direct'), ('dealer', 'Dealer')], db_default='', default='', help_text='Whose account is invoiced, in legacy customer mode; empty: as the master charge says', max_length=6)),
            ],
            options={
                'ordering': ['key'],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_chargeevent" ("charge_period_id", "client_id", "customer_id", "description", "ends_before", "escalation_id", "id", "key", "master_charge_id", "opening_billed_to", "paid_by", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "po_number", "quantity", "starts_on", "tax_category_id", "unit_price", "while_commissioned") SELECT new_values."charge_period_id", new_values."client_id", new_values."customer_id", new_values."description", new_values."ends_before", new_values."escalation_id", new_values."id", new_values."key", new_values."master_charge_id", new_values."opening_billed_to", new_values."paid_by", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."po_number", new_values."quantity", new_values."starts_on", new_values."tax_category_id", new_values."unit_price", new_values."while_commissioned" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e9039bc327a24cf37743be47afd9eaa7f39a3529', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_8811b', referencing='REFERENCING NEW TABLE AS new_values ', table='charges_charge', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_chargeevent" ("charge_period_id", "client_id", "customer_id", "description", "ends_before", "escalation_id", "id", "key", "master_charge_id", "opening_billed_to", "paid_by", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "po_number", "quantity", "starts_on", "tax_category_id", "unit_price", "while_commissioned") SELECT new_values."charge_period_id", new_values."client_id", new_values."customer_id", new_values."description", new_values."ends_before", new_values."escalation_id", new_values."id", new_values."key", new_values."master_charge_id", new_values."opening_billed_to", new_values."paid_by", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."po_number", new_values."quantity", new_values."starts_on", new_values."tax_category_id", new_values."unit_price", new_values."while_commissioned" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='215660602a5ca474a9f01a325a2bc8f79f0a72a4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_727c4', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='charges_charge', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_chargeevent" ("charge_period_id", "client_id", "customer_id", "description", "ends_before", "escalation_id", "id", "key", "master_charge_id", "opening_billed_to", "paid_by", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "po_number", "quantity", "starts_on", "tax_category_id", "unit_price", "while_commissioned") SELECT old_values."charge_period_id", old_values."client_id", old_values."customer_id", old_values."description", old_values."ends_before", old_values."escalation_id", old_values."id", old_values."key", old_values."master_charge_id", old_values."opening_billed_to", old_values."paid_by", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."po_number", old_values."quantity", old_values."starts_on", old_values."tax_category_id", old_values."unit_price", old_values."while_commissioned" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='ded9d969fecf20664c46c3085e1083c1baf08eef', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_25706', referencing='REFERENCING OLD TABLE AS old_values ', table='charges_charge', when='AFTER'))],
                'indexes': [models.Index(fields=['starts_on', 'id'], name='charge_by_start'), models.Index(condition=models.Q(('ends_before__isnull', False)), fields=['ends_before'], name='charge_that_ends'), models.Index(condition=models.Q(('unit_price__isnull', False)), fields=['id'], name='charge_with_own_price'), models.Index(condition=models.Q(('while_commissioned', True)), fields=['id'], name='charge_while_commissioned')],
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
                ('is_invoice', models.BooleanField(db_default=False, default=False, help_text='A sales invoice by itself: no run bills it')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='03648e0b48bd7f4e9a4d59bbaf3d1e245d9b3dff', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_20320', table='charges_billableeventevent', when='BEFORE'))],
                'indexes': [models.Index(fields=['pgh_created_at'], name='charges_bil_pgh_cre_72c00f_idx'), models.Index(fields=['key'], name='trail_billableevent_key', opclasses=['varchar_pattern_ops'])],
            },
        ),
        migrations.CreateModel(
            name='ChargeAndPayer',
            fields=[
                ('charge', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='who_pays', serialize=False, to='charges.charge')),
                ('by_dealer', models.BooleanField()),
                ('paid_by', models.CharField(max_length=6, null=True)),
            ],
            options={
                'db_table': 'charges_charge_and_payer',
                'managed': False,
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
                ('paid_by', models.CharField(blank=True, choices=[('direct', 'Direct'), ('dealer', 'Dealer')], db_default='', default='', help_text='Whose account is invoiced, in legacy customer mode; empty: as the master charge says', max_length=6)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f5e71fe9ad8bc354ae8d96a81729b4f7c8f6f961', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_bf4e8', table='charges_chargeevent', when='BEFORE'))],
                'indexes': [models.Index(fields=['pgh_created_at'], name='charges_cha_pgh_cre_a632cc_idx'), models.Index(fields=['key'], name='trail_charge_key', opclasses=['varchar_pattern_ops'])],
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
            name='ChargeWhoPays',
            fields=[
                ('charge', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='who_pays', serialize=False, to='charges.charge')),
                ('by_dealer', models.BooleanField()),
                ('paid_by', models.CharField(max_length=6, null=True)),
            ],
            options={
                'db_table': 'charges_charge_who_pays',
                'managed': False,
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
        # The name of its index is the one that the single steps give it.
        migrations.AlterField(
            model_name='discount',
            name='key',
            field=models.CharField(max_length=80, unique=True),
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
                ('master_charge', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='event_charges', to='catalog.mastercharge')),
                ('tax_category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.taxcategory')),
                ('ledger_code', models.CharField(blank=True, db_default='', default='', help_text='Of free text; else the master charge says', max_length=64)),
            ],
            options={
                'ordering': ['event', 'line_no'],
                'constraints': [models.UniqueConstraint(fields=('event', 'line_no'), name='event_line_once'), models.CheckConstraint(condition=models.Q(('master_charge__isnull', False), models.Q(('tax_category__isnull', False), ('unit_price__isnull', False), models.Q(('description', ''), _negated=True)), _connector='OR'), name='free_text_says_all_itself')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_eventchargeevent" ("description", "event_id", "id", "ledger_code", "line_no", "master_charge_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quantity", "tax_category_id", "unit_price") SELECT new_values."description", new_values."event_id", new_values."id", new_values."ledger_code", new_values."line_no", new_values."master_charge_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."quantity", new_values."tax_category_id", new_values."unit_price" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e0f1beb872e4518c4c56a0b1aa1ea870bcede959', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_c5500', referencing='REFERENCING NEW TABLE AS new_values ', table='charges_eventcharge', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_eventchargeevent" ("description", "event_id", "id", "ledger_code", "line_no", "master_charge_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quantity", "tax_category_id", "unit_price") SELECT new_values."description", new_values."event_id", new_values."id", new_values."ledger_code", new_values."line_no", new_values."master_charge_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."quantity", new_values."tax_category_id", new_values."unit_price" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a1b9bf6e2ea949b0dde8e8dd4d2d8dbd64877d32', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_dbc44', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='charges_eventcharge', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "charges_eventchargeevent" ("description", "event_id", "id", "ledger_code", "line_no", "master_charge_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quantity", "tax_category_id", "unit_price") SELECT old_values."description", old_values."event_id", old_values."id", old_values."ledger_code", old_values."line_no", old_values."master_charge_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."quantity", old_values."tax_category_id", old_values."unit_price" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='ce1e070eb76af536e55d8e920bb0285c5a9190ae', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_9b3ac', referencing='REFERENCING OLD TABLE AS old_values ', table='charges_eventcharge', when='AFTER'))],
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
            name='ChargedEvent',
            fields=[
                ('event_charge', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='charged', serialize=False, to='charges.eventcharge')),
                ('line_id', models.BigIntegerField(unique=True)),
            ],
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
                'indexes': [models.Index(fields=['pgh_created_at'], name='charges_dis_pgh_cre_ab1ef0_idx'), models.Index(fields=['key'], name='trail_discount_key', opclasses=['varchar_pattern_ops'])],
            },
        ),
        migrations.CreateModel(
            name='EventChargeAndPayer',
            fields=[
                ('event_charge', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='who_pays', serialize=False, to='charges.eventcharge')),
                ('by_dealer', models.BooleanField()),
                ('paid_by', models.CharField(max_length=6, null=True)),
            ],
            options={
                'db_table': 'charges_event_charge_and_payer',
                'managed': False,
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
                ('master_charge', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.mastercharge')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='charges.eventcharge')),
                ('tax_category', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.taxcategory')),
                ('ledger_code', models.CharField(blank=True, db_default='', default='', help_text='Of free text; else the master charge says', max_length=64)),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='cf223819905457e80985d284d4c4a08f8872d9c6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_0c7b7', table='charges_eventchargeevent', when='BEFORE'))],
                'indexes': [models.Index(fields=['pgh_created_at'], name='charges_eve_pgh_cre_5ebb50_idx')],
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
                'indexes': [models.Index(fields=['pgh_created_at'], name='charges_met_pgh_cre_d19993_idx'), models.Index(fields=['key'], name='trail_meter_key', opclasses=['varchar_pattern_ops'])],
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
                'indexes': [models.Index(fields=['pgh_created_at'], name='charges_pas_pgh_cre_beb224_idx')],
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
                'indexes': [models.Index(fields=['pgh_created_at'], name='charges_pri_pgh_cre_9c3637_idx')],
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
                'indexes': [models.Index(fields=['pgh_created_at'], name='charges_rea_pgh_cre_5127d0_idx')],
            },
        ),
        migrations.RunSQL(
            CHARGES + EVENTS + ONE_CHARGE,
            "DROP VIEW charges_charge_who_pays, charges_event_charge_and_payer, charges_charge_and_payer",
        ),
    ]
