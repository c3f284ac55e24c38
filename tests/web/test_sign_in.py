"""Signing in and out, and being locked out."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.web import bureau

LOGIN = "/accounts/login/"


@pytest.fixture
def somebody(db: None) -> None:
    """Store a person called mara."""
    bureau.organisation()
    bureau.person()


@pytest.mark.parametrize("name", ["mara", "mara@example.com"])
def test_a_person_signs_in_by_name_or_address(somebody: None, client: Client, name: str) -> None:
    answer = client.post(LOGIN + "?next=/guide/parts", {"login": name, "password": bureau.PASSWORD})
    assert answer["Location"] == "/guide/parts"
    assert "Mara Quill" in client.get("/guide/parts").content.decode()


def test_a_wrong_password_does_not_say_what_was_wrong(somebody: None, client: Client) -> None:
    known = client.post(LOGIN, {"login": "mara", "password": "wrong"}).content.decode()
    unknown = client.post(LOGIN, {"login": "nobody", "password": "wrong"}).content.decode()
    said = "password you specified are not correct."
    assert said in known
    assert said in unknown


def test_five_wrong_passwords_lock_the_name_out(somebody: None, client: Client) -> None:
    names = ["mara", "Mara", "MARA", "mara", "mArA"]
    answers = [client.post(LOGIN, {"login": name, "password": "wrong"}) for name in names]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    right = client.post(LOGIN, {"login": "mara", "password": bureau.PASSWORD})
    assert right.status_code == 429
    assert "locked for this name" in right.content.decode()
    assert client.get("/guide/parts").status_code == 302


def test_a_name_locked_out_locks_out_no_other(somebody: None, client: Client) -> None:
    bureau.person(username="noor")
    for _ in range(5):
        client.post(LOGIN, {"login": "mara", "password": "wrong"})
    assert client.post(LOGIN, {"login": "noor", "password": bureau.PASSWORD}).status_code == 302


def test_signing_out_ends_the_session(somebody: None, client: Client) -> None:
    client.post(LOGIN, {"login": "mara", "password": bureau.PASSWORD})
    assert "Sign out?" in client.get("/accounts/logout/").content.decode()
    assert client.post("/accounts/logout/")["Location"] == LOGIN
    assert client.get("/guide/parts").status_code == 302


def test_a_password_is_changed_in_our_frame(somebody: None, client: Client) -> None:
    client.post(LOGIN, {"login": "mara", "password": bureau.PASSWORD})
    page = client.get("/accounts/password/change/").content.decode()
    assert '<aside class="side"' in page
    assert "Password so far" in page


def test_nobody_signs_up(db: None, client: Client) -> None:
    assert 'name="password1"' not in client.get("/accounts/signup/").content.decode()
