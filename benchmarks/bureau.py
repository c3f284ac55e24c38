"""A bureau of any size, the same every time: two charges a customer, all due once by the cut-off."""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction

CUTOFF = date(2026, 6, 1)

_FILL = """
INSERT INTO organisation_organisation
    (id, name, legal_name, address, postcode, city, country, tax_id, registration, email, phone, website, bank_name,
     iban, bic, payment_note, footer, accent_color, currency, timezone, language, rounding, payment_terms, four_eyes,
     is_demo)
VALUES (1, 'Bench', '', '', '', '', 'IE', '', '', '', '', '', '', '', '', '', '', '#1f4e79', 'EUR', 'UTC', 'en',
        'half_away', '14 days', FALSE, FALSE);
INSERT INTO organisation_branch (id, organisation_id, code, name, address, postcode, city, email, phone)
VALUES (1, 1, 'main', 'Main', '', '', '', '', '');
INSERT INTO catalog_taxcategory (id, code, name) VALUES (1, 'standard', 'Standard'), (2, 'reduced', 'Reduced');
INSERT INTO catalog_taxrate (category_id, country, rate, valid_from)
VALUES (1, '', 23000000, '2000-01-01'), (2, '', 13500000, '2000-01-01');
INSERT INTO catalog_chargeperiod
    (id, name, count, unit, anchor, billing_day, part_charging, day_count, bill_on, offset_days)
VALUES (1, 'monthly', 1, 'month', '2020-01-01', NULL, 'daily', 'actual', 'advance', 0),
       (2, 'quarterly', 3, 'month', '2020-03-01', NULL, 'daily', 'actual', 'advance', 0),
       (3, 'anniversary', 1, 'month', NULL, NULL, 'daily', 'actual', 'advance', 0);
INSERT INTO catalog_mastercharge
    (id, code, name, kind, ledger_code, currency, unit_price, quantity, unit, tax_category_id, charge_period_id,
     while_commissioned, assignable, is_active)
SELECT n, 'M' || n, 'Monitoring, plan ' || n, 'service', '40' || n, 'EUR', n * 1990000 + 7, 1000000, '',
       1 + n %% 2, 1 + n %% 2, FALSE, TRUE, TRUE
FROM generate_series(1, 20) AS n;
INSERT INTO parties_billingcustomer
    (id, account, name, email, currency, country, address, postcode, city, tax_id, tax_status, payment_terms,
     delivery, language, branch_id, is_active)
SELECT n, 'C' || n, 'Customer ' || n, 'c' || n || '@example.com', 'EUR', 'IE', 'Street ' || n, '', 'Town', '',
       'standard', '', 'email', '', 1, TRUE
FROM generate_series(1, %(customers)s) AS n;
INSERT INTO parties_client
    (id, code, name, address, postcode, city, customer_id, dealer_id, branch_id, commissioned_on, decommissioned_on)
SELECT n, 'S' || n, 'Site ' || n, '', '', '', 1 + (n - 1) %% %(customers)s, NULL, 1, NULL, NULL
FROM generate_series(1, %(clients)s) AS n;
INSERT INTO charges_charge
    (id, key, client_id, master_charge_id, customer_id, starts_on, ends_before, quantity, unit_price, description,
     charge_period_id, tax_category_id, while_commissioned, opening_billed_to)
SELECT n, 'K' || n, 1 + (n - 1) / 2, 1 + n %% 20, NULL,
       CASE WHEN n %% 10 = 3 THEN DATE '2023-06-01' + (n %% 28)::int ELSE DATE '2023-01-01' END,
       CASE WHEN n %% 20 = 7 THEN DATE '2026-06-02' + (n %% 25)::int END,
       CASE WHEN n %% 7 = 0 THEN 2500000 END, CASE WHEN n %% 5 = 0 THEN 12345678 END, '',
       CASE WHEN n %% 10 = 3 THEN 3 END, NULL, NULL, NULL
FROM generate_series(1, %(charges)s) AS n;
INSERT INTO charges_chargespan (charge_id, billed_from, billed_to, starts_in_part, ends_in_part)
SELECT id, starts_on,
       CASE WHEN charge_period_id = 3 THEN (starts_on + INTERVAL '35 months')::date ELSE DATE '2026-06-01' END,
       FALSE, FALSE
FROM charges_charge;
"""


def fill(*, charges: int, customers: int | None = None) -> None:
    """Fill the empty database with *charges* charges of half as many clients and customers, and analyse it.

    *customers*, if given, pay for all the clients in turn: one alone pays for everything.
    """
    clients = (charges + 1) // 2
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FILL, {"charges": charges, "clients": clients, "customers": customers or clients})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
