"""A view says once who pays each charge, and which client it is for."""

from django.db import migrations

WHO_PAYS = """
CREATE VIEW charges_charge_and_payer AS
SELECT charge.id AS charge_id, charge.customer_id AS payer_id, charge.client_id, charge.master_charge_id,
       charge.starts_on, charge.ends_before, charge.quantity, charge.unit_price, charge.description,
       charge.charge_period_id, charge.tax_category_id, charge.while_commissioned, charge.escalation_id,
       charge.po_number, charge.opening_billed_to,
       client.dealer_id, client.branch_id AS client_branch_id, client.commissioned_on, client.decommissioned_on
FROM charges_charge AS charge
JOIN parties_client AS client ON client.id = charge.client_id
WHERE charge.customer_id IS NOT NULL
UNION ALL
SELECT charge.id, client.customer_id, charge.client_id, charge.master_charge_id,
       charge.starts_on, charge.ends_before, charge.quantity, charge.unit_price, charge.description,
       charge.charge_period_id, charge.tax_category_id, charge.while_commissioned, charge.escalation_id,
       charge.po_number, charge.opening_billed_to,
       client.dealer_id, client.branch_id, client.commissioned_on, client.decommissioned_on
FROM charges_charge AS charge
JOIN parties_client AS client ON client.id = charge.client_id
WHERE charge.customer_id IS NULL;

COMMENT ON VIEW charges_charge_and_payer IS
'The charges with who pays them (billing-rules 4.1): the customer given, else the default customer of the client. Two '
'halves, so that a range of payers is found by an index in either.';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("charges", "0006_discounts_have_keys"),
        ("parties", "0002_commissionings"),
    ]

    operations = [migrations.RunSQL(WHO_PAYS, "DROP VIEW charges_charge_and_payer")]
