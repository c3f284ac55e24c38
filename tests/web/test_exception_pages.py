"""The exceptions as an inbox: grouped by remedy, put right together; and what no definition selects."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.clock import today
from counterfoil.flows.billing import revising
from counterfoil.flows.defining import define
from counterfoil.records.billing.models import BatchDefinition, BillingException, Run, ScheduleState
from counterfoil.records.charges.models import Charge, PastConfirmation
from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.web.exceptions import leakage
from tests import build
from tests.web import month

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve the project's own navigation, not the guide's."""
    month.use_own_pages(monkeypatch)


@pytest.fixture
def desk(transactional_db: None, signed_in: Callable[..., Client]) -> Client:
    """Store the organisation and return a biller's browser."""
    build.organisation()
    return signed_in(Role.BILLER)


def page(client: Client, name: str, **parameters: Any) -> str:
    """Return the page called *name*."""
    return client.get(reverse(name), parameters).content.decode()


def test_long_pasts_are_confirmed_all_at_once_with_what_that_bills(desk: Client) -> None:
    """Six months at 30.00 for each of two charges, 360.00, that two runs set aside; a third has no price."""
    build.charge(starts_on=date(2026, 1, 1))
    build.charge(starts_on=date(2026, 1, 1))
    build.charge(master_charge=build.master(unit_price=None))
    build.run(past_periods_allowed=2)
    Run.objects.update(title="Set aside before by another")
    BillingException.objects.filter(code="no_price").delete()
    build.run(past_periods_allowed=2)
    inbox = page(desk, "exceptions")
    assert ["Confirm all" in inbox, "Prices of master charges" in inbox] == [True, True]
    assert "Confirming all would bill <strong>€360.00</strong> net." in page(desk, "exceptions-late-amount")
    address = reverse("exceptions-confirm") + "?code=too_many_past_periods"
    asked = desk.post(address, {"everything": "1"}).content.decode()
    assert "Confirm 4 exceptions" in asked
    assert "€360.00" in asked
    agreed = re.search(r'name="agreed" value="([^"]+)"', asked)
    assert agreed
    sent = {"everything": "1", "agreed": agreed[1], "reason": "Late contracts"}
    assert "4 exceptions were confirmed." in desk.post(address, sent, follow=True).content.decode()
    assert PastConfirmation.objects.count() == 2
    confirmed = page(desk, "exceptions")
    assert confirmed.count(">Confirmed<") == 4
    assert ["Confirm all" in confirmed, "All confirmed: the next run bills them." in confirmed] == [
        False,
        True,
    ]
    assert "Confirm 0 exceptions" in desk.post(address, {"everything": "1"}).content.decode()
    build.run(past_periods_allowed=2)
    BillingException.objects.update(run=BillingException.objects.earliest("pk").run)
    assert "What they owed is billed by now." in page(desk, "exceptions-late-amount")


def test_inactive_customers_are_reactivated_with_what_that_bills(desk: Client) -> None:
    """One month at 30.00; the other charge's last day is before its start, and is told as people write it."""
    payer = build.customer(is_active=False)
    build.charge(client=build.client(customer=payer), starts_on=date(2026, 6, 1))
    build.charge(starts_on=date(2026, 6, 1), ends_before=date(2026, 5, 1))
    build.run()
    inbox = page(desk, "exceptions")
    assert "Reactivate all" in inbox
    assert "The last day of the charge, 30 Apr 2026, is before its start, 1 Jun 2026." in inbox
    told = page(desk, "exceptions-late-amount", code="customer_inactive")
    assert "Reactivating all would bill <strong>€30.00</strong> net." in told
    address = reverse("exceptions-reactivate")
    asked = desk.post(address, {"everything": "1"}).content.decode()
    assert "Reactivate 1 billing customer." in asked
    agreed = re.search(r'name="agreed" value="([^"]+)"', asked)
    assert agreed
    desk.post(address, {"everything": "1", "agreed": agreed[1]})
    payer.refresh_from_db()
    assert payer.is_active


