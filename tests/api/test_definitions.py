"""Batch definitions through the API: made, changed, copied, and when they run next."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.records.billing.models import BatchDefinition
from counterfoil.records.organisation.models import Branch, Organisation, Role
from tests import build
from tests.api.conftest import MakeProgram, problem_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def branch(transactional_db: None) -> Branch:
    """Store the organisation and a second branch, which is returned."""
    build.organisation()
    return Branch.objects.create(organisation=Organisation.objects.get(), code="west", name="West")


def test_a_definition_is_made_once_changed_and_copied(branch: Branch, program: MakeProgram) -> None:
    erp = program(Role.BILLER)
    wanted = {
        "name": "monthly",
        "kinds": ["service"],
        "schedule": "0 6 1 * *",
        "cutoff_rule": "Last of this month",
    }
    made = erp.post("/definitions", wanted, key="k1")
    assert (made.status_code, erp.post("/definitions", wanted, key="k1").json()) == (201, made.json())
    told = made.json()
    assert (told["title"], told["cutoff_rule"], told["schedule_words"]) == (
        "monthly",
        "last of this month",
        "every month on day 1 at 06:00",
    )
    assert len(told["next_runs"]) == 5
    assert {run["cutoff"][-2:] for run in told["next_runs"]} <= {"28", "29", "30", "31"}
    changed = erp.patch(
        "/definitions/monthly", {"schedule": "", "branch": "west", "name": "west-monthly"}
    ).json()
    assert (changed["name"], changed["branch"], changed["kinds"], changed["next_runs"]) == (
        "west-monthly",
        "west",
        ["service"],
        [],
    )
    assert erp.patch("/definitions/west-monthly", {}).json() == changed
    copied = erp.post("/definitions/west-monthly/copy", {"name": "again"})
    assert (copied.status_code, copied.json()["title"]) == (201, "monthly (copy)")
    assert erp.get("/runs", definition="again").json()["items"] == []
    assert [one["name"] for one in erp.get("/definitions").json()["items"]] == ["west-monthly", "again"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"name": "Monthly"}, (422, "name-not-usable")),
        ({"name": "taken"}, (409, "name-taken")),
        ({"name": "ok", "kinds": ["services"]}, (422, "unknown-kind")),
        ({"name": "ok", "kinds": ["service"], "cutoff_rule": "soon"}, (422, "not-a-day-rule")),
        ({"name": "ok", "kinds": ["service"], "schedule": "often"}, (422, "not-a-schedule")),
        ({"name": "ok", "kinds": ["service"], "branch": "east"}, (422, "not-one-of")),
        ({"name": "ok", "kinds": ["service"], "colour": "red"}, (422, "invalid")),
    ],
)
def test_what_cannot_be_is_a_problem(
    body: dict[str, Any], problem: tuple[int, str], branch: Branch, program: MakeProgram
) -> None:
    BatchDefinition.objects.create(name="taken", title="Taken", kinds=["service"])
    erp = program(Role.BILLER)
    assert problem_of(erp.post("/definitions", body)) == problem
    assert BatchDefinition.objects.count() == 1


def test_who_is_limited_to_branches_defines_for_these_alone(branch: Branch, program: MakeProgram) -> None:
    BatchDefinition.objects.create(name="all", title="All", kinds=["service"])
    west = program(Role.BILLER, branches=[branch])
    assert west.get("/definitions").json()["items"] == []
    assert west.get("/definitions/all").status_code == 404
    assert problem_of(west.post("/definitions", {"name": "x", "kinds": ["service"]})) == (403, "forbidden")
    assert west.post("/definitions", {"name": "x", "kinds": ["service"], "branch": "west"}).status_code == 201
    assert problem_of(west.patch("/definitions/x", {"branch": None})) == (403, "forbidden")
    assert problem_of(program(Role.VIEWER).patch("/definitions/x", {"title": "X"})) == (403, "forbidden")
    assert BatchDefinition.objects.get(name="x").branch == branch


def test_a_run_without_days_has_those_of_its_definition(branch: Branch, program: MakeProgram) -> None:
    BatchDefinition.objects.create(
        name="all",
        title="All",
        kinds=["service"],
        cutoff_rule="last of this month",
        invoice_date_rule="cut-off + 1 day",
    )
    run = program(Role.BILLER).post("/runs", {"definition": "all"}).json()
    assert run["invoice_date"].endswith("-01")
    given = program(Role.BILLER).post("/runs", {"definition": "all", "cutoff": "2026-06-15"}).json()
    assert (given["cutoff"], given["invoice_date"]) == ("2026-06-15", "2026-06-16")


def test_authorised_is_switched_on_by_who_may_authorise(branch: Branch, program: MakeProgram) -> None:
    BatchDefinition.objects.create(name="all", title="All", kinds=["service"])
    biller, approver = program(Role.BILLER), program(Role.APPROVER)
    wanted = {"name": "other", "kinds": ["service"], "authorised": True}
    assert problem_of(biller.post("/definitions", wanted)) == (409, "may-not-authorise")
    assert problem_of(biller.patch("/definitions/all", {"authorised": True})) == (409, "may-not-authorise")
    assert problem_of(approver.patch("/definitions/all", {"title": "Mine"})) == (403, "forbidden")
    assert approver.patch("/definitions/all", {"authorised": True}).json()["authorised"] is True
    kept = biller.patch("/definitions/all", {"title": "Everything", "authorised": True}).json()
    assert (kept["title"], kept["authorised"]) == ("Everything", True)
    assert biller.patch("/definitions/all", {"authorised": False}).json()["authorised"] is False


def test_customer_groups_are_kept_and_selected(branch: Branch, program: MakeProgram) -> None:
    erp = program()
    group = erp.post("/customer-groups", {"name": "Schools"}).json()
    assert problem_of(erp.post("/customer-groups", {"name": "Schools"}))[0] == 422
    customer = {"account": "C1", "name": "Hilltop School", "branch": "west", "group": "Schools"}
    assert erp.post("/customers", customer).json()["group"] == "Schools"
    assert len(erp.get("/customers", group="Schools").json()["items"]) == 1
    made = erp.post("/definitions", {"name": "schools", "kinds": ["service"], "customer_group": "Schools"})
    assert made.json()["customer_group"] == "Schools"
    assert erp.patch(f"/customer-groups/{group['id']}", {"name": "Education"}).json()["name"] == "Education"
    assert problem_of(erp.post(f"/customer-groups/{group['id']}/remove"))[0] == 409
    assert erp.patch("/definitions/schools", {"customer_group": None}).json()["customer_group"] is None
    assert erp.post(f"/customer-groups/{group['id']}/remove").json() == {"id": group["id"], "customers": 1}
    assert erp.get("/customer-groups").json() == {"items": []}
    assert program(Role.BILLER).post("/customer-groups", {"name": "Shops"}).status_code == 201
    assert program(Role.APPROVER).post("/customer-groups", {"name": "Inns"}).status_code == 403
