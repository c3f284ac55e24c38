"""What a program adds and changes: customers, dealers, clients, the catalogue, charges, price lists (product A, B)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse

from counterfoil.core.recipients import MailKind
from counterfoil.records.catalog.models import ChargeOverride, ChargePeriod, TaxRate
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Branch, Role
from counterfoil.records.parties.models import BillingCustomer, Client
from tests import build
from tests.api.conftest import MakeProgram, problem_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _bureau() -> None:
    build.organisation()


ONLY_INVOICES = {"address": "a@example.com", "gets": ["invoices"]}


def told(answer: HttpResponse) -> dict[str, str]:
    """Return the problems of an answer by field."""
    body: Any = answer.json()  # type: ignore[attr-defined]
    assert answer.status_code == 422, body
    return {one["field"]: one["message"] for one in body.get("errors", [])}


def test_a_month_is_set_up_by_a_program_and_billed(program: MakeProgram) -> None:
    """2 × 12.50 a month from 1 June: 25.00, and 23 % of it 5.75."""
    erp = program(Role.BILLER)
    customer = erp.post(
        "/customers", {"account": "C-9", "name": "Quay Hotel", "emails": ["a@example.com", "b@example.com"]}
    )
    assert customer.status_code == 201
    assert (customer.json()["currency"], customer.json()["branch"]) == ("EUR", "main")
    assert customer.json()["emails"] == ["a@example.com", "b@example.com"]
    here = f"/customers/{customer.json()['id']}"
    gets = ["statements"]
    told = erp.patch(
        here, {"recipients": [{"address": "a@example.com"}, {"address": "b@example.com", "gets": gets}]}
    )
    assert [one["gets"] for one in told.json()["recipients"]] == [list(MailKind), gets]
    erp.post("/dealers", {"code": "D-1", "name": "Harbour Alarms", "customer": "C-9"})
    erp.post("/charge-periods", {"name": "monthly", "anchor": "2020-01-01"})
    wanted = {"code": "MON", "name": "Monitoring", "unit_price": "10.00", "charge_period": "monthly"}
    assert erp.post("/master-charges", {**wanted, "tax_category": "standard"}).status_code == 201
    erp.post("/clients", {"code": "S-1", "name": "Pier", "customer": "C-9", "dealer": "D-1"})
    charge = {"key": "K-1", "client": "S-1", "code": "MON", "starts_on": "2026-06-01", "quantity": "2"}
    stored = erp.post("/charges", charge).json()
    assert (stored["code"], stored["quantity"], stored["unit_price"]) == ("MON", "2", None)
    cheaper = {"code": "MON", "dealer": "D-1", "unit_price": "12.5"}
    effect = erp.post("/overrides/preview", cheaper).json()
    assert not ChargeOverride.objects.exists()
    # Two a month at 10.00 become two at 12.50.
    assert effect == {
        "running": 1,
        "changed": 1,
        "priced_nearer": 0,
        "before": "20",
        "after": "25",
        "is_all": True,
    }
    override = erp.post("/overrides", cheaper).json()
    again = erp.post(f"/overrides/{override['id']}/preview", {"unit_price": "15"}).json()
    assert (again["before"], again["after"]) == ("25", "30")
    assert ChargeOverride.objects.get().unit_price == Decimal("12.5")
    build.run()
    (invoice,) = erp_reads(program).get("/invoices").json()["items"]
    assert (invoice["net"], invoice["tax"]) == ("25.00", "5.75")
    assert erp.post(f"/overrides/{override['id']}/remove").json() == {"id": override["id"]}
    erp.patch(here, {"name": "Quay House"})
    (changed, added) = erp_reads(program).get(f"{here}/history").json()["items"][:2]
    assert [(one["field"], one["before"], one["after"]) for one in changed["changes"]] == [
        ("name", "Quay Hotel", "Quay House")
    ]
    assert added["what"] in ("added", "changed")
    assert not ChargeOverride.objects.exists()


def erp_reads(program: MakeProgram) -> Any:
    """Return a program that reads everything."""
    return program()


def test_only_what_is_sent_changes(program: MakeProgram) -> None:
    charge = build.charge(quantity=2, description="Front door")
    erp = program(Role.BILLER)
    changed = erp.patch(f"/charges/{charge.pk}", {"ends_before": "2026-09-01"}).json()
    assert (changed["ends_before"], changed["quantity"], changed["description"]) == (
        "2026-09-01",
        "2",
        "Front door",
    )
    emptied = erp.patch(f"/charges/{charge.pk}", {"ends_before": None, "quantity": None}).json()
    assert (emptied["ends_before"], emptied["quantity"]) == (None, None)
    customer = charge.client.customer
    erp.patch(f"/customers/{customer.pk}", {"city": "Cork", "delivery": "print"})
    stored = BillingCustomer.objects.get(pk=customer.pk)
    assert (stored.city, stored.delivery, stored.email) == ("Cork", "print", customer.email)
    again = erp.post("/customers", {"account": customer.account, "name": "Another"})
    assert told(again) == {"body.account": "Billing customer with this Account already exists."}


@pytest.mark.parametrize(
    ("address", "sent", "field"),
    [
        ("/customers", {"account": "C-9", "name": "N", "currency": "EUX"}, "body.currency"),
        ("/customers", {"account": "C-9", "name": "N", "country": "Ireland"}, "body.country"),
        ("/customers", {"account": "C-9", "name": "N", "payment_terms": "soon"}, "body.payment_terms"),
        ("/customers", {"account": "C-9", "name": "N", "emails": ["nobody"]}, "body.emails"),
        ("/customers", {"account": "C-9", "name": "N", "recipients": [ONLY_INVOICES]}, "body.recipients"),
        ("/customers", {"account": "C-9", "name": "N", "country": "IE", "tax_id": "IE1"}, "body.tax_id"),
        ("/customers", {"account": "C-9", "name": None}, "body.name"),
        ("/customers", {"account": "C-9", "name": "N", "colour": "red"}, "body.colour"),
        ("/charge-periods", {"name": "p", "count": 0}, "body.count"),
        ("/charge-periods", {"name": "p", "unit": "week", "billing_day": 1}, "body.billing_day"),
        ("/tax-rates", {"category": "standard", "rate": "-1", "valid_from": "2026-01-01"}, "body.rate"),
        ("/master-charges", {"code": "M", "name": "N", "unit_price": "1.1234567"}, "body.unit_price"),
    ],
)
def test_what_cannot_be_is_told_by_field(
    program: MakeProgram, address: str, sent: dict[str, Any], field: str
) -> None:
    problems = told(program(Role.BILLER).post(address, sent))
    assert list(problems) == [field]
    assert not ChargePeriod.objects.exists()
    assert not BillingCustomer.objects.exists()


def test_a_charge_ends_after_its_start_and_refers_to_what_there_is(program: MakeProgram) -> None:
    site, erp = build.client(), program(Role.BILLER)
    sent = {"key": "K", "client": site.code, "code": build.master().code, "starts_on": "2026-06-01"}
    assert list(told(erp.post("/charges", {**sent, "ends_before": "2026-06-01"}))) == ["body.ends_before"]
    assert problem_of(erp.post("/charges", {**sent, "code": "none"})) == (422, "nothing-called-so")
    assert not Charge.objects.exists()


def test_a1_where_and_when_a_master_charge_is_used(program: MakeProgram) -> None:
    site, erp = build.client(), program(Role.BILLER)
    used = {"usable_on": ["client", "sale"], "active_end": "2026-09-01", "unit_cost": "7.5"}
    master = erp.post("/master-charges", {"code": "POOL", "name": "Pool", "kind": "service", **used}).json()
    assert {name: master[name] for name in used} == used
    assert (master["revenue_method"], master["earned"]) == ("", "daily")
    sent = {"key": "K", "client": site.code, "code": "POOL", "starts_on": "2026-09-01"}
    assert "is active up to 2026-08-31" in told(erp.post("/charges", sent))["body.code"]
    assert erp.post("/charges", {**sent, "starts_on": "2026-08-31"}).status_code == 201
    call = {"key": "A", "kind": "activation", "client": site.code, "occurred_on": "2026-06-05"}
    refused = erp.post("/events", {**call, "charges": [{"code": "POOL"}]})
    assert (refused.status_code, "is not for activations" in refused.json()["detail"]) == (409, True)


def test_a3_a_price_list_says_what_may_be_assigned(program: MakeProgram) -> None:
    """The customer's word holds before the dealer's, and that before the master charge's."""
    erp = program(Role.BILLER)
    erp.post("/dealers", {"code": "D-1", "name": "Harbour Alarms"})
    site = build.client()
    erp.patch(f"/clients/{site.pk}", {"dealer": "D-1"})
    master = build.master(assignable=False)
    sent = {"client": site.code, "code": master.code, "starts_on": "2026-06-01"}
    assert list(told(erp.post("/charges", {"key": "K1", **sent}))) == ["body.code"]
    erp.post("/overrides", {"code": master.code, "dealer": "D-1", "assignable": True})
    assert erp.post("/charges", {"key": "K2", **sent}).status_code == 201
    of_customer = {"code": master.code, "customer": site.customer.account, "assignable": False}
    override = erp.post("/overrides", of_customer).json()
    assert list(told(erp.post("/charges", {"key": "K3", **sent}))) == ["body.code"]
    twice = erp.post("/overrides", of_customer)
    assert told(twice)["body.code"].startswith("This one has an override of the master charge already.")
    assert erp.patch(f"/overrides/{override['id']}", {"unit_price": "9.5"}).json()["unit_price"] == "9.5"


