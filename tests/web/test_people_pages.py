"""Users, branches and API tokens in the browser: said in words before it is done, and shown once what is secret."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from counterfoil.records.organisation.models import ApiToken, Branch, Role, User
from tests.web import bureau, month
from tests.web.conftest import BACKEND

SignedIn = Callable[..., Client]
MARK = re.compile(r'name="agreed" value="([^"]+)"')
NOOR = {
    "username": "noor",
    "first_name": "Noor",
    "last_name": "Vale",
    "email": "noor@example.com",
    "role": "biller",
}


@pytest.fixture(autouse=True)
def _bureau(db: None, _guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)
    bureau.organisation()
    bureau.branches()


@pytest.fixture
def admin(signed_in: SignedIn) -> Client:
    return signed_in(Role.ADMINISTRATOR, username="ada", first_name="Ada", last_name="Wold")


def agreed(client: Client, address: str, sent: dict[str, Any] | None = None) -> tuple[str, HttpResponse]:
    """Post *sent*, read what is asked, and agree; return the question and the answer."""
    asked = client.post(address, sent or {}).content.decode()
    found = MARK.search(asked)
    assert found, asked
    return asked, client.post(address, {**(sent or {}), "agreed": found[1]})


def test_somebody_is_added_limited_to_a_branch_and_signs_in_with_the_password_shown_once(
    admin: Client,
) -> None:
    asked, done = agreed(admin, reverse("user-new"), {**NOOR, "branches": ["DUB"]})
    assert "noor will be able to sign in as biller" in asked
    assert "<dt>Branches</dt><dd>Dublin</dd>" in asked
    password = re.search(r'id="secret" value="([^"]+)"', done.content.decode())
    assert password is not None
    assert done["Cache-Control"] == "no-store"
    noor = User.objects.get(username="noor")
    assert (noor.role, [branch.code for branch in noor.branches.all()]) == ("biller", ["DUB"])
    assert Client().post("/accounts/login/", {"login": "noor", "password": password[1]}).status_code == 302
    assert password[1] not in admin.get(reverse("user", args=[noor.pk])).content.decode()


def test_a_change_is_told_before_and_after_and_stands_in_the_history(admin: Client) -> None:
    noor = bureau.person(Role.VIEWER, username="noor", first_name="Noor", last_name="Vale")
    sent = {**NOOR, "role": "approver", "branches": ["CRK"]}
    asked, done = agreed(admin, reverse("user-edit", args=[noor.pk]), sent)
    assert "<dt>Role</dt><dd>Viewer → Approver</dd>" in asked
    assert "<dt>Branches</dt><dd>Every branch → Cork</dd>" in asked
    assert done.status_code == 302
    shown = admin.get(reverse("user", args=[noor.pk]) + "?tab=history").content.decode()
    assert "Viewer → <strong>Approver</strong>" in shown
    assert "nothing → <strong>Cork</strong>" in shown
    assert "Ada Wold" in shown
    agreed(admin, reverse("user-edit", args=[noor.pk]), {**sent, "branches": []})
    shown = admin.get(reverse("user", args=[noor.pk]) + "?tab=history").content.decode()
    assert "Cork → <strong>nothing</strong>" in shown


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"username": "ada"}, "Somebody signs in as &#x27;ada&#x27; already."),
        ({"username": "ADA"}, "Somebody signs in as &#x27;ADA&#x27; already."),
        ({"username": "no blanks"}, "cannot be a user name"),
        ({"email": "ada@example.com"}, "Ada Wold has the e-mail address"),
        ({"role": "king"}, "Select a valid choice"),
        ({"branches": ["NOWHERE"]}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_stored_is_told_and_nothing_is(admin: Client, sent: dict[str, Any], told: str) -> None:
    page = admin.post(reverse("user-new"), {**NOOR, **sent}).content.decode()
    assert told in page
    assert User.objects.count() == 1


def test_nobody_takes_their_own_role_away_or_switches_themselves_off(admin: Client) -> None:
    bureau.person(Role.ADMINISTRATOR, username="noor")
    ada = User.objects.get(username="ada")
    sent = {"username": "ada", "role": "viewer"}
    page = admin.post(reverse("user-edit", args=[ada.pk]), sent).content.decode()
    assert "You would take your own role of administrator away." in page
    agreed(admin, reverse("user-switch-off", args=[ada.pk]))
    ada.refresh_from_db()
    assert (ada.role, ada.is_active) == ("administrator", True)


def test_switching_off_ends_sessions_at_once_and_for_good(admin: Client, signed_in: SignedIn) -> None:
    client = signed_in(Role.BILLER, username="noor")
    noor = User.objects.get(username="noor")
    assert client.get("/").status_code == 200
    asked, _done = agreed(admin, reverse("user-switch-off", args=[noor.pk]))
    assert "is signed out everywhere at once" in asked
    assert client.get("/")["Location"] == "/accounts/login/?next=/"
    answer = Client().post("/accounts/login/", {"login": "noor", "password": bureau.PASSWORD})
    assert answer["Location"] == "/accounts/inactive/"
    agreed(admin, reverse("user-switch-on", args=[noor.pk]))
    assert client.get("/").status_code == 302  # the session of before does not come back
    assert (
        Client().post("/accounts/login/", {"login": "noor", "password": bureau.PASSWORD}).status_code == 302
    )


def test_a_new_password_ends_the_old_one_and_the_sessions(admin: Client, signed_in: SignedIn) -> None:
    client = signed_in(Role.BILLER, username="noor")
    noor = User.objects.get(username="noor")
    _asked, done = agreed(admin, reverse("user-password", args=[noor.pk]))
    assert 'id="secret"' in done.content.decode()
    assert client.get("/").status_code == 302
    noor.refresh_from_db()
    assert not noor.check_password(bureau.PASSWORD)


def test_users_are_searched_filtered_and_sorted(admin: Client) -> None:
    dublin = Branch.objects.get(code="DUB")
    noor = bureau.person(Role.BILLER, username="noor", first_name="Noor", last_name="Vale")
    noor.branches.add(dublin)
    bureau.person(Role.VIEWER, username="zed", is_active=False)

    def names(query: str) -> list[str]:
        page = admin.get(reverse("users") + query).content.decode()
        return re.findall(r'<a href="/users/\d+">(ada|noor|zed)</a>', page)

    assert names("") == ["ada", "noor", "zed"]
    assert names("?sort=-username") == ["zed", "noor", "ada"]
    assert names("?q=vale") == ["noor"]
    assert names("?role=administrator") == ["ada"]
    assert names("?is_active=false") == ["zed"]
    assert names(f"?branches={dublin.pk}") == ["noor"]


def test_a_token_is_made_shown_once_and_revoked(signed_in: SignedIn, admin: Client) -> None:
    client = signed_in(Role.VIEWER, username="noor")
    sent = {"name": "ERP", "scopes": ["customers:read"], "days": "30"}
    made = client.post(reverse("token-new"), sent)
    secret = re.search(r'id="secret" value="([^"]+)"', made.content.decode())
    assert secret is not None
    asked = {"headers": {"Authorization": f"Bearer {secret[1]}"}}
    assert Client().get("/api/v1/customers", **asked).status_code == 200
    token = ApiToken.objects.get()
    assert secret[1] not in client.get(reverse("tokens")).content.decode()
    assert token.prefix in admin.get(reverse("tokens")).content.decode()
    agreed(client, reverse("token-revoke", args=[token.pk]))
    assert Client().get("/api/v1/customers", **asked).status_code == 401


def test_the_tokens_of_others_are_an_administrators_to_see_and_revoke(
    signed_in: SignedIn, admin: Client
) -> None:
    client = signed_in(Role.BILLER, username="noor")
    client.post(reverse("token-new"), {"name": "ERP", "scopes": ["runs:read"], "days": "30"})
    token = ApiToken.objects.get()
    other = signed_in(Role.BILLER, username="zed")
    assert token.prefix not in other.get(reverse("tokens")).content.decode()
    assert other.get(reverse("token-revoke", args=[token.pk])).status_code == 404
    agreed(admin, reverse("token-revoke", args=[token.pk]))
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_branch_is_added_changed_and_shows_who_is_limited_to_it(admin: Client) -> None:
    admin.post(reverse("branch-new"), {"code": "GWY", "name": "Galway"})
    galway = Branch.objects.get(code="GWY")
    admin.post(reverse("branch-edit", args=[galway.pk]), {"name": "Galway city", "code": "XXX"})
    galway.refresh_from_db()
    assert (galway.code, galway.name) == ("GWY", "Galway city")
    bureau.person(Role.BILLER, username="noor").branches.add(galway)
    assert ">noor</a>" in admin.get(reverse("branch", args=[galway.pk])).content.decode()
    shown = admin.get(reverse("branch", args=[galway.pk]) + "?tab=history").content.decode()
    assert "Galway → <strong>Galway city</strong>" in shown
    twice = admin.post(reverse("branch-new"), {"code": "GWY", "name": "Galway"}).content.decode()
    assert "Branch with this Code already exists." in twice


def test_the_last_administrator_stays_whoever_asks(admin: Client) -> None:
    noor = bureau.person(Role.ADMINISTRATOR, username="noor")
    User.objects.filter(username="ada").update(is_active=False)
    client = Client()
    client.force_login(noor, backend=BACKEND)
    agreed(client, reverse("user-switch-off", args=[noor.pk]))
    noor.refresh_from_db()
    assert noor.is_active
