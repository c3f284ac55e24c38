"""Consolidated billing as a biller goes through it in a real Chromium, from the settings to a void (rule 8)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from counterfoil import clock
from counterfoil.flows import printing
from counterfoil.flows.consolidating.settings import settings_of
from counterfoil.records.billing.models import ConsolidatedBilling, Invoice, QueuedInvoice
from counterfoil.records.deliveries.models import BillingDelivery, PrintBatch
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.flows.consolidating.waiting import consolidating, printed, waits
from tests.web import month
from tests.web.test_accessible import DARK, LIGHT, _grave, walked  # noqa: F401  a fixture

TODAY = date(2026, 6, 30)


@pytest.fixture
def shots() -> Path | None:
    """Return the folder for pictures of the pages that `COUNTERFOIL_TEST_SHOTS` names, None without it."""
    named = os.environ.get("COUNTERFOIL_TEST_SHOTS")
    return Path(named) if named else None


@pytest.fixture
def office(
    walked: Page,  # noqa: F811
    live_server: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Page]:
    """Return the desk of an administrator on 30 June; no script fails there."""
    failed: list[str] = []
    walked.on("pageerror", lambda error: failed.append(str(error)))
    month.use_own_pages(monkeypatch)
    monkeypatch.setattr(clock, "today", lambda _zone: TODAY)
    build.organisation()
    walked.goto(live_server.url + reverse("billings"))
    yield walked
    assert failed == []


def agree(page: Page, verb: str, *, reason: str = "") -> None:
    """Agree to what a page asks."""
    if reason:
        page.get_by_label("Reason").fill(reason)
    page.locator("main").get_by_role("button", name=verb).click()


def look(page: Page, name: str, shots: Path | None) -> None:
    """See that nothing serious is in a disabled person's way on this page, light and dark; a PDF in it is no page."""
    for scheme, options in (("light", LIGHT), ("dark", DARK)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert _grave(page, options={**options, "iframes": False}) == [], name
        if shots:
            page.screenshot(path=shots / f"{name}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")


def test_from_the_settings_to_a_void(office: Page, live_server: Any, shots: Path | None) -> None:
    home = live_server.url
    rich = build.customer(account="C-100", name="Brightwater Stores")
    type_settings(office, home, rich, shots)
    one, two = printed(waits(rich, 1_000)), printed(waits(rich, 2_500))
    waits(consolidating(minimum_minor=5_000), 1_880)
    release_and_queue(office, home, one, shots)
    choose_and_create(office, home, one, two, shots)
    roll(office, rich, shots)
    billing = ConsolidatedBilling.objects.get()
    assert (billing.number, billing.billing_date, billing.gross_minor) == ("B10001-0", TODAY, 2_500)
    edit_with_quick_add(office, home, billing, one, shots)
    mail_and_void(office, home, shots)
    assert QueuedInvoice.objects.count() == 3


def type_settings(page: Page, home: str, customer: BillingCustomer, shots: Path | None) -> None:
    page.goto(home + reverse("customer-consolidation", args=[customer.pk]))
    page.get_by_label("Use consolidated billing").check()
    page.get_by_label("Consolidated billing cycle").fill("1 month")
    page.get_by_label("Next consolidated billing date").fill("2026-06-30")
    page.get_by_label("Automatically consolidate sales invoices").check()
    look(page, "settings", shots)
    page.get_by_role("button", name="Store settings").click()
    expect(page.locator("main")).to_contain_text("1 month")
    look(page, "customer", shots)


def release_and_queue(page: Page, home: str, invoice: Invoice, shots: Path | None) -> None:
    page.goto(home + reverse("invoice", args=[invoice.pk]))
    page.get_by_role("button", name="Release").click()
    agree(page, "Release", reason="asked for by phone")
    expect(page.locator("main")).to_contain_text("Is not queued for consolidated billing")
    page.get_by_role("button", name="Add to consolidated billing queue").click()
    agree(page, "Queue invoices")
    expect(page.locator("main")).to_contain_text("Waits for a consolidated billing")
    look(page, "invoice", shots)


def choose_and_create(page: Page, home: str, one: Invoice, two: Invoice, shots: Path | None) -> None:
    page.goto(home + reverse("billings"))
    look(page, "none-yet", shots)
    page.get_by_role("link", name="New batch").first.click()
    totals = page.get_by_role("region", name="What would be created")
    expect(totals).to_contain_text("€35.00 in 1 billing of 2 invoices")
    expect(totals).to_contain_text("EUR 31.20 short of the minimum of EUR 50.00: carried to the next cycle")
    look(page, "batch", shots)
    page.get_by_label(f"Include sales-{one.pk}").uncheck()
    expect(totals).to_contain_text("€25.00 in 1 billing of 1 invoice")
    page.get_by_role("button", name="Uncheck all").click()
    expect(totals).to_contain_text("Nothing yet")
    page.locator("#batch [name=q]").fill(f"sales-{two.pk}")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_label(f"Include sales-{one.pk}")).to_have_count(0)
    page.get_by_role("button", name="Check all", exact=True).click()
    expect(totals).to_contain_text("€25.00 in 1 billing of 1 invoice")
    page.get_by_label("Use the next consolidated billing date").check()
    page.get_by_label("Description").fill("June, as agreed")
    page.get_by_label("Print billing").check()
    page.get_by_role("button", name="Create billings").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Batch 1")
    expect(page.locator("main")).to_contain_text("June, as agreed")  # typed while totals were on their way
    expect(page.locator("iframe")).to_be_visible()
    look(page, "made", shots)


