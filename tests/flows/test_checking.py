"""Check finds what is broken: every corruption is planted in a sound database, behind the guards' back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from counterfoil.flows.checking import INVARIANTS, check
from counterfoil.flows.demo.loading import load_demo

pytestmark = pytest.mark.django_db(transaction=True)

# Words that stand for an id in the statements below.
IDS = {
    "ISSUED": "(SELECT min(invoice_id) FROM billing_documentnumber)",
    "FIRST_LINE": "(SELECT min(line.id) FROM billing_invoiceline AS line"
    " JOIN billing_documentnumber AS number ON number.invoice_id = line.invoice_id)",
}
GUARDED = ("billing_invoice", "billing_invoiceline", "billing_documentnumber")

# What is planted, and the invariant that it breaks; some break others as well.
CORRUPTIONS = [
    (
        "no_day_billed_twice",
        'INSERT INTO billing_invoiceline SELECT (jsonb_populate_record(line, \'{"id": 900000, "line_no": 99}\')).*'
        " FROM billing_invoiceline AS line WHERE id = FIRST_LINE",
    ),
    (
        "spans_are_what_is_billed",
        "UPDATE charges_chargespan SET billed_to = billed_to + 1"
        " WHERE charge_id = (SELECT min(charge_id) FROM billing_invoiceline)",
    ),
    (
        "spans_are_what_is_billed",
        "DELETE FROM charges_chargespan WHERE charge_id = (SELECT min(charge_id) FROM billing_invoiceline)",
    ),
    (
        "lines_sum_to_their_invoice",
        "UPDATE billing_invoice SET net_minor = net_minor + 1, gross_minor = gross_minor + 1 WHERE id = ISSUED",
    ),
    (
        "tax_is_that_of_its_groups",
        "UPDATE billing_invoiceline SET tax_minor = tax_minor + 1 WHERE id = FIRST_LINE",
    ),
    ("numbers_have_no_gap", "DELETE FROM billing_documentnumber WHERE invoice_id = ISSUED"),
    ("numbers_have_no_gap", "UPDATE billing_documentseries SET next_seq = next_seq + 1"),
    (
        "issue_dates_follow_numbers",
        "UPDATE billing_invoice SET invoice_date = '2030-01-01' WHERE id = ISSUED",
    ),
    ("control_totals_are_equal", "UPDATE billing_runtotal SET documents = documents + 1"),
    (
        "set_aside_has_no_number",
        "INSERT INTO billing_invoicehold (invoice_id, reason, held_at) VALUES (ISSUED, 'planted', now())",
    ),
    ("issued_is_on_its_way", "DELETE FROM deliveries_delivery WHERE invoice_id = ISSUED"),
    ("references_exist", "UPDATE billing_invoiceline SET client_id = 900000 WHERE id = FIRST_LINE"),
]


@pytest.fixture(autouse=True)
def _bureau(settings, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings.HOME = tmp_path
    moment = datetime(2026, 6, 17, 9, tzinfo=UTC)
    load_demo(today=date(2026, 6, 17), now=lambda: moment, months=1)


def _plant(statement: str) -> None:
    """Run *statement* while the guards of the insert-only tables look away."""
    for word, query in IDS.items():
        statement = statement.replace(word, query)
    with connection.cursor() as cursor:
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        assert cursor.rowcount > 0
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.mark.parametrize(("invariant", "statement"), CORRUPTIONS)
def test_a_planted_corruption_is_found(invariant: str, statement: str) -> None:
    assert check().violations == []
    _plant(statement)
    assert invariant in {breach.invariant for breach in check().violations}


def test_every_invariant_has_a_corruption_that_breaks_it() -> None:
    assert {invariant for invariant, _statement in CORRUPTIONS} == set(INVARIANTS)


def test_charges_that_no_definition_selects_are_warnings() -> None:
    assert check().warnings == []
    _plant("UPDATE billing_batchdefinition SET is_active = false WHERE name = 'service-dealer'")
    checked = check()
    assert checked.violations == []
    assert {breach.invariant for breach in checked.warnings} == {"every_charge_is_selected"}


def test_days_that_no_line_bills_are_warnings() -> None:
    _plant(
        "UPDATE charges_charge SET opening_billed_to = opening_billed_to - 3 WHERE opening_billed_to = '2026-05-01'"
    )
    assert {breach.invariant for breach in check().warnings} == {"no_day_is_passed_over"}
