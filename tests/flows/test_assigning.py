"""Many charges at once say beforehand exactly what they come to (product A3, A8; billing-rules 6.2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connections, transaction

from counterfoil.flows import assigning
from counterfoil.flows.admitting import ValuesAreWrong
from counterfoil.flows.billing.issue import authorise, issue
from counterfoil.flows.editing import store
from counterfoil.flows.recording import record_event
from counterfoil.flows.using import NotActiveThen, NotUsedThere
from counterfoil.records.billing.models import BatchDefinition, Invoice
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.charges.models import BillableEvent, Charge, EventCharge
from counterfoil.records.parties.models import Client
from tests import build
from tests.locks import until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _bureau() -> None:
    build.organisation()


def test_a_charge_is_assigned_to_many_but_for_those_it_is_not_for() -> None:
    """Two new charges of 2 × 30.00 a period; one has it, one may not, one was never commissioned."""
    master = build.master()
    sites = [build.client(commissioned_on=date(2026, 3, 5 + number)) for number in range(4)]
    build.client()
    build.charge(client=sites[2], master_charge=master)
    master.overrides.create(customer=sites[3].customer, assignable=False)
    like = assigning.like_one(master, quantity=2)
    foreseen = assigning.would_assign(Client.objects.all(), like=like, starts_on=None)
    assert Charge.objects.count() == 1
    assert foreseen.price_of_a_period == {"EUR": Decimal(120)}  # 2 clients × 2 × 30.00
    assert foreseen.left_out == {
        "has it already": 1,
        "may not be assigned it by its price list": 1,
        "not commissioned, so there is no start": 1,
    }
    done = assigning.assign(Client.objects.all(), like=like, starts_on=None)
    assert [(one.client_id, one.starts_on) for one in done.charges] == [
        (sites[0].pk, date(2026, 3, 5)),
        (sites[1].pk, date(2026, 3, 6)),
    ]
    assert all(
        one.span.billed_to is None for one in Charge.objects.filter(pk__in=[c.pk for c in done.charges])
    )
    again = assigning.assign(Client.objects.all(), like=like, starts_on=None)
    assert (len(again.charges), again.left_out["has it already"]) == (0, 3)


def test_a_template_gives_what_it_has_and_not_who_pays() -> None:
    template, site = build.client(), build.client()
    payer = build.customer()
    one = build.charge(client=template, quantity=3, unit_price=Decimal("9.5"), customer=payer)
    build.charge(client=template, master_charge=build.master(), ends_before=date(2026, 7, 1))
    like = assigning.charges_of_template(template, on=date(2026, 7, 1))
    assert [charge.master_charge_id for charge in like] == [one.master_charge_id]
    Charge.objects.filter(pk=build.charge(client=template).pk).update(key=f"{site.code}-1")
    done = assigning.assign(Client.objects.filter(pk=site.pk), like=like, starts_on=build.JUNE)
    (copy,) = done.charges
    assert (copy.quantity, copy.unit_price, copy.customer) == (3, Decimal("9.5"), None)
    assert copy.key == f"{site.code}-2"  # the first is somebody else's identifier


def test_6_2_ending_says_what_the_next_credit_run_gives_back_and_is_undone() -> None:
    """June billed at 30.00; with 10 June as last day 20/30 of it are given back: −20.00."""
    BatchDefinition.objects.create(name="credit", title="Credit", kinds=[], credit_basis="daily")
    charge, later = build.charge(), build.charge(ends_before=date(2026, 6, 5))
    run = build.run()
    authorise(run.pk, by=None, now=build.NOW)
    issue(run.pk, today=build.JUNE, now=build.now)
    ids = [charge.pk, later.pk]
    foreseen = assigning.would_end(ids, ends_before=date(2026, 6, 11))
    assert (foreseen.credited, foreseen.notes, foreseen.unchanged) == ({"EUR": -2000}, 1, 1)
    assert Charge.objects.get(pk=charge.pk).ends_before is None
    done = assigning.end(ids, ends_before=date(2026, 6, 11))
    assert done.before == {charge.pk: None}
    build.run(cutoff=date(2026, 6, 11), kinds=(), credit_basis="daily")
    assert Invoice.objects.filter(document_type="credit_note").get().net_minor == -2000
    with pytest.raises(assigning.EndsBeforeItStarts, match="starts on 2026-06-01"):
        assigning.end(ids, ends_before=date(2026, 6, 1))
    Charge.objects.filter(pk=later.pk).update(ends_before=date(2026, 6, 11))
    assert assigning.end_as_before({charge.pk: None}, ended_before=date(2026, 6, 11)) == 1
    assert assigning.end_as_before({charge.pk: None}, ended_before=date(2026, 6, 11)) == 0
    assert Charge.objects.get(pk=charge.pk).ends_before is None


def test_of_two_who_assign_the_same_at_once_one_finds_it_there() -> None:
    sites = [build.client() for _ in range(40)]
    like = assigning.like_one(build.master())
    together = Barrier(2)

    def work() -> assigning.Assigned:
        try:
            together.wait()
            return assigning.assign(
                Client.objects.select_related("customer"), like=like, starts_on=build.JUNE
            )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as people:
        done = [one.result() for one in [people.submit(work) for _ in range(2)]]
    assert sorted(len(one.charges) for one in done) == [0, 40]
    assert [dict(one.left_out) for one in done if one.left_out] == [{"has it already": 40}]
    assert Charge.objects.count() == len(sites)


def test_identifiers_that_somebody_else_takes_meanwhile_are_a_refusal() -> None:
    site, other, like = build.client(), build.client(), assigning.like_one(build.master())

    def work() -> assigning.Assigned:
        try:
            return assigning.assign(Client.objects.filter(pk=site.pk), like=like, starts_on=build.JUNE)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as people:
        with transaction.atomic():
            build.charge(client=other, key=f"{site.code}-1")
            assigning_now = people.submit(work)
            until_somebody_waits()
        with pytest.raises(assigning.IdentifiersTaken, match="Assign again"):
            assigning_now.result()
    assert Charge.objects.count() == 1


def test_a1_what_is_for_clients_on_some_days_is_assigned_there_and_then_only() -> None:
    """Active from 1 June to 31 August; the one of 1 September, and what is for activations, are left out."""
    seasonal = build.master(active_start=date(2026, 6, 1), active_end=date(2026, 9, 1), usable_on=["client"])
    response = build.master(usable_on=["activation"])
    days = [date(2026, 5, 31), date(2026, 6, 1), date(2026, 8, 31), date(2026, 9, 1)]
    sites = [build.client(commissioned_on=day) for day in days]
    like = [*assigning.like_one(seasonal), *assigning.like_one(response)]
    done = assigning.assign(Client.objects.all(), like=like, starts_on=None)
    assert [one.client_id for one in done.charges] == [sites[1].pk, sites[2].pk]
    assert done.left_out == {
        "would begin outside the days on which it is active": 2,
        "cannot be assigned it: it is not for clients": 4,
    }
    charge = done.charges[0]
    charge.quantity = Decimal(2)
    MasterCharge.objects.filter(pk=seasonal.pk).update(active_start=None, active_end=date(2026, 6, 1))
    store(charge, fields=["quantity"])  # what is assigned goes on, and may be changed
    charge.starts_on = date(2026, 6, 2)
    charge.master_charge.refresh_from_db()
    with pytest.raises(ValuesAreWrong, match="is active up to 2026-05-31, and not on 2026-06-02"):
        store(charge, fields=["starts_on"])


def test_a1_an_event_is_recorded_with_what_is_for_its_kind_and_day() -> None:
    client, call_out = build.client(), build.master(kind="work_order", usable_on=["work_order", "sale"])
    event = BillableEvent(key="A1", kind="activation", client=client, occurred_on=date(2026, 6, 5))
    with pytest.raises(NotUsedThere, match="is not for activations"):
        record_event(event, charges=[EventCharge(master_charge=call_out)])
    event = BillableEvent(key="W1", kind="work_order", client=client, occurred_on=date(2026, 6, 5))
    line = EventCharge(master_charge=call_out)
    record_event(event, charges=[line])
    call_out.active_start = date(2026, 6, 6)
    record_event(event, fields=["description"], charges=[line])  # recorded before
    event.occurred_on = date(2026, 6, 4)
    with pytest.raises(NotActiveThen, match="is active from 2026-06-06 on, and not on 2026-06-04"):
        record_event(event, fields=["occurred_on"], charges=[line])
