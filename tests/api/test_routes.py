"""Every route declares its scope, its roles and its errors, and the description says so."""

from __future__ import annotations

from typing import Any

from django.test import Client
from ninja import NinjaAPI

from counterfoil.api.auth import BearerToken
from counterfoil.api.routes import ERRORS, RequestsOfAToken
from counterfoil.api.urls import api
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.scopes import SCOPES
from tests.architecture.source import ROOT


def _operations(described: NinjaAPI) -> list[Any]:
    return [
        operation
        for bound in described._get_bound_routers()
        for view in bound.path_operations.values()
        for operation in view.operations
    ]


def _faults(operation: Any) -> list[str]:
    """Return what *operation* fails to declare."""
    keys = [auth.need.scope for auth in operation.auth_callbacks if isinstance(auth, BearerToken)]
    parameters = (operation.openapi_extra or {}).get("parameters", [])
    takes_key = any(parameter["name"] == "Idempotency-Key" for parameter in parameters)
    checks = {
        "scope": len(keys) == 1 == len(operation.auth_callbacks) and keys[0] in SCOPES,
        "errors": set(ERRORS) <= set(operation.response_models),
        "limit": any(isinstance(limit, RequestsOfAToken) for limit in operation.throttle_objects),
        "idempotency key": takes_key == bool({"POST", "PATCH"} & set(operation.methods)),
        "docstring": bool(operation.description),
    }
    return [name for name, is_declared in checks.items() if not is_declared]


def test_every_route_declares_what_it_needs_and_answers() -> None:
    operations = _operations(api)
    assert len(operations) > 20
    faults = {operation.view_func.__name__: _faults(operation) for operation in operations}
    assert {name: missing for name, missing in faults.items() if missing} == {}


def test_a_route_that_declares_nothing_is_found() -> None:
    forgetful = NinjaAPI(urls_namespace="forgetful", docs_url=None)

    @forgetful.post("/x")
    def somebody_forgot(request: Any) -> None:
        pass

    (operation,) = _operations(forgetful)
    assert _faults(operation) == ["scope", "errors", "limit", "idempotency key", "docstring"]


def test_whatever_writes_needs_more_than_a_viewer() -> None:
    open_to_viewers = [
        operation.view_func.__name__
        for operation in _operations(api)
        if {"POST", "PATCH"} & set(operation.methods)
        and Role.VIEWER in operation.auth_callbacks[0].need.roles
    ]
    assert open_to_viewers == []


def test_every_scope_opens_something() -> None:
    used = {operation.auth_callbacks[0].need.scope for operation in _operations(api)}
    assert used == set(SCOPES)


def test_the_description_is_openapi_3_1_with_problems() -> None:
    answer = Client().get("/api/v1/openapi.json")
    described = answer.json()
    assert described["openapi"].startswith("3.1")
    assert described["components"]["securitySchemes"]["BearerToken"] == {"type": "http", "scheme": "bearer"}
    run = described["paths"]["/api/v1/runs"]["post"]
    assert (run["operationId"], run["x-scope"], run["x-roles"]) == ("generate_run", "runs:write", ["biller"])
    assert set(run["responses"]) == {"202", *map(str, ERRORS)}
    assert list(run["responses"]["409"]["content"]) == ["application/problem+json"]
    total = described["components"]["schemas"]["Total"]["properties"]
    assert {total[amount]["type"] for amount in ("net", "tax", "gross")} == {"string"}


def test_the_reference_names_every_scope_and_address() -> None:
    page = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    paths = Client().get("/api/v1/openapi.json").json()["paths"]
    subjects = {path.removeprefix("/api/v1/").split("/")[0] for path in paths}
    deeds = {path.rsplit("/", 1)[-1] for path in paths if not path.endswith("}")} - subjects
    assert [scope for scope in SCOPES if f"`{scope}`" not in page] == []
    assert [name for name in sorted(subjects | deeds) if f"/{name}" not in page] == []
