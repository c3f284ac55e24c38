"""What an override would change, foreseen while it is typed (billing-rules 4.1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from counterfoil.flows import price_lists
from counterfoil.flows.price_lists import would_change
from counterfoil.records.catalog.models import ChargeOverride, Escalation, MasterCharge
from counterfoil.records.charges.models import Charge, PriceChange
from counterfoil.records.organisation.models import Branch, Organisation
from counterfoil.records.parties.models import BillingCustomer, Dealer
from tests import build
from tests.build import JUNE

pytestmark = pytest.mark.django_db


@pytest.fixture
def master() -> MasterCharge:
    build.organisation()
    return build.master()


@pytest.fixture
def dealer(master: MasterCharge) -> Dealer:
    """Store a dealer with two clients, each with a charge at the master's 30.00; one pays C-1."""
    made = Dealer.objects.create(code="D1", name="Harbour Alarms", branch=Branch.objects.get())
    payer = build.customer(account="C-1")
    build.charge(client=build.client(dealer=made, customer=payer), master_charge=master)
    build.charge(client=build.client(dealer=made), master_charge=master, quantity=3)
    return made


def override(master: MasterCharge, **values: Any) -> ChargeOverride:
    return ChargeOverride(master_charge=master, **values)


def test_only_what_takes_its_value_from_here_changes(master: MasterCharge, dealer: Dealer) -> None:
    """1 × 30.00 + 3 × 30.00 become 1 × 25.00 + 3 × 25.00; a charge that is over counts no more."""
    build.charge(
        client=build.client(dealer=dealer),
        master_charge=master,
        ends_before=date(2026, 5, 1),
        starts_on=date(2026, 1, 1),
    )
    build.charge(master_charge=master)
    found = would_change(override(master, dealer=dealer, unit_price=Decimal(25)), today=JUNE)
    assert (found.running, found.changed, found.priced_nearer) == (2, 2, 0)
    assert (found.before, found.after, found.is_all) == (120, 100, True)
    of_quantity = would_change(override(master, dealer=dealer, quantity=Decimal(2)), today=JUNE)
    assert (of_quantity.changed, of_quantity.before, of_quantity.after) == (1, 30, 60)
    assert not ChargeOverride.objects.exists()


def test_a_customers_price_is_nearer_than_its_dealers(master: MasterCharge, dealer: Dealer) -> None:
    payer = BillingCustomer.objects.get(account="C-1")
    stored = ChargeOverride.objects.create(master_charge=master, customer=payer, unit_price=20)
    found = would_change(override(master, dealer=dealer, unit_price=Decimal(25)), today=JUNE)
    assert (found.running, found.changed, found.priced_nearer, found.after) == (2, 1, 1, 75)
    stored.unit_price = Decimal(18)  # typed, not stored
    own = would_change(stored, today=JUNE)
    assert (own.running, own.changed, own.before, own.after) == (1, 1, 20, 18)
    Organisation.objects.update(customer_mode="legacy")  # in which price lists of customers do not count
    assert would_change(stored, today=JUNE).running == 0


@pytest.mark.parametrize("by", ["date", "escalation"])
def test_no_amount_is_told_that_another_day_makes_wrong(
    master: MasterCharge, dealer: Dealer, by: str
) -> None:
    if by == "date":
        PriceChange.objects.create(master_charge=master, valid_from=date(2026, 7, 1), unit_price=33)
    else:
        grows = Escalation.objects.create(name="Yearly", rate=3, on_date=JUNE, yearly=True)
        Charge.objects.update(escalation=grows)
    found = would_change(override(master, dealer=dealer, unit_price=Decimal(25)), today=JUNE)
    assert (found.changed, found.before, found.after) == (2, None, None)


def test_more_than_can_be_waited_for_is_said(
    master: MasterCharge, dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(price_lists, "MOST_LOOKED_AT", 1)
    found = would_change(override(master, dealer=dealer, unit_price=Decimal(25)), today=JUNE)
    assert (found.running, found.changed, found.is_all) == (1, 1, False)
