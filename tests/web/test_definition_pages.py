"""Definitions in the browser: what is chosen is stored, what it would bill is counted, and its runs are there."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from counterfoil.flows.billing.counting import begin_counting
from counterfoil.records.billing.models import BatchDefinition, Run, ScheduleState
from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.web.definitions import counting
from tests.web import month

CHOSEN = {
    "name": "monthly",
    "title": "Monthly",
    "kinds": ["service"],
    "payer": "any",
    "grouping": "customer",
    "credit_basis": "none",
    "past_periods_allowed": "2",
    "cutoff_base": "last of next month",
    "cutoff_days": "-3",
    "date_base": "cut-off",
    "connector": "csv",
    "schedule_every": "month",
    "schedule_day": "0",
    "schedule_time": "06:30",
    "is_active": "on",
}


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve the project's own navigation, not the guide's."""
    month.use_own_pages(monkeypatch)


@pytest.fixture
def definition(transactional_db: None) -> BatchDefinition:
    """Store a bureau of 40 charges, two a customer, and a definition of all of them."""
    return month.bureau()


@pytest.fixture
def biller_of(signed_in: Callable[..., Client]) -> Client:
    """Return a browser of a biller without JavaScript."""
    return signed_in(Role.BILLER)


def errors_of(answer: Any) -> dict[str, list[str]]:
    """Return what the form of *answer* refuses, by field."""
    return dict(answer.context["form"].errors)


def test_what_is_chosen_is_stored_and_shown_again(definition: BatchDefinition, biller_of: Client) -> None:
    answer = biller_of.post(reverse("definition-new"), CHOSEN)
    stored = BatchDefinition.objects.get(name="monthly")
    assert answer["Location"] == reverse("definition", args=[stored.pk])
    assert (stored.cutoff_rule, stored.invoice_date_rule, stored.schedule, stored.send_email) == (
        "last of next month - 3 days",
        "cut-off",
        "30 6 L * *",
        False,
    )
    edit = reverse("definition-edit", args=[stored.pk])
    form = biller_of.get(edit).context["form"]
    assert {
        name: form[name].value() for name in ("cutoff_base", "cutoff_days", "schedule_every", "schedule_day")
    } == {
        "cutoff_base": "last of next month",
        "cutoff_days": -3,
        "schedule_every": "month",
        "schedule_day": 0,
    }
    biller_of.post(edit, {**CHOSEN, "schedule_every": "cron", "schedule_cron": "*/5 6 * * mon-fri"})
    stored.refresh_from_db()
    assert stored.schedule == "*/5 6 * * mon-fri"
    assert ScheduleState.objects.count() == 1
    page = biller_of.get(reverse("definition", args=[stored.pk])).content.decode()
    assert "By cron: */5 6 * * mon-fri" in page
    assert "Last of next month - 3 days" in page


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"name": "Monthly Service"}, "name", "cannot name a definition. Use at most 60 small letters"),
        ({"name": "service"}, "name", "There is a definition service already."),
        ({"kinds": []}, "kinds", "bills no kind of charge or event"),
        ({"connector": "nope"}, "connector", "Select a valid choice"),
        ({"cutoff_base": "cut-off"}, "cutoff_base", "Select a valid choice"),
        ({"cutoff_days": "400"}, "cutoff_days", "less than or equal to 366"),
        ({"past_periods_allowed": "5000"}, "past_periods_allowed", "5000 past periods cannot be allowed"),
        ({"schedule_every": "cron", "schedule_cron": "often"}, "schedule_cron", "'often' is no schedule"),
        ({"schedule_every": "cron", "schedule_cron": ""}, "schedule_cron", "is no schedule"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    changes: dict[str, Any], field: str, told: str, definition: BatchDefinition, biller_of: Client
) -> None:
    errors = errors_of(biller_of.post(reverse("definition-new"), {**CHOSEN, **changes}))
    assert list(errors) == [field]
    assert told in errors[field][0]
    assert BatchDefinition.objects.count() == 1


def test_one_is_copied_and_switched_off_and_on(definition: BatchDefinition, biller_of: Client) -> None:
    copy = reverse("definition-copy", args=[definition.pk])
    assert biller_of.get(copy).context["form"]["name"].value() == "service-copy"
    biller_of.post(copy, {**CHOSEN, "name": "service-copy", "schedule_every": ""})
    assert set(BatchDefinition.objects.values_list("name", flat=True)) == {"service", "service-copy"}
    switch = reverse("definition-switch", args=[definition.pk])
    # Two who press the same button want the same.
    told = [biller_of.post(switch, {"do": do}, follow=True).content.decode() for do in ("off", "off", "on")]
    words = ("off", "off", "on")
    assert [f"Service, all was switched {word}." in page for word, page in zip(words, told, strict=True)] == [
        True
    ] * 3
    assert '<button type="submit" name="do" value="off" class="btn">Switch off' in told[2]


