"""Credit notes as a run: what follows the dates of charges is credited, and the span goes back (billing-rules 6)."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.flows.billing import review
from counterfoil.flows.billing.blockers import TakenBackTooEarly
from counterfoil.flows.billing.preview import preview
from counterfoil.flows.billing.run import generate
from counterfoil.records.billing.models import BillingException, DocumentNumber, Invoice, InvoiceLine
from counterfoil.records.catalog.models import ChargePeriod
from counterfoil.records.charges.models import Charge
from counterfoil.records.parties.models import Client, PastCommissioning
from tests import build
from tests.build import NOW
from tests.flows.crediting.quarters import (
    APRIL,
    FEBRUARY,
    JANUARY,
    JULY,
    assert_sound,
    billed,
    credited,
    ends,
    issued,
    nets,
    quarter,
    quarters,
    span_of,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def test_6_2_a_quarter_ended_on_the_10th_is_credited_by_days() -> None:
    """90.00 × 50/90 unserved = 50.00; tax 23 % of it = 11.50; the preview shows the same (12.1)."""
    charge = quarter()
    billing = billed()
    ends(charge, "2026-02-10")
    shown = preview(build.request(cutoff=APRIL, kinds=(), credit_basis="daily"))
    run = credited()
    note = Invoice.objects.get(run=run)
    assert (note.document_type, note.net_minor, note.tax_minor) == ("credit_note", -5000, -1150)
    assert note.credits_id == Invoice.objects.get(run=billing).pk
    line = InvoiceLine.objects.get(invoice=note)
    assert (line.kind, line.period_start, line.period_end) == ("credit", date(2026, 2, 10), APRIL)
    assert (line.fraction_num, line.fraction_den, line.unit_price) == (5, 9, 90)
    assert line.refers_to == InvoiceLine.objects.get(invoice__run=billing)
    assert span_of(charge) == ("2026-01-01", "2026-02-10")
    assert [total.net_minor for total in shown.totals()] == [-5000]
    assert credited().invoice_set.count() == 0
    issued(run)
    assert list(DocumentNumber.objects.order_by("invoice_id").values_list("number", flat=True)) == [
        "INV-2026-000001",
        "CN-2026-000001",
    ]
    assert_sound()


def test_6_3_the_quarter_of_the_rules_monthly_off() -> None:
    """Started 15 Jan, billed 76.00, ends 10 Feb: March is unserved, 30.00 back."""
    charge = quarter(starts_on=date(2026, 1, 15))
    billed(cutoff=date(2026, 1, 15))
    ends(charge, "2026-02-10")
    credited(basis="monthly")
    assert nets() == [7600, -3000]
    assert span_of(charge) == ("2026-01-15", "2026-02-10")
    assert_sound()


def test_3_4_what_was_credited_by_months_is_counted_when_the_charge_runs_on() -> None:
    """90.00, March credited: 60.00 stay. On to 28 February: 59 days would cost 59.00, so 0.00 (never less). On to
    the end of March: 90.00 − 60.00 = 30.00.
    """
    charge = quarter()
    billed()
    ends(charge, "2026-02-10")
    issued(credited(basis="monthly"))
    ends(charge, "2026-03-01")
    issued(build.run(cutoff=APRIL))
    assert nets() == [9000, -3000, 0]
    ends(charge, "2026-04-01")
    build.run(cutoff=APRIL)
    assert nets() == [9000, -3000, 0, 3000]
    assert_sound()


@pytest.mark.parametrize("part_charging", ["daily", "whole", "monthly", "none"])
@pytest.mark.parametrize("basis", ["daily", "monthly"])
def test_3_4_ended_credited_and_run_on_costs_what_it_would_have_from_the_outset(
    part_charging: str, basis: str
) -> None:
    """A quarter is 90.00, however one comes to it."""
    charge = quarter(period=quarters(part_charging=part_charging))
    billed()
    ends(charge, "2026-02-10")
    given = credited(basis=basis)
    if given.invoice_set.exists():
        issued(given)
    ends(charge, "2026-04-01")
    build.run(cutoff=APRIL)
    assert sum(nets()) == 9000
    assert_sound()


def test_6_1_and_6_4_each_original_gets_its_own_note_at_its_own_price_and_tax() -> None:
    """Two quarters at 90.00 and 120.00, ended on 1 March: 31 of 90 days of the first and all of the second."""
    charge = quarter()
    billed()
    Charge.objects.filter(pk=charge.pk).update(unit_price=120)
    billed(cutoff=APRIL)
    Charge.objects.filter(pk=charge.pk).update(unit_price=500)
    ends(charge, "2026-03-01")
    run = credited()
    assert list(run.invoice_set.order_by("credits_id").values_list("net_minor", flat=True)) == [-3100, -12000]
    assert span_of(charge) == ("2026-01-01", "2026-03-01")
    assert_sound()


def test_6_4_one_note_an_invoice_whoever_pays_now_and_however_small_the_shards() -> None:
    """Two quarters of A's invoice, one of which B pays for now and was billed for since, end on 1 April and 1 July."""
    first, second = build.customer(account="A"), build.customer(account="B")
    period = quarters()
    stays, moves = (quarter(period=period, client=build.client(customer=first)) for _ in range(2))
    billed()
    Charge.objects.filter(pk=moves.pk).update(customer=second)
    billed(cutoff=APRIL)
    ends(stays, "2026-03-01")
    ends(moves, "2026-03-01")
    asked = build.request(cutoff=JULY, kinds=(), credit_basis="daily")
    shown = preview(asked, shard_charges=1)
    run = generate(asked, by=None, now=build.now, shard_charges=1)
    notes = Invoice.objects.filter(run=run).order_by("pk")
    assert list(notes.values_list("customer__account", "net_minor")) == [
        ("A", -6200),  # 90.00 × 31/90 of each of the first quarters
        ("A", -9000),  # the second quarter of what stays
        ("B", -9000),  # and of what moved
    ]
    assert shown.invoices.get_column("net_minor").to_list() == [-6200, -9000, -9000]
    assert notes.values("credits").distinct().count() == 3
    assert [len(shard.credited or ()) for shard in run.shards.all()] == [2]
    assert_sound()


