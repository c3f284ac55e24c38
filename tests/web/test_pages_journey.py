"""A biller's month in a real Chromium: preview, generate, review; a colleague authorises; the PDF is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from counterfoil.records.organisation.models import Organisation, Role
from tests.web import bureau, month
from tests.working import do_all_queued_work


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve the project's own navigation, not the guide's."""
    month.use_own_pages(monkeypatch)


@pytest.fixture
def sign_in(browser: Browser, live_server: Any) -> Callable[[str], Page]:
    """Return a function that signs a person in at the sign-in page of a browser of their own."""

    def open_page(username: str) -> Page:
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(8_000)
        page.goto(live_server.url + "/")
        page.locator("[name=login]").fill(username)
        page.locator("[name=password]").fill(bureau.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
        return page

    return open_page


def test_a_month_from_preview_to_pdf(
    transactional_db: None, sign_in: Callable[[str], Page], page: Page
) -> None:
    month.bureau(charges=40)
    Organisation.objects.update(four_eyes=True)
    bureau.person(Role.BILLER, username="mara")
    bureau.person(Role.APPROVER, username="piet", first_name="Piet", last_name="Reed")
    mara = sign_in("mara")

    mara.get_by_role("link", name="New run").first.click()
    mara.get_by_label("Definition").select_option(label="Service, all")
    mara.get_by_label("Cut-off").fill("2026-06-01")
    mara.get_by_label("Invoice date").fill("2026-06-01")
    mara.get_by_role("button", name="Preview run").click()
    expect(mara.get_by_text("This is a preview: nothing is stored.")).to_be_visible()
    previewed = mara.locator(".run-preview .figures").inner_text()
    assert "20" in previewed  # 40 charges, two a customer

    mara.get_by_role("button", name="Generate run").click()
    expect(mara.get_by_role("heading", name="Generating invoices")).to_be_visible()
    mara.reload()
    expect(mara.get_by_role("heading", name="Generating invoices")).to_be_visible()
    do_all_queued_work()
    expect(mara.get_by_role("status").filter(has_text="20 invoices")).to_be_visible()
    assert previewed in mara.locator("section[aria-label=Totals] .figures").first.inner_text()

    mara.locator("[data-tick]").first.check()
    mara.get_by_role("button", name="Hold", exact=True).click()
    mara.get_by_label("Reason").fill("The site moves house")
    mara.get_by_role("button", name="Hold invoices").click()
    expect(mara.get_by_text("1 invoice was held.")).to_be_visible()

    piet = sign_in("piet")
    piet.get_by_role("link", name="Service, all").first.click()
    piet.get_by_role("link", name="Authorise run").click()
    expect(piet.get_by_text("INV-2026-000001")).to_be_visible()
    expect(piet.locator(".figures")).to_contain_text("19")
    piet.get_by_role("button", name="Authorise run").click()
    do_all_queued_work()
    piet.goto(piet.url)
    expect(piet.locator(".page-head").get_by_text("Issued")).to_be_visible()
    piet.get_by_role("link", name="INV-2026-000001").click()
    expect(piet.get_by_role("heading", name="Contract invoice INV-2026-000001")).to_be_visible()
    address = piet.get_by_role("link", name="Download PDF").get_attribute("href")
    origin = "/".join(piet.url.split("/")[:3])
    answer = piet.request.get(origin + str(address))
    assert answer.body().startswith(b"%PDF")


def test_the_periods_are_shown_while_they_are_typed(
    transactional_db: None, sign_in: Callable[[str], Page], page: Page, live_server: Any
) -> None:
    month.bureau(charges=2)
    bureau.person(Role.BILLER, username="mara")
    mara = sign_in("mara")
    mara.goto(live_server.url + "/charge-periods/new")
    mara.get_by_label("Name").fill("Quarterly")
    mara.get_by_label("How many").fill("3")
    mara.get_by_label("Anchor").fill("2026-01-31")
    expect(mara.get_by_role("table", name="The next twelve periods").locator("tbody tr")).to_have_count(12)


def test_what_is_typed_while_days_are_asked_for_stays_typed(
    transactional_db: None, sign_in: Callable[[str], Page]
) -> None:
    month.bureau(charges=4)
    bureau.person(Role.BILLER, username="mara")
    page = sign_in("mara")
    page.get_by_role("link", name="New run").first.click()
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    page.route("**/runs/new?*", hold)
    with page.expect_request("**/runs/new?*"):
        page.get_by_label("Definition").select_option(label="Service, all")
    preview = page.get_by_role("button", name="Preview run")
    expect(preview).to_be_disabled()
    page.get_by_label("Cut-off").fill("2026-05-04")
    [days] = asked
    days.continue_()
    expect(page.get_by_text("Filled in by the definition's rule").first).to_be_visible()
    page.unroute("**/runs/new?*")
    expect(page.get_by_label("Cut-off")).to_have_value("2026-05-04")
    preview.click()
    expect(page.get_by_text("This is a preview: nothing is stored.")).to_be_visible()
    expect(page.get_by_label("Cut-off")).to_have_value("2026-05-04")