def test_taxes_are_added_renamed_and_corrected(program: MakeProgram) -> None:
    erp = program(Role.BILLER)
    category = erp.post("/tax-categories", {"code": "reduced", "name": "Reduced"}).json()
    erp.patch(f"/tax-categories/{category['id']}", {"name": "Lower"})
    assert erp.get("/tax-categories").json()["items"][-1]["name"] == "Lower"
    sent = {"category": "reduced", "rate": "13.5", "valid_from": "2026-01-01"}
    rate = erp.post("/tax-rates", sent).json()
    assert erp.post("/tax-rates", sent).status_code == 422
    assert erp.patch(f"/tax-rates/{rate['id']}", {"rate": "9"}).json()["rate"] == "9"
    assert TaxRate.objects.filter(category__code="reduced").count() == 1


def test_viewers_change_nothing_and_nobody_reaches_other_branches(program: MakeProgram) -> None:
    customer = build.customer()
    viewer = program(Role.VIEWER)
    assert problem_of(viewer.post("/customers", {"account": "C-9", "name": "N"})) == (403, "forbidden")
    far = program(Role.BILLER, branches=[Branch.objects.create(code="far", name="Far")])
    assert far.patch(f"/customers/{customer.pk}", {"name": "Mine"}).status_code == 404
    taken = far.post("/customers", {"account": "C-9", "name": "N", "branch": "main"})
    assert problem_of(taken) == (422, "nothing-called-so")
    assert far.post("/customers", {"account": "C-9", "name": "N"}).json()["branch"] == "far"


