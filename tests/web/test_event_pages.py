"""The pages of events, meters and tariffs: what they show, and what is stored (product C14, billing-rules 4.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.records.catalog.models import Tariff
from counterfoil.records.charges.models import BillableEvent, EventCharge, Meter, Reading
from counterfoil.records.organisation.models import Role
from tests import build
from tests.web import month

SignedIn = Callable[..., Client]
NO_LINES = {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0"}


@pytest.fixture(autouse=True)
def _own_pages(transactional_db: None, _guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Store an organisation, and serve the project's own pages."""
    build.organisation()
    month.use_own_pages(monkeypatch)


def typed(**values: Any) -> dict[str, Any]:
    """Return what is typed for a work order of one line."""
    ordinary = {
        "key": "W1",
        "client": build.client().code,
        "occurred_on": "2026-05-28",
        "to_be_billed_on": "2026-06-01",
        "is_chargeable": "on",
        "description": "Replace a detector",
        **NO_LINES,
        "lines-0-master_charge": build.master().code,
        "lines-0-quantity": "1.5",
    }
    return {**ordinary, **values}


def test_a_work_order_is_added_changed_billed_and_then_stays(signed_in: SignedIn) -> None:
    biller = signed_in(Role.BILLER)
    assert biller.post(reverse("event-new", args=["work_order"]), typed()).status_code == 302
    event = BillableEvent.objects.get()
    line = event.charges.get()
    edit = reverse("event-edit", args=[event.pk])
    assert "Replace a detector" in biller.get(edit).content.decode()
    changed = typed(client=event.client.code)
    changed |= {
        "lines-TOTAL_FORMS": "2", "lines-INITIAL_FORMS": "1", "lines-0-charge": str(line.pk),
        "lines-0-master_charge": line.master_charge.code, "lines-1-master_charge": line.master_charge.code,
    }  # fmt: skip
    assert biller.post(edit, changed).status_code == 302
    assert list(event.charges.values_list("line_no", flat=True)) == [1, 2]
    build.run(kinds=("work_order",))
    page = biller.get(reverse("event", args=[event.pk])).content.decode()
    assert "Charged" in page
    assert "a draft" in page
    assert "is charged already" in biller.post(edit, changed).content.decode()
    listed = biller.get(reverse("work-orders"), {"state": "charged"}).content.decode()
    assert ">W1<" in listed
    assert ">W1<" not in biller.get(reverse("work-orders"), {"state": "to_be_billed"}).content.decode()
    of_client = biller.get(reverse("client", args=[event.client_id]), {"tab": "events"}).content.decode()
    assert ">W1<" in of_client
    assert "Charged" in of_client
    begun = f"{reverse('event-new', args=['activation'])}?client={event.client.code}"
    assert f'href="{begun}"' in of_client
    assert f'value="{event.client.code}"' in biller.get(begun).content.decode()


def test_an_event_without_a_line_is_told_why(signed_in: SignedIn) -> None:
    answer = signed_in(Role.BILLER).post(
        reverse("event-new", args=["activation"]),
        typed(**{"lines-0-master_charge": "", "lines-0-quantity": ""}),
    )
    assert "has nothing to charge" in answer.content.decode()
    assert not BillableEvent.objects.exists()


def test_many_events_are_marked_not_chargeable_after_asking(signed_in: SignedIn) -> None:
    events = [build.event() for _ in range(3)]
    biller = signed_in(Role.BILLER)
    sent = {"selected": [str(event.pk) for event in events[:2]]}
    asked = biller.post(reverse("events-not-chargeable"), sent)
    mark = asked.context["confirmation"].mark
    biller.post(reverse("events-not-chargeable"), {**sent, "agreed": mark})
    assert BillableEvent.objects.filter(is_chargeable=False).count() == 2
    assert "Not chargeable" in biller.get(reverse("activations")).content.decode()


def test_a_meter_is_added_and_read(signed_in: SignedIn) -> None:
    charge = build.charge(master_charge=build.master(tariff=build.tariff((0, "1"))))
    plain = build.charge(master_charge=build.master())
    biller = signed_in(Role.BILLER)
    sent = {"key": "E1", "charge": plain.key, "tolerance_days": "2"}
    assert "has no tariff" in biller.post(reverse("meter-new"), sent).content.decode()
    biller.post(reverse("meter-new"), {**sent, "charge": charge.key})
    meter = Meter.objects.get()
    new = reverse("reading-new", args=[meter.pk])
    biller.post(new, {"read_on": "2026-06-01", "value": "100.5"})
    biller.post(new, {"read_on": "2026-06-01", "value": "101"})
    assert [str(one.value) for one in Reading.objects.all()] == ["101"]
    assert "101" in biller.get(reverse("meter", args=[meter.pk])).content.decode()
    assert "101" in biller.get(reverse("meters")).content.decode()
    of_client = biller.get(reverse("client", args=[charge.client_id]), {"tab": "meters"}).content.decode()
    assert ">E1<" in of_client
    assert '<td class="numeric">101</td>' in of_client


