"""Check finds what is broken: every corruption is planted in a sound database, behind the guards' back."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection, transaction

from counterfoil.flows.billing import issue, review
from counterfoil.flows.checking import INVARIANTS, SEALS, Breach, check, check_what_is_seen
from counterfoil.records.billing.actions import create_definitions
from counterfoil.records.billing.models import BatchDefinition, DocumentSeries, Invoice, InvoiceLine, Run
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.charges.models import BillableEvent, EventCharge
from counterfoil.records.parties.models import Client
from tests import build
from tests.build import NOW

pytestmark = pytest.mark.django_db(transaction=True)

GUARDED = ("billing_invoice", "billing_invoiceline", "billing_documentnumber")

# A billing of the first invoice's customer and amount; braces that remain are filled in later.
PLANTED_BILLING = (
    "INSERT INTO billing_consolidatedbilling (seq, revision, number, customer_id, branch_id, currency, billing_date,"
    " due_on, po_number, description, member_count, tax_minor, gross_minor, created_at)"
    " SELECT 7, {revision}, '{number}', customer_id, branch_id, currency, invoice_date, invoice_date, '', '', 1,"
    " tax_minor, gross_minor, now() FROM billing_invoice WHERE id = {{invoice1}}"
)
PLANTED_MEMBER = (
    "INSERT INTO billing_billingmember (billing_id, invoice_id, position, kind, was_locked, is_live)"
    " SELECT id, {invoice1}, 1, 'sales', false, false FROM billing_consolidatedbilling"
)

# What is planted, and which invariants then do not hold, with the documents that are named; no others do not.
# In the statements and the names {invoice1} is the first issued invoice, {line1} its first line, {number1} its number.
CORRUPTIONS = {
    "a day is billed twice": (
        "UPDATE billing_invoiceline SET period_start = '2026-05-31', grid_start = '2026-05-01' WHERE id = {line2}",
        {"no_day_billed_twice": "charge A, invoice {invoice1}, invoice {invoice1}"},
    ),
    "a line is stored twice": (
        'INSERT INTO billing_invoiceline SELECT (jsonb_populate_record(line, \'{{"id": 900000, "line_no": 99}}\')).*'
        " FROM billing_invoiceline AS line WHERE id = {line1}",
        {
            "no_day_billed_twice": "charge A, invoice {invoice1}, invoice {invoice1}",
            "lines_sum_to_their_invoice": "invoice {number1}",
        },
    ),
    "a span is moved": (
        "UPDATE charges_chargespan SET billed_to = billed_to + 1 WHERE charge_id = {charge1}",
        {"spans_are_what_is_billed": "charge A"},
    ),
    "a span begins too late": (
        "UPDATE charges_chargespan SET billed_from = billed_from + 1 WHERE charge_id = {charge1}",
        {"spans_are_what_is_billed": "charge A"},
    ),
    "a span is lost": (
        "DELETE FROM charges_chargespan WHERE charge_id = {charge1}",
        {"spans_are_what_is_billed": "charge A"},
    ),
    "a line and its invoice cost 0.01 more": (
        "WITH changed AS (UPDATE billing_invoiceline SET net_minor = net_minor + 1 WHERE id = {line1})"
        " UPDATE billing_invoice SET net_minor = net_minor + 1, gross_minor = gross_minor + 1 WHERE id = {invoice1}",
        {
            "lines_are_price_times_share": "invoice {number1}",
            "control_totals_are_equal": "run {run}",
            "issued_sums_are_true": "run {run}",
        },
    ),
    "a total is off by 0.01": (
        "UPDATE billing_invoice SET net_minor = net_minor + 1, gross_minor = gross_minor + 1 WHERE id = {invoice1}",
        {
            "lines_sum_to_their_invoice": "invoice {number1}",
            "control_totals_are_equal": "run {run}",
            "issued_sums_are_true": "run {run}",
        },
    ),
    "the tax of a group is off": (
        "WITH changed AS (UPDATE billing_invoiceline SET tax_minor = tax_minor + 1 WHERE id = {line1})"
        " UPDATE billing_invoice SET tax_minor = tax_minor + 1, gross_minor = gross_minor + 1 WHERE id = {invoice1}",
        {
            "tax_is_that_of_its_groups": "invoice {number1}",
            "control_totals_are_equal": "run {run}",
            "issued_sums_are_true": "run {run}",
        },
    ),
    "a number is missing": (
        "DELETE FROM billing_documentnumber WHERE invoice_id = {invoice1}",
        {"numbers_have_no_gap": "series {series} (main contract 2026)", "issued_sums_are_true": "run {run}"},
    ),
    "a number is given twice": (
        "ALTER TABLE billing_documentnumber DROP CONSTRAINT number_once_a_series;"
        " UPDATE billing_documentnumber SET seq = 2 WHERE invoice_id = {invoice1}",
        {"numbers_have_no_gap": "series {series} (main contract 2026)"},
    ),
    "a series counts on by itself": (
        "UPDATE billing_documentseries SET next_seq = next_seq + 1",
        {"numbers_have_no_gap": "series {series} (main contract 2026)"},
    ),
    "a document is due before its date": (
        "UPDATE billing_documentnumber SET due_on = '2026-05-31' WHERE invoice_id = {invoice1}",
        {"numbers_fit_their_series": "invoice {number1}"},
    ),
    "an issue date is out of order": (
        "UPDATE billing_invoice SET invoice_date = '2026-05-31' WHERE id = {invoice3}",
        {"issue_dates_follow_numbers": "invoice INV-2026-000003"},
    ),
    "an issued document changes hands": (
        "UPDATE billing_invoice SET customer_id = 900000 WHERE id = {invoice1}",
        {"references_exist": "invoice {invoice1}"},
    ),
    "control totals are changed": (
        "UPDATE billing_runtotal SET documents = documents + 1",
        {"control_totals_are_equal": "run {run}"},
    ),
    "an excluded draft has a number": (
        "INSERT INTO billing_documentnumber (invoice_id, series_id, seq, number, due_on, issued_at)"
        " SELECT {excluded}, series_id, 4, 'INV-2026-000004', due_on, issued_at"
        " FROM billing_documentnumber WHERE invoice_id = {invoice1};"
        " UPDATE billing_documentseries SET next_seq = next_seq + 1",
        {"set_aside_has_no_number": "invoice INV-2026-000004", "issued_sums_are_true": "run {run}"},
    ),
    "a held draft has a number": (
        "INSERT INTO billing_invoicehold (invoice_id, reason, held_at) VALUES ({invoice1}, 'planted', now())",
        {"set_aside_has_no_number": "invoice {number1}"},
    ),
    "kept sums are off by 0.01": (
        "UPDATE billing_issuedrevenue SET net_minor = net_minor + 1"
        " WHERE id = (SELECT min(id) FROM billing_issuedrevenue)",
        {"issued_sums_are_true": "run {run}"},
    ),
    "a delivery is missing": (
        "DELETE FROM deliveries_delivery WHERE invoice_id = {invoice1} AND channel = 'csv'",
        {"issued_is_on_its_way": "invoice {number1}"},
    ),
    "a line of no invoice": (
        "UPDATE billing_invoiceline SET client_id = 900000 WHERE id = {line1}",
        {"references_exist": "line {line1} of invoice {invoice1}"},
    ),
    "an event is marked as billed by nothing": (
        "INSERT INTO charges_chargedevent (event_charge_id, line_id) VALUES ({event}, {line1})",
        {"events_are_marked_by_their_lines": "event charge {event}"},
    ),
    "an event is billed without a mark": (
        "UPDATE billing_invoiceline SET event_charge_id = {event}, kind = 'event' WHERE id = {line1}",
        {
            "events_are_marked_by_their_lines": "event charge {event}, invoice {invoice1}",
        },
    ),
    "a credit is more than its line": (
        "UPDATE billing_invoiceline SET kind = 'credit', refers_to_id = {line1}, net_minor = -net_minor * 2"
        " WHERE id = {line3}",
        {
            "credits_leave_no_less_than_nothing": "invoice {number2}, invoice {invoice1}",
            "lines_sum_to_their_invoice": "invoice {number2}",
            "tax_is_that_of_its_groups": "invoice {number2}",
        },
    ),
    "a credit note gives back more tax than was charged": (
        "UPDATE billing_invoiceline SET kind = 'credit', refers_to_id = id - {line5} + {line1},"
        " net_minor = -net_minor, tax_minor = -tax_minor - 1 WHERE id IN ({line5}, {line6});"
        " UPDATE billing_invoice SET credits_id = {invoice1}, net_minor = -net_minor, tax_minor = -tax_minor - 2,"
        " gross_minor = -gross_minor - 2 WHERE id = {invoice3}",
        {
            "credited_tax_is_that_of_its_group": "invoice INV-2026-000003, invoice {invoice1}",
            "control_totals_are_equal": "run {run}",
            "issued_sums_are_true": "run {run}",
            "spans_are_what_is_billed": "charge C",
        },
    ),
    "an account has two owners": (
        "UPDATE organisation_organisation SET customer_mode = 'legacy';"
        " UPDATE parties_client SET customer_id = (SELECT min(customer_id) FROM parties_client);"
        " UPDATE parties_billingcustomer SET account = 'SHARED'"
        " WHERE id = (SELECT min(customer_id) FROM parties_client)",
        {"accounts_have_one_owner": "account SHARED"},
    ),
    "what stands for a customer itself is called otherwise": (
        "INSERT INTO parties_client (code, name, address, postcode, city, branch_id, customer_id, own_of_customer_id)"
        " SELECT 'OWN', 'Another', '', '', '', branch_id, id, id FROM parties_billingcustomer ORDER BY id LIMIT 1",
        {"own_clients_follow_their_owner": "client OWN"},
    ),
    "a billing holds nothing": (
        PLANTED_BILLING.format(number="B7-0", revision=0),
        {"billings_sum_to_their_members": "billing B7-0"},
    ),
    "a revision of a billing is missing": (
        PLANTED_BILLING.format(number="B7-1", revision=1),
        {"billings_sum_to_their_members": "billing B7-1", "billings_have_one_live_revision": "billing B7"},
    ),
    "a live billing lost what it holds": (
        ";".join((PLANTED_BILLING.format(number="B7-0", revision=0), PLANTED_MEMBER)),
        {
            "billings_hold_each_invoice_once": "billing B7-0",
            "billings_sum_to_their_members": "billing B7-0",  # it is a contract invoice besides
        },
    ),
    "what is due was moved for no billing": (
        "INSERT INTO billing_issueddue (due_on, branch_id, currency, gross_minor, documents)"
        " SELECT invoice_date, branch_id, currency, 1, 1 FROM billing_invoice WHERE id = {invoice1}",
        {"issued_sums_are_true": "due 2026-06-01"},
    ),
    "a contract invoice waits for a billing": (
        "INSERT INTO billing_queuedinvoice (invoice_id, customer_id, branch_id, currency, kind, invoice_date,"
        " due_on, tax_minor, gross_minor, is_locked) SELECT id, customer_id, branch_id, currency, 'sales',"
        " invoice_date, invoice_date, tax_minor, gross_minor, false FROM billing_invoice WHERE id = {invoice1}",
        {"what_waits_is_issued": "invoice {number1}"},
    ),
}


@pytest.fixture
def names() -> dict[str, object]:
    """Store a company with three invoices issued, one excluded and one held; return what the corruptions name."""
    build.organisation()
    for key in "ABCDE":
        build.charge(key=key, starts_on=date(2026, 5, 12))
    run = build.run()
    drafts = list(Invoice.objects.filter(run=run).order_by("pk"))
    review.exclude([drafts[3].pk], reason="wrong", by=None, now=NOW)
    review.hold([drafts[4].pk], reason="asked", by=None, now=NOW)
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=build.JUNE, now=build.now)
    event = BillableEvent.objects.create(
        key="E1", kind="sale", client=Client.objects.all()[0], occurred_on=build.JUNE
    )
    billed = EventCharge.objects.create(event=event, master_charge=MasterCharge.objects.all()[0])
    return _names(run, drafts, event=billed.pk)


def _names(run: Run, drafts: list[Invoice], *, event: int) -> dict[str, object]:
    lines = list(InvoiceLine.objects.filter(invoice__in=drafts).order_by("invoice_id", "line_no"))
    series = DocumentSeries.objects.get()
    return {
        "run": run.pk,
        "series": series.pk,
        "event": event,
        "invoice1": drafts[0].pk,
        "invoice3": drafts[2].pk,
        "excluded": drafts[3].pk,
        "charge1": lines[0].charge_id,
        "line1": lines[0].pk,
        "line2": lines[1].pk,
        "line3": lines[2].pk,
        "line5": lines[4].pk,
        "line6": lines[5].pk,
        "number1": "INV-2026-000001",
        "number2": "INV-2026-000002",
    }


def _found_after(statements: str) -> list[Breach]:
    """Run *statements* while the guards look away, return what check finds, and take them back."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements.split(";"):
            cursor.execute(statement)
            assert cursor.rowcount != 0
        found = list(check_what_is_seen().violations)
        transaction.set_rollback(True)
    return found


