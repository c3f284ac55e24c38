"""Questions about prices through time: of a charge from all its levels, and of one level alone (4.2, 4.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from counterfoil.core.money import STEPS
from counterfoil.core.price_history import (
    DatedPrice,
    Escalation,
    LevelPrices,
    PriceStep,
    escalated,
    price_steps,
    step_on,
)
from counterfoil.core.pricing import Level
from counterfoil.core.refusals import Refusal
from counterfoil.records.catalog.models import ChargeOverride, ChargePeriod, MasterCharge
from counterfoil.records.catalog.models import Escalation as EscalationRow
from counterfoil.records.charges.models import Charge, PriceChange
from counterfoil.records.charges.queries import ChargeTerms, grid_of, priced_for


def steps_of_charge(charge: Charge, *, period: ChargePeriod | None, through: date) -> list[PriceStep]:
    """Return the prices in force of *charge* through time, escalated up to *through* on the grid of *period*.

    Two queries where client, master charge and escalations are at hand.
    """
    payer_id, dealer_id = priced_for(charge), charge.client.dealer_id
    overrides = ChargeOverride.objects.filter(
        Q(customer__isnull=False, customer=payer_id) | Q(dealer__isnull=False, dealer=dealer_id),
        master_charge=charge.master_charge_id,
    )
    by_level = {Level.CUSTOMER if one.customer_id else Level.DEALER: one for one in overrides}
    levels = [
        (Level.ASSIGNMENT, charge),
        (Level.CUSTOMER, by_level.get(Level.CUSTOMER)),
        (Level.DEALER, by_level.get(Level.DEALER)),
        (Level.MASTER, charge.master_charge),
    ]
    return _steps(levels, period=period, changes=_changes_of([levels]), through=through)


def prices_in_force(found: Sequence[ChargeTerms], *, on: date) -> dict[int, PriceStep]:
    """Return by charge the price in force on the day *on*, by date and escalated; one query for all of them."""
    levels = {terms.charge.pk: [(Level(level), source) for level, source in terms.levels] for terms in found}
    changes = _changes_of(levels.values())
    return {
        terms.charge.pk: in_force(
            _steps(
                levels[terms.charge.pk], period=terms.values["charge_period"], changes=changes, through=on
            ),
            on=on,
        )[0]
        for terms in found
    }


Source = Charge | ChargeOverride | MasterCharge
Levels = Sequence[tuple[Level, Source | None]]


def _changes_of(levels: Iterable[Levels]) -> dict[tuple[str, int], list[PriceChange]]:
    """Return the prices by date of all the sources of *levels*, by what they are a price of and its id."""
    ids: dict[str, set[int]] = {name: set() for name in _OWNERS.values()}
    for one in levels:
        for _level, source in one:
            if source is not None and source.pk is not None:
                ids[_OWNERS[type(source)]].add(source.pk)
    wanted = Q(pk__in=[])
    for name, keys in ids.items():
        wanted |= Q(**{f"{name}__in": keys})
    found: dict[tuple[str, int], list[PriceChange]] = {}
    for change in PriceChange.objects.filter(wanted):
        name = next(name for name in ids if getattr(change, f"{name}_id") is not None)
        found.setdefault((name, getattr(change, f"{name}_id")), []).append(change)
    return found


def _steps(
    levels: Levels,
    *,
    period: ChargePeriod | None,
    changes: Mapping[tuple[str, int], Sequence[PriceChange]],
    through: date,
) -> list[PriceStep]:
    charge: Any = levels[0][1]
    steps = price_steps(
        [
            _level_prices(level, source, changes.get((_OWNERS[type(source)], source.pk), ()))
            for level, source in levels
            if source is not None
        ]
    )
    growth = charge.escalation or charge.master_charge.escalation
    if growth is None or period is None:
        return steps
    try:
        grid = grid_of(period, starts_on=charge.starts_on)
    except Refusal:
        return steps
    return escalated(
        steps, escalation=growth_of(growth), grid=grid, starts_on=charge.starts_on, through=through
    )


_OWNERS: Mapping[type[Source], str] = {
    Charge: "charge",
    ChargeOverride: "override",
    MasterCharge: "master_charge",
}


def steps_of_level(level: Level, source: ChargeOverride | MasterCharge) -> list[PriceStep]:
    """Return the prices that one level, stored as *source*, sets through time."""
    return price_steps([_level_prices(level, source, list(source.price_changes.all()))])


def _level_prices(
    level: Level, source: Charge | ChargeOverride | MasterCharge, changes: Iterable[PriceChange]
) -> LevelPrices:
    dated = sorted((one.valid_from, one.unit_price) for one in changes)
    return LevelPrices(
        level=level,
        unit_price_steps=_millionths(source.unit_price),
        changes=tuple(DatedPrice(day, _millionths(price)) for day, price in dated),
    )


def growth_of(stored: EscalationRow) -> Escalation:
    """Return the stored escalation as the rules take it."""
    return Escalation(
        rate_steps=_millionths(stored.rate) or 0,
        step_steps=_millionths(stored.step) or 1,
        every_periods=stored.every_periods,
        on_date=stored.on_date,
        yearly=stored.yearly,
    )


def in_force(steps: Iterable[PriceStep], *, on: date) -> tuple[PriceStep, PriceStep | None]:
    """Return the step in force on the day *on*, and the next one, if any is known."""
    known = list(steps)
    index = step_on(known, on)
    return known[index], known[index + 1] if index + 1 < len(known) else None


def is_taken(change: PriceChange) -> bool:
    """Return whether another price of the same object begins on the same day."""
    same = Q(
        charge=change.charge_id,
        override=change.override_id,
        master_charge=change.master_charge_id,
        valid_from=change.valid_from,
    )
    return PriceChange.objects.filter(same).exclude(pk=change.pk).exists()


def _millionths(value: Decimal | None) -> int | None:
    return None if value is None else int(value * STEPS)
