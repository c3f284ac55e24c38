"""Programs send large files: 202, how far the worker is, what it came to."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from counterfoil.records.organisation.models import Branch, Role
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.api.conftest import MakeProgram, Program, problem_of
from tests.flows.importing.large import ROWS, customers, jobs_failed
from tests.working import do_all_queued_work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


@pytest.fixture(autouse=True)
def _bureau(transactional_db: None) -> None:
    build.organisation()


def sent(erp: Program, content: bytes, *, query: str = "", key: str = "") -> Any:
    """Send a file of customers."""
    headers = erp._headers() | ({"Idempotency-Key": key} if key else {})
    return Client().post(
        f"/api/v1/imports/customers{query}", content, content_type="text/csv", headers=headers
    )


def test_a_large_file_is_checked_then_taken_in(program: MakeProgram) -> None:
    erp = program(Role.BILLER)
    answer = sent(erp, customers(), query="?dry_run=true", key="k1")
    begun = answer.json()
    assert (answer.status_code, begun["state"], begun["stage"]) == (202, "asked", "waiting")
    address = begun["address"].removeprefix("/api/v1")
    assert sent(erp, customers(), query="?dry_run=true", key="k1").json() == begun
    assert (erp.get(address).json()["result"], erp.get(address).json()["is_stopped"]) == (None, False)
    do_all_queued_work()
    checked = erp.get(address).json()
    assert (checked["state"], checked["rows_total"], BillingCustomer.objects.count()) == ("checked", ROWS, 0)
    assert checked["result"]["counts"][0]["created"] == ROWS
    assert erp.post(f"{address}/take-in").json()["state"] == "confirmed"
    do_all_queued_work()
    assert (erp.get(address).json()["result"]["stored"], BillingCustomer.objects.count()) == (True, ROWS)
    assert [one["state"] for one in erp.get("/file-imports").json()["items"]] == ["done"]
    assert problem_of(erp.post(f"{address}/take-in"))[0] == 409
    assert problem_of(erp.post(f"{address}/cancel"))[0] == 409


def test_a_small_file_is_answered_at_once_and_a_large_one_can_be_taken_in_right_away(
    program: MakeProgram,
) -> None:
    erp = program(Role.BILLER)
    assert (sent(erp, customers(2)).status_code, BillingCustomer.objects.count()) == (200, 2)
    begun = sent(erp, customers())
    assert (begun.status_code, begun.json()["state"]) == (202, "confirmed")
    address = begun.json()["address"].removeprefix("/api/v1")
    jobs_failed()
    assert erp.get(address).json()["is_stopped"] is True
    assert erp.post(f"{address}/go-on").status_code == 202
    do_all_queued_work()
    assert erp.get(address).json()["state"] == "done"


def test_it_is_cancelled_and_seen_by_who_may_import(program: MakeProgram) -> None:
    erp = program(Role.BILLER)
    address = sent(erp, customers()).json()["address"].removeprefix("/api/v1")
    limited = program(Role.BILLER, branches=[Branch.objects.get()])
    assert problem_of(limited.get(address))[0] == 403
    assert problem_of(limited.get("/file-imports"))[0] == 403
    assert problem_of(program(Role.ACCOUNTANT).get(address))[0] == 403
    assert erp.post(f"{address}/cancel").json()["state"] == "cancelled"
    do_all_queued_work()
    assert BillingCustomer.objects.count() == 0
