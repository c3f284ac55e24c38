"""A dealer's licence fee in a real Chromium: assigned on its page, changed in the table, found, and billed."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from counterfoil.records.billing.models import InvoiceLine
from counterfoil.records.catalog.models import TaxCategory, TaxRate
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Branch
from counterfoil.records.parties.models import Dealer
from tests import build
from tests.web import month


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)


def test_a_dealer_is_charged_a_licence_fee(desk: Page) -> None:
    """2 × 30.00 a month, billed to the dealer's customer: 60.00."""
    Branch.objects.create(code="main", name="Main")
    standard = TaxCategory.objects.create(code="standard", name="Standard")
    TaxRate.objects.create(category=standard, rate=23, valid_from=date(2000, 1, 1))
    payer = build.customer(name="Harbour Ltd")
    Dealer.objects.create(code="D1", name="Harbour Alarms", customer=payer, branch=payer.branch)
    build.master(code="LICENCE", name="Portal licence", usable_on=["dealer"])
    desk.get_by_role("link", name="Dealers", exact=True).click()
    desk.get_by_role("link", name="Harbour Alarms").click()
    desk.get_by_role("link", name="Charges of its own").click()
    desk.get_by_role("link", name="Assign charge").click()
    expect(desk.get_by_role("heading", name="Assign charge to D1 Harbour Alarms")).to_be_visible()
    desk.get_by_label("Master charge").fill("LICENCE")
    desk.get_by_label("First day").fill("2026-06-01")
    expect(desk.locator(".consequences")).to_contain_text("Next twelve months")
    desk.get_by_role("button", name="Assign charge").click()
    row = desk.locator("tr", has_text="Portal licence")
    expect(row).to_contain_text("Harbour Ltd")
    row.get_by_role("button", name="Edit").click()
    desk.get_by_label("Quantity").fill("2")
    desk.get_by_role("button", name="Store").click()
    expect(row.get_by_role("button", name="Undo")).to_be_visible()
    assert Charge.objects.get().quantity == 2

    desk.get_by_role("link", name="Clients", exact=True).click()
    expect(desk.locator("tr", has_text="Harbour Alarms")).to_contain_text("Dealer itself")
    desk.get_by_role("link", name="Harbour Alarms").first.click()
    expect(desk.get_by_role("link", name="Edit", exact=True)).to_have_count(0)
    run = build.run()
    line = InvoiceLine.objects.get(invoice__run=run)
    assert (line.net_minor, line.invoice.customer) == (6_000, payer)
    desk.goto(desk.url.partition("/clients")[0] + f"/invoices/{line.invoice_id}")
    expect(desk.locator("main")).to_contain_text("Portal licence")
    expect(desk.locator("main")).to_contain_text("Harbour Alarms")
