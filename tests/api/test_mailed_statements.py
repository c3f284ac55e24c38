"""Statements by e-mail over the API."""

from __future__ import annotations

import pytest

from counterfoil.records.deliveries.models import StatementDelivery
from counterfoil.records.organisation.models import Role
from tests import build
from tests.api.conftest import MakeProgram, problem_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_statements_are_queued_once_and_looked_up(program: MakeProgram) -> None:
    build.organisation()
    build.customer(account="C-1", email="a@example.com")
    build.customer(account="C-2", email="")
    erp = program(Role.BILLER)
    wanted = {"customers": ["C-1", "C-2"], "day": "2026-07-01", "only_open": False}
    first = erp.post("/statements", wanted, key="one")
    assert first.status_code == 202
    assert first.json()["states"] == {"queued": 1}
    assert erp.post("/statements", wanted, key="one").json() == first.json()
    assert problem_of(erp.post("/statements", wanted)) == (409, "no-statements-to-mail")
    assert problem_of(erp.post("/statements", {**wanted, "again": True})) == (422, "reason-missing")
    assert problem_of(erp.post("/statements", {"customers": ["C-9"]})) == (422, "nothing-called-so")
    assert StatementDelivery.objects.count() == 1
    looked_up = erp.get(f"/statements/{first.json()['id']}").json()
    assert (looked_up["states"], looked_up["day"]) == ({"queued": 1}, "2026-07-01")
    (mail,) = erp.get("/emails", customer="C-1").json()["items"]
    assert (mail["number"], mail["statement_day"], mail["recipients"]) == (
        None,
        "2026-07-01",
        "a@example.com",
    )
    assert problem_of(program(Role.VIEWER).post("/statements", wanted)) == (403, "forbidden")
