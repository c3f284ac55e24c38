"""The list of all charges: found by whose they are and how they stand, with what each costs today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Branch, Role
from counterfoil.records.parties.models import Dealer
from counterfoil.web.prices.shown import today
from tests import build

SignedIn = Callable[..., Client]
MOST_QUERIES = 16  # as for every page: ten of its own, six of the frame


@pytest.fixture(autouse=True)
def _bureau(transactional_db: None) -> None:
    build.organisation()


def keys(client: Client, **asked: Any) -> list[str]:
    """Return the identifiers of the charges that the list shows."""
    page = client.get(reverse("charges"), asked).context["page"]
    return [line.name for line in page.lines]


def test_charges_are_found_by_how_they_stand(signed_in: SignedIn) -> None:
    client, day, one = signed_in(Role.VIEWER), today(), timedelta(days=1)
    build.master()  # of those that name none
    served = build.client(commissioned_on=day - one)
    left = build.client(commissioned_on=day - one, decommissioned_on=day)
    master = build.master(while_commissioned=True)
    running = build.charge(key="A", client=served, master_charge=master, starts_on=day)
    build.charge(key="B", client=left, master_charge=master, starts_on=day)
    build.charge(key="C", client=left, master_charge=master, starts_on=day, while_commissioned=False)
    build.charge(key="D", starts_on=day + one)
    build.charge(key="E", starts_on=day - one, ends_before=day)
    build.charge(key="F", starts_on=day - one, ends_before=day + one)
    build.charge(key="G", starts_on=day - one, ends_before=day + 31 * one)
    assert keys(client) == ["A", "B", "C", "D", "E", "F", "G"]
    assert keys(client, state="running") == ["A", "C", "F", "G"]
    assert keys(client, state="paused") == ["B"]
    assert keys(client, state="to_begin") == ["D"]
    assert keys(client, state="ended") == ["E"]
    assert keys(client, ends_within="0") == ["F"]  # its last day is today
    assert keys(client, ends_within="30") == ["F", "G"]
    master.overrides.create(customer=running.client.customer, while_commissioned=False)
    assert keys(client, state="paused") == ["B"]
    master.overrides.create(customer=left.customer, while_commissioned=False)
    assert keys(client, state="paused") == []


def test_charges_are_found_by_whose_they_are_and_what_they_cost(signed_in: SignedIn) -> None:
    client, dealer = (
        signed_in(Role.VIEWER),
        Dealer.objects.create(code="D1", name="Harbour", branch=Branch.objects.get()),
    )
    site, payer = build.client(dealer=dealer), build.customer(name="Quaymaster")
    master = build.master()
    build.charge(key="A", client=site, master_charge=master, unit_price=12)
    build.charge(key="B", master_charge=build.master(tariff=None), customer=payer)
    dated = build.charge(key="C", master_charge=master)
    dated.price_changes.create(valid_from=today(), unit_price=Decimal("14.5"))
    override = master.overrides.create(dealer=dealer, unit_price=11)
    build.charge(key="E", client=site, master_charge=master)
    override.price_changes.create(valid_from=today(), unit_price=10)
    assert keys(client, dealer="D1") == ["A", "E"]
    assert keys(client, customer=payer.account) == ["B"]
    assert keys(client, customer=site.customer.account) == ["A", "E"]
    assert keys(client, customer="nobody") == []
    assert keys(client, code=master.code) == ["A", "C", "E"]
    assert keys(client, own_price="yes") == ["A", "C"]
    assert keys(client, own_price="no") == ["B", "E"]
    assert keys(client, q=site.code) == ["A", "E"]
    assert keys(client, q=payer.name) == ["B"]
    file = b"".join(client.get(reverse("charges"), {"export": "csv"}).streaming_content).decode()
    prices = [(row.split(",")[0], row.split(",")[-4:-2]) for row in file.splitlines()[1:]]
    assert prices == [
        ("A", ["12", "assignment"]),
        ("B", ["30", "master"]),
        ("C", ["14.5", "assignment"]),
        ("E", ["10", "dealer"]),
    ]
    page = client.get(reverse("dealer", args=[dealer.pk])).content.decode()
    assert f'{reverse("charges")}?dealer=D1">2</a>' in page


def test_charges_end_and_are_joined_by_others_from_the_list(signed_in: SignedIn) -> None:
    client, first, second = signed_in(Role.BILLER), build.charge(), build.charge()
    other = build.master()
    address = reverse("charges-assign")
    sent = {
        "selected": [first.pk, second.pk],
        "typed": "1",
        "master_charge": other.code,
        "starts_on": "2026-06-01",
    }
    asked = client.post(address, sent).context["confirmation"]
    assert "to the clients of 2 charges" in asked.sentence
    assert client.post(address, {**sent, "agreed": asked.mark}).status_code == 302
    assert Charge.objects.filter(master_charge=other).count() == 2
    end = reverse("charges-end-ticked") + f"?code={other.code}"
    sent = {"everything": "1", "typed": "1", "last_day": "2026-08-31"}
    asked = client.post(end, sent).context["confirmation"]
    assert ("Charges that end", "2") in asked.figures
    assert client.post(end, {**sent, "agreed": asked.mark}).status_code == 302
    assert Charge.objects.filter(ends_before__isnull=True).count() == 2


def test_a_page_of_many_charges_asks_as_much_as_one_of_few(signed_in: SignedIn) -> None:
    client = signed_in(Role.VIEWER)
    for _ in range(30):
        build.charge()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(keys(client)) == 30
    assert len(queries) <= MOST_QUERIES


def test_clients_are_found_by_their_customer_and_dealer(signed_in: SignedIn) -> None:
    client, dealer = (
        signed_in(Role.VIEWER),
        Dealer.objects.create(code="D1", name="Harbour", branch=Branch.objects.get()),
    )
    mine, other = build.client(dealer=dealer), build.client()
    for asked in ({"dealer": "D1"}, {"q": "Harbour"}, {"customer": mine.customer.account}):
        lines = client.get(reverse("clients"), asked).context["page"].lines
        assert [line.name for line in lines] == [mine.code]
    assert other.code in client.get(reverse("clients")).content.decode()


def test_a_client_is_added_from_its_dealers_page(signed_in: SignedIn) -> None:
    client, payer = signed_in(Role.BILLER), build.customer()
    Dealer.objects.create(code="D1", name="Harbour", branch=payer.branch, customer=payer)
    page = client.get(reverse("dealer", args=[Dealer.objects.get().pk])).content.decode()
    address = f"{reverse('client-new')}?dealer=D1"
    assert f'href="{address}"' in page
    form = client.get(address).context["form"]
    assert [form[name].value() for name in ("dealer", "customer", "branch")] == [
        "D1",
        payer.account,
        payer.branch_id,
    ]
