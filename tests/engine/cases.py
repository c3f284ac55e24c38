"""Random charges with dated and escalated prices, several commissionings and changed grids, from a seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from counterfoil.core.money import STEPS
from counterfoil.core.periods import BillOn, DateRange, DayCount, Grid, Length, PartCharging, Unit
from counterfoil.core.price_history import (
    DatedPrice,
    Escalation,
    LevelPrices,
    PriceStep,
    escalated,
    price_steps,
)
from counterfoil.core.pricing import Level
from counterfoil.core.recurring import Charge
from counterfoil.engine.billing import Loaded
from tests.engine.tables import Row, charge_period, customer, given_up_rows, loaded, master

# Ends in 5 at the third decimal, or halves a cent when shared out: 0.005, 0.015, …, 0.34, 0.42 (3.3), 2.675.
NEAR_TIES = (5_000, 15_000, 25_000, 340_000, 420_000, 1_005_000, 2_675_000, 10_005_000)
LARGEST_QUANTITY = 10**9 * STEPS
ONE_DAY = timedelta(days=1)
ANOTHER_GRID = (date(1801, 1, 1), date(1802, 1, 1))


@dataclass(frozen=True, kw_only=True)
class Case:
    """A charge as plain values, the levels its price comes from, and how it grows."""

    charge: Charge
    levels: tuple[LevelPrices, ...]
    escalation: Escalation | None
    is_escalated_by_master: bool

    def priced(self, *, through: date) -> Charge:
        """Return the charge with its prices through time, escalated up to *through*."""
        steps: list[PriceStep] = price_steps(self.levels)
        if self.escalation is not None:
            steps = escalated(
                steps,
                escalation=self.escalation,
                grid=self.charge.grid,
                starts_on=self.charge.starts_on,
                through=through,
            )
        return replace(self.charge, prices=tuple(steps))


def draw(rng: Random, *, cutoff: date) -> Case:
    """Return a random case of any grid, policy, price, span and commissioning, begun within years of *cutoff*."""
    starts_on = cutoff + timedelta(rng.randint(-1200, 60))
    unit = rng.choice(list(Unit))
    in_months = unit in (Unit.MONTH, Unit.YEAR)
    longest = {Unit.DAY: 40, Unit.WEEK: 9, Unit.MONTH: 14, Unit.YEAR: 3}[unit]
    length = Length(1 if rng.random() < 0.4 else rng.randint(1, longest), unit)
    ends_before = starts_on + timedelta(rng.randint(1, 800)) if rng.random() < 0.6 else None
    billed = _billed(rng, starts_on, ends_before)
    charge = Charge(
        quantity_steps=_quantity(rng),
        unit_price_steps=0,
        currency="EUR",
        grid=Grid(length, starts_on + timedelta(rng.randint(-2000, 2000))),
        starts_on=starts_on,
        ends_before=ends_before,
        part_charging=rng.choice([p for p in PartCharging if in_months or p is not PartCharging.MONTHLY]),
        day_count=rng.choice([c for c in DayCount if in_months or c is not DayCount.BY_MONTH]),
        bill_on=rng.choice(list(BillOn)),
        offset=rng.choice([0, 0, rng.randint(-40, 40)]),
        billed=billed,
        commissioned=_commissioned(rng, starts_on),
        split_on_price_change=rng.random() < 0.5,
    )
    charge = replace(charge, grid_since=_grid_since(rng, charge))
    charge = replace(charge, given_up=_given_up(rng, charge))
    history = rng.random() < 0.8
    return Case(
        charge=charge,
        levels=_levels(rng, starts_on, has_changes=history, quantity=charge.quantity_steps),
        escalation=_escalation(rng, charge) if history and rng.random() < 0.5 else None,
        is_escalated_by_master=rng.random() < 0.5,
    )


def _quantity(rng: Random) -> int:
    return rng.choice([STEPS, STEPS, 3 * STEPS, rng.randint(1, 10**9), LARGEST_QUANTITY])


def _price(rng: Random, quantity: int) -> int:
    if quantity == LARGEST_QUANTITY or rng.random() < 0.5:
        return rng.choice(NEAR_TIES)
    return rng.randrange(10**9)


def _billed(rng: Random, starts_on: date, ends_before: date | None) -> DateRange | None:
    if rng.random() < 0.4:
        return None
    billed_from = starts_on + timedelta(rng.randint(-20, 60))
    billed_from = min(billed_from, ends_before or billed_from)  # else a finding: service_before_billed
    return DateRange(billed_from, billed_from + timedelta(rng.randint(1, 300)))


def _commissioned(rng: Random, starts_on: date) -> tuple[DateRange, ...] | None:
    if rng.random() < 0.4:
        return None
    times, day = [], starts_on + timedelta(rng.randint(-100, 60))
    for _ in range(rng.randint(1, 4)):
        end = day + timedelta(rng.randint(1, 120))
        times.append(DateRange(day, end))
        day = end + timedelta(rng.randint(1, 40))
    if rng.random() < 0.4:
        times[-1] = DateRange(times[-1].start, None)
    return tuple(times)


def _grid_since(rng: Random, charge: Charge) -> date | None:
    """Another grid billed some of the span, or all of it (1.5)."""
    if charge.billed is None or rng.random() < 0.7:
        return None
    first, ends_before = charge.billed.first_day, charge.billed.ends_before
    since = ends_before - timedelta(rng.randrange((ends_before - first).days))
    in_first_period = charge.grid.index_of(since) == charge.grid.index_of(first)
    return ends_before if in_first_period else since


def _given_up(rng: Random, charge: Charge) -> tuple[DateRange, ...]:
    """Credits gave up days within the span (2.5), of periods that this grid alone billed."""
    if charge.billed is None or charge.billed.days < 3 or rng.random() < 0.5:
        return ()
    edges = sorted(rng.sample(range(1, charge.billed.days), min(charge.billed.days - 1, rng.choice([2, 4]))))
    first_day = charge.billed.first_day
    given = [
        DateRange(first_day + timedelta(first), first_day + timedelta(after))
        for first, after in zip(edges[::2], edges[1::2], strict=False)
    ]
    since = charge.grid_since or date.min
    return tuple(
        days for days in given if charge.grid.period(charge.grid.index_of(days.first_day)).first_day >= since
    )


def _levels(rng: Random, starts_on: date, *, has_changes: bool, quantity: int) -> tuple[LevelPrices, ...]:
    levels = []
    for level in Level:
        is_master = level is Level.MASTER
        base = _price(rng, quantity) if is_master or rng.random() < 0.3 else None
        days = set()
        if has_changes and rng.random() < 0.5:
            days = {starts_on + timedelta(rng.randint(-100, 500)) for _ in range(rng.randint(1, 4))}
        changes = [
            DatedPrice(day, None if rng.random() < (0.02 if is_master else 0.2) else _price(rng, quantity))
            for day in sorted(days)
        ]
        levels.append(LevelPrices(level=level, unit_price_steps=base, changes=tuple(changes)))
    return tuple(levels)


def _escalation(rng: Random, charge: Charge) -> Escalation:
    rate = rng.choice([3_000_000, 5_000_000, -2_500_000, rng.randint(-20_000_000, 20_000_000)])
    step = rng.choice([10_000, 50_000, STEPS, 100 * STEPS, 1])
    if rng.random() < 0.5:
        fewest = 10 if charge.grid.length.unit is Unit.DAY else 1
        return Escalation(rate_steps=rate, step_steps=step, every_periods=rng.randint(fewest, 24))
    on_date = charge.starts_on + timedelta(rng.randint(-800, 800))
    return Escalation(rate_steps=rate, step_steps=step, on_date=on_date, yearly=rng.random() < 0.7)


def as_loaded(cases: list[Case]) -> Loaded:
    """Return the tables in which *cases* mean the same; every id counts from 1, one of each for each case."""
    tables: dict[str, list[dict[str, Any]]] = {
        "customers": [], "masters": [], "customer_overrides": [], "dealer_overrides": [], "charge_periods": [],
        "price_changes": [], "escalations": [], "commissionings": [], "span_edges": [], "given_up": [],
    }  # fmt: skip
    tables["tax_rates"] = [
        {"tax_category_id": 1, "country": "", "tax_rate": 0, "valid_from": date(1890, 1, 1)}
    ]
    rows = []
    for number, case in enumerate(cases, start=1):
        rows.append(_row(number, case))
        _add_surroundings(tables, number, case)
    return loaded(rows, **tables)


def _row(number: int, case: Case) -> Row:
    charge = case.charge
    present = charge.commissioned[-1] if charge.commissioned else None
    return Row(
        charge_id=number,
        customer_id=number,
        client_id=number,
        dealer_id=number,
        master_id=number,
        starts_on=charge.starts_on,
        ends_before=charge.ends_before,
        commissioned_on=present.start if present else None,
        decommissioned_on=present.end if present else None,
        while_commissioned=charge.commissioned is not None,
        billed_from=charge.billed.start if charge.billed else None,
        billed_to=charge.billed.end if charge.billed else None,
        starts_in_part=charge.billed is not None,
        ends_in_part=charge.billed is not None,
        unit_price=case.levels[0].unit_price_steps,
        quantity=charge.quantity_steps,
    )


def _add_surroundings(tables: dict[str, list[dict[str, Any]]], number: int, case: Case) -> None:
    charge = case.charge
    keys: dict[Level, dict[str, int]] = {
        Level.ASSIGNMENT: {"charge_id": number},
        Level.CUSTOMER: {"master_id": number, "customer_id": number},
        Level.DEALER: {"master_id": number, "dealer_id": number},
        Level.MASTER: {"master_id": number},
    }
    tables["customers"].append(customer(customer_id=number, account=f"C{number}"))
    for level in case.levels:
        price = {"unit_price": level.unit_price_steps}
        if level.level is Level.MASTER:
            tables["masters"].append(master(master_id=number, charge_period_id=number, **price))
        elif level.level is not Level.ASSIGNMENT:
            nothing = dict.fromkeys(
                ("quantity", "description", "charge_period_id", "tax_category_id", "while_commissioned")
            )
            tables[f"{level.level}_overrides"].append({**nothing, **keys[level.level], **price})
        tables["price_changes"] += [
            {**dict.fromkeys(("charge_id", "master_id", "customer_id", "dealer_id")), **keys[level.level],
             "valid_from": change.valid_from, "unit_price": change.unit_price_steps}
            for change in level.changes
        ]  # fmt: skip
    tables["charge_periods"].append(_period(number, charge))
    tables["commissionings"] += [
        {"client_id": number, "starts_on": past.start, "ends_before": past.end}
        for past in (charge.commissioned or ())[:-1]
    ]
    if case.escalation is not None:
        tables["escalations"].append(_escalation_row(number, case, case.escalation))
    tables["given_up"] += given_up_rows(number, charge)
    if charge.billed is not None and charge.grid_since is not None:
        tables["span_edges"].append(_edges(number, charge, charge.billed, charge.grid_since))


def _period(number: int, charge: Charge) -> dict[str, Any]:
    return charge_period(
        charge_period_id=number,
        count=charge.grid.length.count,
        unit=charge.grid.length.unit.value,
        anchor=charge.grid.anchor,
        part_charging=charge.part_charging.value,
        day_count=charge.day_count.value,
        bill_on=charge.bill_on.value,
        offset_days=charge.offset,
        split_on_price_change=charge.split_on_price_change,
    )


def _escalation_row(number: int, case: Case, escalation: Escalation) -> dict[str, Any]:
    return {
        "charge_id": None if case.is_escalated_by_master else number,
        "master_id": number if case.is_escalated_by_master else None,
        "escalation_id": number,
        "rate": escalation.rate_steps,
        "step": escalation.step_steps,
        "every_periods": escalation.every_periods,
        "on_date": escalation.on_date,
        "yearly": escalation.yearly,
    }


def _edges(number: int, charge: Charge, billed: DateRange, since: date) -> dict[str, Any]:
    """Another grid billed everything before *since*; if that is all, its last period is another grid's too."""
    last = charge.grid.period(charge.grid.index_of(billed.last_day))
    end = ANOTHER_GRID if since == billed.end else (last.first_day, last.ends_before)
    return {
        "charge_id": number,
        "start_grid_start": ANOTHER_GRID[0],
        "start_grid_end": ANOTHER_GRID[1],
        "end_grid_start": end[0],
        "end_grid_end": end[1],
        "end_grid_since": since,
    }
