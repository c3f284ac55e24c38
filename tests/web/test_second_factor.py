"""A second factor: set up, asked for, required by role, counted when wrong, and taken away when lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from counterfoil.clock import now
from counterfoil.flows import people
from counterfoil.records.organisation.models import Organisation, Role, SecondFactor, User
from tests.web import bureau, month

LOGIN, SET_UP = "/accounts/login/", "/accounts/2fa/totp/activate/"
SignedIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def _bureau(db: None, _guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)
    bureau.organisation()
    bureau.person()


def code_of(secret: str, *, steps: int = 0) -> str:
    """Return what an authenticator app shows for *secret* now (RFC 6238), or so many half minutes later."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def _signed_in() -> Client:
    client = Client()
    assert client.post(LOGIN, {"login": "mara", "password": bureau.PASSWORD}).status_code == 302
    return client


def _set_up(client: Client) -> str:
    client.post("/accounts/reauthenticate/", {"password": bureau.PASSWORD})
    page = client.get(SET_UP).content.decode()
    found = re.search(r'id="authenticator_secret"[^>]* value="([A-Z2-7]+)"', page)
    assert found, page
    assert client.post(SET_UP, {"code": code_of(found[1])}).status_code == 302
    return found[1]


def test_a_second_factor_is_set_up_and_then_asked_for() -> None:
    client = _signed_in()
    secret = _set_up(client)
    codes = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert len(re.findall(r"^\d{8}$", codes, re.MULTILINE)) >= 8
    stored = Authenticator.objects.get(type="totp").data
    assert secret not in str(stored)
    again = Client()
    answer = again.post(LOGIN + "?next=/customers/", {"login": "mara", "password": bureau.PASSWORD})
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert again.get("/customers/").status_code == 302
    Authenticator.objects.filter(type="totp").update(last_used_at=None)
    asked = again.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert asked.status_code == 302, asked.content.decode()
    assert again.get("/customers/").status_code == 200
    labels = [
        (event.type, event.pgh_label) for event in SecondFactor.pgh_event_model.objects.order_by("pgh_id")
    ]
    assert labels == [("totp", "insert"), ("recovery_codes", "insert")]


def test_wrong_codes_lock_the_name_out_as_wrong_passwords_do() -> None:
    secret = _set_up(_signed_in())
    client = Client()
    client.post(LOGIN, {"login": "mara", "password": bureau.PASSWORD})
    answers = [client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    right = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert "Too many wrong codes." in right.content.decode()
    assert client.get("/").status_code == 302
    assert Client().post(LOGIN, {"login": "mara", "password": bureau.PASSWORD}).status_code == 429


def test_a_role_that_needs_a_second_factor_sets_it_up_before_anything_else() -> None:
    Organisation.objects.update(two_factor_roles=["biller"])
    client = _signed_in()
    assert client.get("/customers/")["Location"] == SET_UP
    part = client.get("/running", headers={"HX-Request": "true"})
    assert part["HX-Redirect"] == SET_UP
    assert client.post(reverse("choose-branch"))["Location"] == SET_UP
    assert "Set it up first" in client.get(SET_UP, follow=True).content.decode()  # above the password
    _set_up(client)
    assert client.get("/customers/").status_code == 200


def test_who_needs_one_is_a_setting_of_the_organisation(signed_in: SignedIn) -> None:
    admin = signed_in(Role.ADMINISTRATOR, username="ada")
    sent = bureau.shown_in(admin.get(reverse("organisation"))) | {"two_factor_roles": ["approver", "biller"]}
    assert admin.post(reverse("organisation"), sent).status_code == 302
    assert Organisation.objects.get().two_factor_roles == ["approver", "biller"]


def test_a_lost_telephone_is_forgotten_by_an_administrator(signed_in: SignedIn) -> None:
    client = _signed_in()
    _set_up(client)
    mara = User.objects.get(username="mara")
    admin = signed_in(Role.ADMINISTRATOR, username="ada")
    address = reverse("user-second-factor", args=[mara.pk])
    mark = re.search(r'name="agreed" value="([^"]+)"', admin.post(address).content.decode())
    assert mark is not None
    admin.post(address, {"agreed": mark[1]})
    assert not Authenticator.objects.exists()
    assert client.get("/").status_code == 302
    assert Client().post(LOGIN, {"login": "mara", "password": bureau.PASSWORD})["Location"] == "/"
    shown = admin.get(reverse("user", args=[mara.pk]) + "?tab=history").content.decode()
    assert "TOTP Authenticator → <strong>nothing</strong>" in shown


def test_a_session_that_has_expired_is_over_and_forgotten_at_night() -> None:
    client = _signed_in()
    session = Session.objects.get()
    assert 11 < (session.expire_date - now()).total_seconds() / 3600 <= 12
    Session.objects.update(expire_date=now())
    assert client.get("/").status_code == 302
    assert people.forget_ended_sessions(now=now()) >= 1
    assert not Session.objects.exists()
