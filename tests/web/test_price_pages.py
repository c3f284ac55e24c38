"""The pages of prices by date, overrides, escalations and past commissionings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from counterfoil.records.catalog.models import ChargeOverride, Escalation, MasterCharge, TaxRate
from counterfoil.records.charges.models import Charge, PriceChange
from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.records.parties.models import BillingCustomer, Dealer, PastCommissioning
from counterfoil.records.parties.models import Client as Site
from tests.web import month

SignedIn = Callable[..., Client]
MOST_QUERIES = 10  # as for every page, all told


@pytest.fixture(autouse=True)
def keys(transactional_db: None, _guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Store a bureau with one of everything, and serve the project's own pages."""
    month.use_own_pages(monkeypatch)
    return month.everything()


def confirmed(client: Client, address: str) -> int:
    """Agree to what the page at *address* asks; return the answer's status."""
    mark = client.get(address).context["confirmation"].mark
    return client.post(address, {"agreed": mark}).status_code


def test_4_2_a_price_of_a_charge_is_added_shown_changed_and_deleted(
    keys: dict[str, int], signed_in: SignedIn
) -> None:
    client, page = signed_in(Role.BILLER), reverse("charge-prices", args=[keys["charge"]])
    new = reverse("charge-price-new", args=[keys["charge"]])
    assert client.post(new, {"valid_from": "2020-01-01", "unit_price": "41.50"}).status_code == 302
    assert client.post(new, {"valid_from": "2199-01-01", "unit_price": ""}).status_code == 302
    shown = client.get(page)
    assert shown.context["current"].unit_price == Decimal("41.5")
    assert shown.context["following"].valid_from == date(2199, 1, 1)
    assert "left to the next level" in shown.content.decode()
    twice = client.post(new, {"valid_from": "2020-01-01", "unit_price": "42"}).content.decode()
    assert "There is a price from this day already." in twice
    first = PriceChange.objects.get(valid_from=date(2020, 1, 1))
    changed = {"valid_from": "2020-01-01", "unit_price": "42"}
    assert client.post(reverse("price-edit", args=[first.pk]), changed).status_code == 302
    assert client.get(page).context["current"].unit_price == Decimal(42)
    assert confirmed(client, reverse("price-delete", args=[first.pk])) == 302
    assert not PriceChange.objects.filter(pk=first.pk).exists()


def test_4_3_an_escalation_is_added_given_to_a_charge_and_shown(
    keys: dict[str, int], signed_in: SignedIn
) -> None:
    client = signed_in(Role.BILLER)
    sent = {"name": "Yearly 3 %", "rate": "3", "on_date": "2027-01-01", "yearly": "on", "step": "0.05"}
    assert client.post(reverse("escalation-new"), sent).status_code == 302
    growth = Escalation.objects.get()
    assert "yearly from 2027-01-01" in client.get(reverse("escalations")).content.decode()
    charge = Charge.objects.get(pk=keys["charge"])
    Charge.objects.filter(pk=charge.pk).update(escalation=growth)
    page = client.get(reverse("charge-prices", args=[charge.pk]))
    assert any(step.has_grown for step in page.context["steps"])
    assert growth.name in page.content.decode()
    assert client.post(reverse("escalation-edit", args=[growth.pk]), {**sent, "rate": "4"}).status_code == 302
    assert Escalation.objects.get().rate == Decimal(4)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"every_periods": "12"}, "Fill in a number of periods or a date"),
        ({"on_date": ""}, "Fill in a number of periods or a date"),
        ({"on_date": "", "every_periods": "12", "yearly": "on"}, "It needs the date"),
        ({"rate": "-100"}, "It must be above -100"),
        ({"step": "0"}, "It must be above 0."),
    ],
)
def test_4_3_an_escalation_that_means_nothing_is_told_why(
    signed_in: SignedIn, changes: dict[str, str], told: str
) -> None:
    sent = {"name": "Wrong", "rate": "3", "on_date": "2027-01-01", "step": "0.01"}
    answer = signed_in(Role.BILLER).post(reverse("escalation-new"), {**sent, **changes})
    assert told in answer.content.decode()
    assert not Escalation.objects.exists()


