"""Views a person keeps of a list, and the columns they chose: theirs alone, in the address all the same."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.flows.arranging import MOST_VIEWS
from counterfoil.records.organisation.models import ListView, Role, User
from tests.web import bureau

LIST = "/guide/invoices"


@pytest.fixture
def desk(signed_in: Callable[..., Client]) -> Client:
    """Return a biller with a list of six invoices, two of them issued."""
    bureau.organisation()
    bureau.invoices(bureau.customers(6, branches=bureau.branches()), numbered=2)
    return signed_in(Role.BILLER)


def _keep(desk: Client, name: str, *, query: str, **more: str) -> str:
    posted = {"listing": "invoices", "next": f"{LIST}?{query}", "query": query, "name": name, **more}
    return desk.post(reverse("list-views"), posted)["Location"]


def _messages(desk: Client, address: str) -> str:
    found = re.findall(
        r'<div class="note note-\w+">(.*?)</div>', desk.get(address).content.decode(), re.DOTALL
    )
    return html.unescape(" ".join(found))


def test_a_view_is_kept_under_a_name_and_shown_by_its_address(desk: Client) -> None:
    there = _keep(desk, "  Only   euro ", query="currency=EUR&sort=gross_minor&at=x&export=csv&q=")
    view = ListView.objects.get()
    assert (view.name, view.query) == ("Only euro", "currency=EUR&sort=gross_minor")
    assert there == f"{LIST}?view={view.pk}&currency=EUR&sort=gross_minor"
    page = desk.get(there).content.decode()
    assert "Only euro</summary>" in page
    assert "Only euro (changed)</summary>" in desk.get(f"{there}&q=alder").content.decode()
    assert ">Views</summary>" in desk.get(LIST).content.decode()


def test_a_default_opens_the_list_and_everything_is_one_click_away(desk: Client) -> None:
    _keep(desk, "Euro", query="currency=EUR", is_default="on")
    euro = ListView.objects.get()
    assert desk.get(LIST)["Location"] == f"{LIST}?view={euro.pk}&currency=EUR"
    assert desk.get(f"{LIST}?view=all").status_code == 200
    assert 'href="?view=all"' in desk.get(f"{LIST}?view={euro.pk}&currency=EUR").content.decode()
    _keep(desk, "Pounds", query="currency=GBP", is_default="on")
    pounds = ListView.objects.get(is_default=True)
    assert pounds.name == "Pounds"
    desk.post(reverse("list-view", args=[pounds.pk]), {"name": "Sterling", "next": LIST})
    assert desk.get(LIST).status_code == 200
    assert ListView.objects.filter(name="Sterling", is_default=False, query="currency=GBP").exists()


def test_a_view_is_changed_and_deleted_by_its_owner_alone(
    desk: Client, signed_in: Callable[..., Client]
) -> None:
    _keep(desk, "Euro", query="currency=EUR")
    view = ListView.objects.get()
    other = signed_in(Role.ADMINISTRATOR, username="otto")
    for name in ("list-view", "list-view-delete"):
        other.post(reverse(name, args=[view.pk]), {"name": "Mine", "next": LIST})
    assert "You have no such view any more" in _messages(other, LIST)
    assert "Euro" not in other.get(LIST).content.decode().split("</details>")[0]
    desk.post(
        reverse("list-view", args=[view.pk]),
        {"name": "Euro", "next": LIST, "query": "currency=EUR&size=25", "shows_this": "on"},
    )
    view.refresh_from_db()
    assert view.query == "currency=EUR&size=25"
    gone = desk.post(reverse("list-view-delete", args=[view.pk]), {"next": f"{LIST}?view={view.pk}"})
    assert gone["Location"] == f"{LIST}?view=all"
    assert not ListView.objects.exists()


def test_nonsense_is_refused_in_words_and_nothing_is_kept(desk: Client) -> None:
    _keep(desk, "Euro", query="currency=EUR")
    for name, query, told in [
        (" \x00 ", "", "A view needs a name of at most 60 characters"),
        ("x" * 61, "", "A view needs a name of at most 60 characters"),
        ("Euro", "currency=GBP", "You have a view called 'Euro' of this list"),
        ("Long", f"q={'x' * 2_001}", "is too long to be kept"),
    ]:
        _keep(desk, name, query=query)
        assert told in _messages(desk, LIST)
    assert ListView.objects.count() == 1
    assert _keep(desk, "There", query="", next="https://elsewhere.example.com/").startswith("/?view=")
    user = User.objects.get()
    ListView.objects.bulk_create(
        ListView(user=user, listing="invoices", name=f"View {number}") for number in range(MOST_VIEWS)
    )
    _keep(desk, "One more", query="")
    assert "that is as many as can be kept" in _messages(desk, LIST)


def test_columns_are_kept_for_the_person_until_they_want_those_as_ever(
    desk: Client, signed_in: Callable[..., Client]
) -> None:
    def heads(client: Client, address: str = LIST) -> list[str]:
        page = client.get(address).content.decode()
        return re.findall(r'<a id="sort-(\w+)"', page)

    posted = {"listing": "invoices", "next": f"{LIST}?q=a"}
    answer = desk.post(reverse("list-columns"), {**posted, "column": ["gross_minor", "no-such-column"]})
    assert answer["Location"] == f"{LIST}?q=a"
    assert heads(desk) == ["number", "gross_minor"]
    assert heads(desk, f"{LIST}?column=customer") == ["number", "customer"]  # the address goes before it
    assert len(heads(signed_in(Role.VIEWER, username="otto"))) > 2
    assert b"As ever" in desk.get(LIST).content
    desk.post(reverse("list-columns"), posted)
    assert len(heads(desk)) > 2
