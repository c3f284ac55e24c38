"""A discount is removed and an escalation ended: foreseen in numbers, and what is billed stays (4.3, 4.5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from counterfoil.flows import ending_terms
from counterfoil.flows.billing.review import abandon
from counterfoil.flows.ending_terms import (
    WithoutDiscount,
    WithoutEscalation,
    end_escalation,
    less_without_escalation,
    remove_discount,
    without_discount,
    without_escalation,
)
from counterfoil.records.billing.models import Invoice, InvoiceLine
from counterfoil.records.catalog.models import Escalation
from counterfoil.records.charges.models import Discount, PriceChange
from tests import build
from tests.flows.paying import bureau

pytestmark = pytest.mark.django_db(transaction=True)

JUNE = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def test_without_a_discount_more_is_billed() -> None:
    """10 % of 30.00 is 3.00, in each of twelve months: 36.00."""
    charge = build.charge()
    discount = Discount.objects.create(key="D", name="Loyalty", charge=charge, percent=Decimal(10))
    found = without_discount(discount, today=JUNE)
    assert found == WithoutDiscount(charges=1, more_minor={"EUR": 12 * 300})
    build.run()
    billed = Invoice.objects.get().net_minor
    remove_discount(discount, reason="Contract ended")
    assert not Discount.objects.exists()
    assert Invoice.objects.get().net_minor == billed == 2_700
    gone = Discount.pgh_event_model.objects.get(pgh_label="delete")  # type: ignore[attr-defined]
    assert gone.name == "Loyalty"


def test_an_amount_off_whole_invoices_is_counted_and_not_foreseen() -> None:
    charge = build.charge()
    payer = charge.client.customer
    discount = Discount.objects.create(key="D", name="Off", customer=payer, amount=Decimal(5))
    assert without_discount(discount, today=JUNE) == WithoutDiscount(charges=1, more_minor=None)


def test_in_legacy_mode_it_is_off_what_the_account_of_the_dealer_pays() -> None:
    """10 % of 30.00 is 3.00, in each of twelve months; the charge that the client pays is not counted."""
    bureau.mode(bureau.LEGACY)
    harbour = bureau.dealer("D1", account="A-D1")
    client = bureau.client("S1", account="A-S1", of=harbour)
    bureau.charge("K1", client, paid_by="dealer")
    bureau.charge("K2", client, paid_by="direct")
    discount = Discount.objects.create(key="D", name="Off", customer=harbour.customer, percent=Decimal(10))
    found = without_discount(discount, today=JUNE)
    assert found == WithoutDiscount(charges=1, more_minor={"EUR": 12 * 300})


def test_prices_that_have_grown_stay() -> None:
    """30.00 grew by 10 % on 1 March: 33.00 stays, also next March; what never grew keeps its own price."""
    escalation = Escalation.objects.create(
        name="Yearly", rate=Decimal(10), on_date=date(2026, 3, 1), yearly=True, step=Decimal("0.01")
    )
    grown = build.charge(escalation=escalation, starts_on=date(2026, 1, 1))
    build.charge(escalation=escalation, starts_on=JUNE)
    assert end_escalation(escalation, today=JUNE, reason="Fixed now") == WithoutEscalation(
        charges=2, master_charges=0, kept=1
    )
    kept = PriceChange.objects.get()
    assert (kept.charge, kept.valid_from, kept.unit_price) == (grown, date(2026, 3, 1), Decimal(33))
    grown.refresh_from_db()
    assert grown.escalation is None
    assert not Escalation.objects.exists()


def test_periods_not_billed_yet_cost_what_they_did_and_other_prices_by_date_stay() -> None:
    """30.00, 33.00 from March on; the master charge 40.00 from May on, 44.00 from next March on, and 50.00 later."""
    escalation = Escalation.objects.create(
        name="Yearly", rate=Decimal(10), on_date=date(2026, 3, 1), yearly=True, step=Decimal("0.01")
    )
    master = build.master(escalation=escalation)
    charge = build.charge(master_charge=master, starts_on=date(2026, 1, 1))
    for day, price in ((date(2026, 5, 1), 40), (date(2027, 6, 1), 50)):
        PriceChange.objects.create(master_charge=master, valid_from=day, unit_price=price)
    forecast = billed_until(date(2027, 7, 1))
    assert forecast == [3000] * 2 + [3300] * 2 + [4000] * 10 + [4400] * 3 + [5000] * 2
    assert end_escalation(escalation, today=date(2027, 4, 15)).kept == 1
    assert billed_until(date(2027, 7, 1)) == forecast
    own = PriceChange.objects.filter(charge=charge).values_list("unit_price", flat=True)
    assert list(own.order_by("valid_from")) == [33, 40, 44, 50]


def test_what_has_grown_stays_where_another_price_holds_by_now_or_the_charge_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """30.00, 33.00 from March on; the master charge 40.00 from May on. One charge ended in May, unbilled."""
    monkeypatch.setattr(ending_terms, "MOST_GROWN", 1)  # so many at a time
    escalation = Escalation.objects.create(
        name="Yearly", rate=Decimal(10), on_date=date(2026, 3, 1), yearly=True, step=Decimal("0.01")
    )
    master = build.master(escalation=escalation)
    build.charge(master_charge=master, starts_on=date(2026, 1, 1))
    build.charge(
        master_charge=master, starts_on=date(2026, 4, 1), ends_before=date(2026, 5, 1), unit_price=30
    )
    build.charge(master_charge=master, starts_on=date(2026, 2, 1), ends_before=date(2026, 4, 1))
    PriceChange.objects.create(master_charge=master, valid_from=date(2026, 5, 1), unit_price=40)
    before = billed_until(JUNE)
    assert sorted(before) == [3000] * 4 + [3300] * 3 + [4000] * 2
    assert without_escalation(escalation, today=JUNE).kept is None
    assert end_escalation(escalation, today=JUNE) == WithoutEscalation(charges=3, master_charges=1, kept=2)
    assert billed_until(JUNE) == before


def test_where_no_level_has_a_price_any_more_there_is_none_afterwards() -> None:
    escalation = Escalation.objects.create(
        name="Yearly", rate=Decimal(10), on_date=date(2026, 3, 1), yearly=True, step=Decimal("0.01")
    )
    master = build.master(escalation=escalation)
    build.charge(master_charge=master, starts_on=date(2026, 1, 1))
    PriceChange.objects.create(master_charge=master, valid_from=date(2026, 5, 1), unit_price=None)
    until_april = [3000] * 2 + [3300] * 2
    assert (billed_until(date(2026, 4, 1)), billed_until(JUNE)) == (until_april, [])
    end_escalation(escalation, today=JUNE)
    assert (billed_until(date(2026, 4, 1)), billed_until(JUNE)) == (until_april, [])


def test_it_is_foreseen_what_is_billed_less() -> None:
    """30.00 would grow to 33.00 next March: 3.00 less in March, April and May."""
    escalation = Escalation.objects.create(
        name="Yearly", rate=Decimal(10), on_date=date(2026, 3, 1), yearly=True, step=Decimal("0.01")
    )
    build.charge(escalation=escalation, starts_on=JUNE)
    grown = build.charge(escalation=escalation, starts_on=date(2026, 1, 1), ends_before=date(2027, 3, 1))
    build.run()
    assert less_without_escalation(escalation, today=JUNE) == {"EUR": 3 * 300}
    assert grown.ends_before  # it ends before it would grow again, and keeps its 33.00


def billed_until(day: date) -> list[int]:
    """Return what a run bills of each month up to a day, in cents; it is abandoned again."""
    run = build.run(cutoff=day, past_periods_allowed=100)
    lines = InvoiceLine.objects.filter(invoice__run=run).order_by("period_start")
    found = list(lines.values_list("net_minor", flat=True))
    abandon(run.pk, reason="Only looked at", now=build.NOW)
    return found
