"""Usage from readings to invoice (billing-rules 4.4)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from counterfoil.flows.billing import review
from counterfoil.records.billing.models import BillingException, InvoiceLine
from counterfoil.records.charges.models import Charge, ChargeSpan, Reading
from tests import build
from tests.build import JUNE

pytestmark = pytest.mark.django_db(transaction=True)

JULY, AUGUST, SEPTEMBER = (date(2026, month, 1) for month in (7, 8, 9))


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def metered(*tiers: tuple[int, str], **values: Any) -> Charge:
    """Store a charge from 1 June whose master charge has a tariff."""
    tariff = build.tariff(*(tiers or ((0, "0.50"),)), **values)
    return build.charge(master_charge=build.master(tariff=tariff, unit_price=None, name="Electricity"))


def billed() -> list[tuple[date, str, int]]:
    lines = InvoiceLine.objects.order_by("period_start", "id")
    return [(line.period_start, str(line.quantity), line.net_minor) for line in lines]


def test_4_4_a_month_of_usage_is_billed_in_arrears() -> None:
    charge = metered((0, "0.50"), (100, "0.40"), allowance=20)
    build.meter(charge, {JUNE: 1000, JULY: 1150})
    assert build.run(cutoff=JUNE).totals.count() == 0
    build.run(cutoff=JULY)
    line = InvoiceLine.objects.get()
    # 150 − 20 free: 100 × 0.50 + 30 × 0.40
    assert (line.kind, str(line.quantity), line.net_minor, line.price_level) == (
        "usage",
        "150",
        6200,
        "tariff",
    )
    details = json.loads(line.details)
    assert [tier["amount"] for tier in details["tiers"]] == ["50", "12"]
    assert details["meters"][0]["end"] == {"value": "1150", "on": "2026-07-01", "estimated": False}
    assert ChargeSpan.objects.get(charge=charge).billed_to == JULY
    assert line.invoice.document_type == "contract"


def test_4_4_without_a_reading_the_period_waits_and_is_billed_once_it_is_there() -> None:
    charge = metered()
    meter = build.meter(charge, {JUNE: 0})
    build.run(cutoff=JULY)
    found = BillingException.objects.get()
    assert (found.code, found.charge) == ("no_reading", charge)
    Reading.objects.create(meter=meter, read_on=JULY, value=8)
    build.run(cutoff=JULY)
    assert billed() == [(JUNE, "8", 400)]


def test_4_4_what_was_estimated_is_settled_by_the_next_reading() -> None:
    charge = metered()
    meter = build.meter(charge, {date(2026, 5, 2): 70, JUNE: 100}, may_be_estimated=True)
    build.run(cutoff=JULY)  # estimated: a unit a day, 130 on 1 July
    Reading.objects.create(meter=meter, read_on=AUGUST, value=150)
    build.run(cutoff=AUGUST)
    assert billed() == [(JUNE, "30", 1500), (JULY, "20", 1000)]  # 150 − 100 in all, as read
    first, second = (json.loads(line.details) for line in InvoiceLine.objects.order_by("period_start"))
    assert first["estimated"]
    assert second["meters"][0]["start"] == {"value": "130", "on": "2026-07-01", "estimated": True}


def test_4_4_what_was_estimated_too_high_comes_off_the_periods_after() -> None:
    charge = metered()
    meter = build.meter(charge, {date(2026, 5, 2): 70, JUNE: 100}, may_be_estimated=True)
    build.run(cutoff=JULY)
    Reading.objects.create(meter=meter, read_on=AUGUST, value=120)
    Reading.objects.create(meter=meter, read_on=SEPTEMBER, value=145)
    build.run(cutoff=SEPTEMBER)
    # Billed to 130 with June; 120 on 1 August; 145 on 1 September: 45 units in all.
    assert billed() == [(JUNE, "30", 1500), (JULY, "0", 0), (AUGUST, "15", 750)]


def test_3_4_an_end_extended_within_a_period_bills_what_the_period_costs_whole() -> None:
    charge = metered(allowance=30)
    charge.ends_before = date(2026, 6, 16)
    charge.save()
    meter = build.meter(charge, {JUNE: 0, date(2026, 6, 16): 25})
    build.run(cutoff=JULY)  # 25 − 30 × 15/30
    charge.ends_before = JULY
    charge.save()
    Reading.objects.create(meter=meter, read_on=JULY, value=50)
    build.run(cutoff=JULY)
    # 10 × 0.50, then (50 − 30) × 0.50 − 5.00
    assert [net for _, _, net in billed()] == [500, 500]


def test_4_4_activations_are_counted_by_the_day_they_occurred() -> None:
    charge = metered((0, "10"), counts="activations", allowance=1)
    for day in (date(2026, 5, 31), JUNE, date(2026, 6, 30), JULY):
        build.event(client=charge.client, occurred_on=day, to_be_billed_on=None)
    build.event(client=charge.client, occurred_on=JUNE, to_be_billed_on=None, is_chargeable=False)
    build.run(cutoff=JULY)
    assert billed() == [(JUNE, "2", 1000)]  # 2 in June, one free


def test_12_7_an_excluded_draft_of_usage_is_billed_again_from_the_same_stands() -> None:
    charge = metered()
    build.meter(charge, {JUNE: 0, JULY: 10, AUGUST: 30})
    build.run(cutoff=JULY)
    build.run(cutoff=AUGUST)
    july = InvoiceLine.objects.get(period_start=JULY)
    review.exclude([july.invoice_id], reason="check the meter", by=None, now=build.NOW)
    build.run(cutoff=AUGUST)
    assert billed() == [(JUNE, "10", 500), (JULY, "20", 1000), (JULY, "20", 1000)]


def test_4_4_metered_and_ordinary_charges_stand_on_one_invoice() -> None:
    charge = metered()
    build.meter(charge, {JUNE: 0, JULY: 10})
    build.charge(client=charge.client, master_charge=build.master(), starts_on=JULY)
    run = build.run(cutoff=JULY)
    assert (run.totals.get().documents, run.totals.get().net_minor) == (1, 3500)