def test_clients_of_an_exception_are_listed_alone(desk: Client) -> None:
    found = build.client(customer=None, name="Nobody pays")
    build.charge(client=found)
    build.charge(client=build.client(name="Somebody pays"))
    build.run()
    assert f"{reverse('clients')}?exception=no_customer" in page(desk, "exceptions")
    listed = page(desk, "clients", exception="no_customer")
    assert "Nobody pays" in listed
    assert "Somebody pays" not in listed


def test_each_leads_to_where_it_is_put_right(desk: Client) -> None:
    charge = build.charge(master_charge=build.master(unit_price=None))
    build.run()
    inbox = page(desk, "exceptions")
    assert reverse("charge", args=[charge.pk]) in inbox
    assert reverse("charge-edit", args=[charge.pk]) in inbox


def test_what_leaks_is_added_up_and_its_definition_begun(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three charges at 30.00 a month, added up in two steps; without a definition all of them leak."""
    monkeypatch.setattr(leakage, "AT_ONCE", 2)
    for number in range(3):
        build.charge(key=f"L{number}", starts_on=today("UTC").replace(day=1))
    listed = page(desk, "leakage")
    assert [key in listed for key in ("L0", "L1", "L2")] == [True, True, True]
    first = page(desk, "leakage-amounts")
    assert "Still adding up, customer by customer: 2 charges so far" in first
    more = re.search(r'hx-get="([^"]+)"', first)
    assert more
    whole = desk.get(more[1].replace("&amp;", "&")).content.decode()
    assert "Still" not in whole
    assert "Service, paid directly, at Main" in whole
    assert "€90.00" in whole
    begin = re.search(r'href="([^"]+)">Add definition', whole)
    assert begin
    form = desk.get(begin[1].replace("&amp;", "&")).context["form"]
    assert [form[name].value() for name in ("kinds", "payer", "branch", "title")] == [
        ["service"],
        "direct",
        Branch.objects.get().pk,
        "Service, direct customers",
    ]
    BatchDefinition.objects.create(name="all", title="All", kinds=["service"])
    assert "Nothing leaks" in page(desk, "leakage")
    assert "<tbody></tbody>" in page(desk, "leakage-amounts", more="forged")


def test_events_leak_too_and_branches_limit_who_sees(desk: Client) -> None:
    build.event(kind="dispatch", key="E77")
    assert "E77" in page(desk, "leaking-events")
    assert "Dispatch, paid directly, at Main" in page(desk, "leakage-amounts", of="events")
    west = Branch.objects.create(organisation_id=1, code="west", name="West")
    User.objects.get(username="mara").branches.add(west)
    assert "E77" not in page(desk, "leaking-events")
    assert "Dispatch" not in page(desk, "leakage-amounts", of="events")


def test_a_tab_counts_what_its_list_has(desk: Client) -> None:
    """A draft that was adjusted is replaced: neither the list nor the tab counts it, unless it is asked for."""
    build.charge()
    run = build.run()
    line = run.invoice_set.get().lines.get()
    revising.adjust([line.pk], amount="-5.00", reason="Goodwill", by=None, now=build.NOW)
    shown = desk.get(reverse("run", args=[run.pk]))
    [tab] = [one for one in shown.context["tabs"] if one.label == "Invoices"]
    assert (tab.count, len(shown.context["page"].lines), Charge.objects.count()) == (1, 1, 1)
    replaced = desk.get(reverse("run", args=[run.pk]) + "?state=replaced")
    assert len(replaced.context["page"].lines) == 1


def test_a_run_that_did_not_start_is_in_the_inbox_and_on_the_dashboard(desk: Client) -> None:
    made = define(
        BatchDefinition(name="daily", title="Daily", kinds=["service"], schedule="0 6 * * *"),
        by=None,
        now=build.NOW,
    )
    assert "did not start" not in page(desk, "exceptions") + page(desk, "dashboard").lower()
    ScheduleState.objects.update(problem="The run due on 2026-06-01 at 06:00 was begun and did not start.")
    told = page(desk, "exceptions")
    assert told.count("was begun and did not start") == 1
    assert told.count(reverse("definition", args=[made.pk])) == 2  # in the inbox, and in the bell
    build.charge()
    build.run()
    assert "was begun and did not start" in page(desk, "dashboard")
    User.objects.get(username="mara").branches.add(Branch.objects.get())
    assert "was begun and did not start" not in page(desk, "exceptions")
