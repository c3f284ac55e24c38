"""Questions about prices through time: of a charge from all its levels, and of one level alone (4.2, 4.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

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
from counterfoil.records.catalog.models import ChargeOverride, MasterCharge
from counterfoil.records.catalog.models import Escalation as EscalationRow
from counterfoil.records.charges.models import Charge, PriceChange
from counterfoil.records.charges.queries import ChargeTerms, grid_of

Changes = Mapping[tuple[str, int], Sequence[PriceChange]]
"""Dated prices by what they belong to: "charge", "override" or "master_charge", and its id."""


def steps_of_charges(
    found: Sequence[ChargeTerms], *, through: date, changes: Changes | None = None
) -> list[list[PriceStep]]:
    """Return the prices in force of each of *found* through time, escalated up to *through* on its grid.

    One query for *changes*, what `changes_of` returns, unless they are at hand.
    """
    changes = changes_of(found) if changes is None else changes
    return [_steps_of(terms, changes=changes, through=through) for terms in found]


def steps_of_charge(terms: ChargeTerms, *, through: date) -> list[PriceStep]:
    """Return the prices in force of one charge through time, escalated up to *through* on its grid; one query."""
    return steps_of_charges([terms], through=through)[0]


def prices_in_force(found: Sequence[ChargeTerms], *, on: date) -> dict[int, PriceStep]:
    """Return by charge the price in force on the day *on*, by date and escalated; one query for all of them."""
    steps = steps_of_charges(found, through=on)
    return {terms.charge.pk: in_force(one, on=on)[0] for terms, one in zip(found, steps, strict=True)}


def changes_of(found: Sequence[ChargeTerms]) -> Changes:
    """Return the dated prices that have a say for one of *found*, by the level and the key of what they belong to."""
    stored = PriceChange.objects.filter(
        Q(charge__in=[terms.charge.pk for terms in found])
        | Q(override__in={one.pk for terms in found for one in terms.overrides})
        | Q(master_charge__in={terms.charge.master_charge_id for terms in found})
    )
    changes: dict[tuple[str, int], list[PriceChange]] = {}
    for change in stored:
        for owner in ("charge", "override", "master_charge"):
            if key := getattr(change, f"{owner}_id"):
                changes.setdefault((owner, key), []).append(change)
    return changes


def _steps_of(terms: ChargeTerms, *, changes: Changes, through: date) -> list[PriceStep]:
    charge, period = terms.charge, terms.values["charge_period"]
    levels = [
        _level_prices(Level.ASSIGNMENT, charge, changes.get(("charge", charge.pk), ())),
        *(
            _level_prices(
                Level.CUSTOMER if one.customer_id else Level.DEALER,
                one,
                changes.get(("override", one.pk), ()),
            )
            for one in terms.overrides
        ),
        _level_prices(
            Level.MASTER, charge.master_charge, changes.get(("master_charge", charge.master_charge_id), ())
        ),
    ]
    steps = price_steps(levels)
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


def steps_of_level(level: Level, source: ChargeOverride | MasterCharge) -> list[PriceStep]:
    """Return the prices that one level, stored as *source*, sets through time."""
    return price_steps([_level_prices(level, source, list(source.price_changes.all()))])


def _level_prices(
    level: Level, source: Charge | ChargeOverride | MasterCharge, changes: Iterable[PriceChange]
) -> LevelPrices:
    dated = sorted((one.valid_from, one.unit_price) for one in changes)
    return LevelPrices(
        level=level,
        unit_price_steps=_steps(source.unit_price),
        changes=tuple(DatedPrice(day, _steps(price)) for day, price in dated),
    )


def growth_of(stored: EscalationRow) -> Escalation:
    """Return the stored escalation as the rules take it."""
    return Escalation(
        rate_steps=_steps(stored.rate) or 0,
        step_steps=_steps(stored.step) or 1,
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


def _steps(value: Decimal | None) -> int | None:
    return None if value is None else int(value * STEPS)
