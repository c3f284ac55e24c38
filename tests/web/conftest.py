"""What the web tests share: the pages that show every component, people signed in, and a real Chromium."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from counterfoil.records.organisation.models import Role, User
from counterfoil.web import subjects
from tests.web import bureau, guide

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_SWITCHES = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DID_NOT_RUN = (
    "{count} browser tests did not run: no Chromium was found on the PATH. "
    "Install it (Debian: apt-get install chromium) and run them again."
)

# Playwright keeps an event loop in the thread of the tests, where they go on using the database plainly.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# On a machine that does other things, too, a page may take long to come.
expect.set_options(timeout=30_000)

left_out: list[pytest.Item] = []


def chromium() -> str | None:
    """Return the path of a Chromium, None where there is none."""
    return next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the browser tests out where there is no browser; the closing summary says so."""
    if chromium():
        return
    left_out.extend(item for item in items if "page" in getattr(item, "fixturenames", ()))
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say plainly what did not run."""
    if left_out:
        terminalreporter.write_sep("!", DID_NOT_RUN.format(count=len(left_out)), yellow=True)


@pytest.fixture(scope="session")
def base_url() -> None:
    """Have no address of a server elsewhere: `live_server` has its own. (The plugin's fixture warns in pytest 9.)"""


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Launch the Chromium of the PATH; as root it needs to do without its own sandbox."""
    as_root = ["--no-sandbox"] if sys.platform == "linux" and os.geteuid() == 0 else []
    return {"executable_path": chromium(), "args": [*CHROMIUM_SWITCHES, *as_root]}


@pytest.fixture(autouse=True)
def _guide_pages(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve the guide's pages beside the project's own."""
    settings.ROOT_URLCONF = "tests.web.guide"
    folders = settings.TEMPLATES[0]["DIRS"]
    templates = {**settings.TEMPLATES[0], "DIRS": [*folders, Path(__file__).parent / "templates"]}
    settings.TEMPLATES = [templates]
    monkeypatch.setattr(subjects, "NAVIGATION", guide.NAVIGATION)
    monkeypatch.setattr(subjects, "SEARCHES", guide.SEARCHES)
    monkeypatch.setitem(guide.POLLS, "count", 0)
    cache.clear()


@pytest.fixture
def signed_in(db: None) -> Callable[..., Client]:
    """Return a function that signs a new person in: `signed_in(Role.VIEWER)` is a test client."""

    def sign_in(role: Role = Role.BILLER, **changes: Any) -> Client:
        client = Client()
        client.force_login(bureau.person(role, **changes), backend=BACKEND)
        return client

    return sign_in


BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LEFT_WHILE_ASKED = ("htmx:sendAbort", "htmx:afterRequest")
"""What htmx says where a page is left before a part of it came; a request that fails says `htmx:sendError` as well."""


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """Collect what the browser complains of on `page`: errors, blocked scripts and styles, failed requests."""
    heard: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(LEFT_WHILE_ASKED):
            heard.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield heard
    assert heard == []


@pytest.fixture
def biller(transactional_db: None) -> User:
    """Store a biller at a bureau with two branches."""
    bureau.organisation()
    return bureau.person(Role.BILLER)


@pytest.fixture
def desk(page: Page, context: BrowserContext, live_server: Any, biller: User, complaints: list[str]) -> Page:
    """Return a browser page signed in as the biller; any complaint of the browser fails the test."""
    client = Client()
    client.force_login(biller, backend=BACKEND)
    cookie = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(live_server.url + "/guide/parts")
    return page
