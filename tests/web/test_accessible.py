"""Every kind of page is walked with axe-core, light and dark: nothing serious is in a disabled person's way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from counterfoil.records.organisation.models import Role
from counterfoil.web import subjects
from tests.web import bureau, month
from tests.web.conftest import BACKEND

GRAVE = {"serious", "critical"}
# Only colours differ between the themes, so the dark pages are asked about nothing else.
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LIGHT = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": STANDARD}}
DARK = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}

# Every page that one can go to, and one of each template: forms, objects, their tabs, what is asked before it is done.
PAGES = [
    "definition-new",
    "run-new",
    "search",
    "customer-new",
    "discount-new",
    "user-new",
    "token-new",
    "note-new",
]
DESKTOP = {"width": 1280, "height": 900}
TABLET = {"width": 768, "height": 1024}
WIDER = "document.documentElement.scrollWidth > window.innerWidth"
OF_ONE = {
    "run": ["", "?state=held"],
    "run-variance": [""],
    "run-reconciliation": [""],
    "run-authorise": [""],
    "customer": ["", "?tab=history", "?tab=mails", "?tab=contacts"],
    "customer-edit": [""],
    "customer-statement": [""],
    "customer-statement-mail": [""],
    "customer-overrides": [""],
    "customer-consolidation": [""],
    "client": [""],
    "charge": ["?tab=forecast"],
    "charge-edit": [""],
    "invoice": ["", "?tab=history", "?tab=deliveries"],
    "line-why": [""],
}


@pytest.fixture
def walked(page: Page, context: BrowserContext, live_server: Any, transactional_db: None) -> Iterator[Page]:
    """Return a browser page signed in as the administrator of a bureau with one of everything."""
    client = Client()
    client.force_login(bureau.person(Role.ADMINISTRATOR), backend=BACKEND)
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    # Colours that still change from one theme to the other would be measured half way.
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size(DESKTOP)
    return page


def _grave(page: Page, *, options: dict[str, Any]) -> list[str]:
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def test_axe_finds_nothing_serious_on_any_page_and_a_tablet_shows_it_whole(
    walked: Page, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.use_own_pages(monkeypatch)
    keys = month.everything()
    for name in OF_ONE:
        keys.setdefault(name, keys.get(name.split("-")[0], 0))
    everywhere = [entry.address_name for group in subjects.NAVIGATION for entry in group.entries]
    addresses = [reverse(name) for name in [*everywhere, *PAGES]]
    addresses += [reverse(name, args=[keys[name]]) + tab for name, tabs in OF_ONE.items() for tab in tabs]
    found: dict[str, list[str]] = {}
    for address in [*addresses, reverse("account_login")]:
        if address == reverse("account_login"):
            walked.context.clear_cookies()
        walked.emulate_media(color_scheme="light")
        # What htmx brings is part of the page.
        walked.goto(live_server.url + address, wait_until="networkidle")
        expect(walked.locator(".htmx-request, .htmx-added, .htmx-settling")).to_have_count(0)
        grave = _grave(walked, options=LIGHT)
        walked.emulate_media(color_scheme="dark")
        grave += _grave(walked, options=DARK)
        walked.set_viewport_size(TABLET)
        if walked.evaluate(WIDER):
            grave.append("a tablet scrolls it sideways")
        walked.set_viewport_size(DESKTOP)
        if grave:
            found[address] = grave
    assert found == {}


def test_the_keys_and_the_menus_are_no_less_accessible_when_open(
    walked: Page, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.use_own_pages(monkeypatch)
    bureau.organisation()
    bureau.invoices(bureau.customers(3, branches=bureau.branches()))
    walked.goto(live_server.url + reverse("invoices"))
    for opened in ["summary:has-text('Views')", "summary:has-text('Columns')", ".top-person"]:
        walked.locator(opened).click()
        assert _grave(walked, options=LIGHT) == []
        walked.keyboard.press("Escape")
    walked.keyboard.press("?")
    assert _grave(walked, options=LIGHT) == []
