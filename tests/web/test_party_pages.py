"""What the pages of customers and dealers say: charges, events, forecast, invoices, exceptions, notes, open amounts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import Dealer, LogNote
from tests import build
from tests.flows.crediting.quarters import billed, quarter
from tests.web import month

pytestmark = pytest.mark.django_db(transaction=True)
SignedIn = Callable[..., Client]


def test_customer_and_dealer_show_what_they_have(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.use_own_pages(monkeypatch)
    build.organisation()
    payer = build.customer(
        email="a@example.com; b@example.com (statements)",
        postcode="H91 X1Y2",
        language="de",
        delivery="email",
    )
    dealer = Dealer.objects.create(code="D1", name="Harbour Alarms", branch=payer.branch, customer=payer)
    site = build.client(customer=payer, dealer=dealer)
    charge = quarter(client=site)
    build.charge(client=site, master_charge=build.master(unit_price=None))
    event = build.event({"unit_price": "10.00"}, client=site, kind="work_order", key="WO-9")
    billed()
    client = signed_in(Role.BILLER)

    def tab(kind: str, key: int, name: str) -> str:
        return client.get(reverse(kind, args=[key]), {"tab": name}).content.decode()

    facts = tab("customer", payer.pk, "clients")
    assert "H91 X1Y2" in facts
    assert re.search(r"b@example\.com\s*<small class=\"quiet\">Statements</small>", facts)
    assert "€110.70" in facts  # 90.00 and 23 %, all of it open
    assert reverse("charge", args=[charge.pk]) in tab("customer", payer.pk, "charges")
    assert reverse("event", args=[event.pk]) in tab("customer", payer.pk, "events")
    assert "Issued" in tab("customer", payer.pk, "invoices")
    assert "INV-2026-000001" in tab("dealer", dealer.pk, "invoices")
    assert "Set a price on the charge" in tab("dealer", dealer.pk, "exceptions")
    for kind, key in (("customer", payer.pk), ("dealer", dealer.pk)):
        assert reverse(f"{kind}-forecast", args=[key]) in tab(kind, key, "forecast")
        assert client.get(reverse(f"{kind}-forecast", args=[key])).status_code == 200


def test_notes_are_about_a_customer_or_dealer_or_an_opportunity(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    month.use_own_pages(monkeypatch)
    build.organisation()
    payer = build.customer(account="C7")
    Dealer.objects.create(code="D1", name="Harbour Alarms", branch=payer.branch)
    client, new = signed_in(Role.BILLER), reverse("note-new")
    tab = client.get(reverse("customer", args=[payer.pk]), {"tab": "notes"}).content.decode()
    assert f"{new}?customer=C7" in tab
    assert 'value="C7"' in client.get(new, {"customer": "C7"}).content.decode()
    both = client.post(new, {"text": "Calls back", "customer": "C7", "dealer": "D1"}).content.decode()
    assert "A note is about one of client, customer and dealer." in both
    answer = client.post(f"{new}?customer=C7", {"text": "Calls back", "customer": "C7"})
    assert answer["Location"] == reverse("customer", args=[payer.pk]) + "?tab=notes"
    lead = {"contact_name": "Nuala Quay", "contact_phone": "+353 1 555", "contact_email": "n@example.com"}
    client.post(new, {"text": "Wants 40 sites monitored", "log_to_crm": "on", "act_by": "2026-06-30", **lead})
    opportunity = LogNote.objects.get(customer=None)
    assert (opportunity.about, opportunity.contact_phone, opportunity.act_by) == (
        None,
        "+353 1 555",
        date(2026, 6, 30),
    )
    assert "Nuala Quay, +353 1 555, n@example.com" in client.get(reverse("notes")).content.decode()
