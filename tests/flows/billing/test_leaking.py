"""Leakage: what no active definition selects, what it would bill, and what closes the gap (product C8)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from counterfoil.flows.billing import leaking
from counterfoil.flows.billing.leaking import (
    Gap,
    all_leaks,
    gap_of,
    gaps_between,
    in_words,
    leaking_charges,
    totals_by_gap,
)
from counterfoil.flows.billing.preview import preview
from counterfoil.flows.billing.requesting import request_on_the_spot
from counterfoil.flows.billing.run import Request
from counterfoil.flows.billing.selection import Selection
from counterfoil.flows.checking import check
from counterfoil.records.billing.models import BatchDefinition, InvoiceLine
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Branch
from counterfoil.records.parties.models import Dealer
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)
AUGUST = date(2026, 8, 1)


def test_what_definitions_leave_open() -> None:
    direct, dealer = Selection(payer="direct"), Selection(payer="dealer", branch_id=1)
    found = gaps_between([direct, dealer], kinds=["service", "dispatch"], branches=[1, 2])
    assert sorted(found) == [
        Gap("dispatch", False, 1),
        Gap("dispatch", False, 2),
        Gap("dispatch", True, 1),
        Gap("dispatch", True, 2),
        Gap("service", True, 2),
    ]
    credits_all = Selection(kinds=("service", "dispatch"), credit_basis="daily")
    assert gaps_between([direct, dealer, credits_all], kinds=["dispatch"], branches=[1]) == {
        Gap("dispatch", False, 1),
        Gap("dispatch", True, 1),
    }
    everything = Selection(kinds=("service", "dispatch"))
    assert gaps_between([everything], kinds=["service", "dispatch"], branches=[1, 2]) == set()


@pytest.fixture
def bureau(transactional_db: None) -> Branch:
    """Store a direct charge, one that a dealer pays, one that ended and is billed, and a dispatch of 30.00."""
    build.organisation()
    build.charge(key="direct")
    payer = build.customer()
    dealer = Dealer.objects.create(
        code="D1", name="Harbour Alarms", customer=payer, branch=Branch.objects.get()
    )
    build.charge(key="by-dealer", client=build.client(dealer=dealer, customer=payer))
    build.charge(key="over", ends_before=date(2026, 7, 1), opening_billed_to=date(2026, 7, 1))
    build.event(kind="dispatch", key="E1")
    return Branch.objects.get()


def define(**values: Any) -> BatchDefinition:
    """Store a definition of services."""
    return BatchDefinition.objects.create(
        **{"name": "services", "title": "Services", "kinds": ["service"], **values}
    )


def leaks(at_once: int = 1) -> dict[str, tuple[str, int]]:
    """Return what leaks by key, with its currency and what it would bill on 1 August."""
    rows: list[Any] = [leak for part in all_leaks(today=AUGUST, at_once=at_once) for leak in part]
    return {
        getattr(one.row, "key", None) or one.row.event.key: (
            one.would_bill.currency,
            one.would_bill.net_minor,
        )
        for one in rows
    }


def warned() -> set[str]:
    """Return what `check` warns of."""
    return {one.documents for one in check().warnings if one.invariant == "every_charge_is_selected"}


def test_what_leaks_and_what_it_would_bill(bureau: Branch) -> None:
    """Three months at 30.00, however long unbilled; check names the same charges."""
    month = ("EUR", 9000)
    assert leaks() == {"direct": month, "by-dealer": month, "E1": ("EUR", 3000)}
    assert leaks(at_once=100) == leaks()
    assert warned() == {"charge direct", "charge by-dealer", "event E1"}
    define(payer="direct")
    assert leaks() == {"by-dealer": month, "E1": ("EUR", 3000)}
    assert warned() == {"charge by-dealer", "event E1"}
    define(name="rest", kinds=["service", "dispatch"], branch=bureau)
    assert (leaks(), warned()) == ({}, set())
    BatchDefinition.objects.filter(name="rest").update(is_active=False)
    define(name="credit", kinds=["service", "dispatch"], credit_basis="daily")
    assert set(leaks()) == {"by-dealer", "E1"}
    assert warned() == {"charge by-dealer", "event E1"}


def test_payers_are_gone_through_in_steps_and_none_is_left_out(
    bureau: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of eleven payers most leak nothing: a step may be empty, and the next goes on behind it."""
    define(payer="direct")
    for number in range(8):
        build.charge(key=f"selected {number}")
    build.charge(key="nobody's", client=build.client(customer=None))
    expected = leaks()
    for payers, looked_at in [(1, 10_000), (2, 1), (3, 2), (100, 1), (100, 10_000)]:
        monkeypatch.setattr(leaking, "PAYERS_AT_ONCE", payers)
        monkeypatch.setattr(leaking, "LOOKED_AT_ONCE", looked_at)
        assert leaks() == expected
    assert set(expected) == {"by-dealer", "E1"}
    BatchDefinition.objects.update(is_active=False)
    assert "nobody's" in leaks()


