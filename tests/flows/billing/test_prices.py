"""Prices by date, commissionings and changed charge periods, from the database to the stored lines."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from counterfoil.flows.billing.preview import preview
from counterfoil.flows.editing import store
from counterfoil.records.billing.models import InvoiceLine
from counterfoil.records.catalog.models import ChargeOverride, ChargePeriod, Escalation, MasterCharge
from counterfoil.records.charges.models import Charge, ChargeSpan, PriceChange
from counterfoil.records.parties.models import PastCommissioning
from tests import build
from tests.build import JUNE

pytestmark = pytest.mark.django_db(transaction=True)

JULY, TENTH, AUGUST = date(2026, 7, 1), date(2026, 7, 10), date(2026, 8, 1)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def nets() -> list[int]:
    """Return the nets of all lines by period."""
    return list(InvoiceLine.objects.order_by("period_start", "id").values_list("net_minor", flat=True))


def test_a_price_change_counts_from_its_day_and_never_rates_again() -> None:
    """Rule 4.2: June is billed at 30.00 when 36.00 from 1 June is entered; July costs 36.00."""
    charge = build.charge()
    build.run()
    PriceChange.objects.create(charge=charge, valid_from=JUNE, unit_price=Decimal("36"))
    assert preview(build.request(cutoff=JULY)).lines.get_column("net_minor").to_list() == [3600]
    build.run(cutoff=JULY)
    assert nets() == [3000, 3600]
    assert list(InvoiceLine.objects.order_by("id").values_list("price_level", flat=True)) == [
        "master",
        "assignment",
    ]


def test_the_prices_of_a_customer_and_of_the_master_charge_change_by_date() -> None:
    """Rules 4.1 and 4.2: 30.00; 31.00 of the master from July; the customer's own 28.00 from August."""
    charge = build.charge()
    master = charge.master_charge
    override = ChargeOverride.objects.create(master_charge=master, customer=charge.client.customer)
    PriceChange.objects.create(master_charge=master, valid_from=JULY, unit_price=Decimal("31"))
    PriceChange.objects.create(override=override, valid_from=AUGUST, unit_price=Decimal("28"))
    build.run(cutoff=AUGUST)
    assert nets() == [3000, 3100, 2800]


def test_a_split_period_is_two_lines_and_the_next_run_goes_on() -> None:
    """Rule 4.2: 30.00 × 15/31 = 14.516… and 36.00 × 16/31 = 18.580…"""
    charge = build.charge(starts_on=JULY)
    ChargePeriod.objects.update(split_on_price_change=True)
    PriceChange.objects.create(charge=charge, valid_from=date(2026, 7, 16), unit_price=Decimal("36"))
    build.run(cutoff=JULY)
    assert nets() == [1452, 1858]
    build.run(cutoff=AUGUST)
    assert nets() == [1452, 1858, 3600]
    span = ChargeSpan.objects.get(charge=charge)
    assert (span.billed_from, span.billed_to, span.ends_in_part) == (JULY, date(2026, 9, 1), False)


def test_an_escalated_line_keeps_how_its_price_grew() -> None:
    """Rule 4.3: 30.00 × 1.05 = 31.50 from July, one period after the first."""
    build.charge()
    growth = Escalation.objects.create(name="5 % a month", rate=Decimal("5"), every_periods=1)
    MasterCharge.objects.update(escalation=growth)
    build.run(cutoff=JULY)
    assert nets() == [3000, 3150]
    told = json.loads(InvoiceLine.objects.get(period_start=JULY).details)
    assert told["escalated"]["steps"] == [{"on": "2026-07-01", "price": "31.50"}]
    Charge.objects.update(escalation=Escalation.objects.create(name="none", rate=Decimal(0), every_periods=1))
    build.run(cutoff=AUGUST)
    # The charge's own escalation, of 0 %, goes before its master charge's.
    assert nets() == [3000, 3150, 3000]


def test_gaps_between_commissionings_are_passed_over() -> None:
    """Rules 2.1 and 3.4: 1–10 and 21–30 June: 30.00 × 10/30 = 10.00 each."""
    client = build.client(commissioned_on=date(2026, 6, 21))
    PastCommissioning.objects.create(client=client, starts_on=JUNE, ends_before=date(2026, 6, 11))
    charge = build.charge(client=client, while_commissioned=True)
    build.run(cutoff=date(2026, 6, 21))
    periods = InvoiceLine.objects.order_by("period_start").values_list(
        "period_start", "period_end", "net_minor"
    )
    assert list(periods) == [(JUNE, date(2026, 6, 11), 1000), (date(2026, 6, 21), JULY, 1000)]
    span = ChargeSpan.objects.get(charge=charge)
    assert (span.billed_from, span.billed_to) == (JUNE, JULY)


