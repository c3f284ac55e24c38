"""Billing links in the browser: tried, stored, followed from customers and invoices."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.flows.billing import issue
from counterfoil.flows.linking import link_of_customer
from counterfoil.records.deliveries.models import Delivery
from counterfoil.records.organisation.models import BillingLink, Organisation, Role
from tests import build
from tests.build import JUNE, NOW
from tests.web import month

TEMPLATES = {
    "name": "ERP",
    "customer_page": "https://erp.example/partners/{account}",
    "invoice_page": "https://erp.example/moves/{external_number}",
}


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve the project's own navigation."""
    month.use_own_pages(monkeypatch)


def test_a_link_is_tried_stored_and_followed(
    transactional_db: None, signed_in: Callable[..., Client]
) -> None:
    build.organisation()
    build.charge(client=build.client(customer=build.customer(account="C/7", delivery="none")))
    run = build.run()
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=JUNE, now=build.now)
    invoice = run.invoice_set.get()
    client = signed_in(Role.ADMINISTRATOR)
    sample = client.get(reverse("billing-link-sample"), TEMPLATES).content.decode()
    assert 'href="https://erp.example/partners/C-10042"' in sample
    evil = {**TEMPLATES, "customer_page": "javascript:alert(1)"}
    assert "is not the address of a page" in client.get(reverse("billing-link-sample"), evil).content.decode()
    assert "is not the address of a page" in client.post(reverse("billing-link-new"), evil).content.decode()
    assert not BillingLink.objects.exists()
    client.post(reverse("billing-link-new"), {**TEMPLATES, "is_usual": "on"})
    assert Organisation.objects.get().billing_link == BillingLink.objects.get()
    there = 'href="https://erp.example/partners/C%2F7"'
    assert there in client.get(reverse("customer", args=[invoice.customer_id])).content.decode()
    page = reverse("invoice", args=[invoice.pk])
    assert "erp.example" not in client.get(page).content.decode()  # not there yet
    Delivery.objects.update(external_number="MOVE 9")
    assert 'href="https://erp.example/moves/MOVE%209"' in client.get(page).content.decode()
    own = BillingLink.objects.create(name="Other", customer_page="https://other.example/{account}")
    customer = invoice.customer
    customer.billing_link = own
    customer.save()
    assert link_of_customer(customer, usual=None) == "https://other.example/C%2F7"
    client.post(reverse("billing-link-edit", args=[BillingLink.objects.get(name="ERP").pk]), TEMPLATES)
    assert Organisation.objects.get().billing_link is None


def test_a_viewer_sees_links_and_changes_none(
    transactional_db: None, signed_in: Callable[..., Client]
) -> None:
    build.organisation()
    client = signed_in(Role.VIEWER)
    assert client.get(reverse("billing-links")).status_code == 200
    for name in ("billing-link-new", "billing-link-sample"):
        assert client.get(reverse(name)).status_code == 403