def test_it_adds_up_by_gap(bureau: Branch) -> None:
    totals: list[Any] = []
    for part in all_leaks(today=AUGUST, at_once=1):
        totals = totals_by_gap(part, before=totals)
    assert [(in_words(one.gap, branch="Main", group=""), one.count, one.net_minor) for one in totals] == [
        ("Dispatch, paid directly, at Main", 1, {"EUR": 3000}),
        ("Service, paid directly, at Main", 1, {"EUR": 9000}),
        ("Service, paid by the dealer, at Main", 1, {"EUR": 9000}),
    ]
    assert {gap_of(row) for row in leaking_charges()} == {one.gap for one in totals[1:]}


def test_one_that_could_not_be_billed_says_why(bureau: Branch) -> None:
    build.charge(key="free", master_charge=build.master(unit_price=None))
    [told] = [
        leak.would_bill.problem
        for part in all_leaks(today=AUGUST, at_once=10)
        for leak in part
        if getattr(leak.row, "key", "") == "free"
    ]
    assert told.startswith("No level sets a unit price")


def test_c1_lengths_and_master_charges_that_no_definition_names_leak(bureau: Branch) -> None:
    """Monthly, quarterly by the dealer's price list, and yearly, in definitions of their own; events have no period."""
    quarterly, yearly = build.monthly(count=3), build.monthly(count=1, unit="year")
    by_dealer = Charge.objects.get(key="by-dealer")
    by_dealer.master_charge.overrides.create(dealer=by_dealer.client.dealer, charge_period=quarterly)
    build.charge(key="yearly", charge_period=yearly)
    monthly = by_dealer.master_charge.charge_period
    alone = build.charge(key="alone", master_charge=build.master(charge_period=monthly))
    define(kinds=["service", "dispatch"], period_lengths=["1 month"])
    assert set(leaks()) == {"by-dealer", "yearly"}
    assert warned() == {"charge by-dealer", "charge yearly"}
    [gap] = {gap_of(row) for row in leaking_charges()} - {Gap("service", False, bureau.pk)}
    assert (gap.by_dealer, gap.length) == (True, "")
    define(name="quarterly", period_lengths=["3 months", "12 months"])
    assert (leaks(), warned()) == ({}, set())
    BatchDefinition.objects.update(master_charges=[by_dealer.master_charge_id])
    assert (set(leaks()), warned()) == ({"alone"}, {"charge alone"})
    [gap] = {gap_of(row) for row in leaking_charges()}
    assert in_words(gap, branch="Main", group="") == "Service, paid directly, at Main, 1 month"
    define(name="alone", master_charges=[alone.master_charge_id])
    assert (leaks(), warned()) == ({}, set())


def test_c1_a_run_bills_the_periods_and_master_charges_it_names(bureau: Branch) -> None:
    """Of monthly at 30.00 and quarterly at 30.00 each run bills its own; an event has no period."""
    quarter = build.charge(key="quarter", charge_period=build.monthly(count=3, anchor=date(2026, 6, 1)))
    month = define(kinds=["service", "dispatch"], period_lengths=["1 month"])
    billed = preview(
        Request(title="", selection=Selection.of(month), cutoff=build.JUNE, invoice_date=build.JUNE)
    )
    assert sum(one.lines for one in billed.totals()) == 3  # direct, by-dealer, and the dispatch
    spot = request_on_the_spot(
        ["service"], cutoff=build.JUNE, invoice_date=build.JUNE, period_lengths=["3 months"]
    )
    assert spot.title == "Service, 3 months, all"
    run_of_quarters = build.run(period_lengths=("3 months",))
    assert set(InvoiceLine.objects.filter(invoice__run=run_of_quarters).values_list("charge", flat=True)) == {
        quarter.pk
    }
    other = build.master()
    assert Selection.from_json(Selection(master_ids=(other.pk,)).to_json()).masters == [other.pk]
    nothing = build.run(master_ids=(other.pk,))
    assert not InvoiceLine.objects.filter(invoice__run=nothing).exists()