@pytest.mark.parametrize("whose", ["customer", "dealer"])
def test_4_1_an_override_is_added_listed_priced_by_date_and_deleted(
    keys: dict[str, int], signed_in: SignedIn, whose: str
) -> None:
    client, master = (
        signed_in(Role.BILLER),
        MasterCharge.objects.create(code="OVR", name="Extra", currency="EUR"),
    )
    owners = {"customer": BillingCustomer, "dealer": Dealer}
    owner = owners[whose].objects.get(pk=keys[whose])
    new = reverse(f"{whose}-override-new", args=[owner.pk])
    assert client.post(new, {"master_charge": "OVR", "unit_price": "25"}).status_code == 302
    assert (
        "has an override of the master charge already"
        in client.post(new, {"master_charge": "OVR", "unit_price": "26"}).content.decode()
    )
    override = ChargeOverride.objects.get(master_charge=master)
    assert "OVR" in client.get(reverse(f"{whose}-overrides", args=[owner.pk])).content.decode()
    changed = {"master_charge": "OVR", "unit_price": "27.50", "quantity": "2"}
    assert client.post(reverse("override-edit", args=[override.pk]), changed).status_code == 302
    listed = client.get(reverse("price-lists"), {"q": "OVR"}).content.decode()
    assert "€27.50" in listed
    assert reverse(f"{whose}-overrides", args=[owner.pk]) in listed
    assert "€27.50" in client.get(reverse("price-lists"), {"whose": whose}).content.decode()
    other = "dealer" if whose == "customer" else "customer"
    assert "€27.50" not in client.get(reverse("price-lists"), {"whose": other, "q": "OVR"}).content.decode()
    priced = {"valid_from": "2020-01-01", "unit_price": "28"}
    assert client.post(reverse("override-price-new", args=[override.pk]), priced).status_code == 302
    page = client.get(reverse("override-prices", args=[override.pk]))
    assert page.context["current"].unit_price == Decimal(28)
    assert confirmed(client, reverse("override-delete", args=[override.pk])) == 302
    assert not PriceChange.objects.exists()


def test_4_2_prices_of_a_master_charge(keys: dict[str, int], signed_in: SignedIn) -> None:
    client = signed_in(Role.BILLER)
    new = reverse("master-charge-price-new", args=[keys["master-charge"]])
    assert client.post(new, {"valid_from": "2020-01-01", "unit_price": "19"}).status_code == 302
    page = client.get(reverse("master-charge-prices", args=[keys["master-charge"]]))
    assert page.context["current"].unit_price == Decimal(19)


def test_2_1_a_past_commissioning_is_added_changed_and_deleted(
    keys: dict[str, int], signed_in: SignedIn
) -> None:
    client, site = signed_in(Role.BILLER), keys["client"]
    new = reverse("client-commissioning-new", args=[site])
    sent = {"starts_on": "2020-01-01", "ends_before": "2020-06-30"}
    assert client.post(new, sent).status_code == 302
    assert "starts on that day already" in client.post(new, sent).content.decode()
    wrong = {"starts_on": "2021-01-01", "ends_before": "2020-12-31"}
    assert "It must lie after the day of commissioning." in client.post(new, wrong).content.decode()
    past = PastCommissioning.objects.get()
    assert (
        str(past.starts_on)
        in client.get(reverse("client-commissioning-edit", args=[past.pk])).content.decode()
    )
    changed = {"starts_on": "2020-01-01", "ends_before": "2020-07-31"}
    client.post(reverse("client-commissioning-edit", args=[past.pk]), changed)
    assert PastCommissioning.objects.get().ends_before == date(2020, 8, 1)
    assert client.get(reverse("client-commissionings", args=[site])).status_code == 200
    assert confirmed(client, reverse("client-commissioning-delete", args=[past.pk])) == 302
    assert not PastCommissioning.objects.exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.BILLER])
def test_viewers_see_and_billers_change(keys: dict[str, int], signed_in: SignedIn, role: Role) -> None:
    client = signed_in(role)
    change = PriceChange.objects.create(charge_id=keys["charge"], valid_from=date(2026, 1, 1), unit_price=1)
    assert client.get(reverse("charge-prices", args=[keys["charge"]])).status_code == 200
    expected = 200 if role is Role.BILLER else 403
    for name in ("price-edit", "price-delete"):
        assert client.get(reverse(name, args=[change.pk])).status_code == expected