def test_the_readings_of_a_day_are_typed_on_one_sheet(signed_in: SignedIn) -> None:
    may, june = date(2026, 5, 1), date(2026, 6, 1)
    tariff = build.tariff((0, "1"))
    charges = [build.charge(master_charge=build.master(tariff=tariff)) for _ in range(3)]
    # 310 in the 31 days of May, so 300 are usual in those of June.
    lift, pump, shut = (build.meter(one, {may: 1000, june: 1310}) for one in charges)
    build.meter(build.charge(master_charge=build.master(tariff=tariff), ends_before=may), {may: 7})
    biller, address = signed_in(Role.BILLER), f"{reverse('readings')}?on=2026-07-01"
    page = biller.get(address).content.decode()
    assert [f">{one.key}<" in page for one in (lift, pump, shut)] == [True, True, True]
    judged = biller.get(
        f"{reverse('reading-judged', args=[lift.pk])}?on=2026-07-01&reading-{lift.pk}=2000"
    ).content.decode()
    assert ">690 kWh<" in judged
    assert "usual 300" in judged
    assert "That is twice the usual or more." in judged
    sent = {f"reading-{lift.pk}": "1600.5", f"reading-{pump.pk}": "16x0", f"reading-{shut.pk}": ""}
    wrong = biller.post(address, sent).content.decode()
    assert 'value="1600.5"' in wrong
    assert 'value="16x0"' in wrong
    assert f"{pump.key}, {charges[1].client.name}</a>: Enter a number." in wrong
    sent[f"reading-{pump.pk}"] = "1300"
    doubted = biller.post(address, sent).content.decode()
    assert "One reading looks wrong, nothing is stored yet" in doubted
    assert f"{pump.key}, {charges[1].client.name}</a>: It is below the last reading." in doubted
    assert not Reading.objects.filter(read_on="2026-07-01").exists()
    told = biller.post(address, {**sent, "are_right": "1"}, follow=True).content.decode()
    assert "2 readings were stored." in told
    assert [f">{one.key}<" in told for one in (lift, pump, shut)] == [False, False, True]
    both = biller.get(f"{address}&reading=all&export=csv").getvalue().decode("utf-8-sig").splitlines()
    assert both[0].startswith(
        "meter,read_on,value,client,client_name,meter_name,unit,last_read_on,last_value"
    )
    assert f"{lift.key},2026-07-01,1600.5,{charges[0].client.code}," in both[1]
    assert both[3].startswith(f"{shut.key},2026-07-01,,")


def test_a_tariff_is_added_and_its_tiers_are_replaced(signed_in: SignedIn) -> None:
    biller = signed_in(Role.BILLER)
    sent = {
        "name": "Power", "counts": "meter", "mode": "graduated", "unit": "kWh", "unit_step": "1",
        "allowance": "0", "minimum": "0", "tiers-TOTAL_FORMS": "2", "tiers-INITIAL_FORMS": "0",
        "tiers-0-from_units": "100", "tiers-0-unit_price": "0.25", "tiers-0-fee": "",
        "tiers-1-from_units": "0", "tiers-1-unit_price": "0.30", "tiers-1-fee": "2",
    }  # fmt: skip
    biller.post(reverse("tariff-new"), sent)
    tariff = Tariff.objects.get()
    assert [str(tier.unit_price) for tier in tariff.tiers.all()] == ["0.3", "0.25"]
    biller.post(reverse("tariff-edit", args=[tariff.pk]), {**sent, "tiers-0-unit_price": ""})
    assert tariff.tiers.count() == 1
    twice = {**sent, "tiers-0-from_units": "0"}
    answer = biller.post(reverse("tariff-edit", args=[tariff.pk]), twice)
    assert "Two tiers begin at the same units" in answer.content.decode()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.BILLER])
def test_every_page_opens_for_who_may_and_for_nobody_else(role: Role, signed_in: SignedIn) -> None:
    event = build.event()
    tariff = build.tariff((0, "1"))
    charge = build.charge(master_charge=build.master(tariff=tariff))
    meter = build.meter(charge, {date(2026, 6, 1): 5})
    client = signed_in(role)
    seen = ["activations", "work-orders", "dispatch-and-sales", "meters", "tariffs"]
    for name in seen:
        assert client.get(reverse(name)).status_code == 200
        assert client.get(reverse(name) + "?export=csv").status_code == 200
    for name, key in (("event", event.pk), ("meter", meter.pk)):
        for tab in ("", "?tab=history"):
            assert client.get(reverse(name, args=[key]) + tab).status_code == 200
    for name, key in (("event-report", event.pk), ("client-report", event.client_id)):
        assert client.get(reverse(name, args=[key]))["Content-Type"] == "application/pdf"
    may = 200 if role == Role.BILLER else 403
    for name, keys in {
        "event-new": ["sale"], "event-edit": [event.pk], "meter-new": [], "meter-edit": [meter.pk],
        "reading-new": [meter.pk], "tariff-new": [], "tariff-edit": [tariff.pk],
    }.items():  # fmt: skip
        assert client.get(reverse(name, args=keys)).status_code == may
    assert EventCharge.objects.count() == 1
