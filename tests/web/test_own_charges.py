"""Charges of billing customers and dealers themselves: the tab, the form, many at once, lists, search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from counterfoil.flows.editing import store
from counterfoil.flows.own_clients import would_be_own_client
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Branch, Organisation, Role
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer
from tests import build
from tests.web import month
from tests.web.test_charge_table import agreed

pytestmark = pytest.mark.django_db(transaction=True)
SignedIn = Callable[..., Browser]
MOST_QUERIES = 10


@pytest.fixture(autouse=True)
def _pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)
    build.organisation()


def dealer(code: str = "D1", **values: Any) -> Dealer:
    """Store a dealer that a billing customer of its own pays for."""
    customer = values.pop("customer") if "customer" in values else build.customer()
    return Dealer.objects.create(
        code=code, name=f"Dealer {code}", customer=customer, branch=Branch.objects.get(code="main"), **values
    )


def charged(owner: BillingCustomer | Dealer, **values: Any) -> Charge:
    """Store a charge of *owner* itself, from 1 June 2026 on."""
    given = {"key": f"OWN-{Charge.objects.count()}", "master_charge": build.master(), "starts_on": build.JUNE}
    return store(Charge(client=would_be_own_client(owner), **{**given, **values}), fields=[])


def shown(browser: Browser, name: str, *arguments: Any, **query: str) -> str:
    """Return the page called *name* as text."""
    answer = browser.get(reverse(name, args=arguments), query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("kind", ["customer", "dealer"])
def test_a_charge_is_assigned_on_the_page_of_its_owner(signed_in: SignedIn, kind: str) -> None:
    owner: Any = build.customer() if kind == "customer" else dealer()
    biller, master = signed_in(Role.BILLER), build.master(name="Licence")
    page = shown(biller, kind, owner.pk, tab="own")
    new = reverse(f"{kind}-charge-new", args=[owner.pk])
    assert new in page
    assert "Nothing is charged to the" in page
    form = shown(biller, f"{kind}-charge-new", owner.pk)
    assert f"of={kind}-{owner.pk}" in form
    for name in ("customer", "paid_by", "while_commissioned"):
        assert f'name="{name}"' not in form
    key = f"{would_be_own_client(owner).code}-1"
    assert f'value="{key}"' in form
    typed = {"master_charge": master.code, "starts_on": "2026-06-01", "key": key, "quantity": "2"}
    foreseen = biller.get(reverse("charge-typed"), {**typed, "of": f"{kind}-{owner.pk}"}).content.decode()
    assert "€60.00" in foreseen  # 2 × 30.00
    assert Client.objects.count() == 0
    stored = biller.post(new, typed)
    assert stored["Location"] == reverse(kind, args=[owner.pk]) + "?tab=own"
    page = shown(biller, kind, owner.pk, tab="own")
    assert "Licence" in page
    assert "€30.00" in page
    assert Charge.objects.get().client.owner == owner


def test_the_form_says_what_is_wrong_and_why(signed_in: SignedIn) -> None:
    biller, customer = signed_in(Role.BILLER), build.customer()
    for_sites = build.master(usable_on=["client"])
    typed = {"master_charge": for_sites.code, "starts_on": "2026-06-01", "key": "K"}
    answer = biller.post(reverse("customer-charge-new", args=[customer.pk]), typed)
    assert "not for billing customers themselves" in answer.content.decode()
    unpaid = dealer(customer=None)
    page = shown(biller, "dealer", unpaid.pk, tab="own")
    assert "so nobody would pay what it is charged itself" in page
    assert reverse("dealer-charge-new", args=[unpaid.pk]) not in page
    typed["master_charge"] = build.master().code
    answer = biller.post(reverse("dealer-charge-new", args=[unpaid.pk]), typed)
    assert "has no billing customer, so nobody would pay" in answer.content.decode()
    assert Client.objects.count() == 0


def test_codes_are_suggested_that_the_owner_may_be_assigned(signed_in: SignedIn) -> None:
    biller, customer, reseller = signed_in(Role.BILLER), build.customer(), dealer()
    for place in ("client", "customer", "dealer"):
        build.master(code=f"FOR-{place}", usable_on=[place])
    asked = {"name": "master_charge", "master_charge": "FOR"}
    address = reverse("master-charge-suggestions")
    for word, key, place in (
        ("of_customer", customer.pk, "customer"),
        ("of_dealer", reseller.pk, "dealer"),
        ("client", build.client().pk, "client"),
    ):
        found = biller.get(address, {**asked, word: key}).content.decode()
        assert [one for one in ("client", "customer", "dealer") if f"FOR-{one}" in found] == [place]


def test_the_table_is_edited_in_place_and_charges_are_ended(signed_in: SignedIn) -> None:
    biller, reseller = signed_in(Role.BILLER), dealer()
    charge = charged(reseller)
    row = shown(biller, "charge-inline", charge.pk)
    assert f'name="c{charge.pk}-customer"' not in row
    sent = {f"c{charge.pk}-starts_on": "2026-06-01", f"c{charge.pk}-quantity": "3"}
    biller.post(reverse("charge-inline", args=[charge.pk]), sent)
    charge.refresh_from_db()
    assert (charge.quantity, charge.paid_by, charge.while_commissioned) == (3, "dealer", False)
    new = {"cnew-master_charge": build.master().code, "cnew-starts_on": "2026-06-01"}
    biller.post(reverse("charge-assign", args=[charge.client_id]), new)
    assert Charge.objects.count() == 2
    address = reverse("charges-end", args=[charge.client_id])
    asked = agreed(biller, address, {"selected": [charge.pk], "typed": "1", "last_day": "2026-08-31"})
    assert asked.back == reverse("dealer", args=[reseller.pk]) + "?tab=own"


def test_many_dealers_are_charged_after_asking(signed_in: SignedIn) -> None:
    """Two dealers, 30.00 each: 60.00 a whole period; without a first day nothing is asked."""
    biller, master = signed_in(Role.BILLER), build.master()
    ticked = {"selected": [dealer(code).pk for code in ("D1", "D2")]}
    address = reverse("dealers-assign")
    assert "For 2 dealers" in biller.post(address, ticked).content.decode()
    sent = {**ticked, "typed": "1", "master_charge": master.code}
    assert "This field is required" in biller.post(address, sent).content.decode()
    asked = agreed(biller, address, {**sent, "starts_on": "2026-06-01"})
    assert ("Dealers", "2") in asked.figures
    assert ("A whole period of them, EUR", "€60.00") in asked.figures
    assert set(Charge.objects.values_list("client__own_of_dealer__code", flat=True)) == {"D1", "D2"}


def test_charges_of_a_template_are_copied_to_many_customers(signed_in: SignedIn) -> None:
    template = build.charge(unit_price=12).client
    customer = build.customer()
    sent = {"selected": [customer.pk], "typed": "1", "template": template.code, "starts_on": "2026-06-01"}
    asked = agreed(signed_in(Role.BILLER), reverse("customers-copy"), sent)
    assert ("Billing customers", "1") in asked.figures
    assert Client.objects.get(own_of_customer=customer).charges.get().unit_price == 12


def test_clients_are_listed_as_what_they_are(signed_in: SignedIn) -> None:
    viewer, site = signed_in(Role.VIEWER), build.client(name="Mill")
    customer, reseller = build.customer(name="Brightwater"), dealer()
    charged(customer)
    charged(reseller)
    page = shown(viewer, "clients")
    assert ("Customer itself" in page, "Dealer itself" in page, "Mill" in page) == (True, True, True)
    sites = shown(viewer, "clients", stands_for="sites")
    assert ("Mill" in sites, "Brightwater" in sites, "Dealer D1" in sites) == (True, False, False)
    own = shown(viewer, "clients", stands_for="own")
    assert ("Mill" in own, "Brightwater" in own, "Dealer D1" in own) == (False, True, True)
    assert site.is_own is False


def test_own_clients_are_not_counted_among_clients(signed_in: SignedIn) -> None:
    viewer, reseller = signed_in(Role.VIEWER), dealer()
    build.client(dealer=reseller, customer=reseller.customer, name="Mill")
    charged(reseller)
    charged(reseller.customer)  # type: ignore[arg-type]
    for name, owner in (("dealer", reseller), ("customer", reseller.customer)):
        answer = viewer.get(reverse(name, args=[owner.pk]))  # type: ignore[union-attr]
        counts = {tab.label: tab.count for tab in answer.context["tabs"]}
        assert (counts["Clients"], counts["Charges of its own"]) == (1, 1)
        assert [client.name for client in answer.context["clients"]] == ["Mill"]


def test_its_own_page_leads_to_its_owner_and_offers_no_change(signed_in: SignedIn) -> None:
    biller, reseller = signed_in(Role.BILLER), dealer()
    charge = charged(reseller)
    page = shown(biller, "client", charge.client_id)
    home = reverse("dealer", args=[reseller.pk]) + "?tab=own"
    assert home in page
    for name in ("client-edit", "client-end-service", "client-commissionings"):
        assert reverse(name, args=[charge.client_id]) not in page
    answer = biller.get(reverse("client-edit", args=[charge.client_id]))
    assert answer["Location"] == reverse("dealer-edit", args=[reseller.pk])
    assert home in shown(biller, "charge", charge.pk)
    refused = biller.post(
        reverse("client-end-service", args=[charge.client_id]), {"typed": "1", "last_day": "2026-06-30"}
    )
    assert "stands for D1 Dealer D1 itself" in refused.content.decode()


def test_search_finds_the_owner(signed_in: SignedIn) -> None:
    viewer = signed_in(Role.VIEWER)
    customer = build.customer(name="Brightwater")
    own = charged(customer).client
    found = viewer.get(reverse("search"), {"q": "Brightwater"}).content.decode()
    assert reverse("customer", args=[customer.pk]) in found
    assert reverse("client", args=[own.pk]) not in found


def test_who_may_see_the_owner_may_see_what_it_is_charged(signed_in: SignedIn) -> None:
    far = Branch.objects.create(organisation=Organisation.objects.get(), code="far", name="Far")
    charge = charged(dealer())
    here, there = signed_in(Role.BILLER), signed_in(Role.BILLER, username="tom")
    from counterfoil.records.organisation.models import User

    User.objects.get(username="tom").branches.set([far])
    owner = charge.client.own_of_dealer_id
    for name, key in {
        "dealer": owner,
        "dealer-charge-new": owner,
        "charge": charge.pk,
        "client": charge.client_id,
    }.items():
        address = reverse(name, args=[key])
        assert (here.get(address).status_code, there.get(address).status_code) == (200, 404)
    typed = {"of": f"dealer-{owner}", "master_charge": charge.master_charge.code}
    assert there.get(reverse("charge-typed"), typed).status_code == 404
    assert signed_in(Role.VIEWER, username="vi").get(address).status_code == 200


@pytest.mark.parametrize("kind", ["customer", "dealer"])
def test_the_tab_asks_ten_queries_at_most(signed_in: SignedIn, kind: str) -> None:
    owner: Any = build.customer() if kind == "customer" else dealer()
    biller = signed_in(Role.BILLER)
    with CaptureQueriesContext(connection) as queries:
        shown(biller, f"{kind}-charge-new", owner.pk)
    assert len(queries) <= MOST_QUERIES, [query["sql"][:90] for query in queries]
    for _ in range(3):
        charged(owner)
    for name, keys in {
        kind: [owner.pk],
        f"{kind}-charge-new": [owner.pk],
        "client": [Client.objects.get().pk],
    }.items():
        address = reverse(name, args=keys)
        with CaptureQueriesContext(connection) as queries:
            biller.get(address, {"tab": "own"})
        assert len(queries) <= MOST_QUERIES, (name, [query["sql"][:90] for query in queries])
