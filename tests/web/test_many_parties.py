"""Many billing customers or clients changed at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client as Browser
from django.urls import reverse

from counterfoil.records.catalog.models import ChargeOverride
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer, Client, CustomerGroup, Dealer
from tests import build
from tests.web import month

pytestmark = pytest.mark.django_db(transaction=True)
SignedIn = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)
    build.organisation()


def test_many_customers_get_what_was_chosen_and_keep_the_rest(signed_in: SignedIn) -> None:
    group = CustomerGroup.objects.create(name="Schools")
    first, second, third = (build.customer(payment_terms="14 days") for _ in range(3))
    client, address = signed_in(Role.BILLER), reverse("customers-change")
    ticked = {"selected": [str(first.pk), str(second.pk)]}
    assert "2 billing customers" in client.post(address, ticked).content.decode()
    sent = {**ticked, "changes": "1"}
    assert "Say what to change" in client.post(address, sent).content.decode()
    wrong = client.post(address, {**sent, "payment_terms": "soon"})
    mark = re.search(r'name="agreed" value="([^"]+)"', wrong.content.decode())
    assert mark is not None
    client.post(address, {**sent, "payment_terms": "soon", "agreed": mark[1]})
    assert set(BillingCustomer.objects.values_list("payment_terms", flat=True)) == {"14 days"}  # all or none
    sent |= {"group": str(group.pk), "is_active": "no"}
    asked = client.post(address, sent).content.decode()
    assert "Schools" in asked
    mark = re.search(r'name="agreed" value="([^"]+)"', asked)
    assert mark is not None
    client.post(address, {**sent, "agreed": mark[1]})
    now = BillingCustomer.objects.order_by("pk").values_list("group", "is_active", "payment_terms")
    assert list(now) == [(group.pk, False, "14 days")] * 2 + [(None, True, "14 days")]
    assert third.is_active


def test_a_client_is_added_with_the_charges_of_a_template_or_not_at_all(signed_in: SignedIn) -> None:
    """The payer of the new client has a price of its own: 25.00 in place of 30.00, twice."""
    charge = build.charge(quantity=2)
    payer, master = build.customer(), charge.master_charge
    ChargeOverride.objects.create(master_charge=master, customer=payer, unit_price="25.00")
    wanted = {"code": "S9", "name": "Ninth", "customer": payer.account, "branch": charge.client.branch_id}
    wanted |= {"template": charge.client.code}
    biller = signed_in(Role.BILLER)
    page = biller.get(reverse("client-new")).content.decode()
    assert f'hx-get="{reverse("client-would-get")}"' in page
    shown = biller.get(reverse("client-would-get"), wanted).content.decode()
    assert "€50.00" in shown
    assert master.code in shown
    refused = biller.post(reverse("client-new"), wanted).content.decode()
    assert "begin when the client is commissioned. Say which day that is, or copy none." in refused
    assert Client.objects.count() == 1
    added = biller.post(reverse("client-new"), {**wanted, "commissioned_on": "2026-06-15"}, follow=True)
    assert f"1 charge of {charge.client} was copied." in added.content.decode()
    copied = Client.objects.get(code="S9").charges.get()
    assert (copied.master_charge, copied.quantity, copied.customer) == (master, 2, None)
    assert copied.starts_on == date(2026, 6, 15)


def test_many_clients_get_another_dealer_or_none_and_another_payer(signed_in: SignedIn) -> None:
    payer = build.customer()
    branch = payer.branch
    before, after = (Dealer.objects.create(code=code, name=code, branch=branch) for code in ("D1", "D2"))
    ids = [build.client(customer=payer, dealer=before).pk for _ in range(2)]
    other = build.customer()
    client, address = signed_in(Role.BILLER), reverse("clients-change")
    for sent, expected in (
        ({"dealer": "D2", "customer": other.account}, (after.pk, other.pk)),
        ({"has_no_dealer": "on"}, (None, other.pk)),
    ):
        asked = client.post(address, {"selected": ids, "changes": "1", **sent}).content.decode()
        mark = re.search(r'name="agreed" value="([^"]+)"', asked)
        assert mark is not None, asked
        client.post(address, {"selected": ids, "changes": "1", **sent, "agreed": mark[1]})
        assert set(Client.objects.values_list("dealer", "customer")) == {expected}
    assert signed_in(Role.VIEWER, username="vera").post(address, {"selected": ids}).status_code == 403
