"""Billed less credited is what those dates would have cost from the outset, on random charges in the database (6.5)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db.models import Sum

from counterfoil.core.money import STEPS
from counterfoil.core.periods import DayCount, Grid, Length, PartCharging, Unit
from counterfoil.core.recurring import Charge as PlainCharge
from counterfoil.core.recurring import owed_lines
from counterfoil.records.billing.models import InvoiceLine
from counterfoil.records.charges.models import Charge
from tests import build
from tests.flows.crediting.quarters import JANUARY, assert_sound, credited, issued

pytestmark = pytest.mark.django_db(transaction=True)
CUTOFF = date(2026, 10, 1)
CHARGES = 40


def stored_charges(random: Random) -> list[Charge]:
    """Store charges of every length and policy that the identity holds for, at odd prices, from odd days."""
    client = build.client()
    periods = {}
    charges = []
    for _ in range(CHARGES):
        key = (
            random.choice([1, 3, 12]),
            random.choice(["daily", "whole", "monthly"]),
            random.choice(["actual", "by_month", "thirty_360"]),
        )
        if key not in periods:
            count, part_charging, day_count = key
            periods[key] = build.monthly(
                count=count, anchor=JANUARY, part_charging=part_charging, day_count=day_count
            )
        charges.append(
            build.charge(
                client=client if random.random() < 0.5 else None,
                master_charge=build.master(
                    unit_price=Decimal(random.randint(1, 20_000)) / 100, charge_period=periods[key]
                ),
                starts_on=JANUARY + timedelta(days=random.randint(0, 90)),
            )
        )
    return charges


def cost_from_the_outset(charge: Charge) -> int:
    """Return what *charge* with its present dates owes by the cut-off, had nothing been billed."""
    period = charge.master_charge.charge_period
    assert period is not None
    plain = PlainCharge(
        quantity_steps=STEPS,
        unit_price_steps=int(charge.master_charge.unit_price * STEPS),
        currency="EUR",
        grid=Grid(Length(period.count, Unit.MONTH), JANUARY),
        starts_on=charge.starts_on,
        ends_before=charge.ends_before,
        part_charging=PartCharging(period.part_charging),
        day_count=DayCount(period.day_count),
    )
    return sum(line.net_minor for line in owed_lines(plain, through=CUTOFF))


def come_to() -> dict[int, int]:
    """Return by charge what its lines and credits come to."""
    rows = InvoiceLine.objects.values("charge_id").order_by("charge_id").annotate(net=Sum("net_minor"))
    return {row["charge_id"]: row["net"] for row in rows}


@pytest.mark.parametrize("seed", [1, 2])
def test_6_5_and_3_4_ended_credited_moved_and_billed_again(seed: int) -> None:
    """Three times the ends move; each time it is credited and billed, and costs what it should."""
    build.organisation()
    random = Random(seed)  # noqa: S311  the same charges every time
    charges = stored_charges(random)
    issued(build.run(cutoff=CUTOFF))
    for _ in range(3):
        for charge in charges:
            latest = max(charge.starts_on, JANUARY + timedelta(days=60))
            charge.ends_before = latest + timedelta(days=random.randint(1, 300))
        Charge.objects.bulk_update(charges, ["ends_before"])
        given = credited(cutoff=date(2028, 1, 1))
        if given.invoice_set.exists():
            issued(given)
        billing = build.run(cutoff=CUTOFF)
        assert not billing.exceptions.exists()
        nets = come_to()
        expected = {charge.pk: cost_from_the_outset(charge) for charge in charges}
        assert {pk: nets[pk] for pk in expected} == expected
        if billing.invoice_set.exists():
            issued(billing)
        assert_sound()
