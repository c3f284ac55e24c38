"""A run: what it stores, that it stores it once, and that a preview says the same."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection

from counterfoil.flows.billing.preview import preview
from counterfoil.flows.billing.run import bill_and_store_shard, open_run, resume
from counterfoil.flows.editing import store
from counterfoil.records.billing.actions import RunNotGenerating
from counterfoil.records.billing.models import BillingException, Invoice, InvoiceLine, RunShard, RunStatus
from counterfoil.records.charges.models import Charge, ChargeSpan
from tests import build
from tests.build import JUNE

pytestmark = pytest.mark.django_db(transaction=True)

LINE = ["charge__key", "period_start", "period_end", "fraction_num", "fraction_den", "net_minor", "tax_minor"]


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def test_a_month_in_advance_is_billed_taxed_and_totalled() -> None:
    """Rules 2.3, 5.2 and 12.5."""
    charge = build.charge()
    run = build.run()
    assert run.status == RunStatus.IN_REVIEW
    # 30.00, tax 30.00 × 23 % = 6.90
    assert list(InvoiceLine.objects.values_list(*LINE)) == [
        (charge.key, JUNE, date(2026, 7, 1), 1, 1, 3000, 690)
    ]
    total = run.totals.get()
    assert (total.currency, total.documents, total.lines) == ("EUR", 1, 1)
    assert (total.net_minor, total.tax_minor, total.gross_minor) == (3000, 690, 3690)


def test_a_start_in_mid_period_is_prorated_by_days() -> None:
    """Rule 3: 30.00 × 16/30 = 16.00, served 15 to 30 June."""
    build.charge(starts_on=date(2026, 6, 15))
    build.run(cutoff=date(2026, 6, 15))
    line = InvoiceLine.objects.get()
    assert (line.period_start, line.fraction_num, line.fraction_den, line.net_minor) == (
        date(2026, 6, 15),
        8,
        15,
        1600,
    )


def test_running_again_bills_nothing() -> None:
    """Rule 12.2."""
    build.charge()
    build.run()
    again = build.run()
    assert (again.status, again.totals.count()) == (RunStatus.IN_REVIEW, 0)
    assert Invoice.objects.count() == 1


def test_the_next_month_begins_where_the_span_ends() -> None:
    """Rule 2.5."""
    charge = build.charge()
    build.run()
    build.run(cutoff=date(2026, 7, 1))
    periods = InvoiceLine.objects.order_by("period_start").values_list("period_start", "period_end")
    assert list(periods) == [(JUNE, date(2026, 7, 1)), (date(2026, 7, 1), date(2026, 8, 1))]
    span = ChargeSpan.objects.get(charge=charge)
    assert (span.billed_from, span.billed_to) == (JUNE, date(2026, 8, 1))


def test_days_added_on_either_side_are_owed() -> None:
    """Rules 2.5 and 3.4: billed 10–19 June; with 1–9 and 20–30 June the month costs 30.00, no cent more."""
    charge = build.charge(starts_on=date(2026, 6, 10), ends_before=date(2026, 6, 20))
    build.run(cutoff=date(2026, 6, 30))
    Charge.objects.filter(pk=charge.pk).update(starts_on=JUNE, ends_before=None)
    build.run(cutoff=date(2026, 6, 30))
    lines = InvoiceLine.objects.order_by("period_start").values_list("period_start", "net_minor")
    # 9/30, 10/30 and 11/30 of 30.00
    assert list(lines) == [(JUNE, 900), (date(2026, 6, 10), 1000), (date(2026, 6, 20), 1100)]


def test_days_before_the_span_wait_until_all_of_them_are_due() -> None:
    """Rule 2.5: stored in part they would carry the span over days that nobody billed."""
    charge = build.charge()
    build.run()
    Charge.objects.filter(pk=charge.pk).update(starts_on=date(2026, 1, 1))
    assert build.run(cutoff=date(2026, 3, 1)).totals.count() == 0
    assert build.run(cutoff=date(2026, 5, 1)).totals.get().net_minor == 5 * 3000
    assert ChargeSpan.objects.get().billed_from == date(2026, 1, 1)


def test_a_whole_period_is_not_billed_again_when_service_moves_within_it() -> None:
    """Rule 3.4: June is billed whole for its first half; served again from the 20th it costs no more."""
    whole = build.master(charge_period=build.monthly(part_charging="whole"))
    charge = build.charge(master_charge=whole, ends_before=date(2026, 6, 16))
    build.run()
    Charge.objects.filter(pk=charge.pk).update(starts_on=date(2026, 6, 20), ends_before=None)
    assert build.run(cutoff=date(2026, 6, 30)).totals.count() == 0


def test_a_charge_moved_before_what_is_billed_is_an_exception() -> None:
    """Its earlier days cannot join the span; nothing is billed or lost silently."""
    charge = build.charge()
    build.run()
    Charge.objects.filter(pk=charge.pk).update(starts_on=date(2026, 1, 1), ends_before=date(2026, 2, 1))
    assert build.run().exceptions.get().code == "service_before_billed"


def test_an_opening_span_is_not_billed_again() -> None:
    """Rule 2.7: what the system used before has billed is left alone."""
    build.charge(starts_on=date(2020, 1, 1), opening_billed_to=JUNE)
    build.run()
    assert list(InvoiceLine.objects.values_list("period_start", flat=True)) == [JUNE]


def test_one_bad_charge_does_not_stop_the_others() -> None:
    """Rule 12.3: each becomes an exception with its reason and remedy; the sound one is billed."""
    sound = build.charge()
    build.charge(master_charge=build.master(unit_price=None))
    build.charge(client=build.client(customer=None))
    build.charge(client=build.client(customer=build.customer(currency="USD")))
    build.charge(client=build.client(customer=build.customer(is_active=False)))
    build.charge(ends_before=JUNE)
    build.charge(master_charge=build.master(tax_category=None))
    build.charge(quantity=10**9, unit_price=10**12)
    build.charge(starts_on=date(1016, 1, 1))
    run = build.run()
    assert sorted(run.exceptions.values_list("code", flat=True)) == [
        "amount_overflow",
        "currency_mismatch",
        "customer_inactive",
        "date_out_of_range",
        "end_not_after_start",
        "no_customer",
        "no_price",
        "unknown_tax_rate",
    ]
    assert all(one.message and one.remedy for one in run.exceptions.all())
    assert list(InvoiceLine.objects.values_list("charge__key", flat=True)) == [sound.key]


def test_the_opening_span_of_an_unbilled_charge_follows_its_start() -> None:
    """Everything before the opening is billed, also days before a start that is corrected; a billed span stays."""
    charge = build.charge(starts_on=date(2026, 5, 1), opening_billed_to=JUNE)
    charge.starts_on = date(2026, 3, 1)
    store(charge, fields=["starts_on"])
    assert list(ChargeSpan.objects.values_list("billed_from", "billed_to")) == [(date(2026, 3, 1), JUNE)]
    assert build.run().totals.get().net_minor == 3000
    charge.starts_on = date(2026, 2, 1)
    store(charge, fields=["starts_on"])
    assert ChargeSpan.objects.get().billed_from == date(2026, 3, 1)


def test_more_past_periods_than_allowed_wait_for_confirmation() -> None:
    """Rule 2.7: March, April and May are past; two are allowed."""
    build.charge(starts_on=date(2026, 3, 1))
    run = build.run(past_periods_allowed=2)
    assert run.exceptions.get().code == "too_many_past_periods"
    confirmed = build.run(past_periods_allowed=3)
    assert confirmed.totals.get().lines == 4


def test_a_preview_is_what_the_run_then_stores() -> None:
    """Rule 12.1: the same lines and exceptions, and no row written before."""
    for day in (1, 7, 19):
        build.charge(starts_on=date(2026, 5, day))
    build.charge(master_charge=build.master(unit_price=None))
    seen = preview(build.request())
    assert (Invoice.objects.count(), BillingException.objects.count()) == (0, 0)
    run = build.run()
    shown = seen.lines.select("charge_id", "period_start", "net_minor", "tax_minor").rows()
    stored = InvoiceLine.objects.values_list("charge_id", "period_start", "net_minor", "tax_minor")
    assert sorted(shown) == sorted(stored)
    assert seen.findings.get_column("message").to_list() == [one.message for one in run.exceptions.all()]
    assert [total.gross_minor for total in seen.totals()] == [run.totals.get().gross_minor]


def test_a_preview_too_large_for_memory_shows_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for day in (1, 7, 19):
        build.charge(starts_on=date(2026, 5, day))
    in_memory = preview(build.request(), shard_charges=1)
    monkeypatch.setattr("counterfoil.flows.billing.preview.LINES_IN_MEMORY", 1)
    in_files = preview(build.request(), shard_charges=1)
    assert in_files.lines.height == 6
    assert in_files.lines.equals(in_memory.lines)
    assert in_files.invoices.equals(in_memory.invoices)
    assert in_files.totals() == in_memory.totals()


def test_a_shard_is_stored_once_however_often_it_is_done() -> None:
    """A rescued job and the one thought dead: the second finds it done."""
    build.charge()
    run = open_run(build.request(), by=None, now=build.NOW)
    for _ in range(2):
        bill_and_store_shard(run.pk, run.shards.get().number, snapshot=None, now=build.now)
    assert Invoice.objects.count() == 1
    assert resume(run, now=build.now).status == RunStatus.IN_REVIEW
    with pytest.raises(RunNotGenerating):
        resume(run, now=build.now)


def test_of_two_runs_over_the_same_days_the_second_shows_nothing() -> None:
    """Rule 12.7: it was rated on data of before; the span had moved, so it is rated again."""
    build.charge()
    late = open_run(build.request(), by=None, now=build.NOW)
    build.run()
    assert resume(late, now=build.now).totals.count() == 0
    assert InvoiceLine.objects.count() == 1


def test_many_shards_give_what_one_gives() -> None:
    """Customers are never split, and totals are of all shards."""
    payer = build.customer()
    for _ in range(3):
        build.charge(client=build.client(customer=payer))
    for _ in range(4):
        build.charge()
    run = open_run(build.request(), by=None, now=build.NOW, shard_charges=2)
    assert RunShard.objects.filter(run=run).count() > 2
    total = resume(run, now=build.now).totals.get()
    assert (total.documents, total.lines, total.net_minor) == (5, 7, 7 * 3000)


def test_the_database_refuses_to_change_or_delete_what_was_generated() -> None:
    """Generated lines and invoices are insert-only, and what they refer to stays."""
    build.charge()
    build.run()
    for statement in (
        "UPDATE billing_invoiceline SET net_minor = 0",
        "DELETE FROM billing_invoice",
        "DELETE FROM billing_run",
        "DELETE FROM catalog_taxcategory",
    ):
        with pytest.raises(Exception, match=r"Cannot|kept"), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_line_of_no_invoice_is_refused() -> None:
    """The hot tables' references are checked a statement at a time."""
    build.charge()
    build.run()
    copied = """
        INSERT INTO billing_invoice (id, run_id, shard, customer_id, branch_id, document_type, currency,
                                     invoice_date, line_count, net_minor, tax_minor, gross_minor)
        SELECT id + 1000, 999, shard, customer_id, branch_id, document_type, currency,
               invoice_date, line_count, net_minor, tax_minor, gross_minor
        FROM billing_invoice
    """
    with pytest.raises(IntegrityError, match="billing_run"), connection.cursor() as cursor:
        cursor.execute(copied)
