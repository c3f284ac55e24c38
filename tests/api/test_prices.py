"""Prices by date and escalations through the API."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from counterfoil.records.catalog.models import ChargeOverride, Escalation
from counterfoil.records.charges.models import PriceChange
from counterfoil.records.organisation.models import Branch
from tests import build
from tests.api.conftest import MakeProgram

pytestmark = pytest.mark.django_db(transaction=True)


def test_4_2_prices_are_listed_by_whose_they_are(program: MakeProgram) -> None:
    build.organisation()
    charge, day = build.charge(), date(2026, 7, 1)
    override = ChargeOverride.objects.create(
        master_charge=charge.master_charge, customer=charge.client.customer
    )
    PriceChange.objects.create(charge=charge, valid_from=day, unit_price=Decimal("31.50"))
    PriceChange.objects.create(override=override, valid_from=day, unit_price=None)
    PriceChange.objects.create(master_charge=charge.master_charge, valid_from=day, unit_price=Decimal(32))
    erp, code = program(), charge.master_charge.code
    account = charge.client.customer.account
    found = erp.get("/prices").json()["items"]
    assert [(one["charge"], one["code"], one["customer"], one["unit_price"]) for one in found] == [
        (charge.key, None, None, "31.5"),
        (None, code, account, None),
        (None, code, None, "32"),
    ]
    (only,) = erp.get("/prices", charge=charge.key).json()["items"]
    assert erp.get(f"/prices/{only['id']}").json() == only
    assert len(erp.get("/prices", code=code).json()["items"]) == 2
    assert len(erp.get("/prices", customer=account).json()["items"]) == 1
    far = program(branches=[Branch.objects.create(code="far", name="Far")])
    assert [one["unit_price"] for one in far.get("/prices").json()["items"]] == ["32"]


def test_4_3_escalations_are_listed(program: MakeProgram) -> None:
    build.organisation()
    Escalation.objects.create(name="Yearly", rate=Decimal("3.5"), on_date=date(2027, 1, 1), yearly=True)
    (only,) = program().get("/escalations").json()["items"]
    assert (only["name"], only["rate"], only["on_date"], only["step"]) == (
        "Yearly",
        "3.5",
        "2027-01-01",
        "0.01",
    )