def roll(page: Page, customer: BillingCustomer, shots: Path | None) -> None:
    page.get_by_role("link", name="Roll next billing dates").click()
    expect(page.locator("main")).to_contain_text("Brightwater Stores")
    look(page, "roll", shots)
    page.get_by_role("button", name="Roll next dates").click()
    expect(page.locator("main")).to_contain_text("There are no customers that need")
    assert settings_of(customer).next_date == date(2026, 7, 30)


def edit_with_quick_add(
    page: Page, home: str, billing: ConsolidatedBilling, invoice: Invoice, shots: Path | None
) -> None:
    page.goto(home + reverse("billing", args=[billing.pk]))
    look(page, "billing", shots)
    page.goto(home + reverse("billing-edit", args=[billing.pk]))
    page.get_by_label("Invoice", exact=True).select_option(str(invoice.pk))
    page.get_by_role("button", name="Quick add").click()
    expect(page.locator(".batch-total")).to_have_text("€35.00 of 2 invoices")
    page.get_by_label("PO number").fill("PO-9")
    look(page, "edit", shots)
    page.get_by_role("button", name="Save as revision 1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("B10001-1")
    expect(page.locator("main")).to_contain_text("PO-9")


def mail_and_void(page: Page, home: str, shots: Path | None) -> None:
    page.goto(home + reverse("billings"))
    look(page, "billings", shots)
    page.get_by_label("Tick B10001-1").check()
    page.get_by_role("button", name="E-mail").click()
    agree(page, "E-mail consolidated billings")
    expect(page.locator("main")).to_contain_text("1 consolidated billing was queued to be sent by e-mail")
    assert BillingDelivery.objects.filter(billing__number="B10001-1", state="queued").count() == 1
    page.get_by_label("Tick B10001-1").check()
    page.get_by_role("button", name="Void").click()
    look(page, "void", shots)
    agree(page, "Void consolidated billings", reason="wrong customer")
    expect(page.locator("main")).to_contain_text("1 consolidated billing was voided")


def test_by_hand_in_the_browser_and_a_batch_too_large_for_one_file(
    office: Page, live_server: Any, monkeypatch: pytest.MonkeyPatch, shots: Path | None
) -> None:
    page = office
    customer = consolidating()
    invoices = [printed(waits(customer, 1_000)) for _ in range(3)]
    page.goto(live_server.url + reverse("billing-new"))
    page.get_by_label("Customer").fill(customer.account)
    page.get_by_role("button", name="Show its invoices").click()
    expect(page.locator(".batch-total")).to_have_text("€30.00 of 3 invoices")
    page.get_by_label(f"Include sales-{invoices[2].pk}").uncheck()
    expect(page.locator(".batch-total")).to_have_text("€20.00 of 2 invoices")
    page.get_by_label("Due by").fill("2026-07-20")
    look(page, "by-hand", shots)
    page.get_by_role("button", name="Create billing").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("B10001-0")
    monkeypatch.setattr(printing, "DOCUMENTS_A_PART", 2)
    waits(consolidating(), 1_000)
    page.goto(live_server.url + reverse("billing-batch-new"))
    page.get_by_role("button", name="Create billings").click()
    page.get_by_role("button", name="Print the batch in files").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Print batch")
    assert len(PrintBatch.objects.get().billings) == 2


def test_a_sales_invoice_is_typed_with_what_it_comes_to(
    office: Page, live_server: Any, shots: Path | None
) -> None:
    page = office
    build.master(code="CAM", name="Camera", kind="sale", unit_price="19.99", charge_period=None)
    consolidating()
    customer = consolidating()
    page.goto(live_server.url + reverse("invoices"))
    page.get_by_role("link", name="New sales invoice").first.click()
    page.get_by_label("Customer").fill(customer.account)
    page.get_by_role("button", name="Show the invoice").click()
    page.locator("[name=lines-0-master_charge]").fill("CAM")
    page.locator("[name=lines-0-quantity]").fill("3")
    page.locator("[name=lines-0-quantity]").press("Tab")
    comes_to = page.get_by_role("region", name="What it comes to")
    expect(comes_to).to_contain_text("€73.76")  # 3 × 19.99 × 1.23
    page.locator("[name=lines-1-description]").fill("Cable, cut to length")
    page.locator("[name=lines-1-description]").press("Tab")
    expect(comes_to).to_contain_text("needs a description, a unit price and a tax category")
    page.locator("[name=lines-1-unit_price]").fill("7.05")
    page.locator("[name=lines-1-tax_category]").select_option("Standard")
    expect(comes_to).to_contain_text("€82.43")
    expect(page.get_by_label("Add to consolidated billing queue")).to_be_checked()
    look(page, "sale", shots)
    page.get_by_role("button", name="More lines").click()
    expect(page.locator("[name=lines-7-description]")).to_be_visible()
    expect(page.locator("[name=lines-1-unit_price]")).to_have_value("7.05")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("main")).to_contain_text("The sales invoice is a draft")
    look(page, "draft", shots)
    page.get_by_role("link", name="Change").click()
    expect(page.locator("[name=lines-1-description]")).to_have_value("Cable, cut to length")
