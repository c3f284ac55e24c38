"""Events, meters and readings through the API (product C14, billing-rules 4.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from counterfoil.records.charges.models import BillableEvent, Reading
from counterfoil.records.organisation.models import Branch, Role
from tests import build
from tests.api.conftest import MakeProgram

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _bureau() -> None:
    build.organisation()


def wanted(**values: Any) -> dict[str, Any]:
    """Return an activation to be stored, for a site and a master charge of its own."""
    ordinary = {
        "key": "A1",
        "kind": "activation",
        "client": build.client().code,
        "occurred_on": "2026-05-28",
        "charges": [{"code": build.master().code, "quantity": "2"}],
    }
    return {**ordinary, **values}


def test_an_activation_is_stored_billed_and_then_stays(program: MakeProgram) -> None:
    erp = program(Role.BILLER)
    stored = erp.post("/events", wanted()).json()
    assert (stored["to_be_billed_on"], stored["is_charged"]) == ("2026-05-28", False)
    assert stored["charges"][0]["quantity"] == "2"
    build.run(kinds=("activation",))
    found = erp.get(f"/events/{stored['id']}").json()
    assert found["is_charged"]
    assert erp.get("/events", kind="activation", is_charged=True).json()["items"] == [found]
    assert erp.get("/events", is_charged=False).json()["items"] == []
    answer = erp.post(f"/events/{stored['id']}/chargeable", {"is_chargeable": False})
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith("Activation A1 is charged already")


def test_a_report_names_what_was_billed_to_a_program_that_may_see_that(program: MakeProgram) -> None:
    event = build.event()
    addresses = [f"/events/{event.pk}/report/pdf", f"/clients/{event.client_id}/report/pdf"]
    sees = ["clients:read", "events:read"]
    for address in addresses:
        refused = program(Role.VIEWER, scopes=sees).get(address)
        assert refused.status_code == 403
        assert "it lacks the scope invoices:read" in refused.json()["detail"]
        printed = program(Role.VIEWER, scopes=[*sees, "invoices:read"]).get(address)
        assert printed.content.startswith(b"%PDF")


def test_an_event_is_marked_not_chargeable(program: MakeProgram) -> None:
    event = build.event()
    erp = program(Role.BILLER)
    assert not erp.post(f"/events/{event.pk}/chargeable", {"is_chargeable": False}).json()["is_chargeable"]
    assert not BillableEvent.objects.get().is_chargeable


@pytest.mark.parametrize(
    "values",
    [
        {"client": "nobody"},
        {"charges": []},
        {"charges": [{"code": "nothing"}]},
        {"kind": "party"},
        {"unknown": 1},
    ],
)
def test_what_cannot_be_meant_is_refused(program: MakeProgram, values: dict[str, Any]) -> None:
    assert program().post("/events", wanted(**values)).status_code == 422
    assert not BillableEvent.objects.exists()


def test_numbers_with_more_places_than_six_are_refused(program: MakeProgram) -> None:
    line = {"code": build.master().code, "unit_price": "1.1234567"}
    assert program().post("/events", wanted(charges=[line])).status_code == 422


def test_a_key_is_taken_once_and_an_idempotent_request_is_answered_again(program: MakeProgram) -> None:
    erp, event = program(), wanted()
    first = erp.post("/events", event, key="once")
    assert erp.post("/events", event, key="once").json() == first.json()
    assert erp.post("/events", event).status_code == 422


def test_readings_are_stored_corrected_and_listed(program: MakeProgram) -> None:
    charge = build.charge(master_charge=build.master(tariff=build.tariff((0, "1"))))
    meter = build.meter(charge, {})
    erp = program(Role.BILLER)
    for value in ("100.5", "101"):
        answer = erp.post(f"/meters/{meter.pk}/readings", {"read_on": "2026-06-01", "value": value})
        assert (answer.status_code, answer.json()["value"]) == (201, value)
    assert Reading.objects.get().read_on == date(2026, 6, 1)
    assert [one["value"] for one in erp.get(f"/meters/{meter.pk}/readings").json()["items"]] == ["101"]
    assert erp.get("/meters", charge=charge.key).json()["items"][0]["key"] == meter.key
    assert erp.get(f"/meters/{meter.pk}").json()["tolerance_days"] == 0
    refused = erp.post(f"/meters/{meter.pk}/readings", {"read_on": "2026-06-01", "value": "-1"})
    assert refused.status_code == 422


def test_the_readings_of_many_meters_are_stored_or_none(program: MakeProgram) -> None:
    master = build.master(tariff=build.tariff((0, "1")))
    june, july = date(2026, 6, 1), "2026-07-01"
    one, other = (build.meter(build.charge(master_charge=master), {june: 100}) for _ in range(2))
    erp = program(Role.BILLER)
    due = erp.get("/meters/due", on=july).json()["items"]
    assert [(found["key"], found["last_read_on"], found["last_value"], found["value"]) for found in due] == [
        (one.key, "2026-06-01", "100", None),
        (other.key, "2026-06-01", "100", None),
    ]
    readings = [{"meter": one.key, "value": "150"}, {"meter": other.key, "value": "99"}]
    doubted = erp.post("/meters/readings", {"read_on": july, "readings": readings})
    assert (doubted.status_code, Reading.objects.count()) == (409, 2)
    assert f"the first of meter {other.key}. It is below the last reading." in doubted.json()["detail"]
    unknown = [*readings, {"meter": "nothing", "value": "1"}]
    assert erp.post("/meters/readings", {"read_on": july, "readings": unknown}).status_code == 422
    wanted = {"read_on": july, "readings": readings, "are_right": True}
    assert erp.post("/meters/readings", wanted).json() == {"stored": 2}
    assert erp.post("/meters/readings", wanted).json() == {"stored": 0}
    assert erp.get("/meters/due", on=july).json()["items"] == []
    assert len(erp.get("/meters/due", on=july, without="all").json()["items"]) == 2


def test_who_is_limited_to_a_branch_sees_its_events_and_meters(program: MakeProgram) -> None:
    event = build.event()
    far = program(branches=[Branch.objects.create(code="far", name="Far")])
    assert far.get("/events").json()["items"] == []
    assert far.get(f"/events/{event.pk}").status_code == 404
