"""The rest of the biller's desk in a real Chromium: each page that changes something, and what it does then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader

from counterfoil import clock
from counterfoil.flows.billing import issue
from counterfoil.flows.billing.run import generate
from counterfoil.records.billing.models import Invoice, InvoiceLine, Run
from counterfoil.records.charges.models import Charge, PastConfirmation
from counterfoil.records.organisation.models import Branch, Role
from counterfoil.records.parties.models import Dealer
from tests import build
from tests.build import JUNE
from tests.web import bureau, month
from tests.web.conftest import BACKEND
from tests.web.test_second_factor import code_of
from tests.working import do_all_queued_work

JULY = date(2026, 7, 1)
Desk = Callable[..., Page]


@pytest.fixture(autouse=True)
def _bureau(
    transactional_db: None,
    empty_queue: None,
    _guide_pages: None,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    tmp_path: Path,
) -> None:
    """Serve the project's own navigation to an empty bureau; files go into a folder of the test's own."""
    month.use_own_pages(monkeypatch)
    settings.HOME = tmp_path
    build.organisation(email="billing@example.com")


@pytest.fixture
def desk(page: Page, context: BrowserContext, live_server: Any, complaints: list[str]) -> Desk:
    """Return a function that opens a page for a person with a role; any complaint of the browser fails the test."""

    def open_page(role: Role, name: str, *keys: int) -> Page:
        client = Client()
        client.force_login(bureau.person(role), backend=BACKEND)
        cookie = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(live_server.url + reverse(name, args=keys))
        return page

    return open_page


def go(page: Page, name: str, *keys: int) -> None:
    """Go to the page called *name*."""
    page.goto("/".join(page.url.split("/")[:3]) + reverse(name, args=keys))


def agree(page: Page, verb: str, *, reason: str = "") -> None:
    """Agree to what is asked."""
    if reason:
        page.get_by_label("Reason").fill(reason)
    page.locator("main").get_by_role("button", name=verb, exact=True).click()


def generated(*, cutoff: date = JUNE, **selection: Any) -> Run:
    """Generate a run at this moment, after all that the test has stored."""
    return generate(build.request(cutoff=cutoff, **selection), by=None, now=clock.now)


def issued() -> Run:
    """Generate a run and issue its invoices; nothing is delivered."""
    run = generated()
    issue.authorise(run.pk, by=None, now=clock.now())
    issue.issue(run.pk, today=JUNE, now=clock.now)
    return run


def test_a_new_look_is_tried_stored_and_printed_on_the_next_invoice(desk: Desk) -> None:
    build.charge()
    page = desk(Role.ADMINISTRATOR, "documents")
    shown = page.locator(".preview-page")
    before = str(shown.get_attribute("src"))
    page.get_by_label("Colour").fill("#aa0000")
    page.get_by_label("Header, English").fill("Dear {customer}, thank you")
    page.get_by_label("Unit price").uncheck()
    expect(shown).not_to_have_attribute("src", before)
    page.get_by_role("button", name="Store changes").click()
    expect(page.get_by_text("Documents look so from now on.")).to_be_visible()
    expect(page.get_by_label("Unit price")).not_to_be_checked()

    invoice = issued().invoice_set.get()
    go(page, "invoice", invoice.pk)
    address = page.get_by_role("link", name="Download PDF").get_attribute("href")
    answer = page.request.get("/".join(page.url.split("/")[:3]) + str(address))
    printed = PdfReader(BytesIO(answer.body())).pages[0]
    words = printed.extract_text()
    assert f"Dear {invoice.customer.name}, thank you" in words
    assert ("Unit price" in words, "Net" in words) == (False, True)
    assert b" 0.6666667 0 0 scn" in printed.get_contents().get_data()  # 170/255 red


def test_ticked_invoices_are_printed_together(desk: Desk) -> None:
    for _ in range(3):
        build.charge()
    issued()
    page = desk(Role.BILLER, "invoices")
    for nth in (0, 2):
        page.locator("[data-tick]").nth(nth).check()
    page.get_by_role("button", name="Print", exact=True).click()
    expect(page.locator("main")).to_contain_text("2 documents that are issued and valid are printed")
    agree(page, "Print documents")
    expect(page.get_by_text("0 of 2 documents")).to_be_visible()
    do_all_queued_work()
    file = page.get_by_role("link", name="2 documents, INV-2026-000001 to INV-2026-000003")
    expect(file).to_be_visible()
    answer = page.request.get("/".join(page.url.split("/")[:3]) + str(file.get_attribute("href")))
    words = [one.extract_text() for one in PdfReader(BytesIO(answer.body())).pages]
    assert [number in " ".join(words) for number in ("000001", "000002", "000003")] == [True, False, True]


def test_charges_are_edited_assigned_copied_ended_and_undone(desk: Desk) -> None:
    """One charge at 30.00; 2 clients at 2 × 12.50, 50.00 a whole period together; 30.00 copied."""
    charge = build.charge()
    others, empty = [build.client(), build.client()], build.client()
    page = desk(Role.BILLER, "client", charge.client_id)
    row = page.locator(f"#charge-{charge.pk}")
    expect(row.locator("td").nth(4)).to_contain_text("€30.00 master")
    row.get_by_role("button", name="Edit").click()
    page.locator("tr[data-editing]").get_by_label("Unit price").fill("31.50")
    page.get_by_role("button", name="Store", exact=True).click()
    expect(row.locator("td").nth(4)).to_contain_text("€31.50 assignment")
    row.get_by_role("button", name="Undo").click()
    expect(row.locator("td").nth(4)).to_contain_text("€30.00 master")
    assert Charge.objects.get().unit_price is None

    go(page, "clients")
    for site in others:
        page.locator("tr", has_text=site.name).locator("[data-tick]").check()
    page.get_by_role("button", name="Assign a charge").click()
    page.get_by_label("Master charge").fill(charge.master_charge.code)
    page.get_by_label("First day").fill("2026-06-01")
    page.get_by_label("Quantity").fill("2")
    page.get_by_label("Unit price").fill("12.50")
    page.get_by_role("button", name="See what it comes to").click()
    expect(page.locator(".figures")).to_contain_text("€50.00")
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_text("2 charges were assigned.")).to_be_visible()

    page.locator("tr", has_text=empty.name).locator("[data-tick]").check()
    page.get_by_role("button", name="Copy charges from a template").click()
    page.get_by_label("Template client").fill(charge.client.code)
    page.get_by_label("First day").fill("2026-06-01")
    page.get_by_role("button", name="See what it comes to").click()
    expect(page.locator(".figures")).to_contain_text("€30.00")
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_text("1 charge was assigned.")).to_be_visible()
    newest = Charge.objects.latest("pk")
    assert (newest.client, newest.quantity, Charge.objects.count()) == (empty, None, 4)

    go(page, "client", newest.client_id)
    page.get_by_label("Tick all charges").check()
    page.get_by_role("button", name="End charges").click()
    page.get_by_label("Last day").fill("2026-06-30")
    page.get_by_role("button", name="See what it comes to").click()
    agree(page, "End charges")
    expect(page.get_by_text("1 charge ends on Tue, 30 Jun 2026.")).to_be_visible()
    assert Charge.objects.get(ends_before=JULY) == newest
    page.get_by_role("link", name="Undo").click()
    agree(page, "Undo ending charges")
    expect(page.get_by_text("1 charge ends as before.")).to_be_visible()
    assert not Charge.objects.filter(ends_before=JULY).exists()


def test_an_override_says_what_it_changes_and_the_next_run_bills_it(desk: Desk) -> None:
    """Three charges of a dealer's clients, one with 20.00 of its own; 2 × 30.00 become 2 × 27.50."""
    dealer = Dealer.objects.create(code="D1", name="Harbour Alarms", branch=Branch.objects.get())
    master = build.master()
    for own in (None, None, 20):
        build.charge(client=build.client(dealer=dealer), master_charge=master, unit_price=own)
    build.charge(master_charge=master)
    page = desk(Role.BILLER, "dealer-overrides", dealer.pk)
    page.get_by_role("link", name=f"Override {master}").click()
    foreseen = page.get_by_role("region", name="What this would change")
    expect(foreseen).to_contain_text("0 of 3 running charges")
    page.get_by_label("Unit price").fill("27.50")
    expect(foreseen).to_contain_text("2 of 3 running charges")
    expect(foreseen).to_contain_text("€60.00")
    expect(foreseen).to_contain_text("€55.00")
    expect(foreseen).to_contain_text("1 charge has a price of its own, which stays.")
    page.get_by_role("button", name="Add override").click()
    row = page.locator("tr", has_text=master.name)
    expect(row).to_contain_text("€27.50 dealer")
    page.get_by_role("link", name="What differs here").click()
    expect(row).to_have_count(1)
    billed = generated().invoice_set.values_list("net_minor", flat=True)
    assert sorted(billed) == [2_000, 2_750, 2_750, 3_000]