def test_many_charges_are_assigned_copied_and_ended_over_the_api(program: MakeProgram) -> None:
    """A dry run stores nothing and says the same: 2 clients × 2 × 30.00."""
    erp, master = program(Role.BILLER), build.master()
    sites = [build.client().code, build.client().code]
    sent = {"code": master.code, "clients": sites, "starts_on": "2026-06-01", "quantity": "2"}
    foreseen = erp.post("/charges/assign", {**sent, "dry_run": True}).json()
    assert foreseen["price_of_a_period"] == [{"currency": "EUR", "amount": "120"}]
    assert not Charge.objects.exists()
    made = erp.post("/charges/assign", sent).json()["charges"]
    assert len(made) == 2
    copied = erp.post(
        "/charges/copy", {"template": sites[0], "clients": sites, "starts_on": "2026-06-01"}
    ).json()
    assert (copied["charges"], copied["left_out"]) == ([], [{"reason": "has it already", "count": 2}])
    wanted = {"code": "S9", "name": "Ninth", "template": sites[0]}
    assert problem_of(erp.post("/clients", wanted)) == (409, "not-commissioned-yet")
    wanted |= {"commissioned_on": "2026-06-15"}
    foreseen = erp.post("/clients", {**wanted, "dry_run": True}).json()
    assert (foreseen["id"], Client.objects.count()) == (None, 2)
    added = erp.post("/clients", wanted).json()
    assert added["charges"] == foreseen["charges"]
    (one,) = added["charges"]
    assert (one["code"], one["quantity"], one["amount"]) == (master.code, "2", "60")  # 2 × 30.00
    assert Charge.objects.get(client_id=added["id"]).starts_on == date(2026, 6, 15)
    ended = erp.post("/charges/end", {"charges": made, "ends_before": "2026-09-01"}).json()
    assert (ended["charges"], ended["credited"]) == (sorted(made), [])
    assert told(erp.post("/charges/assign", {**sent, "quantity": "many"})).keys() == {"body.quantity"}
    unknown = erp.post("/charges/end", {"charges": ["none"], "ends_before": "2026-09-01"})
    assert problem_of(unknown) == (422, "nothing-called-so")
