"""A large file in a real Chromium: sent, left and found again, looked at, taken in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.flows.importing.large import ROWS, customers
from tests.web import bureau, month, test_accessible
from tests.web.conftest import BACKEND
from tests.working import do_all_queued_work

pytestmark = pytest.mark.usefixtures("empty_queue")


@pytest.fixture(autouse=True)
def _bureau(transactional_db: None, _guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)
    build.organisation()


def test_a_large_file_from_the_desk_to_the_books(
    page: Page, context: BrowserContext, live_server: Any, complaints: list[str], tmp_path: Path
) -> None:
    """Sent, watched, left and found again in the bell, looked at, and taken in."""
    client = Client()
    client.force_login(bureau.person(Role.BILLER), backend=BACKEND)
    cookie = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    file = tmp_path / "customers.csv"
    file.write_bytes(customers())
    page.goto(live_server.url + reverse("imports"))
    page.get_by_label("What is in the file").select_option("customers")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Check file").click()
    expect(page.get_by_role("heading", name="Waiting for a worker")).to_be_visible()
    address = page.url
    assert grave(page) == []
    page.reload()
    expect(page.get_by_role("heading", name="Waiting for a worker")).to_be_visible()
    expect(page.locator("#running")).to_contain_text("File import")
    do_all_queued_work()
    expect(page.get_by_role("heading", name="customers.csv: ready to import")).to_be_visible()
    assert grave(page) == []
    page.get_by_text("Changed: 0").click()
    expect(page.locator("tbody[data-state=new]").first).to_be_hidden()
    page.get_by_role("link", name="Import file").click()
    expect(page.locator(".confirm-sentence")).to_contain_text("2,500 new, 0 changed")
    page.get_by_role("button", name="Import file").click()
    expect(page.get_by_role("heading", name="Waiting for a worker")).to_be_visible()
    page.goto(live_server.url + reverse("dashboard"))
    do_all_queued_work()
    page.goto(live_server.url + reverse("notices"))
    page.get_by_role("main").get_by_role("link", name="customers.csv is imported").click()
    assert page.url == address
    expect(page.get_by_role("heading", name="customers.csv: imported")).to_be_visible()
    assert BillingCustomer.objects.count() == ROWS


def grave(page: Page) -> list[str]:
    """Return what is in a disabled person's way, in light and dark."""
    page.emulate_media(reduced_motion="reduce", color_scheme="light")
    found = test_accessible._grave(page, options=test_accessible.LIGHT)
    page.emulate_media(color_scheme="dark")
    return found + test_accessible._grave(page, options=test_accessible.DARK)