def test_a_line_is_adjusted_and_waived_in_review(desk: Desk) -> None:
    """30.00 − 5.00 net, 30.75 with 23 % tax; then nothing."""
    build.charge()
    run = generated()
    page = desk(Role.BILLER, "run-lines", run.pk)
    page.locator("[data-tick]").first.check()
    page.get_by_role("button", name="Adjust").click()
    page.get_by_label("Amount").fill("-5.00")
    page.get_by_label("Reason").fill("Installed late")
    page.get_by_role("button", name="Adjust lines").click()
    expect(page.get_by_text("1 draft was adjusted.")).to_be_visible()
    draft = Invoice.objects.get(exclusion__isnull=True)
    assert (draft.net_minor, draft.gross_minor) == (2_500, 3_075)
    go(page, "invoice", draft.pk)
    expect(page.locator("main")).to_contain_text("Installed late, Mara Quill")
    page.get_by_role("link", name=f"draft {run.invoice_set.order_by('pk')[0].pk}").click()
    expect(page.locator("main")).to_contain_text(f"Replaced by draft {draft.pk}")

    go(page, "run-lines", run.pk)
    page.locator("[data-tick]").first.check()
    page.get_by_role("button", name="Waive").click()
    agree(page, "Waive lines", reason="Goodwill")
    expect(page.get_by_text("1 line was waived.")).to_be_visible()
    assert Invoice.objects.get(exclusion__isnull=True).net_minor == 0


