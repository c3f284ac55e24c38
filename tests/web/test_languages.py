"""The language of a page: the person's own, the organisation's, before sign-in what the browser asks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from counterfoil.records.organisation.models import Organisation
from tests.web import bureau

SignedIn = Callable[..., Client]
GERMAN = {"Accept-Language": "de-CH,de;q=0.9,en;q=0.5"}


@pytest.mark.parametrize(
    ("own", "organisations", "spoken"),
    [
        ("", "en", "en"),
        ("de", "en", "de"),
        ("", "de", "de"),
        ("", "de-AT", "de"),  # German is what there is of it
        ("en", "de", "en"),
        ("", "fr", "en"),  # no translations: the source
    ],
)
def test_a_page_is_in_the_persons_language_else_in_the_organisations(
    signed_in: SignedIn, own: str, organisations: str, spoken: str
) -> None:
    bureau.organisation()
    Organisation.objects.update(language=organisations)
    answer = signed_in(language=own).get("/guide/parts", headers=GERMAN)
    assert f'<html lang="{spoken}"' in answer.content.decode()
    assert answer.headers["Content-Language"] == spoken


def test_before_sign_in_the_browser_is_asked(db: None) -> None:
    bureau.organisation()
    client = Client()
    assert '<html lang="de"' in client.get("/accounts/login/", headers=GERMAN).content.decode()
    assert '<html lang="en"' in client.get("/accounts/login/").content.decode()


def test_error_pages_speak_it_too(signed_in: SignedIn) -> None:
    bureau.organisation()
    client = signed_in(language="de")
    client.raise_request_exception = False
    assert '<html lang="de"' in client.get("/nowhere").content.decode()
    assert '<html lang="de"' in client.get("/guide/broken").content.decode()
    assert '<html lang="en"' in signed_in(username="other").get("/nowhere").content.decode()


def test_a_program_is_answered_in_english(db: None) -> None:
    answer = Client().get("/api/v1/customers", headers=GERMAN)
    assert answer.headers["Content-Language"] == "en"
