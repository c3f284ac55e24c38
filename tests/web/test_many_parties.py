"""Many billing customers or clients changed at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse

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
