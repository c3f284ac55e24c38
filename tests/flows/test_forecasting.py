"""The next twelve months of charges, from the database (product A8)."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.flows.forecasting import forecast_charges
from counterfoil.records.billing.models import Invoice
from counterfoil.records.charges.models import PriceChange
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)

JUNE = build.JUNE


@pytest.fixture(autouse=True)
def _organisation(transactional_db: None) -> None:
    build.organisation()


def test_price_changes_are_foreseen_and_nothing_is_stored() -> None:
    """Rule 4.2: 30.00 until August, 35.00 from September on."""
    charge = build.charge()
    PriceChange.objects.create(charge=charge, valid_from=date(2026, 9, 1), unit_price=35)
    (found,) = forecast_charges([charge], today=JUNE).charges
    assert (found.next_bill_date, found.next_minor) == (JUNE, 3000)
    assert list(found.months) == [3000] * 3 + [3500] * 9
    assert found.total_minor == 40500  # 3 × 30.00 + 9 × 35.00
    assert not Invoice.objects.exists()


def test_after_a_run_the_next_bill_is_the_next_month() -> None:
    charge = build.charge()
    build.run()
    (found,) = forecast_charges([charge], today=date(2026, 6, 20)).charges
    assert (found.next_bill_date, found.next_minor) == (date(2026, 7, 1), 3000)
    assert list(found.months) == [0] + [3000] * 11


def test_charges_of_several_payers_and_one_without() -> None:
    first, second = build.charge(), build.charge(unit_price=5)
    nobody = build.charge(client=build.client(customer=None))
    found = forecast_charges([nobody, second, first], today=JUNE)
    assert [one.total_minor for one in found.charges] == [0, 6000, 36000]
    assert list(found.charges[0].findings) == ["The charge has no billing customer."]
    assert found.totals == {"EUR": [3500] * 12}
    assert (found.months[0], found.months[-1]) == (JUNE, date(2027, 5, 1))


def test_a_charge_that_ended_bills_nothing_more() -> None:
    charge = build.charge(ends_before=date(2026, 7, 1))
    build.run()
    (found,) = forecast_charges([charge], today=JUNE).charges
    assert (found.next_bill_date, found.total_minor) == (None, 0)
