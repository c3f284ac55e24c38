"""Problem details: one form for every error, and nothing of our inside in any."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from counterfoil.api import customers, routes
from tests import build
from tests.api.conftest import MakeProgram, problem_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def test_what_is_no_json_is_a_bad_request(program: MakeProgram) -> None:
    erp = program()
    answer = erp.client.post(
        "/api/v1/runs",
        b"{",
        content_type="application/json",
        headers={"Authorization": f"Bearer {erp.secret}"},
    )
    assert problem_of(answer) == (400, "bad-request")


def test_a_body_that_is_too_long_is_a_bad_request(program: MakeProgram, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = program().post("/runs", {"definition": "x" * 200, "cutoff": "2026-06-01"})
    assert problem_of(answer) == (400, "bad-request")


@pytest.mark.parametrize("address", ["/nothing", "/", "/customers/1", "/customers/9223372036854775807"])
def test_what_is_not_there_is_not_found(program: MakeProgram, address: str) -> None:
    assert problem_of(program().get(address)) == (404, "not-found")


def test_other_addresses_below_api_are_not_found() -> None:
    assert problem_of(Client().get("/api/v2/customers")) == (404, "not-found")


def test_a_wrong_method_is_refused_with_those_allowed() -> None:
    answer = Client().delete("/api/v1/runs")
    assert problem_of(answer) == (405, "method-not-allowed")
    assert answer["Allow"] == "GET, POST"


@pytest.mark.parametrize("number", ["x", "0", "-1", "9223372036854775808", "1.5"])
def test_a_number_that_cannot_be_one_is_invalid(program: MakeProgram, number: str) -> None:
    assert problem_of(program().get(f"/customers/{number}")) == (422, "invalid")


def test_each_wrong_value_is_named(program: MakeProgram) -> None:
    answer = program().post("/runs", {"cutoff": "1 June", "speed": "fast"})
    assert problem_of(answer) == (422, "invalid")
    fields = sorted(error["field"] for error in answer.json()["errors"])
    assert fields == ["body.cutoff", "body.definition", "body.speed"]


def test_a_zero_character_is_invalid(program: MakeProgram) -> None:
    assert problem_of(program().get("/customers", account="a\0b")) == (422, "invalid")


def test_an_unknown_definition_is_refused_with_its_sentence(program: MakeProgram) -> None:
    answer = program().post("/runs", {"definition": "nope", "cutoff": "2026-06-01"})
    assert problem_of(answer) == (422, "no-such-definition")
    assert answer.json()["detail"].startswith("There is no batch definition 'nope'.")


def test_too_many_requests_are_told_when_to_come_back(
    program: MakeProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes.LIMIT, "num_requests", 2)
    erp = program()
    routes.LIMIT.cache.clear()
    assert [erp.get("/dealers").status_code for _ in range(2)] == [200, 200]
    answer = erp.get("/dealers")
    assert problem_of(answer) == (429, "too-many-requests")
    assert 1 <= int(answer["Retry-After"]) <= 60


def test_a_bug_is_told_without_its_inside(program: MakeProgram, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_request: Any) -> Any:
        raise RuntimeError("the password is sesame")

    monkeypatch.setattr(customers, "_seen", fail)
    answer = program().get("/customers")
    assert problem_of(answer) == (500, "internal")
    assert "sesame" not in answer.content.decode()
    assert answer["X-Request-ID"]
