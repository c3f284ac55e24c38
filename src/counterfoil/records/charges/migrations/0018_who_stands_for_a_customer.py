"""Clients that sales invoices made for a customer itself are marked as such.

Only those that nobody has used otherwise: without charges, other events, a dealer or a commissioning. They follow their
customer from now on, in name and place, too.
"""

from django.db import migrations

MARK = """
UPDATE parties_client AS client
SET own_of_customer_id = customer.id, name = customer.name, branch_id = customer.branch_id, address = customer.address,
    postcode = customer.postcode, city = customer.city
FROM parties_billingcustomer AS customer
WHERE customer.id = client.customer_id AND customer.account = client.code AND client.dealer_id IS NULL
  AND client.commissioned_on IS NULL AND client.decommissioned_on IS NULL
  AND NOT EXISTS (SELECT FROM parties_pastcommissioning AS past WHERE past.client_id = client.id)
  AND NOT EXISTS (SELECT FROM charges_charge AS charge WHERE charge.client_id = client.id)
  AND EXISTS (SELECT FROM charges_billableevent AS sale WHERE sale.client_id = client.id AND sale.is_invoice)
  AND NOT EXISTS (SELECT FROM charges_billableevent AS event WHERE event.client_id = client.id AND NOT event.is_invoice)
"""


class Migration(migrations.Migration):
    dependencies = [("charges", "0017_ledger_code_of_free_text"), ("parties", "0012_own_clients")]

    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]