def test_a_credit_run_that_finds_nothing_has_no_shards_and_comes_to_nothing() -> None:
    """Nothing is planned, nothing fails."""
    quarter()
    billed()
    run = credited()
    assert (run.shards.count(), run.invoice_set.count(), run.status) == (0, 0, "in_review")


def test_6_2_a_later_start_and_a_decommissioning_are_credited_as_well() -> None:
    """Started 11 Jan instead of 1: 10/90. Commissioned but for 1 to 15 March: 15/90."""
    late = quarter()
    client = build.client(commissioned_on=JANUARY)
    paused = quarter(period=ChargePeriod.objects.get(), client=client, while_commissioned=True)
    billed()
    Charge.objects.filter(pk=late.pk).update(starts_on=date(2026, 1, 11))
    PastCommissioning.objects.create(client=client, starts_on=JANUARY, ends_before=date(2026, 3, 1))
    Client.objects.filter(pk=client.pk).update(commissioned_on=date(2026, 3, 16))
    credited()
    assert nets() == [9000, 9000, -1000, -1500]
    assert span_of(late) == ("2026-01-11", "2026-04-01")
    assert span_of(paused) == ("2026-01-01", "2026-04-01")  # the pause lies within
    assert_sound()


def test_2_4_a_credit_waits_for_the_first_unserved_day() -> None:
    charge = quarter()
    billed()
    ends(charge, "2026-03-01")
    assert credited(cutoff=FEBRUARY).invoice_set.count() == 0
    assert credited(cutoff=date(2026, 3, 1)).invoice_set.count() == 1


