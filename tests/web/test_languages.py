"""The language of a page: the person's own, the organisation's, before sign-in what the browser asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from counterfoil.records.organisation.models import Organisation, Role, User
from tests.web import bureau, month
from tests.web.test_pages_walk import ADMINISTERED, BESIDE, READ, READ_ONE, SET_UP, SET_UP_ONE

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


@pytest.fixture
def own_pages(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve the project's own navigation, not the guide's."""
    month.use_own_pages(monkeypatch)


@pytest.mark.usefixtures("_guide_pages", "own_pages")
def test_every_page_opens_in_german_says_nothing_in_english_and_has_fields_that_browsers_read(
    signed_in: SignedIn,
) -> None:
    addresses = list(_addresses(month.everything()))
    client = signed_in(Role.ADMINISTRATOR, language="de")
    pages = {address: client.get(address) for address in addresses}
    assert {address: page.status_code for address, page in pages.items() if page.status_code != 200} == {}
    english = {
        (address, said) for address, page in pages.items() for said in _said(page) if ENGLISH.search(said)
    }
    assert sorted(english) == []
    values = {
        address: [value for value in LOCAL_VALUE.findall(_text(page)) if not PLAIN_VALUE.fullmatch(value)]
        for address, page in pages.items()
    }
    assert {address: wrong for address, wrong in values.items() if wrong} == {}


# Words that German has not, and that no name of the bureau has; `runs:read` is a name for programs.
ENGLISH = re.compile(
    r"(?<![\w:])(the|and|with|from|are|this|that|which|its|has|have|yet|nothing|every|each|what|when|to|by|for|none|edit"
    r"|cancel|save|settings|invoices|charges|dealers|clients|runs|history|state|amount|date|draft|lines|tax)(?![\w:])",
    re.IGNORECASE,
)
_UNSEEN = re.compile(r"<(script|style|svg)\b.*?</\1>", re.DOTALL)
_ATTRIBUTE = re.compile(r'\b(?:title|aria-label|placeholder|alt)="([^"]*)"')

# What stands in a field of dates or numbers is for the browser, which writes it as its reader does.
LOCAL_VALUE = re.compile(r'<input type="(?:date|number)"[^>]* value="([^"]*)"')
PLAIN_VALUE = re.compile(r"\d{4}-\d\d-\d\d|-?\d+(\.\d+)?|")


def _said(page: HttpResponse) -> Iterator[str]:
    """Yield what the page says: the text between its tags, and what its attributes tell."""
    html = _UNSEEN.sub("", _text(page))
    yield from _ATTRIBUTE.findall(html)
    yield from (said.strip() for said in re.sub(r"<[^>]*>", "\n", html).split("\n") if said.strip())


def _text(page: HttpResponse) -> str:
    is_page = page.headers.get("Content-Type", "").startswith("text/html")
    return page.content.decode() if is_page else ""


def _addresses(keys: dict[str, int]) -> Iterator[str]:
    yield from (reverse(name) for name in [*READ, *SET_UP, *ADMINISTERED, "run-new"])
    yield from (reverse(name, args=[keys[name]]) for name in [*BESIDE, *SET_UP_ONE])
    for name, tabs in READ_ONE.items():
        yield from (reverse(name, args=[keys[name]]) + tab for tab in tabs)


def test_a_person_chooses_their_language_themself(signed_in: SignedIn) -> None:
    bureau.organisation()
    client = signed_in(username="anna")
    assert "Your settings" in client.get("/your-settings").content.decode()
    answer = client.post("/your-settings", {"language": "de"}, follow=True).content.decode()
    assert '<html lang="de"' in answer
    assert "Ihre Seiten sind ab jetzt in dieser Sprache." in answer
    assert User.objects.get(username="anna").language == "de"
    trail = User.pgh_event_model.objects.filter(username="anna").order_by("-pgh_id")  # type: ignore[attr-defined]
    assert [event.language for event in trail[:2]] == ["de", ""]
    refused = client.post("/your-settings", {"language": "xx"}).content.decode()
    assert "aria-invalid" in refused
    assert User.objects.get(username="anna").language == "de"


def test_a_german_page_is_german_and_its_export_english(signed_in: SignedIn) -> None:
    bureau.organisation()
    client = signed_in(Role.ADMINISTRATOR, language="de")
    page = client.get("/users/").content.decode()
    for words in ("Benutzername", "Zuletzt angemeldet", "Administration"):
        assert words in page
    lines = b"".join(client.get("/users/?export=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "User name,Name,E-mail,Role" in lines
    assert "Administrator" in lines
