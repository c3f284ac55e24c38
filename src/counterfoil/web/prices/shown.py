"""Prices as pages show them: in force today, what comes next, and who set them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext

from counterfoil import clock
from counterfoil.core.money import STEPS
from counterfoil.core.price_history import PriceStep
from counterfoil.records.charges.price_queries import in_force, steps_of_charge
from counterfoil.records.charges.queries import ChargeTerms
from counterfoil.web.display import current_zone
from counterfoil.web.naming import name_of_level

YEARS_AHEAD = 2


@dataclass(frozen=True, kw_only=True)
class Step:
    """A price: from when (None: the start), how much, who set it, and whether it grew by itself."""

    valid_from: date | None
    unit_price: Decimal | None
    set_by: str
    has_grown: bool
    is_in_force: bool


@dataclass(frozen=True, kw_only=True)
class PriceNow:
    """The price in force today, and the next one that is known."""

    current: Step
    following: Step | None


def price_shown(terms: ChargeTerms) -> PriceNow:
    """Return what a charge costs today, and what it will cost next."""
    steps = steps_of_charge(terms, through=today() + timedelta(days=366 * YEARS_AHEAD))
    current, following = in_force(steps, on=today())
    return PriceNow(
        current=shown(current, is_in_force=True),
        following=shown(following, is_in_force=False) if following else None,
    )


def shown(step: PriceStep, *, is_in_force: bool) -> Step:
    """Return *step* as a page shows it."""
    price = step.unit_price_steps
    return Step(
        valid_from=None if step.valid_from == date.min else step.valid_from,
        unit_price=None if price is None else Decimal(price) / STEPS,
        set_by=name_of_level(step.set_by.value) if step.set_by else gettext("set nowhere"),
        has_grown=step.times > 0,
        is_in_force=is_in_force,
    )


def today() -> date:
    """Return today's civil date in the zone pages are written in."""
    return clock.now().astimezone(current_zone()).date()
