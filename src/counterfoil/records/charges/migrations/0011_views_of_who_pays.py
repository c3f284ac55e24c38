"""The views that say who pays know both customer modes, and whether it is the dealer."""

from django.db import migrations

CHARGE = """
       charge.client_id, charge.master_charge_id, charge.starts_on, charge.ends_before, charge.quantity,
       charge.unit_price, charge.description, charge.charge_period_id, charge.tax_category_id,
       charge.while_commissioned, charge.escalation_id, charge.po_number, charge.opening_billed_to,
       client.dealer_id, client.branch_id AS client_branch_id, client.commissioned_on, client.decommissioned_on
FROM charges_charge AS charge
JOIN parties_client AS client ON client.id = charge.client_id"""
DEALER = "LEFT JOIN parties_dealer AS dealer ON dealer.id = client.dealer_id"
MASTER = "JOIN catalog_mastercharge AS master ON master.id = charge.master_charge_id"
MODE = "(SELECT customer_mode FROM organisation_organisation)"
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

BEFORE = """
CREATE VIEW charges_charge_and_payer AS
SELECT charge.id AS charge_id, COALESCE(charge.customer_id, client.customer_id) AS payer_id, charge.client_id,
       charge.master_charge_id, charge.starts_on, charge.ends_before, charge.quantity, charge.unit_price,
       charge.description, charge.charge_period_id, charge.tax_category_id, charge.while_commissioned,
       charge.escalation_id, charge.po_number, charge.opening_billed_to,
       client.dealer_id, client.branch_id AS client_branch_id, client.commissioned_on, client.decommissioned_on
FROM charges_charge AS charge
JOIN parties_client AS client ON client.id = charge.client_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("charges", "0010_who_pays_in_either_mode"),
        ("catalog", "0005_who_pays_a_master_charge"),
        ("organisation", "0011_customer_modes"),
    ]

    operations = [
        migrations.RunSQL(
            f"DROP VIEW charges_charge_and_payer; {CHARGES} {EVENTS}",
            f"DROP VIEW charges_event_charge_and_payer; DROP VIEW charges_charge_and_payer; {BEFORE}",
        )
    ]
