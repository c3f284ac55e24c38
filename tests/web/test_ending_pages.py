"""Removing a discount and ending an escalation: asked in numbers, with a reason that the history keeps."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.records.catalog.models import Escalation
from counterfoil.records.charges.models import Discount
from counterfoil.records.organisation.models import Role
from tests import build


@pytest.mark.usefixtures("transactional_db", "_guide_pages")
def test_what_ends_says_what_it_changes(signed_in: Callable[..., Client]) -> None:
    build.organisation()
    escalation = Escalation.objects.create(name="Yearly", rate=Decimal(3), every_periods=12)
    charge = build.charge(escalation=escalation)
    discount = Discount.objects.create(key="D", name="Loyalty", charge=charge, percent=Decimal(10))
    client = signed_in(Role.BILLER)
    for record, name in ((discount, "discount-remove"), (escalation, "escalation-end")):
        address = reverse(name, args=[record.pk])
        assert address in client.get(reverse(name.split("-")[0] + "-edit", args=[record.pk])).content.decode()
        confirmation = client.get(address).context["confirmation"]
        assert confirmation.figures[0][1] == "1"
        sent = {"agreed": confirmation.mark}
        assert "Say why." in client.post(address, sent).content.decode()
        assert client.post(address, {**sent, "reason": "Contract ended"}).status_code == 302
        assert not type(record).objects.exists()
    history = client.get(reverse("charge", args=[charge.pk]) + "?tab=history").content.decode()
    assert "Escalation" in history
    assert "Contract ended" in history