def test_what_differs_from_last_time_leads_to_its_lines_and_why(desk: Desk) -> None:
    """30.00 and 30.00 last time; one ended, one at 40.00 and a new one: − 30.00 + 10.00 + 30.00 = + 10.00."""
    kept, gone = build.charge(), build.charge()
    issue.authorise(generated().pk, by=None, now=clock.now())
    Charge.objects.filter(pk=kept.pk).update(unit_price=40)
    Charge.objects.filter(pk=gone.pk).update(ends_before=JULY)
    new = build.charge(starts_on=JULY)
    run = generated(cutoff=JULY)
    page = desk(Role.APPROVER, "run", run.pk)
    variance = page.locator("p.variance").first
    expect(variance).to_contain_text("difference +€10.00")
    for part, amount, charge, why in [
        ("new", "+€30.00", new, "starts 1 July 2026"),
        ("gone", "-€30.00", gone, "ended 30 June 2026"),
        ("price", "+€10.00", kept, "price 30.00 → 40.00"),
    ]:
        link = variance.get_by_role("link", name=part)
        expect(link).to_contain_text(amount)
        link.click()
        row = page.locator("tbody tr")
        expect(row).to_have_count(1)
        expect(row).to_contain_text(charge.client.name)
        expect(row).to_contain_text(why)
    row.get_by_role("link", name="price 30.00").click()
    expect(page.locator("#why")).to_contain_text("40.00 × 1 × 1 = 40.00")
    page.get_by_role("button", name="Close").click()

    go(page, "run", run.pk)
    page.locator("[data-tick]").first.check()
    page.get_by_role("button", name="Hold", exact=True).click()
    agree(page, "Hold invoices", reason="Asked by telephone")
    page.locator("[data-tick]").first.check()
    page.get_by_role("button", name="Release", exact=True).click()
    agree(page, "Release invoices")
    expect(page.get_by_text("1 invoice was released.")).to_be_visible()
    assert not Invoice.objects.filter(run=run, hold__isnull=False).exists()