def test_a_draft_is_not_credited_but_named() -> None:
    charge = quarter()
    draft = build.run(cutoff=JANUARY)
    ends(charge, "2026-02-10")
    run = credited()
    found = BillingException.objects.get(run=run)
    assert found.code == "credit_of_draft"
    assert f"Draft {draft.invoice_set.get().pk} bills days" in found.message
    assert run.invoice_set.count() == 0


def test_12_7_a_credit_note_excluded_gives_the_span_back() -> None:
    charge = quarter()
    billed()
    ends(charge, "2026-02-10")
    run = credited()
    review.exclude([run.invoice_set.get().pk], reason="the client stays", by=None, now=NOW)
    assert span_of(charge) == ("2026-01-01", "2026-04-01")
    again = credited()
    review.abandon(again.pk, reason="wrong basis", now=NOW)
    assert span_of(charge) == ("2026-01-01", "2026-04-01")
    assert_sound()


def test_credit_notes_of_one_charge_leave_their_run_together() -> None:
    """The span went back over both; alone, one of them cannot return its part."""
    charge = quarter()
    billed()
    billed(cutoff=APRIL)
    ends(charge, "2026-03-01")
    run = credited()
    first, second = run.invoice_set.order_by("pk")
    with pytest.raises(review.BilledFurther):
        review.exclude([first.pk], reason="x", by=None, now=NOW)
    review.exclude([first.pk, second.pk], reason="the client stays", by=None, now=NOW)
    assert span_of(charge) == ("2026-01-01", "2026-07-01")


def test_credits_of_one_invoice_are_taken_back_newest_first() -> None:
    """6.6 counts what was credited before: an earlier note is not taken from under a later one."""
    payer = build.customer()
    client = build.client(customer=payer)
    period = quarters()
    one, other = quarter(client=client, period=period), quarter(client=client, period=period)
    billed()
    ends(one, "2026-02-10")
    earlier = credited()
    ends(other, "2026-03-01")
    credited()
    with pytest.raises(TakenBackTooEarly, match="credits the same invoice"):
        review.exclude([earlier.invoice_set.get().pk], reason="x", by=None, now=NOW)


def test_6_6_crediting_everything_in_pieces_gives_back_the_tax_to_the_cent() -> None:
    """0.10 at 23 % is 0.02 tax (0.023). A quarter of 0.10 given back day by day: 0.02 in all."""
    period = quarters()
    charge = build.charge(
        master_charge=build.master(unit_price="0.10", charge_period=period), starts_on=JANUARY
    )
    billed()
    for day in ("2026-03-20", "2026-03-02", "2026-02-10", "2026-01-05"):
        ends(charge, day)
        issued(credited())
    Charge.objects.filter(pk=charge.pk).update(starts_on=JULY, ends_before=None)
    issued(credited(cutoff=JULY))
    notes = Invoice.objects.filter(document_type="credit_note")
    assert sum(note.net_minor for note in notes) == -10
    assert [note.tax_minor for note in notes.order_by("pk")] == [0, -1, 0, -1]  # of 0.01, 0.03, 0.06, 0.10
    assert_sound()


def test_5_5_a_credit_note_never_asks_for_money() -> None:
    """A rebate of 9.00 a quarter that falls away alone would make the customer owe 5.00 more: an exception."""
    client = build.client()
    period = quarters()
    rebate = build.charge(
        client=client, master_charge=build.master(unit_price=-9, charge_period=period), starts_on=JANUARY
    )
    service = quarter(client=client, period=period)
    billed()
    ends(rebate, "2026-02-10")
    run = credited()
    assert run.invoice_set.count() == 0
    assert run.exceptions.get().code == "credit_owes_more"
    assert span_of(rebate) == ("2026-01-01", "2026-04-01")
    ends(service, "2026-02-10")
    credited()
    assert nets() == [8100, -4500]  # −50.00 and +5.00