def test_each_planted_corruption_is_found_and_named_and_nothing_else(names: dict[str, object]) -> None:
    assert check().violations == []
    for corruption, (statements, expected) in CORRUPTIONS.items():
        found = _found_after(statements.format_map(names))
        named = {breach.invariant: breach.documents for breach in found}
        assert named == {name: who.format_map(names) for name, who in expected.items()}, corruption
        assert len(found) == len(named), f"{corruption}: {found}"
    assert check().violations == []


def test_every_invariant_has_a_corruption_that_breaks_it() -> None:
    broken = {invariant for _statements, expected in CORRUPTIONS.values() for invariant in expected}
    assert broken | set(SEALS) == set(INVARIANTS)  # those of seals are planted in test_sealing.py


def test_many_breaches_of_one_invariant_are_summed_up(
    names: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("counterfoil.flows.checking.MOST_SHOWN", 2)
    found = _found_after("UPDATE charges_chargespan SET billed_to = billed_to + 1")
    assert [breach.message for breach in found][2:] == ["and 2 more like these"]  # 4 of 5 charges have spans


def test_charges_that_no_definition_selects_are_warnings() -> None:
    build.organisation()
    build.charge(key="A")
    create_definitions([BatchDefinition(name="direct", title="Direct", kinds=["service"], payer="direct")])
    assert check().warnings == []
    BatchDefinition.objects.update(is_active=False)
    assert [(one.invariant, one.documents) for one in check().warnings] == [
        ("every_charge_is_selected", "charge A")
    ]


def test_days_that_no_line_bills_are_warnings() -> None:
    build.organisation()
    create_definitions([BatchDefinition(name="all", title="All", kinds=["service"])])
    paused = build.charge(key="A", starts_on=date(2026, 5, 1), opening_billed_to=date(2026, 5, 20))
    build.run()
    assert check().warnings == []
    type(paused).objects.update(opening_billed_to=date(2026, 5, 17))
    checked = check()
    assert checked.violations == []
    assert [(one.documents, one.message) for one in checked.warnings] == [
        ("charge A", "no line bills the days from 2026-05-17 to before 2026-05-20")
    ]
