"""A whole month through the API: preview, generate, review, authorise, deliver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from counterfoil.flows.billing import issue
from counterfoil.flows.billing.run import resume
from counterfoil.records.billing.models import BatchDefinition, Run
from counterfoil.records.organisation.models import Branch, Organisation, Role
from tests import build
from tests.api.conftest import MakeProgram, Program, problem_of
from tests.build import JUNE

pytestmark = pytest.mark.django_db(transaction=True)

JUNE_RUN = {"definition": "all", "cutoff": "2026-06-01", "invoice_date": "2026-06-01"}


@pytest.fixture(autouse=True)
def _bureau() -> None:
    build.organisation()
    BatchDefinition.objects.create(name="all", title="All services", kinds=["service"])


@pytest.fixture
def queued() -> Callable[[], list[Any]]:
    """Return a function that returns what was queued since the test began: names and arguments."""
    newest = ProcrastinateJob.objects.order_by("-id").values_list("id", flat=True).first() or 0
    return lambda: list(
        ProcrastinateJob.objects.filter(id__gt=newest).order_by("id").values_list("task_name", "args")
    )


def generated(erp: Program) -> int:
    """Generate June's run, do the work that was queued, and return its id."""
    run_id: int = erp.post("/runs", JUNE_RUN).json()["id"]
    resume(Run.objects.get(pk=run_id), now=build.now)
    return run_id


def test_a_month(program: MakeProgram, queued: Any) -> None:
    """Two charges of 30.00 + 23 %: 60.00 + 13.80 = 73.80; the second is held, so 36.90 is issued."""
    first, _second, broken = build.charge(), build.charge(), build.charge(ends_before=JUNE)
    erp = program()
    total = {"currency": "EUR", "documents": 2, "lines": 2, "net": "60.00", "tax": "13.80", "gross": "73.80"}

    previewed = erp.post("/runs/preview", JUNE_RUN, key="look").json()
    assert (previewed["invoices"], previewed["lines"], previewed["exceptions"]) == (2, 2, 1)
    assert previewed["totals"] == [total]
    assert Run.objects.count() == 0

    answer = erp.post("/runs", JUNE_RUN, key="june")
    assert (answer.status_code, answer.json()["status"], answer.json()["charges"]) == (202, "generating", 3)
    run = answer.json()["id"]
    assert queued() == [("generate_run", {"run_id": run})]
    assert erp.get(f"/runs/{run}/invoices").json()["items"] == []
    resume(Run.objects.get(pk=run), now=build.now)
    assert erp.get(f"/runs/{run}").json()["status"] == "in_review"
    assert erp.get(f"/runs/{run}/totals").json() == {"totals": [total]}
    (exception,) = erp.get(f"/runs/{run}/exceptions").json()["items"]
    assert (exception["charge"], bool(exception["message"]), bool(exception["remedy"])) == (
        broken.key,
        True,
        True,
    )
    assert erp.get("/exceptions", run=run).json()["items"] == [exception]

    drafts = erp.get(f"/runs/{run}/invoices").json()["items"]
    assert [(draft["number"], draft["state"], draft["gross"]) for draft in drafts] == [
        (None, "draft", "36.90")
    ] * 2
    held = erp.post(f"/invoices/{drafts[1]['id']}/hold", {"reason": "customer called"})
    assert (held.status_code, held.json()["state"]) == (200, "held")

    assert erp.post(f"/runs/{run}/authorise", key="yes").json()["status"] == "authorised"
    assert queued()[1:] == [("issue_run", {"run_id": run})]
    issue.issue(run, today=JUNE, now=build.now)
    (issued,) = erp.get("/invoices", number="INV-2026-000001").json()["items"]
    assert (issued["state"], issued["due_on"], issued["net"]) == ("issued", "2026-06-15", "30.00")
    (line,) = erp.get(f"/invoices/{issued['id']}/lines").json()["items"]
    assert (line["charge"], line["fraction"], line["tax_rate"], line["tax"]) == (first.key, "1", "23", "6.90")
    pdf = erp.get(f"/invoices/{issued['id']}/pdf")
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")

    assert erp.post(f"/runs/{run}/deliver", key="send").status_code == 202
    assert queued()[2:] == [("deliver_run", {"run_id": run})]


def test_nothing_is_queued_by_a_refused_request(program: MakeProgram, queued: Any) -> None:
    build.charge()
    erp = program()
    run = generated(erp)
    assert problem_of(erp.post(f"/runs/{run}/deliver")) == (409, "run-not-issued")
    assert [name for name, _args in queued()] == ["generate_run"]


def test_drafts_are_released_and_excluded(program: MakeProgram) -> None:
    build.charge()
    erp = program(Role.BILLER)
    run = generated(erp)
    (draft,) = erp.get("/invoices", run=run).json()["items"]
    erp.post(f"/invoices/{draft['id']}/hold", {"reason": "wait"})
    assert erp.post(f"/invoices/{draft['id']}/release").json()["state"] == "draft"
    assert problem_of(erp.post(f"/invoices/{draft['id']}/exclude", {"reason": " "})) == (
        422,
        "reason-missing",
    )
    excluded = erp.post(f"/invoices/{draft['id']}/exclude", {"reason": "not theirs"})
    assert excluded.json()["state"] == "excluded"
    again = erp.post(f"/invoices/{draft['id']}/hold", {"reason": "wait"})
    assert problem_of(again) == (409, "not-a-draft")


def test_an_abandoned_run_is_billed_again(program: MakeProgram) -> None:
    build.charge()
    erp = program(Role.BILLER)
    run = generated(erp)
    abandoned = erp.post(f"/runs/{run}/abandon", {"reason": "wrong price"}).json()
    assert (abandoned["status"], abandoned["abandoned_because"]) == ("abandoned", "wrong price")
    assert erp.get("/invoices").json()["items"] == []
    assert [row["id"] for row in erp.get("/runs", status="abandoned").json()["items"]] == [run]
    assert erp.get(f"/runs/{generated(erp)}/totals").json()["totals"][0]["gross"] == "36.90"


def test_four_eyes_hold_for_programs(program: MakeProgram) -> None:
    Organisation.objects.update(four_eyes=True)
    build.charge()
    erp = program()
    run = generated(erp)
    assert problem_of(erp.post(f"/runs/{run}/authorise")) == (409, "four-eyes")
    assert program(Role.APPROVER).post(f"/runs/{run}/authorise").status_code == 202


def test_whoever_is_limited_to_a_branch_runs_and_sees_that_branch(program: MakeProgram) -> None:
    north = Branch.objects.create(code="NORTH", name="North")
    BatchDefinition.objects.create(name="north", title="North", kinds=["service"], branch=north)
    build.charge()
    build.charge(client=build.client(branch=north, customer=build.customer(branch=north)))
    limited = program(Role.BILLER, branches=[north])
    assert problem_of(limited.post("/runs", JUNE_RUN)) == (403, "forbidden")
    run = limited.post("/runs", JUNE_RUN | {"definition": "north"}).json()["id"]
    resume(Run.objects.get(pk=run), now=build.now)
    everything = generated(program())
    assert [row["id"] for row in limited.get("/runs").json()["items"]] == [run]
    assert [row["branch"] for row in limited.get("/invoices").json()["items"]] == ["NORTH"]
    assert problem_of(limited.get(f"/runs/{everything}/totals")) == (404, "not-found")
