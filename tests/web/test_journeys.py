"""What a biller and her colleagues do at the desk, in a real Chromium: long ways through the newest pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from counterfoil.records.organisation.models import Organisation, Role
from counterfoil.records.parties.models import BillingCustomer
from tests.web import bureau, month
from tests.working import do_all_queued_work

pytestmark = pytest.mark.usefixtures("transactional_db", "empty_queue")
SignIn = Callable[..., Page]


@pytest.fixture(autouse=True)
def home(_guide_pages: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Path:
    """Serve the project's own navigation, and let mails and files go into a folder of the test's own."""
    month.use_own_pages(monkeypatch)
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def sign_in(browser: Browser, live_server: Any) -> SignIn:
    """Return a function that signs a person in, in a browser of their own."""

    def open_page(username: str, password: str = bureau.PASSWORD) -> Page:
        page = browser.new_context(
            viewport={"width": 1440, "height": 900}, base_url=live_server.url
        ).new_page()
        page.goto("/")
        page.locator("[name=login]").fill(username)
        page.locator("[name=password]").fill(password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
        return page

    return open_page


def test_a_definition_becomes_documents_that_left_the_house(sign_in: SignIn, page: Page) -> None:
    """40 charges, two a customer: 20 drafts, of which one is adjusted and one excluded."""
    month.bureau(charges=40)
    Organisation.objects.update(four_eyes=True, email="billing@example.com")
    BillingCustomer.objects.update(email="books@example.com; owner@example.com (statements)")
    bureau.person(Role.BILLER, username="mara")
    bureau.person(Role.APPROVER, username="piet", first_name="Piet", last_name="Reed")
    mara = sign_in("mara")

    mara.goto("/definitions/new")
    mara.get_by_label("Name", exact=True).fill("all-of-june")
    mara.get_by_label("Title").fill("All of June")
    mara.get_by_label("Service", exact=True).check()
    expect(mara.locator(".consequences")).to_contain_text("20 invoices")
    mara.get_by_role("button", name="Add definition").click()
    mara.get_by_role("link", name="Preview run").click()
    mara.get_by_label("Cut-off").fill("2026-06-01")
    mara.get_by_label("Invoice date").fill("2026-06-01")
    mara.get_by_role("button", name="Preview run").click()
    expect(mara.get_by_text("This is a preview: nothing is stored.")).to_be_visible()
    mara.get_by_role("button", name="Generate run").click()
    do_all_queued_work()
    expect(mara.get_by_role("status").filter(has_text="20 invoices")).to_be_visible()
    run = mara.url

    def decide(nth: int, verb: str, agree: str) -> None:
        mara.goto(run)
        mara.locator("[data-tick]").nth(nth).check()
        mara.get_by_role("button", name=verb, exact=True).click()
        reason = mara.get_by_label("Reason")
        if reason.count():
            reason.fill("As agreed by telephone")
        mara.get_by_role("button", name=agree).click()

    decide(0, "Hold", "Hold invoices")
    expect(mara.get_by_text("1 invoice was held.")).to_be_visible()
    decide(0, "Release", "Release invoices")
    decide(1, "Exclude", "Exclude invoices")
    expect(mara.get_by_text("1 invoice was excluded.")).to_be_visible()
    mara.goto(run)
    mara.get_by_role("link", name="Against last time").click()
    expect(mara.locator("main")).to_contain_text("there is no run to compare it with")

    mara.goto(run + "/authorise")
    expect(mara.locator("main")).not_to_contain_text("Numbers cannot be taken back")
    piet = sign_in("piet")
    piet.goto(run + "/authorise")
    expect(piet.locator(".figures")).to_contain_text("19")
    piet.get_by_role("button", name="Authorise run").click()
    do_all_queued_work()
    piet.goto(run)
    expect(piet.locator(".page-head").get_by_text("Issued")).to_be_visible()
    piet.get_by_role("link", name="INV-2026-000001").click()
    piet.get_by_role("link", name="History").click()
    expect(piet.locator("main")).to_contain_text("E-mail sent, to books@example.com")
    expect(piet.locator("main")).to_contain_text("Issued as INV-2026-000001")
    piet.goto(run + "/void")
    expect(piet.locator("main")).to_contain_text("left the house")


def test_a_customer_is_set_up_and_gets_its_statement(sign_in: SignIn, page: Page, home: Path) -> None:
    definition = month.bureau(charges=4)
    Organisation.objects.update(email="billing@example.com")
    bureau.person(Role.BILLER, username="mara")
    assert month.run_of(definition)
    mara = sign_in("mara")
    customer = BillingCustomer.objects.order_by("pk")[0]
    mara.goto(f"/customers/{customer.pk}/edit")
    mara.get_by_label("E-mail address 1").fill("books@example.com")
    mara.get_by_label("E-mail address 2").fill("owner@example.com")
    second = mara.get_by_role("group", name="What address 2 gets")
    for kind in ("Invoices", "Credit notes", "Consolidated billings"):
        second.get_by_label(kind).uncheck()
    mara.get_by_label("Country").select_option("IE")
    mara.get_by_label("Tax id").fill("IE123")
    mara.get_by_role("button", name="Store changes").click()
    expect(mara.locator("#field-tax_id .field-error")).to_be_visible()
    expect(mara.get_by_label("E-mail address 2")).to_have_value("owner@example.com")
    expect(second.get_by_label("Invoices")).not_to_be_checked()
    mara.get_by_label("Tax id").fill("")
    mara.get_by_role("button", name="Store changes").click()
    expect(mara.locator(".facts").first).to_contain_text("owner@example.com Statements")

    mara.goto("/clients/1")
    mara.locator("tr[id^=charge-]").first.get_by_text("Edit").click()
    mara.locator("tr[data-editing]").get_by_label("Quantity").fill("3")
    mara.get_by_role("button", name="Store", exact=True).click()
    expect(mara.locator("tr[id^=charge-]").first).to_contain_text("Undo")

    mara.goto("/customers/")
    mara.locator("[data-tick]").first.check()
    mara.get_by_role("button", name="E-mail statements").click()
    mara.get_by_label("Only customers to whom something is open").uncheck()
    mara.get_by_role("button", name="See what is sent").click()
    mara.get_by_role("button", name="E-mail 1 statement").click()
    expect(mara.get_by_text("0 of 1 statements")).to_be_visible()
    do_all_queued_work()
    expect(mara.locator(".figures")).to_contain_text("Sent")
    assert len(list(home.rglob("*.eml"))) == 1
    mara.goto("/emails/")
    expect(mara.locator("tbody")).to_contain_text("books@example.com; owner@example.com")


def test_somebody_comes_gets_a_token_and_another_role(sign_in: SignIn, page: Page) -> None:
    bureau.organisation()
    bureau.branches()
    bureau.person(Role.ADMINISTRATOR, username="ada", first_name="Ada", last_name="Moor")
    ada = sign_in("ada")
    ada.goto("/users/new")
    ada.get_by_label("User name").fill("noor")
    ada.locator("[name=role][value=biller]").check()
    ada.get_by_label("Dublin").check()
    ada.get_by_role("button", name="Add user").click()
    ada.get_by_role("button", name="Add user").click()
    expect(ada.get_by_role("heading", name="noor was added")).to_be_visible()
    noor = sign_in("noor", ada.get_by_label("Password").input_value())

    ada.goto("/users/")
    ada.get_by_role("link", name="noor").first.click()
    ada.get_by_role("link", name="Edit", exact=True).click()
    ada.locator("[name=role][value=approver]").check()
    ada.get_by_role("button", name="Store changes").click()
    expect(ada.locator(".figures")).to_contain_text("Biller → Approver")
    ada.get_by_role("button", name="Store changes").click()
    ada.get_by_role("link", name="History").click()
    expect(ada.locator("main")).to_contain_text("Biller → Approver")

    noor.goto("/tokens/new")
    noor.get_by_label("What it is for").fill("ERP")
    noor.locator("[name=scopes]").first.check()
    noor.get_by_role("button", name="Make token").click()
    expect(noor.get_by_label("Token")).not_to_have_value("")
    noor.get_by_role("link", name="Go to API tokens").click()
    expect(noor.locator("tbody")).to_contain_text("ERP")
