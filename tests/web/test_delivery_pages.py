"""Deliveries sent again from their list and from an invoice, and documents for paper that nobody printed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.flows.printing import open_batch, unprinted
from counterfoil.records.billing.models import Invoice
from counterfoil.records.deliveries.models import Delivery, DeliveryState
from counterfoil.records.organisation.models import Role
from tests import build
from tests.flows.crediting.quarters import billed, quarter
from tests.web import month

pytestmark = pytest.mark.django_db(transaction=True)
SignedIn = Callable[..., Client]


@pytest.fixture
def invoice(monkeypatch: pytest.MonkeyPatch) -> Invoice:
    """Store an issued invoice for a customer who gets paper, whose delivery by connector failed."""
    month.use_own_pages(monkeypatch)
    build.organisation()
    quarter(client=build.client(customer=build.customer(delivery="print")))
    found = billed().invoice_set.get()
    Delivery.objects.filter(invoice=found).update(state=DeliveryState.FAILED)
    return found


def test_a_failed_delivery_is_sent_again_from_the_list_or_its_invoice(
    invoice: Invoice, signed_in: SignedIn
) -> None:
    client, again = signed_in(Role.BILLER), reverse("deliveries-resend")
    delivery = Delivery.objects.get()
    listed = client.get(reverse("deliveries"), {"channel": "csv"}).content.decode()
    assert invoice.number.number in listed
    assert "CSV files" in listed
    here = reverse("invoice", args=[invoice.pk]) + "?tab=deliveries"
    assert again in client.get(here).content.decode()
    sent = {"selected": str(delivery.pk)}
    asked = client.post(f"{again}?back={here}", sent).content.decode()
    assert "Failed, CSV files" in asked
    mark = re.search(r'name="agreed" value="([^"]+)"', asked)
    assert mark is not None
    answer = client.post(f"{again}?back={here}", {**sent, "agreed": mark[1]})
    assert answer["Location"] == here
    assert Delivery.objects.get().state == DeliveryState.QUEUED
    viewer = signed_in(Role.VIEWER, username="vera")
    assert again not in viewer.get(here).content.decode()
    assert viewer.post(again, sent).status_code == 403


def test_what_is_for_paper_is_remembered_until_it_is_in_a_print_batch(
    invoice: Invoice, signed_in: SignedIn
) -> None:
    client = signed_in(Role.BILLER)
    assert reverse("unprinted-count") in client.get(reverse("dashboard")).content.decode()
    assert list(unprinted(since=build.NOW)) == [invoice]
    assert client.get(reverse("unprinted-count")).status_code == 200
    assert client.get(reverse("unprinted")).status_code == 200
    open_batch(unprinted(since=build.NOW), title="x", by=None, now=build.NOW)
    assert not unprinted(since=build.NOW).exists()
