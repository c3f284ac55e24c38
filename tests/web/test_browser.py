"""In a real Chromium: the keyboard, lists that refresh in place, ticking, progress, themes, no complaint."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from counterfoil.records.organisation.models import User
from counterfoil.web import subjects
from counterfoil.web.layout.news import News
from tests.web import bureau, guide


@pytest.fixture
def invoices(desk: Page, live_server: Any) -> Page:
    """Return the list of 120 invoices, 60 issued, on the biller's desk."""
    bureau.invoices(bureau.customers(120, branches=bureau.branches()), numbered=60)
    desk.goto(live_server.url + "/guide/invoices")
    return desk


def _names(page: Page) -> list[str]:
    return page.locator("td.code a").all_inner_texts()


def test_a_person_signs_in_and_out(page: Page, live_server: Any, biller: User, complaints: list[str]) -> None:
    page.goto(live_server.url + "/guide/parts")
    page.get_by_label("User name or e-mail").fill("mara")
    page.get_by_label("Password").fill(bureau.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Parts")
    page.get_by_label("You and your settings").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_slash_searches_everything(invoices: Page) -> None:
    invoices.keyboard.press("/")
    invoices.keyboard.type("alder h")
    expect(invoices.locator("#found a").first).to_contain_text("Alder Hotel")
    invoices.keyboard.press("ArrowDown")
    invoices.keyboard.press("Enter")
    expect(invoices).to_have_url(re.compile(r"/guide/invoices\?q=C000"))


def test_g_goes_and_question_mark_helps(invoices: Page) -> None:
    invoices.keyboard.press("?")
    expect(invoices.get_by_role("dialog")).to_contain_text("Search everything")
    invoices.keyboard.press("Escape")
    expect(invoices.get_by_role("dialog")).to_be_hidden()
    invoices.keyboard.press("g")
    invoices.keyboard.press("d")
    expect(invoices.get_by_role("heading", level=1)).to_have_text("Parts")


def test_keys_typed_into_a_field_stay_there(invoices: Page) -> None:
    invoices.keyboard.press("f")
    invoices.keyboard.type("g d?")
    expect(invoices.get_by_label("Search", exact=True)).to_have_value("g d?")


def test_a_filter_refreshes_the_list_and_the_address(invoices: Page) -> None:
    invoices.get_by_label("Currency").select_option("GBP")
    expect(invoices.locator(".list-count strong")).to_have_text("13")
    assert invoices.url.endswith("/guide/invoices?currency=GBP")
    invoices.get_by_label("Search", exact=True).fill("motor")
    expect(invoices.locator(".list-count strong")).not_to_have_text("13")
    invoices.reload()
    expect(invoices.get_by_label("Search", exact=True)).to_have_value("motor")
    invoices.get_by_role("link", name="Clear").click()
    expect(invoices.locator(".list-count strong")).to_have_text("120")


def test_sorting_and_paging_keep_the_filters_and_the_way_back(invoices: Page) -> None:
    invoices.get_by_role("link", name="Gross").click()
    expect(invoices.locator("th[aria-sort=ascending]")).to_contain_text("Gross")
    first = _names(invoices)
    invoices.keyboard.press("n")
    expect(invoices.locator("#page-previous")).to_be_visible()
    second = _names(invoices)
    assert set(first) & set(second) == set()
    assert "sort=gross_minor" in invoices.url
    invoices.go_back()
    expect(invoices.locator("td.code a").first).to_have_text(first[0])
    assert _names(invoices) == first


def test_rows_are_walked_and_ticked_by_keyboard(invoices: Page) -> None:
    invoices.keyboard.press("j")
    invoices.keyboard.press("j")
    invoices.keyboard.press("x")
    expect(invoices.locator("[data-bulk-words]")).to_have_text(
        "1 invoice, €296.91"
    )  # draft 119: 5 × 49.90 = 249.50
    invoices.keyboard.press("j")
    invoices.keyboard.press("Enter")
    expect(invoices.get_by_role("heading", level=1)).to_have_text("Invoice invoice 118")


def test_ticking_a_page_then_all_then_none(invoices: Page) -> None:
    words = invoices.locator("[data-bulk-words]")
    invoices.get_by_label("Tick all invoices on this page").check()
    expect(words).to_contain_text("50 invoices")
    invoices.get_by_role("button", name="Tick all 120 that match").click()
    expect(words).to_contain_text("120 invoices")
    invoices.get_by_role("button", name="Hold").click()
    expect(invoices.locator(".confirm-sentence")).to_contain_text("Hold 120 invoices")
    invoices.get_by_role("link", name="Go back").click()
    invoices.locator("[data-tick]").first.check()
    invoices.locator("[data-tick]").nth(3).click(modifiers=["Shift"])
    expect(words).to_contain_text("4 invoices")
    invoices.get_by_role("button", name="Tick none").click()
    expect(invoices.locator("#bulk")).to_be_hidden()


def test_columns_are_chosen(invoices: Page) -> None:
    invoices.locator("summary", has_text="Columns").click()
    invoices.get_by_label("Lines").check()
    invoices.get_by_label("Tax").uncheck()
    invoices.get_by_role("button", name="Show columns").click()
    expect(invoices.locator("thead")).to_contain_text("Lines")
    expect(invoices.locator("thead")).not_to_contain_text("Tax")


def test_an_export_is_downloaded(invoices: Page) -> None:
    invoices.locator("summary", has_text="Export").click()
    with invoices.expect_download() as download:
        invoices.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "invoices.csv"


def test_progress_survives_a_reload_and_ends_in_a_page(desk: Page, live_server: Any) -> None:
    desk.goto(live_server.url + "/guide/work")
    expect(desk.locator(".progress-figures")).to_contain_text("104 of 312 invoices")
    desk.reload()
    expect(desk.locator(".progress-figures")).to_contain_text("of 312 invoices")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Invoices", timeout=10_000)
    assert guide.POLLS["count"] == 5


def test_running_work_shows_everywhere(desk: Page, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    guide.POLLS["count"] = 1
    monkeypatch.setattr(subjects, "NEWS", lambda _user: News(works=[guide._work()[0]]))
    desk.reload()
    expect(desk.locator("#running")).to_contain_text("33 %")
    guide.POLLS["count"] = 2
    expect(desk.locator("#running")).to_contain_text("66 %", timeout=10_000)


def test_the_theme_is_chosen_and_kept(desk: Page) -> None:
    root = desk.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "light")
    desk.get_by_label("You and your settings").click()
    desk.get_by_role("button", name="Dark").click()
    expect(root).to_have_attribute("data-bs-theme", "dark")
    desk.reload()
    expect(root).to_have_attribute("data-bs-theme", "dark")
    desk.get_by_label("You and your settings").click()
    desk.get_by_role("button", name="Auto").click()
    desk.emulate_media(color_scheme="light")
    expect(root).to_have_attribute("data-bs-theme", "light")
    desk.emulate_media(color_scheme="dark")
    expect(root).to_have_attribute("data-bs-theme", "dark")


def test_a_wrong_form_is_said_at_the_top_and_at_the_field(desk: Page, live_server: Any) -> None:
    bureau.branches()
    desk.goto(live_server.url + "/guide/form")
    desk.get_by_label("Name").fill("Alder Clinic")
    desk.get_by_role("button", name="Add customer").click()
    summary = desk.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Account").click()
    expect(desk.get_by_label("Account")).to_be_focused()
    expect(desk.get_by_label("Name")).to_have_value("Alder Clinic")


def test_leaving_a_form_with_something_typed_asks_first(desk: Page, live_server: Any) -> None:
    desk.goto(live_server.url + "/guide/form")
    desk.get_by_label("Name").press_sequentially("Alder")
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    desk.on("dialog", stay)
    desk.get_by_role("link", name="Invoices").click(no_wait_after=True)
    expect(desk.get_by_label("Name")).to_have_value("Alder")
    desk.wait_for_timeout(200)
    assert asked == ["beforeunload"]


def test_a_branch_is_switched_in_the_top_bar(invoices: Page) -> None:
    invoices.get_by_label("Branch").select_option("Cork")
    expect(invoices.locator(".list-count strong")).to_have_text("60")
    assert invoices.url.endswith("/guide/invoices")


def test_a_narrow_screen_has_its_menu_behind_a_button(invoices: Page) -> None:
    invoices.set_viewport_size({"width": 820, "height": 1000})
    menu = invoices.get_by_role("navigation", name="Main")
    expect(menu).to_be_hidden()
    invoices.get_by_role("button", name="Menu").click()
    expect(menu).to_be_visible()
    invoices.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    assert invoices.evaluate("document.documentElement.scrollWidth") == 820


def test_the_keyboard_reaches_the_content_first(desk: Page) -> None:
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("link", name="Skip to content")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("main")).to_be_focused()
