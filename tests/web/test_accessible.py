"""Every kind of page is walked with axe-core, light and dark: nothing serious is in a disabled person's way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page

from counterfoil.records.organisation.models import Role
from tests.web import bureau, month
from tests.web.conftest import BACKEND

GRAVE = {"serious", "critical"}
# Only colours differ between the themes, so the dark pages are asked about nothing else.
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LIGHT = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": STANDARD}}
DARK = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}

# One of each template and each shape of list; the others are made of the same parts.
PAGES = ["dashboard", "invoices", "exceptions", "definition-new", "charge-periods", "search", "numbering"]
OF_ONE = {
    "run": ["", "?state=held"],
    "run-variance": [""],
    "run-reconciliation": [""],
    "run-authorise": [""],
    "customer": ["", "?tab=history"],
    "client": [""],
    "charge": ["?tab=forecast"],
    "charge-edit": [""],
    "invoice": [""],
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
    page.set_viewport_size({"width": 1280, "height": 900})
    return page


def _grave(page: Page, *, options: dict[str, Any]) -> list[str]:
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def test_axe_finds_nothing_serious_on_any_page(
    walked: Page, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.use_own_pages(monkeypatch)
    keys = month.everything()
    addresses = [reverse(name) for name in PAGES]
    addresses += [
        reverse(n, args=[keys[n.removesuffix("-authorise")]]) + t for n, ts in OF_ONE.items() for t in ts
    ]
    found: dict[str, list[str]] = {}
    for address in [*addresses, reverse("account_login")]:
        if address == reverse("account_login"):
            walked.context.clear_cookies()
        walked.emulate_media(color_scheme="light")
        walked.goto(live_server.url + address)
        grave = _grave(walked, options=LIGHT)
        walked.emulate_media(color_scheme="dark")
        grave += _grave(walked, options=DARK)
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
