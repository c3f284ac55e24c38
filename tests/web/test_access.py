"""Every view declares what it needs, and gets it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from counterfoil.records.organisation.models import Role
from counterfoil.web.access import Need, declared_need, needs
from tests.web import bureau

API = "api/"


def _views(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any, str]]:
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield address, pattern.callback, pattern.name or ""
        else:
            yield from _views(pattern, address)


def test_every_view_declares_what_it_needs() -> None:
    # The API declares the scopes of its routes; tests/api sees to it.
    views = [view for view in _views(get_resolver("counterfoil.project.urls")) if not view[0].startswith(API)]
    assert len(views) > 20
    assert [address for address, view, name in views if declared_need(view, name=name) is None] == []


def test_a_view_that_declares_nothing_is_found() -> None:
    assert declared_need(lambda _request: HttpResponse(), name="somebody-forgot") is None


def test_needs_names_a_role() -> None:
    with pytest.raises(ValueError, match="names no role"):
        needs()


@pytest.mark.parametrize(
    ("asked", "passing"),
    [
        ({Role.VIEWER}, {"viewer", "biller", "approver", "accountant", "administrator"}),
        ({Role.BILLER}, {"biller", "administrator"}),
        ({Role.APPROVER, Role.ACCOUNTANT}, {"approver", "accountant", "administrator"}),
        ({Role.ADMINISTRATOR}, {"administrator"}),
    ],
)
def test_who_passes(asked: set[Role], passing: set[str]) -> None:
    need = Need(roles=frozenset(asked))
    assert {str(role.value) for role in Role if need.is_met_by(role)} == passing


def test_a_stranger_is_sent_to_sign_in_and_back(client: Client, db: None) -> None:
    answer = client.get("/guide/invoices?q=x")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/guide/invoices%3Fq%3Dx"


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client: Client, db: None) -> None:
    answer = client.get("/running", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/accounts/login/?next=/running"


def test_a_missing_role_is_named(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    answer = signed_in(Role.VIEWER).get("/guide/books")
    assert answer.status_code == 403
    assert (
        "This needs the role accountant, and yours is viewer. Ask an administrator" in answer.content.decode()
    )


def test_the_menu_shows_what_the_role_may_open(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    viewer = signed_in(Role.VIEWER).get("/guide/parts").content.decode()
    assert "Invoices" in viewer
    assert "Journal" not in viewer
    accountant = signed_in(Role.ACCOUNTANT, username="ada").get("/guide/parts").content.decode()
    assert "Journal" in accountant
