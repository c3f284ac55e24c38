"""Every address of the web and of the API with every role: what a role lacks is refused, and a viewer writes nothing.

What each role gets is derived from what the view or the route declares; a view that declares nothing fails in
test_access.py, a route in tests/api/test_routes.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_resolver, resolve

from counterfoil.api.urls import api
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import PUBLIC, declared_need
from tests.api.conftest import ROOT, program  # noqa: F401  a fixture
from tests.api.test_routes import _operations
from tests.web import month
from tests.web.test_access import API, _views

SignedIn = Callable[..., Client]
LOGIN = "/accounts/login/"
# What stands for a parameter, by its converter.
CONVERTERS = {"int": "1", "str": "main", "slug": "main", "eventkind": "activation"}

# What a viewer may store, since it is theirs alone: the session, how they like to see lists, tokens of their own.
ONES_OWN = {"django_session", "organisation_listview", "organisation_apitoken"}
# When somebody looked at what the bell tells stands on their own row, and is all of it that they write.
WRITES_ONES_ROW = {"notices-seen": {"organisation_user"}}
WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM|COPY)\s+\"?(\w+)", re.IGNORECASE)


def _own_pages() -> Iterator[tuple[str, Any]]:
    """Yield the address of every page of ours, its parameters filled in, with what it needs."""
    for pattern, view, name in _views(get_resolver("counterfoil.project.urls")):
        if not pattern.startswith(API) and hasattr(view, "need"):
            filled = re.sub(r"<(?:(\w+):)?\w+>", lambda found: CONVERTERS[found[1] or "str"], pattern)
            yield f"/{filled}", declared_need(view, name=name)


PAGES = list(_own_pages())


@pytest.fixture(autouse=True)
def _bureau(transactional_db: None, _guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)
    month.bureau(charges=4)


def test_every_page_refuses_whoever_lacks_its_role_and_lets_the_others_in(signed_in: SignedIn) -> None:
    assert len(PAGES) > 100
    wrong: list[tuple[str, str, str, int]] = []
    opened: set[str] = set()
    for role in Role:
        client = signed_in(role, username=role.value)
        client.raise_request_exception = False
        for address, need in PAGES:
            may = need.is_met_by(role)
            if (
                may and address in opened
            ):  # one role that may is enough, since each pass of the guard is the same
                continue
            opened.update({address} if may else ())
            for method in ("get",) if may else ("get", "post"):
                status = getattr(client, method)(address).status_code
                if (status == 403) == may or status >= 500:
                    wrong.append((role.value, method, address, status))
    assert wrong == []


def test_every_page_sends_a_stranger_to_sign_in() -> None:
    client = Client()
    wrong = [
        (method, address)
        for address, need in PAGES
        for method in ("get", "post")
        if need != PUBLIC
        and not getattr(client, method)(address).headers.get("Location", "").startswith(LOGIN)
    ]
    assert wrong == []


def test_a_viewer_writes_nothing_but_what_is_theirs_alone(signed_in: SignedIn) -> None:
    client = signed_in(Role.VIEWER)
    written: dict[str, set[str]] = {}
    for address, need in PAGES:
        if not need.is_met_by(Role.VIEWER):
            continue
        found: set[str] = set()

        def listen(execute: Any, sql: Any, *rest: Any, heard: set[str] = found) -> Any:
            heard.update(WRITES.findall(str(sql)))
            return execute(sql, *rest)

        with connection.execute_wrapper(listen):
            client.post(address, {"name": "x", "reason": "x", "agreed": "x", "selected": "1"})
        row = WRITES_ONES_ROW.get(resolve(address).url_name or "", set())
        written[address] = found - ONES_OWN - row
    assert len(written) > 40
    assert {address: tables for address, tables in written.items() if tables} == {}


def test_every_route_refuses_whoever_lacks_its_role_or_scope(program: Any) -> None:  # noqa: F811
    operations = [
        (method, re.sub(r"\{\w+\}", "1", path), operation.auth_callbacks[0].need)
        for path, method, operation in _routes()
    ]
    assert len(operations) > 80
    wrong: list[tuple[str, str, str, int]] = []
    for role in Role:
        client = program(role)
        for method, path, need in operations:
            may = role == Role.ADMINISTRATOR or role in need.roles
            if may and method != "GET":
                continue  # what it does is tested where it is done
            sent = {"content_type": "application/json", "headers": client._headers()}
            answer = client.client.generic(method, f"{ROOT}{path}", "" if method == "GET" else "{}", **sent)
            if (answer.status_code == 403) == may or answer.status_code in (401, 500):
                wrong.append((role.value, method, path, answer.status_code))
    assert wrong == []


def _routes() -> Iterator[tuple[str, str, Any]]:
    """Yield the path, the method and the declaration of every route of the API."""
    described = api.get_openapi_schema()["paths"]
    declared = {operation.view_func.__name__: operation for operation in _operations(api)}
    for path, methods in described.items():
        for method, facts in methods.items():
            yield path.removeprefix("/api/v1"), method.upper(), declared[facts["operationId"]]
