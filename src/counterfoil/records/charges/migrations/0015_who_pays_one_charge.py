"""A second view of who pays: of one charge at a time, by its key.

The first is in parts, so that a range of payers is found by an index in each; joined to a list of charges it would be
worked out for all charges there are.
"""

from django.db import migrations, models

WHO_PAYS = """
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
    dependencies = [("charges", "0014_trails_by_name"), ("catalog", "0005_who_pays_a_master_charge")]

    operations = [
        migrations.RunSQL(WHO_PAYS, "DROP VIEW charges_charge_who_pays"),
        migrations.CreateModel(
            name="ChargeWhoPays",
            fields=[
                (
                    "charge",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=models.DO_NOTHING,
                        primary_key=True,
                        related_name="who_pays",
                        serialize=False,
                        to="charges.charge",
                    ),
                ),
                ("by_dealer", models.BooleanField()),
                ("paid_by", models.CharField(max_length=6, null=True)),
            ],
            options={"db_table": "charges_charge_who_pays", "managed": False},
        ),
    ]
