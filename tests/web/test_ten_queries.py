"""Every page of the web and every answer of the API costs ten queries at most, all told, and can be opened.

Every address of the map is asked for with a few objects of its kind, and with every tab that its page links to. The
columns that a rating reads are copied out and no queries here: seventeen for each payer whose charges are foreseen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_resolver

from counterfoil.api.urls import api
from counterfoil.clock import now
from counterfoil.records.organisation.actions import create_token
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.scopes import SCOPES
from counterfoil.records.parties.models import BillingCustomer
from counterfoil.records.parties.models import Client as Site
from counterfoil.web.audit.histories import KINDS
from tests.api.conftest import Program
from tests.web import month
from tests.web.conftest import BACKEND
from tests.web.one_of_everything import keys_for, store_one_of_everything
from tests.web.test_access import API, _views

MOST_QUERIES, MOST_OF_NO_PAGE = 10, 28
PARAMETER = re.compile(r"<\w+:\w+>|\{\w+\}")
TAB = re.compile(r'href="(\?tab=[a-z-]+)"')
OTHERS = ("account_", "mfa_", "socialaccount_", "openid_connect_")
# Documents on paper, and why a line costs what it costs, are read from the trail as everything was at a moment: a query
# a kind of thing. They are no pages but files, and panels beside one, that somebody asks for by themselves.
NO_PAGES = re.compile(r"\.pdf$|/pdf$|/summary$|/why$|/explanation$|/workbook$|\.xlsx$|/end/amount$")
# What is sent as a file of any length, and what is only there after something was sent.
NOT_WALKED = {"export", "documents-logo", "list-view", "list-view-delete", "override-typed", "charge-typed"}
THERE_IN_LEGACY_MODE = {"client-account", "dealer-account"}


@pytest.fixture(autouse=True)
def _bureau(
    transactional_db: None,
    _guide_pages: None,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    tmp_path: Any,
) -> None:
    month.use_own_pages(monkeypatch)
    settings.HOME = tmp_path
    store_one_of_everything()


def test_no_page_and_no_answer_asks_more_than_ten() -> None:
    browser, erp = _administrator()
    asked = {**dict(_walked(browser)), **dict(_answered(erp))}
    assert len(asked) > 250
    assert {address: told for address, told in asked.items() if told[0] == 404} == {}
    much = {address: count for address, (_status, count) in asked.items() if count > _allowed(address)}
    assert much == {}


def _allowed(address: str) -> int:
    return MOST_OF_NO_PAGE if NO_PAGES.search(address) else MOST_QUERIES


def _administrator() -> tuple[Client, Program]:
    """Return the browser, and a program, of who asked for what is printed and mailed."""
    person, moment = User.objects.get(username="administrator"), now()
    browser, until = Client(), moment + timedelta(days=1)
    browser.force_login(person, backend=BACKEND)
    token, secret = create_token(
        user=person, name="Books", scopes=tuple(SCOPES), expires_at=until, now=moment
    )
    return browser, Program(token=token, secret=secret)


def _walked(browser: Client) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield every page and tab with its status and the queries it asks."""
    for pattern, _view, name in _views(get_resolver("counterfoil.project.urls")):
        if pattern.startswith(API) or name.startswith(OTHERS) or name in NOT_WALKED | THERE_IN_LEGACY_MODE:
            continue
        for address in _addresses(pattern):
            found, queries = _asked(lambda: browser.get(address))  # noqa: B023  asked at once
            yield address, (found.status_code, queries)
            is_page = "html" in found.get("Content-Type", "")
            for tab in sorted(set(TAB.findall(found.content.decode()))) if is_page else ():
                found, queries = _asked(lambda: browser.get(f"{address}{tab}"))  # noqa: B023
                yield f"{address}{tab}", (found.status_code, queries)


def _answered(erp: Any) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield every answer of the API with its status and the queries it asks."""
    for path, methods in api.get_openapi_schema()["paths"].items():
        if "get" not in methods:
            continue
        for address in _addresses(path.removeprefix("/api/v1/")):
            found, queries = _asked(lambda: erp.get(address))  # noqa: B023
            yield f"/api/v1{address}", (found.status_code, queries)


def _asked(ask: Callable[[], Any]) -> tuple[Any, int]:
    """Return the answer of *ask*, and how many queries it took."""
    asked = 0

    def count(execute: Any, *query: Any) -> Any:
        nonlocal asked
        asked += 1
        return execute(*query)

    with connection.execute_wrapper(count):
        found = ask()
    found.close()
    return found, asked


def _addresses(pattern: str) -> list[str]:
    """Return the addresses of *pattern*, filled in with a few of what it may name."""
    if not PARAMETER.search(pattern):
        return [f"/{pattern}"]
    if pattern.startswith("history/"):
        kept = {kind: model.objects.order_by("pk").first() for kind, (model, _path) in KINDS.items()}
        return [f"/history/{kind}/{record.pk}" for kind, record in kept.items() if record]
    if pattern.startswith("numbering/"):
        return ["/numbering/main/contract"]
    if pattern.startswith("contacts/new/"):
        return [f"/contacts/new/{kind}/{rows.objects.all()[0].pk}" for kind, rows in OWNERS.items()]
    if pattern.startswith("events/new/"):
        return [f"/events/new/{kind}" for kind in ("activation", "work_order")]
    if pattern == "definitions/{name}":
        return ["/definitions/service-direct"]
    return [f"/{PARAMETER.sub('1', PARAMETER.sub(str(key), pattern, count=1))}" for key in keys_for(pattern)]


OWNERS: dict[str, Any] = {"customer": BillingCustomer, "client": Site}
