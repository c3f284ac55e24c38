"""The dashboard: each figure with the list behind it, in the currency and by what the address asks for."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from counterfoil import clock
from counterfoil.flows.billing import issue
from counterfoil.flows.billing.variance import keep_comparison
from counterfoil.records.billing.models import BatchDefinition, RecurringRevenue, Run
from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.records.parties.models import Dealer
from tests import build
from tests.web import month

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)


@pytest.fixture
def this_month(transactional_db: None) -> Run:
    """Store last month, issued, and this month in review, in which a price is 40.00 and a dealer's charge is new."""
    build.organisation()
    first = clock.now().date().replace(day=1)
    last = (first - timedelta(days=1)).replace(day=1)
    charge = build.charge(starts_on=last)
    before = build.run(cutoff=last)
    issue.authorise(before.pk, by=None, now=build.NOW)
    issue.issue(before.pk, today=last, now=build.now)
    charge.unit_price = 40
    charge.save()
    dealer = Dealer.objects.create(code="D1", name="Harbour Alarms", branch=Branch.objects.get())
    build.charge(starts_on=first, client=build.client(dealer=dealer))
    run = build.run(cutoff=first)
    keep_comparison(run, now=build.NOW)
    return run


def _page(client: Client, address: str = "/") -> str:
    return html.unescape(client.get(address).content.decode())


def test_what_was_issued_what_waits_and_what_changed(
    this_month: Run, signed_in: Callable[..., Client]
) -> None:
    page = _page(signed_in(Role.VIEWER))
    last = (this_month.invoice_date - timedelta(days=1)).replace(day=1)
    assert f"/invoices/?state=issued&since={last}&until={this_month.invoice_date - timedelta(days=1)}" in page
    assert 'document_type=contract">€30.00</a>' in page
    assert "Waiting, as generated" in page
    assert "€70.00" in page  # 40.00 + 30.00 in review
    assert f'<a href="/runs/{this_month.pk}/variance?part=price">€10.00</a>' in page
    assert f'<a href="/runs/{this_month.pk}/variance?part=new">€30.00</a>' in page
    assert "In review" in page


def test_by_dealer(this_month: Run, signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.VIEWER)
    issue.authorise(this_month.pk, by=None, now=build.NOW)
    issue.issue(this_month.pk, today=this_month.invoice_date, now=build.now)
    page = _page(client, "/?by=dealer")
    dealer = Dealer.objects.get()
    assert f'<a href="{reverse("dealer", args=[dealer.pk])}">€30.00</a>' in page
    assert '<th scope="col" class="numeric">Direct</th>' in page
    assert "Waiting, as generated" not in page
    monthly = _page(client, "/?measure=monthly&by=dealer")
    assert "Still being billed" in monthly
    assert "€70.00" in monthly  # 40.00 + 30.00
    file = client.get("/revenue.csv?measure=monthly&by=dealer")
    told = b"".join(file.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert f"{this_month.invoice_date},D1,Harbour Alarms,30.00,EUR" in told
    shown = _page(client, reverse("dealer", args=[dealer.pk]))
    assert 'measure=monthly&currency=EUR">€30.00</a>' in shown
    here = Branch.objects.get()
    there = Branch.objects.create(code="B2", name="Cork", organisation=here.organisation)
    RecurringRevenue.objects.filter(dealer=dealer).update(branch=there)
    assert 'measure=monthly&currency=EUR">€30.00</a>' in _page(client, reverse("dealer", args=[dealer.pk]))
    limited = signed_in(Role.VIEWER, username="limited")
    User.objects.get(username="limited").branches.add(here)
    assert "measure=monthly" not in _page(limited, reverse("dealer", args=[dealer.pk]))


def test_an_address_that_asks_for_nonsense_shows_what_there_is_and_costs_no_more(
    this_month: Run, signed_in: Callable[..., Client]
) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    for address in ["/?by=nonsense&currency=ZZZ", "/?currency=", "/?by=dealer&currency=%00"]:
        with CaptureQueriesContext(connection) as asked:
            assert "€30.00" in _page(client, address)
        assert len(asked) <= 10, "\n".join(query["sql"][-150:] for query in asked)


def test_runs_to_come_are_shown_in_their_order_with_what_they_came_to(
    this_month: Run, signed_in: Callable[..., Client]
) -> None:
    for name, schedule in [("late", "0 6 31 12 *"), ("early", "0 6 * * *"), ("never", "")]:
        BatchDefinition.objects.create(
            name=name, title=f"The {name} one", kinds=["service"], schedule=schedule
        )
    Run.objects.filter(pk=this_month.pk).update(definition=BatchDefinition.objects.get(name="early"))
    page = _page(signed_in(Role.VIEWER))
    assert page.index("The early one") < page.index("The late one")
    assert "The never one" not in page
    assert "last time €86.10" in page  # (40.00 + 30.00) × 1.23
