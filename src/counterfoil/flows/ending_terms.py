"""Discounts and escalations come to an end: what that changes, in numbers, and then it. What is billed stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import dropwhile

import pghistory
import polars as pl
from django.db import transaction
from django.db.models import Q, QuerySet

from counterfoil.core.money import STEPS
from counterfoil.core.refusals import Refusal
from counterfoil.engine.billing import Loaded
from counterfoil.flows.forecasting import forecast_charges
from counterfoil.records.catalog import actions as catalog
from counterfoil.records.catalog import escalation_actions
from counterfoil.records.catalog.models import Escalation, MasterCharge
from counterfoil.records.charges import actions, price_actions
from counterfoil.records.charges.models import Charge, Discount, PriceChange
from counterfoil.records.charges.price_queries import in_force, steps_of_charge
from counterfoil.records.charges.queries import terms_of_charges

MOST_FORESEEN, MOST_GROWN = 2_000, 1_000


class TooManyGrow(Refusal):
    """{escalation} lets {count} charges grow, and {most} at most are ended at once. Give some of them another first."""


@dataclass(frozen=True, kw_only=True)
class WithoutDiscount:
    """Off how many *charges* a discount is today, and what is billed more in twelve months without it, by currency.

    *more_minor* is None where there are more charges than are foreseen, and for an amount off whole invoices, which
    depends on what else stands on them.
    """

    charges: int
    more_minor: Mapping[str, int] | None


@dataclass(frozen=True, kw_only=True)
class WithoutEscalation:
    """How many *charges* and *master_charges* grow by an escalation, and how many charges keep a grown price."""

    charges: int
    master_charges: int
    kept: int


def without_discount(discount: Discount, *, today: date) -> WithoutDiscount:
    """Return what it changes that *discount* is gone from *today* on."""
    charges = _charges_of(discount).filter(Q(ends_before__isnull=True) | Q(ends_before__gt=today))
    count = charges.count()
    is_off_invoices = discount.charge_id is None and discount.master_charge_id is None
    if count > MOST_FORESEEN or (is_off_invoices and discount.amount is not None):
        return WithoutDiscount(charges=count, more_minor=None)

    def gone(loaded: Loaded) -> Loaded:
        left = loaded.discounts.filter(pl.col("discount_id") != discount.pk)
        return replace(loaded, discounts=left)

    found = list(charges.select_related("client", "master_charge"))
    before = forecast_charges(found, today=today).totals
    after = forecast_charges(found, today=today, what_if=gone).totals
    more = {currency: sum(after[currency]) - sum(before.get(currency, ())) for currency in after}
    return WithoutDiscount(charges=count, more_minor=more)


def remove_discount(discount: Discount, *, reason: str = "") -> None:
    """Take *discount* away: what is not billed yet is billed without it. The audit trail keeps it, and the reason."""
    pghistory.context(reason=reason)
    with transaction.atomic():
        actions.delete_discounts([discount])


def without_escalation(escalation: Escalation, *, today: date) -> WithoutEscalation:
    """Return what it changes that *escalation* is gone from *today* on. Raises `TooManyGrow`."""
    charges, masters = _growing(escalation)
    return WithoutEscalation(
        charges=charges.count(),
        master_charges=masters.count(),
        kept=len({one.charge_id for one in _kept_prices(escalation, today=today)}),
    )


def end_escalation(escalation: Escalation, *, today: date, reason: str = "") -> WithoutEscalation:
    """Take *escalation* away: prices that it has raised stay as they are *today*, set by hand. Raises `TooManyGrow`."""
    pghistory.context(reason=reason)
    with transaction.atomic():
        ended = without_escalation(escalation, today=today)
        price_actions.create_price_changes(_kept_prices(escalation, today=today))
        _charges, masters = _growing(escalation)
        own = list(Charge.objects.filter(escalation=escalation))
        for row in (*own, *(found := list(masters))):
            row.escalation = None
        actions.change_charges(own, fields=["escalation"])
        catalog.change_master_charges(found, fields=["escalation"])
        escalation_actions.delete_escalations([escalation])
    return ended


def _charges_of(discount: Discount) -> QuerySet[Charge]:
    """Return the charges that *discount* is taken off."""
    if discount.charge_id is not None:
        return Charge.objects.filter(pk=discount.charge_id)
    rows = Charge.objects.all()
    if discount.master_charge_id is not None:
        rows = rows.filter(master_charge=discount.master_charge_id)
    if discount.customer_id is not None:
        rows = rows.filter(who_pays__payer=discount.customer_id)
    return rows


def _growing(escalation: Escalation) -> tuple[QuerySet[Charge], QuerySet[MasterCharge]]:
    """Return the charges that grow by *escalation*, their own or their master charge's, and the latter."""
    masters = MasterCharge.objects.filter(escalation=escalation)
    by_master = Q(escalation__isnull=True, master_charge__escalation=escalation)
    return Charge.objects.filter(Q(escalation=escalation) | by_master), masters


def _kept_prices(escalation: Escalation, *, today: date) -> list[PriceChange]:
    """Return the prices by date of the charges that *escalation* has raised by now and that still run.

    From the first that grew on, since periods before *today* may not be billed yet; prices of other levels that lie
    between them or are known to follow are written down as well, or the charge's own would hide them.
    """
    charges, _masters = _growing(escalation)
    running = charges.filter(Q(ends_before__isnull=True) | Q(ends_before__gt=today))
    count = running.count()
    if count > MOST_GROWN:
        raise TooManyGrow(escalation=escalation, count=count, most=MOST_GROWN)
    own = set(PriceChange.objects.filter(charge__in=running).values_list("charge", "valid_from"))
    kept = []
    for terms in terms_of_charges(running):
        steps = steps_of_charge(terms.charge, period=terms.values["charge_period"], through=today)
        current, _following = in_force(steps, on=today)
        if not current.times:
            continue
        for step in dropwhile(lambda one: not one.times, steps):
            if step.unit_price_steps is not None and (terms.charge.pk, step.valid_from) not in own:
                price = Decimal(step.unit_price_steps) / STEPS
                kept.append(PriceChange(charge=terms.charge, valid_from=step.valid_from, unit_price=price))
    return kept