@pytest.mark.parametrize("runs", [1, 2])
def test_whole_bills_a_period_of_two_commissionings_once(runs: int) -> None:
    """Rule 3.4, in one run and when the second commissioning comes after the first is billed."""
    ChargePeriod.objects.update(part_charging="whole")
    client = build.client(commissioned_on=JUNE, decommissioned_on=date(2026, 6, 11))
    charge = build.charge(client=client, while_commissioned=True)
    ChargePeriod.objects.update(part_charging="whole")
    if runs == 2:
        build.run(cutoff=JUNE)
        assert nets() == [3000]
    PastCommissioning.objects.create(client=client, starts_on=JUNE, ends_before=date(2026, 6, 11))
    client.commissioned_on, client.decommissioned_on = date(2026, 6, 21), None
    store(client, fields=["commissioned_on", "decommissioned_on"])
    build.run(cutoff=date(2026, 6, 30))
    assert nets() == [3000]
    build.run(cutoff=JULY)
    assert nets() == [3000, 3000]
    assert ChargeSpan.objects.get(charge=charge).billed_to == AUGUST


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        # Billed to 1 July; the days to 10 July are a part of 10 June–10 July: 30.00 × 9/30.
        ({"anchor": None, "billing_day": 10}, [(JULY, TENTH, 900), (TENTH, date(2026, 8, 10), 3000)]),
        # Quarters from 1 January: July to September at the price of a quarter.
        ({"count": 3}, [(JULY, date(2026, 10, 1), 3000)]),
        ({"anchor": date(2026, 1, 10)}, [(JULY, TENTH, 900), (TENTH, date(2026, 8, 10), 3000)]),
    ],
)
def test_another_charge_period_takes_effect_where_the_billed_span_ends(
    changed: dict[str, object], expected: list[tuple[date, date, int]]
) -> None:
    """Rule 1.5: the days up to the first boundary of the new grid are a partial period of the new grid."""
    charge = build.charge()
    build.run()
    ordinary = {"name": "Another", "count": 1, "unit": "month", "anchor": date(2026, 1, 1)}
    period = ChargePeriod.objects.create(**{**ordinary, **changed})
    charge.charge_period = period
    store(charge, fields=["charge_period"])
    build.run(cutoff=date(2026, 7, 10))
    found = InvoiceLine.objects.filter(period_start__gte=JULY).order_by("period_start")
    assert list(found.values_list("period_start", "period_end", "net_minor")) == expected


def test_days_the_old_grid_billed_count_in_no_period_of_the_new_one() -> None:
    """Rule 1.5: billed in part to 20 June by months, then in full periods from the 10th: nothing is lost or doubled.

    With `whole`, 20 June to 9 July is a first part of 10 June–10 July of the new grid and costs 30.00.
    """
    charge = build.charge(ends_before=date(2026, 6, 20))
    ChargePeriod.objects.update(part_charging="whole")
    build.run()
    assert nets() == [3000]
    period = ChargePeriod.objects.create(name="From the 10th", billing_day=10, part_charging="whole")
    charge.charge_period, charge.ends_before = period, None
    store(charge, fields=["charge_period", "ends_before"])
    build.run(cutoff=date(2026, 7, 1))
    found = InvoiceLine.objects.order_by("period_start").values_list(
        "period_start", "period_end", "net_minor"
    )
    assert list(found) == [(JUNE, date(2026, 6, 20), 3000), (date(2026, 6, 20), date(2026, 7, 10), 3000)]
    charge.ends_before = date(2026, 7, 10)
    store(charge, fields=["ends_before"])
    build.run(cutoff=date(2026, 9, 1))
    assert nets() == [3000, 3000]


def test_the_rest_of_a_period_of_the_same_grid_costs_nothing_more_under_whole() -> None:
    """Rule 3.4: as before, an extended end within the grid's period is paid for."""
    charge = build.charge(ends_before=date(2026, 6, 20))
    ChargePeriod.objects.update(part_charging="whole")
    build.run()
    charge.ends_before = None
    store(charge, fields=["ends_before"])
    build.run(cutoff=JULY)
    assert nets() == [3000, 3000]
    periods = InvoiceLine.objects.order_by("period_start").values_list("period_start", flat=True)
    assert list(periods) == [JUNE, JULY]