def test_whoever_is_limited_to_a_branch_finds_nothing_of_others(
    keys: dict[str, int], signed_in: SignedIn
) -> None:
    change = PriceChange.objects.create(charge_id=keys["charge"], valid_from=date(2026, 1, 1), unit_price=1)
    client = signed_in(Role.BILLER)
    User.objects.get(username="mara").branches.set([Branch.objects.create(code="far", name="Far away")])
    for name, key in {
        "charge-prices": keys["charge"],
        "price-edit": change.pk,
        "customer-overrides": keys["customer"],
        "client-commissionings": keys["client"],
    }.items():
        assert client.get(reverse(name, args=[key])).status_code == 404


def test_pages_of_prices_ask_the_database_little(keys: dict[str, int], signed_in: SignedIn) -> None:
    growth = Escalation.objects.create(name="Yearly", rate=3, on_date=date(2027, 1, 1), yearly=True)
    Charge.objects.filter(pk=keys["charge"]).update(escalation=growth)
    PriceChange.objects.create(charge_id=keys["charge"], valid_from=date(2026, 1, 1), unit_price=1)
    client, pages = signed_in(Role.ADMINISTRATOR), {"escalations": []}
    pages |= {name: [keys["charge"]] for name in ("charge", "charge-prices")}
    pages |= {"master-charge-prices": [keys["master-charge"]], "client-commissionings": [keys["client"]]}
    pages |= {"customer-overrides": [keys["customer"]], "dealer-overrides": [keys["dealer"]]}
    asked = {}
    for name, key in pages.items():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(name, args=key)).status_code == 200
        asked[name] = len(queries)
    assert {name: count for name, count in asked.items() if count > MOST_QUERIES} == {}


def test_a3_a_price_list_says_who_may_be_assigned_what(keys: dict[str, int], signed_in: SignedIn) -> None:
    client, master = signed_in(Role.BILLER), keys["master-charge"]
    page, say = (
        reverse("dealer-overrides", args=[keys["dealer"]]),
        reverse("dealer-assignable", args=[keys["dealer"]]),
    )
    (row, *_) = client.get(page).context["rows"]
    assert (row.values["assignable"], row.set_by["assignable"]) == (True, "master")
    assert client.post(say, {"selected": [master]}).content.decode() == "1 master charge"
    assert client.post(say, {"selected": [master], "say": "no"}).status_code == 302
    (own,) = client.get(page + "?show=own").context["rows"]
    assert (own.master.pk, own.values["assignable"], own.set_by["assignable"]) == (master, False, "dealer")
    # The client of this dealer is not offered it, and refused it when it is typed; others are.
    site = Site.objects.get(pk=keys["client"])
    code = MasterCharge.objects.get(pk=master).code
    offer = (
        reverse("master-charge-suggestions") + f"?name=master_charge&master_charge={code}&client={site.pk}"
    )
    option = f'"{code}"'
    assert option in client.get(offer).content.decode()
    Site.objects.filter(pk=site.pk).update(dealer=keys["dealer"])
    assert option not in client.get(offer).content.decode()
    sent = {"key": "new", "master_charge": code, "starts_on": "2026-06-01"}
    refused = client.post(reverse("charge-new", args=[site.pk]), sent).content.decode()
    assert "It may not be assigned here" in refused
    client.post(say, {"selected": [master], "say": "next"})
    assert client.post(reverse("charge-new", args=[site.pk]), sent).status_code == 302


def test_5_1_a_tax_category_and_its_rate_are_corrected(keys: dict[str, int], signed_in: SignedIn) -> None:
    client, rate = signed_in(Role.BILLER), TaxRate.objects.order_by("pk")[0]
    assert client.post(reverse("tax-category-edit", args=[rate.category_id]), {"code": "std", "name": "Full"})
    sent = {"category": rate.category_id, "rate": "19.5", "valid_from": rate.valid_from.isoformat()}
    wrong = client.post(reverse("tax-rate-edit", args=[rate.pk]), {**sent, "rate": "1001"}).content.decode()
    assert "It must be at least 0 and at most 1000 percent." in wrong
    assert client.post(reverse("tax-rate-edit", args=[rate.pk]), sent).status_code == 302
    page = client.get(reverse("taxes")).content.decode()
    assert "Full" in page
    assert "19.5 %" in page
