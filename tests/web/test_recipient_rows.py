"""The form of a customer says who gets what by e-mail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer
from tests import build

MINE = "books@example.com; owner@example.com (credit notes, statements)"


@pytest.mark.django_db
@pytest.mark.usefixtures("_guide_pages")
def test_every_address_has_a_row_with_what_it_gets(signed_in: Callable[..., Client]) -> None:
    build.organisation()
    customer = build.customer(email="books@example.com")
    client, here = signed_in(Role.BILLER), reverse("customer-edit", args=[customer.pk])
    sent = {
        "account": customer.account,
        "name": customer.name,
        "delivery": "email",
        "currency": "EUR",
        "tax_status": "standard",
        "branch": customer.branch_id,
        "is_active": "on",
        "email-0": "books@example.com",
        "email-0-gets": ["invoices", "credit notes", "consolidated billings", "statements"],
        "email-1": " owner@example.com ",
        "email-1-gets": ["statements", "credit notes"],
        "email-2": "",
        "email-2-gets": ["invoices"],
    }
    assert client.post(here, sent).status_code == 302
    assert BillingCustomer.objects.get().email == MINE
    history = client.get(reverse("customer", args=[customer.pk]) + "?tab=history").content.decode()
    assert f"books@example.com → <strong>{MINE}</strong>" in history

    def problems(**changes: object) -> list[str]:
        answer = client.post(here, {**sent, **changes})
        assert 'value="owner@example.com"' in answer.content.decode()
        return answer.context["form"].errors["email"]

    assert problems(**{"email-0-gets": []}) == ["Tick what books@example.com gets, or leave the address out."]
    assert problems(**{"email-0": "nobody"})[0].startswith("'nobody; owner@example.com (credit")
    assert problems(**{"email-0": ""}) == [
        "Nobody gets invoices and consolidated billings. Say of one of the addresses that it does."
    ]
    many = [f"a{nth}@example.com" for nth in range(60)]
    rows = {f"email-{nth}": address for nth, address in enumerate(many)}
    gets = {f"email-{nth}-gets": sent["email-0-gets"] for nth in range(60)}
    assert client.post(here, {**sent, **rows, **gets}).status_code == 302
    assert BillingCustomer.objects.get().email == "; ".join(many)
