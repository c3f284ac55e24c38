"""The pages that credit an invoice by hand, and that void documents and runs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.records.billing.models import Invoice, Run, RunStatus
from counterfoil.records.deliveries.models import Delivery, DeliveryState
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.flows.crediting.quarters import billed, issued, quarter
from tests.web import month

SignedIn = Callable[..., Client]


@pytest.fixture
def invoice(transactional_db: None, _guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> Invoice:
    """Store one issued invoice over 90.00 and its tax, and serve the project's own pages."""
    month.use_own_pages(monkeypatch)
    build.organisation()
    quarter()
    return billed().invoice_set.get()


def agreed(client: Client, address: str, sent: dict[str, str]) -> str:
    """Send a form, agree to what it asks, and return the address it leads to."""
    asked = client.post(address, sent).content.decode()
    mark = re.search(r'name="agreed" value="([^"]+)"', asked)
    assert mark is not None, asked
    answer = client.post(address, {**sent, "agreed": mark[1], "reason": "agreed on the telephone"})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_6_4_an_amount_is_credited_after_its_preview(invoice: Invoice, signed_in: SignedIn) -> None:
    """20.00 of 90.00, with 4.60 tax; then 70.00 are left."""
    client = signed_in(Role.BILLER)
    assert (
        reverse("invoice-credit", args=[invoice.pk])
        in client.get(reverse("invoice", args=[invoice.pk])).content.decode()
    )
    address = reverse("invoice-credit", args=[invoice.pk])
    assert "€90.00" in client.get(address).content.decode()
    too_much = client.post(address, {"what": "lines", "amount_1": "90.01"})
    assert too_much.status_code == 422
    assert "90.00 EUR are left" in too_much.content.decode()
    sent = {"what": "lines", "amount_1": "20.00"}
    shown = client.post(address, sent).content.decode()
    assert "24.60" in shown
    assert Invoice.objects.count() == 1
    leads_to = agreed(client, address, sent)
    run = Run.objects.latest("pk")
    assert leads_to == reverse("run", args=[run.pk])
    issued(run)
    note = run.invoice_set.get()
    page = client.get(reverse("invoice", args=[note.pk])).content.decode()
    assert "INV-2026-000001" in page
    assert "CN-2026-000001" in client.get(reverse("invoice", args=[invoice.pk])).content.decode()
    assert "€70.00" in client.get(address).content.decode()
    listed = client.get(reverse("credit-notes")).content.decode()
    assert "CN-2026-000001" in listed
    assert "INV-2026-000001" not in listed
    assert reverse("credit-notes-print") in listed


def test_2_5_billed_again_at_another_price(invoice: Invoice, signed_in: SignedIn) -> None:
    agreed(
        signed_in(Role.APPROVER),
        reverse("invoice-credit", args=[invoice.pk]),
        {"what": "again", "price_1": "75.00"},
    )
    nets = Run.objects.latest("pk").invoice_set.order_by("pk").values_list("net_minor", flat=True)
    assert list(nets) == [-9000, 7500]


def test_7_5_a_biller_voids_nothing(invoice: Invoice, signed_in: SignedIn) -> None:
    assert signed_in(Role.BILLER).get(reverse("invoice-void", args=[invoice.pk])).status_code == 403


def test_7_5_a_document_and_a_run_are_voided_after_their_numbers_were_shown(
    invoice: Invoice, signed_in: SignedIn
) -> None:
    client = signed_in(Role.APPROVER)
    asked = client.get(reverse("invoice-void", args=[invoice.pk])).content.decode()
    assert "Charges set back" in asked
    assert "€110.70" in asked
    agreed(client, reverse("invoice-void", args=[invoice.pk]), {})
    assert "Void" in client.get(reverse("invoice", args=[invoice.pk])).content.decode()
    again = billed()
    agreed(client, reverse("run-void", args=[again.pk]), {})
    assert Run.objects.get(pk=again.pk).status == RunStatus.VOIDED
    listed = client.get(reverse("invoices"), {"state": "voided"}).content.decode()
    assert "INV-2026-000001" in listed
    assert "INV-2026-000002" in listed


def test_7_5_a_run_that_left_the_house_is_credited_instead(invoice: Invoice, signed_in: SignedIn) -> None:
    client = signed_in(Role.APPROVER)
    assert Delivery.objects.filter(invoice=invoice, channel="csv").update(state=DeliveryState.SENT)
    asked = client.get(reverse("run-void", args=[invoice.run_id])).content.decode()
    assert "1 document left the house. It is credited instead." in asked
    assert reverse("invoice", args=[invoice.pk]) in asked
    assert 'class="btn btn-danger"' not in asked
    instead = reverse("run-credit", args=[invoice.run_id])
    assert instead in asked
    leads_to = agreed(client, instead, {})
    note = Invoice.objects.get(credits=invoice)
    assert (leads_to, note.gross_minor) == (reverse("run", args=[note.run_id]), -11070)
    ticked = {"selected": str(invoice.pk)}
    assert "1 document left the house" in client.post(reverse("invoices-void"), ticked).content.decode()
    again = client.post(reverse("invoices-credit"), ticked).content.decode()
    assert "1 invoice is left out: nothing of it is left to be credited." in again
    BillingCustomer.objects.update(email="")
    told = client.post(reverse("invoices-send"), ticked).content.decode()
    assert "its customer has no e-mail address for it" in told
