"""Search finds what people know the end, the key or the outside number of."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.records.billing.models import BatchDefinition, Run
from counterfoil.records.charges.models import BillableEvent, Charge
from counterfoil.records.deliveries.models import Delivery
from counterfoil.records.organisation.models import Branch, Role, User
from tests import build
from tests.flows.crediting.quarters import billed, quarter
from tests.web import month

pytestmark = pytest.mark.django_db(transaction=True)
SignedIn = Callable[..., Client]


def test_search_finds_each_kind_in_few_queries(
    signed_in: SignedIn,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    month.use_own_pages(monkeypatch)
    build.organisation()
    site = build.client()
    quarter(client=site, key="K-77")
    event = build.event({"unit_price": "10.00"}, client=site, key="WO-77", kind="work_order")
    run = billed()
    invoice = run.invoice_set.get()
    BatchDefinition.objects.create(name="seventy", title="Every seventy-seven days")
    Run.objects.filter(pk=run.pk).update(title="Zebra month")
    Delivery.objects.filter(invoice=invoice).update(external_number="ODOO/77")
    client = signed_in(Role.VIEWER)

    def finds(words: str) -> str:
        # the frame of the page (six), one query for keys, one a kind that has some
        with django_assert_max_num_queries(10):
            return client.get("/search", {"q": words}, headers={"HX-Request": "true"}).content.decode()

    page = reverse("invoice", args=[invoice.pk])
    assert invoice.number.number == "INV-2026-000001"
    assert page in finds("01")
    assert page in finds("000001")
    assert page not in finds("000002")
    assert page in finds("odoo/7")
    assert reverse("run", args=[run.pk]) in finds("zebra")
    assert reverse("definition", args=[BatchDefinition.objects.get(name="seventy").pk]) in finds("seventy")
    assert reverse("event", args=[event.pk]) in finds("wo-7")
    assert reverse("charge", args=[Charge.objects.get(key="K-77").pk]) in finds("k-7")
    assert BillableEvent.objects.count() == 1
    elsewhere = Branch.objects.create(code="far", name="Far")
    limited = signed_in(Role.VIEWER, username="lena")
    User.objects.get(username="lena").branches.add(elsewhere)
    assert "Nothing found" in limited.get("/search", {"q": "000001"}).content.decode()
