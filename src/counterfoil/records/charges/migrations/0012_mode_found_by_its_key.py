"""The views that say who pays find the customer mode by a key.

A shard is read with reading whole tables made dear, which the one row of the organisation was read as: beside such a
cost all ways of joining looked alike to the planner, and it took any of them.
"""

from importlib import import_module

from django.db import migrations

before = import_module("counterfoil.records.charges.migrations.0011_views_of_who_pays")
BY_KEY = "(SELECT customer_mode FROM organisation_organisation WHERE id = 1)"
VIEWS = f"{before.CHARGES} {before.EVENTS}".replace("CREATE VIEW", "CREATE OR REPLACE VIEW")


class Migration(migrations.Migration):
    dependencies = [("charges", "0011_views_of_who_pays")]

    operations = [migrations.RunSQL(VIEWS.replace(before.MODE, BY_KEY), VIEWS)]
