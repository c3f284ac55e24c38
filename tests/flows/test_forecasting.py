"""The next twelve months of charges, from the database (product A8)."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.flows.billing.issue import authorise, issue
from counterfoil.flows.forecasting import forecast_charges
from counterfoil.flows.foreseeing import foresee
from counterfoil.records.billing.models import Invoice
from counterfoil.records.charges.models import Charge, PriceChange
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


def test_a8_what_is_typed_is_foreseen_and_not_stored() -> None:
    """On 20 July, from 15 June at 30.00: 16/30 of June, and July, are caught up on."""
    charge = Charge(key="K", client=build.client(), master_charge=build.master(), starts_on=date(2026, 6, 15))
    found = foresee(charge, fields=[], today=date(2026, 7, 20))
    part = found.first_part
    assert part is not None
    assert (part.fraction_num, part.fraction_den, part.net_minor) == (8, 15, 1600)
    assert (len(found.overdue), found.overdue_minor) == (2, 4600)  # 16.00 + 30.00
    assert (found.now, found.then.total_minor) == (None, 37600)  # 16.00 + 12 × 30.00
    assert not Charge.objects.exists()


def test_6_2_what_an_earlier_end_gives_back_is_foreseen() -> None:
    """June is billed at 30.00; with 10 June as the last day 20/30 of it are given back."""
    charge = build.charge()
    run = build.run()
    authorise(run.pk, by=None, now=build.NOW)
    issue(run.pk, today=JUNE, now=build.now)
    charge.ends_before = date(2026, 6, 11)
    found = foresee(charge, fields=["ends_before"], today=date(2026, 6, 20))
    assert found.credits.net_minor == {"EUR": -2000}
    assert found.now is not None
    assert (found.now.total_minor, found.then.total_minor) == (33000, 0)  # July to May
    assert Charge.objects.get().ends_before is None
