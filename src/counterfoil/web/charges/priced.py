"""Charges with the price that each costs today, by date and escalated, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext

from counterfoil.core.money import STEPS
from counterfoil.records.charges.models import Charge
from counterfoil.records.charges.price_queries import prices_in_force
from counterfoil.records.charges.queries import ChargeTerms, terms_of_charges
from counterfoil.web.naming import name_of_level
from counterfoil.web.prices.shown import today


@dataclass(frozen=True, kw_only=True)
class Priced:
    """The terms of a charge, and its price today; None where none is set, and for one billed *by tariff*."""

    terms: ChargeTerms
    price: Decimal | None
    source: str
    is_by_tariff: bool


def with_prices(charges: QuerySet[Charge]) -> list[Priced]:
    """Return *charges*, in their order, with what each costs today; four queries."""
    found = terms_of_charges(charges)
    prices = prices_in_force(found, on=today())
    rows = []
    for terms in found:
        step = prices[terms.charge.pk]
        is_by_tariff = terms.charge.master_charge.tariff_id is not None
        level = name_of_level(step.set_by.value) if step.set_by else ""
        source = gettext("%(level)s, escalated") % {"level": level} if step.times else level
        has_price = step.unit_price_steps is not None and not is_by_tariff
        rows.append(
            Priced(
                terms=terms,
                price=Decimal(step.unit_price_steps or 0) / STEPS if has_price else None,
                source=gettext("by tariff") if is_by_tariff else source,
                is_by_tariff=is_by_tariff,
            )
        )
    return rows
