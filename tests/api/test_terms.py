"""What a program says of prices, discounts, times of service and numbers (billing-rules 2.1, 4.2, 4.3, 4.5, 7.2)."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.records.billing.models import InvoiceLine
from counterfoil.records.catalog.models import ChargeOverride
from counterfoil.records.charges.models import Discount, PriceChange
from counterfoil.records.organisation.models import Branch, Role
from counterfoil.records.parties.models import PastCommissioning
from tests import build
from tests.api.conftest import MakeProgram, problem_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _bureau() -> None:
    build.organisation()


def told(answer: Any) -> dict[str, str]:
    """Return the problems of an answer by field."""
    assert problem_of(answer)[0] == 422
    return {one["field"]: one["message"] for one in answer.json().get("errors", [])}


def test_4_2_a_price_by_date_is_added_changed_billed_and_taken_back(program: MakeProgram) -> None:
    """30.00 a month; 32.50 from June on, then 33.00, then 30.00 again."""
    charge = build.charge()
    erp = program(Role.BILLER)
    wanted = {"charge": charge.key, "valid_from": "2026-06-01", "unit_price": "32.50"}
    price = erp.post("/prices", wanted, key="once").json()
    assert (price["charge"], price["unit_price"]) == (charge.key, "32.5")
    assert erp.post("/prices", wanted, key="once").json() == price
    assert told(erp.post("/prices", wanted)) == {
        "body.valid_from": "There is a price from this day already. Change that one, or choose another day."
    }
    assert erp.patch(f"/prices/{price['id']}", {"unit_price": "33"}).json()["unit_price"] == "33"
    build.run()
    assert InvoiceLine.objects.get().net_minor == 3300
    assert erp.post(f"/prices/{price['id']}/remove").json() == {"id": price["id"]}
    assert erp.get(f"/prices/{price['id']}").status_code == 404
    assert told(erp.post("/prices", {**wanted, "unit_price": "1.1234567"})) != {}


def test_4_1_a_price_of_a_customer_or_dealer_enters_the_price_list(program: MakeProgram) -> None:
    """One that sets nothing else is made where there is none, and used where there is one."""
    charge = build.charge()
    payer, code = charge.client.customer, charge.master_charge.code
    assert payer is not None
    erp = program(Role.BILLER)
    for day in ("2026-06-01", "2026-07-01"):
        wanted = {"code": code, "customer": payer.account, "valid_from": day, "unit_price": "20"}
        assert erp.post("/prices", wanted).status_code == 201
    assert ChargeOverride.objects.get().price_changes.count() == 2
    build.run()
    assert InvoiceLine.objects.get().net_minor == 2000
    anybodys = erp.post("/prices", {"code": code, "valid_from": "2026-06-01", "unit_price": None})
    assert (anybodys.json()["code"], anybodys.json()["unit_price"]) == (code, None)


@pytest.mark.parametrize(
    "whose",
    [{}, {"charge": "K", "code": "M"}, {"customer": "C"}, {"code": "M", "customer": "C", "dealer": "D"}],
)
def test_a_price_is_somebodys(program: MakeProgram, whose: dict[str, str]) -> None:
    answer = program().post("/prices", {**whose, "valid_from": "2026-06-01", "unit_price": "1"})
    assert answer.status_code == 422
    assert not PriceChange.objects.exists()


def test_4_3_an_escalation_is_added_and_changed(program: MakeProgram) -> None:
    erp = program(Role.BILLER)
    wanted = {"name": "yearly", "rate": "3.5", "on_date": "2027-01-01", "yearly": True}
    stored = erp.post("/escalations", wanted).json()
    assert (stored["rate"], stored["step"], stored["yearly"]) == ("3.5", "0.01", True)
    changed = erp.patch(f"/escalations/{stored['id']}", {"step": "1"}).json()
    assert changed == {**stored, "step": "1"} == erp.get(f"/escalations/{stored['id']}").json()
    both = erp.patch(f"/escalations/{stored['id']}", {"every_periods": 12})
    assert set(told(both)) == {"body.every_periods"}
    assert (
        "no price is left" in told(erp.patch(f"/escalations/{stored['id']}", {"rate": "-100"}))["body.rate"]
    )
    assert set(told(erp.post("/escalations", wanted))) == {"body.name"}


def test_4_5_a_discount_is_added_changed_and_ended(program: MakeProgram) -> None:
    """10 % off 30.00 is 3.00."""
    charge = build.charge()
    erp = program(Role.BILLER)
    wanted = {"key": "D-1", "name": "Loyalty", "percent": "10", "charge": charge.key}
    stored = erp.post("/discounts", wanted).json()
    build.run()
    assert InvoiceLine.objects.get().discount_minor == 300
    ended = erp.patch(f"/discounts/{stored['id']}", {"ends_before": "2026-07-01"}).json()
    assert ended == {**stored, "ends_before": "2026-07-01"}
    assert set(told(erp.patch(f"/discounts/{stored['id']}", {"amount": "5"}))) == {"body.percent"}
    assert set(told(erp.patch(f"/discounts/{stored['id']}", {"charge": None}))) == {"body.charge"}
    assert Discount.objects.get().charge == charge


def test_2_1_past_commissionings_are_added_changed_and_taken_back(program: MakeProgram) -> None:
    client = build.client()
    erp = program(Role.BILLER)
    address = f"/clients/{client.pk}/commissionings"
    stored = erp.post(address, {"starts_on": "2025-01-01", "ends_before": "2025-03-01"}).json()
    changed = erp.patch(f"{address}/{stored['id']}", {"ends_before": "2025-04-01"}).json()
    assert changed == {**stored, "ends_before": "2025-04-01"}
    assert erp.get(address).json()["items"] == [changed]
    backwards = erp.patch(f"{address}/{stored['id']}", {"ends_before": "2024-12-01"})
    assert set(told(backwards)) == {"body.ends_before"}
    assert erp.patch(f"/clients/{build.client().pk}/commissionings/{stored['id']}", {}).status_code == 404
    erp.post(f"{address}/{stored['id']}/remove")
    assert not PastCommissioning.objects.exists()


def test_7_2_numbering_is_changed_by_an_administrator(program: MakeProgram) -> None:
    erp = program()
    changed = erp.patch("/numbering/main/contract", {"pattern": "R{seq:04}", "restarts_each_year": False})
    assert changed.json()["next_number"] == "R0001"
    assert changed.json()["in_date_order"]
    assert not erp.patch("/numbering/main/contract", {"in_date_order": False}).json()["in_date_order"]
    assert problem_of(erp.patch("/numbering/main/contract", {"pattern": "R"})) == (
        422,
        "not-a-number-pattern",
    )
    meets = erp.patch("/numbering/main/sales", {"pattern": "R{seq:04}", "restarts_each_year": False})
    assert problem_of(meets) == (409, "patterns-meet")
    assert erp.patch("/numbering/nowhere/contract", {}).status_code == 404
    assert erp.patch("/numbering/main/letter", {}).status_code == 422
    assert program(Role.BILLER).patch("/numbering/main/contract", {}).status_code == 403


def test_who_is_limited_to_a_branch_changes_nothing_of_others(program: MakeProgram) -> None:
    charge = build.charge()
    price = PriceChange.objects.create(charge=charge, valid_from="2026-06-01", unit_price=1)
    discount = build.discount(charge=charge)
    far = program(Role.BILLER, branches=[Branch.objects.create(code="far", name="Far")])
    assert far.patch(f"/prices/{price.pk}", {"unit_price": "2"}).status_code == 404
    assert far.patch(f"/discounts/{discount.pk}", {"percent": "20"}).status_code == 404
    assert far.get(f"/clients/{charge.client_id}/commissionings").status_code == 404
    wanted = {"charge": charge.key, "valid_from": "2026-07-01", "unit_price": "1"}
    assert problem_of(far.post("/prices", wanted)) == (422, "nothing-called-so")
    taken = {"key": "D-2", "name": "Ours", "percent": "5", "charge": charge.key}
    assert problem_of(far.post("/discounts", taken)) == (422, "nothing-called-so")