def test_a_biller_leaves_authorised_as_it_is_and_an_approver_switches_it(
    definition: BatchDefinition, biller_of: Client, signed_in: Callable[..., Client]
) -> None:
    edit = reverse("definition-edit", args=[definition.pk])
    page = biller_of.get(edit).content.decode()
    assert "an approver, on the page of the definition" in page
    assert re.search(r'<input[^>]*name="authorised"[^>]*disabled', page)
    biller_of.post(edit, {**CHOSEN, "authorised": "on"})
    definition.refresh_from_db()
    assert (definition.name, definition.authorised) == ("monthly", False)
    let_through = reverse("definition-let-through", args=[definition.pk])
    assert biller_of.post(let_through).status_code == 403
    approver = signed_in(Role.APPROVER, username="paul")
    approver.post(let_through, {"do": "let-through"})
    told = approver.post(let_through, {"do": "let-through"}, follow=True).content.decode()
    assert "are issued without review from now on" in told
    assert "Have runs reviewed" in told
    biller_of.post(edit, {**CHOSEN, "title": "Still authorised"})
    definition.refresh_from_db()
    assert (definition.title, definition.authorised) == ("Still authorised", True)
    for _ in ("pressed", "pressed on a page that was open before"):
        told = approver.post(let_through, {"do": "review"}, follow=True).content.decode()
        assert "are reviewed before they are issued" in told
    chief = signed_in(Role.ADMINISTRATOR, username="anna")
    chief.post(edit, {**CHOSEN, "authorised": "on"})
    definition.refresh_from_db()
    assert definition.authorised


def test_what_is_typed_is_counted(definition: BatchDefinition, biller_of: Client) -> None:
    typed = {**CHOSEN, "name": "", "cutoff_base": "today", "cutoff_days": "", "schedule_every": "day"}
    page = biller_of.get(reverse("definition-typed"), typed).content.decode()
    assert "20 customers, 20 invoices" in page
    assert page.count("<tr>") == 6  # a head and the next five runs
    wrong = biller_of.get(reverse("definition-typed"), {**typed, "kinds": []}).content.decode()
    assert "bills no kind of charge or event" in wrong


def test_a_long_count_goes_on_where_it_stopped(
    definition: BatchDefinition, signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "begin_counting", partial(begin_counting, at_once=16))
    client = signed_in(Role.APPROVER)
    address, seen = reverse("definition-count", args=[definition.pk]), []
    while address:
        page = client.get(address).content.decode()
        seen.append(re.findall(r"(\d+) of 40 charges|(\d+) customers", page))
        more = re.search(r'hx-get="([^"]+)"', page)
        address = more[1].replace("&amp;", "&") if more else ""
    assert seen == [
        [("", "8"), ("16", "")],
        [("", "16"), ("32", "")],
        [("", "20")],
    ]
    forged = client.get(reverse("definition-count-more") + "?more=forged").content.decode()
    assert "The count was lost. Load the page again." in forged


def test_its_runs_are_listed_with_what_they_came_to(definition: BatchDefinition, biller_of: Client) -> None:
    run = month.run_of(definition)
    page = biller_of.get(reverse("definition", args=[definition.pk])).content.decode()
    assert reverse("run", args=[run.pk]) in page
    assert f">{sum(one.documents for one in run.totals.all())}<" in page
    assert "By schedule, " not in biller_of.get(reverse("run", args=[run.pk])).content.decode()
    Run.objects.filter(pk=run.pk).update(scheduled_for=month.NOW)
    assert "By schedule, " in biller_of.get(reverse("run", args=[run.pk])).content.decode()
    history = biller_of.get(reverse("definition", args=[definition.pk]) + "?tab=history").content.decode()
    assert "Added" in history


def test_a_run_begins_with_the_days_of_its_definition(definition: BatchDefinition, biller_of: Client) -> None:
    BatchDefinition.objects.update(cutoff_rule="first of this month + 14 days", invoice_date_rule="cut-off")
    form = biller_of.get(reverse("run-new"), {"definition": definition.pk}).context["form"]
    assert isinstance(form["cutoff"].value(), date)
    assert [form[name].value().day for name in ("cutoff", "invoice_date")] == [15, 15]


def test_who_is_limited_to_branches_defines_for_these(
    definition: BatchDefinition, signed_in: Callable[..., Client]
) -> None:
    client = signed_in(Role.BILLER)
    User.objects.get(username="mara").branches.add(Branch.objects.order_by("pk").first())
    assert list(errors_of(client.post(reverse("definition-new"), CHOSEN))) == ["branch"]
    assert client.get(reverse("definition", args=[definition.pk])).status_code == 404


def test_it_counts_while_it_is_typed(
    definition: BatchDefinition, biller_of: Client, page: Page, live_server: Any, context: Any
) -> None:
    cookie = {"name": "sessionid", "value": biller_of.cookies["sessionid"].value, "url": live_server.url}
    context.add_cookies([cookie])
    page.goto(live_server.url + reverse("definition-new"))
    today = page.get_by_role("region", name="Today")
    expect(today).to_contain_text("20 customers")
    page.get_by_label("Who pays").select_option(label="Dealers")
    expect(today).to_contain_text("Nothing")
    expect(page.get_by_label("On day")).to_be_hidden()
    page.get_by_label("Starts by itself").select_option(label="Every month")
    expect(page.get_by_label("On day")).to_be_visible()
    expect(page.get_by_role("region", name="Next runs").locator("tbody tr")).to_have_count(5)