def test_a_second_factor_is_switched_on_and_asked_for_at_the_next_sign_in(desk: Desk) -> None:
    page = desk(Role.BILLER, "runs")
    page.locator(".top-person").click()
    page.get_by_role("link", name="Two-factor").click()
    page.get_by_role("link", name="Activate").first.click()
    page.get_by_label("Password").fill(bureau.PASSWORD)
    page.locator("main button[type=submit], .entrance button[type=submit]").first.click()
    secret = page.locator("#authenticator_secret").input_value()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Activate").click()
    Authenticator.objects.filter(type="totp").update(last_used_at=None)
    page.context.clear_cookies()
    go(page, "runs")
    page.locator("[name=login]").fill("mara")
    page.locator("[name=password]").fill(bureau.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("[name=code]").fill(code_of(secret))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()


def test_a_run_is_voided_before_it_leaves_and_the_next_bills_it_again(desk: Desk) -> None:
    """Two charges of 30.00: 36.90 each with 23 % tax."""
    build.charge(), build.charge()
    run = issued()
    page = desk(Role.ADMINISTRATOR, "run", run.pk)
    page.get_by_role("link", name="Void run").click()
    said = page.locator(".figures")
    for words in ("Documents\n2", "Charges set back\n2", "Deliveries cancelled\n4", "Gross\n€73.80"):
        assert words.lower() in said.inner_text().lower()
    agree(page, "Void run", reason="Wrong month")
    expect(page.get_by_text(f"Run {run.pk} was voided.")).to_be_visible()
    go(page, "run-new")
    page.get_by_label("Cut-off").fill("2026-06-01")
    page.get_by_label("Invoice date").fill("2026-06-01")
    page.get_by_role("button", name="Preview run").click()
    expect(page.locator(".run-preview .figures")).to_contain_text("€73.80")


def test_an_exception_is_solved_by_its_remedy_and_billed(desk: Desk) -> None:
    """One without a price; one six months late at 30.00: 180.00 once it is confirmed."""
    build.charge(starts_on=date(2026, 1, 1))
    priceless = build.charge(master_charge=build.master(unit_price=None))
    generated(past_periods_allowed=2)
    page = desk(Role.BILLER, "exceptions")
    expect(page.locator("main")).to_contain_text("Confirming all would bill €180.00 net.")
    page.get_by_role("button", name="Confirm all").click()
    expect(page.locator(".figures")).to_contain_text("€180.00")
    agree(page, "Confirm exceptions", reason="Contract came late")
    expect(page.get_by_text("1 exception was confirmed.")).to_be_visible()
    assert PastConfirmation.objects.count() == 1

    page.locator("tbody tr", has_text="No price").get_by_role("link").nth(1).click()
    page.get_by_label("Unit price").fill("12")
    expect(page.locator(".consequences")).to_contain_text("€12.00")
    page.get_by_role("button", name="Store changes").click()
    expect(page.get_by_text("was changed")).to_be_visible()
    run = generated(past_periods_allowed=2)
    assert sorted(run.invoice_set.values_list("net_minor", flat=True)) == [1_200, 18_000]
    go(page, "exceptions")
    expect(page.get_by_text("No exceptions")).to_be_visible()
    assert InvoiceLine.objects.filter(charge=priceless, invoice__run=run).count() == 1
