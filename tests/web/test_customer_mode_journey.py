"""The guided move between customer modes in a real Chromium: enter an account, foresee, move, look, undo."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from counterfoil.records.billing.models import BatchDefinition
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Organisation, Role
from counterfoil.records.parties.models import Client, Dealer
from tests.flows.paying.bureau import legacy_bureau
from tests.web import bureau, month
from tests.web.conftest import BACKEND


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve the project's own navigation, not the guide's."""
    month.use_own_pages(monkeypatch)


@pytest.fixture
def administrator(
    transactional_db: None, page: Page, context: BrowserContext, live_server: object, complaints: list[str]
) -> Page:
    """Return a browser page signed in as the administrator of a bureau in legacy mode."""
    from django.test import Client as Browser

    legacy_bureau()
    BatchDefinition.objects.update(past_periods_allowed=1200)
    person = bureau.person(Role.ADMINISTRATOR, username="ada")
    browser = Browser()
    browser.force_login(person, backend=BACKEND)
    address = live_server.url  # type: ignore[attr-defined]
    cookie = browser.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(address)
    return page


def test_a_bureau_is_moved_to_standard_mode_and_back(administrator: Page) -> None:
    desk = administrator
    desk.get_by_role("link", name="Dealers", exact=True).click()
    desk.get_by_role("link", name="Dealer D2").click()
    expect(desk.get_by_text("none · Enter account")).to_be_visible()
    desk.get_by_role("link", name="Enter account").click()
    expect(desk.get_by_label("Name", exact=True)).to_have_value("Dealer D2")
    desk.get_by_label("Account").fill("A-D2")
    desk.get_by_role("button", name="Store account").click()
    expect(desk.get_by_role("link", name="A-D2")).to_be_visible()
    assert Dealer.objects.get(code="D2").customer.account == "A-D2"

    desk.get_by_role("link", name="Clients", exact=True).click()
    desk.get_by_role("link", name=Client.objects.get(code="S2").name).click()
    row = desk.locator("tr", has_text="K3")
    expect(row).to_contain_text("Dealer: Customer")
    row.get_by_role("button", name="Edit").click()
    desk.get_by_label("Paid by").select_option("direct")
    desk.get_by_role("button", name="Store").click()
    expect(row).to_contain_text("Direct: Nobody")
    row.get_by_role("button", name="Undo").click()
    expect(row).to_contain_text("Dealer: Customer")

    desk.get_by_role("link", name="Customer mode").click()
    expect(desk.get_by_role("heading", name="Legacy mode")).to_be_visible()
    desk.get_by_role("button", name="Work out what it comes to").click()
    dealers = desk.locator("tr", has_text="Service dealer")
    expect(dealers).to_contain_text("The same")
    expect(dealers.locator("td").nth(1)).to_have_text(dealers.locator("td").nth(3).inner_text())
    expect(dealers.locator("td").nth(2)).to_contain_text("€")
    desk.get_by_role("button", name="Move to standard mode").click()
    expect(desk.locator(".figures")).to_contain_text("Charges assigned to their dealer's customer")
    desk.get_by_label("Reason").fill("Customers pay for several sites")
    desk.get_by_role("button", name="Move to standard mode").click()
    expect(desk.get_by_text("The customer mode is standard now.")).to_be_visible()
    assert Organisation.objects.get().customer_mode == "standard"
    assert Charge.objects.get(key="K5").customer.account == "A-D2"

    desk.get_by_role("button", name="Undo the move").click()
    expect(desk.get_by_text("The move was undone: the customer mode is legacy again.")).to_be_visible()
    assert Charge.objects.get(key="K5").customer is None
