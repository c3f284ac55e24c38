"""What the forms of the catalogue refuse, in words."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.records.catalog.models import ChargePeriod
from counterfoil.web.catalogue.forms import ChargePeriodForm, MasterChargeForm
from tests import build

pytestmark = pytest.mark.django_db

MONTHLY = {
    "name": "p",
    "count": "1",
    "unit": "month",
    "part_charging": "daily",
    "day_count": "actual",
    "bill_on": "advance",
    "offset_days": "0",
}


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"count": "0"}, "count", "It must be at least 1 and at most 1200."),
        ({"count": "1201"}, "count", "It must be at least 1 and at most 1200."),
        ({"billing_day": "32"}, "billing_day", "It must be at least 1 and at most 31."),
        ({"billing_day": "1", "anchor": "2026-01-01"}, "billing_day", "Fill in an anchor or a billing day"),
        ({"billing_day": "1", "unit": "week"}, "billing_day", "It goes with months and years only."),
        ({"part_charging": "monthly", "unit": "day"}, "part_charging", "It goes with months and years only."),
        ({"day_count": "by_month", "unit": "week"}, "day_count", "It goes with months and years only."),
    ],
)
def test_a_charge_period_that_cannot_be_is_told_why(changes: dict[str, str], field: str, told: str) -> None:
    form = ChargePeriodForm({**MONTHLY, **changes})
    assert told in form.errors[field][0]
    assert list(form.errors) == [field]


def test_two_charge_periods_that_are_the_same_are_told_apart() -> None:
    assert ChargePeriodForm(MONTHLY).is_valid()
    ChargePeriodForm(MONTHLY).save()
    again = ChargePeriodForm({**MONTHLY, "name": "again"})
    assert again.non_field_errors() == ["There is a charge period just like this. Use that one."]
    assert ChargePeriod.objects.count() == 1


def test_a1_the_last_day_of_a_master_charge_is_typed_and_the_day_after_is_stored() -> None:
    build.organisation()
    typed = {"code": "POOL", "name": "Pool", "kind": "sale", "currency": "EUR", "quantity": "1"}
    form = MasterChargeForm(
        {**typed, "usable_on": ["sale"], "active_start": "2026-06-01", "active_end": "2026-08-31"}
    )
    assert form.is_valid(), form.errors
    stored = form.save()
    assert (stored.active_end, stored.usable_on) == (date(2026, 9, 1), ["sale"])
    assert 'value="2026-08-31"' in str(MasterChargeForm(instance=stored)["active_end"])
    wrong = MasterChargeForm(
        {**typed, "active_start": "2026-06-02", "active_end": "2026-06-01"}, instance=stored
    )
    assert list(wrong.errors) == ["active_end"]
