"""Single sign-on with a real OpenID Connect provider: known people by a verified address, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from allauth.socialaccount.models import SocialAccount
from django.http import HttpResponse
from django.test import Client

from counterfoil.project.environment import SettingIsWrong
from counterfoil.project.single_sign_on import single_sign_on
from counterfoil.records.organisation.models import SignOnLink
from tests.web import bureau, month
from tests.web.oidc_provider import CLIENT, SECRET, Provider, running

LOGIN = "/accounts/login/"


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(
    server: Provider,
    db: None,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    _guide_pages: None,
    tmp_path: Any,
) -> Provider:
    month.use_own_pages(monkeypatch)
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    for name, value in {"URL": server.url, "CLIENT_ID": CLIENT, "NAME": "Larkfield sign-on"}.items():
        monkeypatch.setenv(f"COUNTERFOIL_OIDC_{name}", value)
    monkeypatch.setenv("COUNTERFOIL_OIDC_CLIENT_SECRET_FILE", str(tmp_path / "secret"))
    settings.SOCIALACCOUNT_PROVIDERS = single_sign_on()
    bureau.organisation()
    bureau.person()
    server.claims = {"sub": "u1", "email": "Mara@Example.com", "email_verified": True, "name": "Mara Q"}
    return server


class _Stay(HTTPRedirectHandler):
    def http_error_302(self, _request: Any, answer: Any, *_: Any) -> Any:
        return answer

    def redirect_request(self, *_: Any) -> None:
        return None


def _sign_on(client: Client) -> HttpResponse:
    """Go to the provider as a browser does, and come back."""
    away = client.get("/accounts/oidc/sso/login/?process=login&next=/customers/")
    assert away.status_code == 302
    back = build_opener(_Stay()).open(away["Location"]).headers["Location"]
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}")


def test_a_person_is_found_by_a_verified_address_the_first_time_and_by_the_link_afterwards(
    provider: Provider,
) -> None:
    client = Client()
    page = client.get(LOGIN).content.decode()
    assert "Larkfield sign-on" in page
    assert _sign_on(client)["Location"] == "/customers/"
    assert "Mara Quill" in client.get("/customers/").content.decode()
    link = SocialAccount.objects.get()
    assert (link.user.username, link.uid) == ("mara", "u1")
    assert [event.pgh_label for event in SignOnLink.pgh_event_model.objects.all()] == ["insert"]
    provider.claims |= {"email": "other@example.com"}
    again = Client()
    assert _sign_on(again)["Location"] == "/customers/"
    assert "Mara Quill" in again.get("/customers/").content.decode()


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"email": "stranger@example.com"}, "nobody here has your e-mail address"),
        ({"email_verified": False}, "did not vouch for your e-mail address"),
        ({"email_verified": "false"}, "did not vouch for your e-mail address"),
        ({"email": None}, "did not vouch for your e-mail address"),
    ],
)
def test_nobody_else_is_let_in(provider: Provider, claims: dict[str, Any], told: str) -> None:
    provider.claims |= claims
    client = Client()
    answer = _sign_on(client)
    assert answer.status_code == 403
    assert told in answer.content.decode()
    assert not SocialAccount.objects.exists()
    assert client.get("/customers/").status_code == 302


def test_an_address_that_two_people_have_lets_nobody_in(provider: Provider) -> None:
    bureau.person(username="noor", email="mara@example.com")
    assert _sign_on(Client()).status_code == 403


def test_somebody_switched_off_is_not_let_in(provider: Provider) -> None:
    client = Client()
    _sign_on(client)
    link = SocialAccount.objects.get()
    link.user.is_active = False
    link.user.save()
    assert _sign_on(Client())["Location"] == "/accounts/inactive/"
    assert client.get("/customers/").status_code == 302


def test_a_foreign_answer_and_a_used_one_are_refused(provider: Provider) -> None:
    client = Client()
    answer = client.get("/accounts/oidc/sso/login/callback/?code=x&state=forged")
    assert "Sign-in did not work" in answer.content.decode()
    assert client.get("/customers/").status_code == 302


def test_a_signed_in_person_cannot_link_a_stranger_to_themselves(provider: Provider) -> None:
    client = Client()
    client.post(LOGIN, {"login": "mara", "password": bureau.PASSWORD})
    provider.claims |= {"sub": "u2", "email": "stranger@example.com"}
    away = client.get("/accounts/oidc/sso/login/?process=connect")
    back = urlsplit(build_opener(_Stay()).open(away["Location"]).headers["Location"])
    assert client.get(f"{back.path}?{back.query}").status_code == 403
    assert not SocialAccount.objects.exists()


def test_the_settings_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert single_sign_on() == {}
    monkeypatch.setenv("COUNTERFOIL_OIDC_URL", "http://id.example.com")
    with pytest.raises(SettingIsWrong, match="does not begin with https"):
        single_sign_on()
    monkeypatch.setenv("COUNTERFOIL_OIDC_URL", "https://id.example.com")
    with pytest.raises(SettingIsWrong, match="COUNTERFOIL_OIDC_CLIENT_ID is wrong"):
        single_sign_on()
