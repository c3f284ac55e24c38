"""Charges of billing customers and dealers themselves through the API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Branch
from counterfoil.records.parties.models import Client, Dealer
from tests import build
from tests.api.conftest import MakeProgram, problem_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _bureau() -> None:
    build.organisation()


def dealer(code: str = "D1") -> Dealer:
    """Store a dealer that a billing customer of its own pays for."""
    return Dealer.objects.create(
        code=code, name=f"Dealer {code}", customer=build.customer(), branch=Branch.objects.get(code="main")
    )


def test_a_charge_is_of_a_client_or_of_who_is_charged_itself(program: MakeProgram) -> None:
    erp, customer, reseller, master = program(), build.customer(), dealer(), build.master()
    wanted = {"code": master.code, "starts_on": "2026-06-01"}
    fee = erp.post("/charges", {**wanted, "key": "FEE", "of_dealer": "D1"})
    assert fee.status_code == 201
    told = json.loads(fee.content)
    assert (told["client"], told["of_customer"], told["of_dealer"]) == ("D1", None, "D1")
    assert (told["customer"], told["paid_by"], told["while_commissioned"]) == (None, "dealer", False)
    erp.post("/charges", {**wanted, "key": "SUP", "of_customer": customer.account})
    assert Charge.objects.get(key="SUP").who_pays.payer == customer
    site = build.client()
    plain = json.loads(erp.post("/charges", {**wanted, "key": "K", "client": site.code}).content)
    assert (plain["client"], plain["of_customer"], plain["of_dealer"]) == (site.code, None, None)
    assert [one["key"] for one in erp.get("/charges", of_dealer="D1").json()["items"]] == ["FEE"]
    assert [one["key"] for one in erp.get("/charges", of_customer=customer.account).json()["items"]] == [
        "SUP"
    ]
    own = {one["code"]: one["of_dealer"] for one in erp.get("/clients", is_site=False).json()["items"]}
    assert own == {"D1": "D1", customer.account: None}
    assert [one["code"] for one in erp.get("/clients", is_site=True).json()["items"]] == [site.code]
    assert reseller.clients.get().is_own


@pytest.mark.parametrize(
    ("whom", "field"),
    [
        ({}, None),
        ({"client": "S", "of_dealer": "D1"}, None),
        ({"of_dealer": "D9"}, None),
        ({"of_dealer": "D1", "customer": "PAYER"}, "customer"),
        ({"of_dealer": "D1", "while_commissioned": True}, "while_commissioned"),
        ({"of_dealer": "D1", "paid_by": "direct"}, "paid_by"),
        ({"of_dealer": "D1", "code": "SITES"}, "code"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_client(
    program: MakeProgram, whom: dict[str, Any], field: str | None
) -> None:
    dealer()
    build.customer(account="PAYER")
    build.master(code="SITES", usable_on=["client"])
    sent = {"key": "K", "code": build.master().code, "starts_on": "2026-06-01", **whom}
    answer = program().post("/charges", sent)
    status, _code = problem_of(answer)
    assert status == 422
    if field is not None:
        assert [one["field"] for one in json.loads(answer.content)["errors"]] == [f"body.{field}"]
    assert (Client.objects.count(), Charge.objects.count()) == (0, 0)


def test_many_are_charged_themselves(program: MakeProgram) -> None:
    """Two dealers at 30.00: 60.00 a period; a dry run stores nothing."""
    erp, master = program(), build.master()
    for code in ("D1", "D2"):
        dealer(code)
    wanted = {"code": master.code, "dealers": ["D1", "D2"], "starts_on": "2026-06-01"}
    foreseen = erp.post("/charges/assign", {**wanted, "dry_run": True}).json()
    assert (foreseen["charges"], Client.objects.count()) == (["D1-1", "D2-1"], 0)
    done = erp.post("/charges/assign", wanted).json()
    assert done["price_of_a_period"] == [{"currency": "EUR", "amount": "60"}]
    customer = build.customer()
    copied = {"template": "D1", "customers": [customer.account], "starts_on": "2026-06-01"}
    assert erp.post("/charges/copy", copied).json()["charges"] == [f"{customer.account}-1"]
    for wrong in ({"clients": ["D1"]}, {"dealers": None}):
        assert problem_of(erp.post("/charges/assign", {**wanted, **wrong}))[0] == 422
    assert problem_of(erp.post("/charges/assign", {**wanted, "dealers": ["D9"]}))[0] == 422


def test_what_stands_for_an_owner_is_not_changed(program: MakeProgram) -> None:
    erp, reseller = program(), dealer()
    erp.post(
        "/charges", {"key": "K", "code": build.master().code, "starts_on": "2026-06-01", "of_dealer": "D1"}
    )
    own = Client.objects.get()
    answer = erp.patch(f"/clients/{own.pk}", {"name": "Mine"})
    assert problem_of(answer)[0] == 422
    assert "stands for D1 Dealer D1 itself" in json.loads(answer.content)["errors"][0]["message"]
    assert erp.patch(f"/dealers/{reseller.pk}", {"name": "Harbour"}).status_code == 200
    own.refresh_from_db()
    assert own.name == "Harbour"


def test_whose_branch_is_not_seen_is_not_charged(program: MakeProgram) -> None:
    dealer()
    far = Branch.objects.create(organisation=Branch.objects.get().organisation, code="far", name="Far")
    elsewhere, code = program(branches=[far]), build.master().code
    sent = {"key": "K", "code": code, "starts_on": "2026-06-01", "of_dealer": "D1"}
    assert problem_of(elsewhere.post("/charges", sent))[0] == 422
    many = {"code": code, "dealers": ["D1"], "starts_on": "2026-06-01"}
    assert problem_of(elsewhere.post("/charges/assign", many))[0] == 422
    assert Client.objects.count() == 0
