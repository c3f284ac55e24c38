"""Discounts and escalations come to an end: what that changes, in numbers, and then it. What is billed stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import dropwhile

import pghistory
import polars as pl
from django.db import transaction
from django.db.models import F, Q, QuerySet

from counterfoil.core.money import STEPS
from counterfoil.core.price_history import PriceStep
from counterfoil.engine.billing import Loaded
from counterfoil.engine.frames import PRICE_CHANGES
from counterfoil.flows.forecasting import Forecast, forecast_with_and_without
from counterfoil.records.catalog import actions as catalog
from counterfoil.records.catalog import escalation_actions
from counterfoil.records.catalog.models import Escalation, MasterCharge
from counterfoil.records.charges import actions, price_actions
from counterfoil.records.charges.models import Charge, Discount, PriceChange
from counterfoil.records.charges.price_queries import changes_of, steps_of_charges
from counterfoil.records.charges.queries import ChargeTerms, terms_of_charges
from counterfoil.records.charges.state_queries import paid_by

MOST_FORESEEN, MOST_GROWN = 2_000, 1_000


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
    """How many *charges* still to be billed, and *master_charges*, grow by an escalation.

    *kept* is how many charges keep a grown price, None where there are more charges than are foreseen.
    """

    charges: int
    master_charges: int
    kept: int | None


def without_discount(discount: Discount, *, today: date) -> WithoutDiscount:
    """Return what it changes that *discount* is gone from *today* on."""
    running = _running(_charges_of(discount), today=today).select_related("client", "master_charge")
    found = list(running[: MOST_FORESEEN + 1])
    is_off_invoices = discount.charge_id is None and discount.master_charge_id is None
    if len(found) > MOST_FORESEEN or (is_off_invoices and discount.amount is not None):
        return WithoutDiscount(charges=running.count(), more_minor=None)

    def gone(loaded: Loaded) -> Loaded:
        left = loaded.discounts.filter(pl.col("discount_id") != discount.pk)
        return replace(loaded, discounts=left)

    before, after = forecast_with_and_without(found, today=today, without=gone)
    return WithoutDiscount(charges=len(found), more_minor=difference_of(after, before))


def difference_of(after: Forecast, before: Forecast) -> dict[str, int]:
    """Return by currency how much more *after* comes to than *before*."""
    totals, earlier = after.totals, before.totals
    return {
        currency: sum(totals.get(currency, ())) - sum(earlier.get(currency, ()))
        for currency in sorted({*totals, *earlier})
    }


def _running(charges: QuerySet[Charge], *, today: date) -> QuerySet[Charge]:
    """Return those of *charges* that run on *today*, or later."""
    return charges.filter(Q(ends_before__isnull=True) | Q(ends_before__gt=today))


def remove_discount(discount: Discount, *, reason: str = "") -> None:
    """Take *discount* away: what is not billed yet is billed without it. The audit trail keeps it, and the reason."""
    pghistory.context(reason=reason)
    with transaction.atomic():
        actions.delete_discounts([discount])


def without_escalation(escalation: Escalation, *, today: date) -> WithoutEscalation:
    """Return what it changes that *escalation* is gone from *today* on, but for the amounts."""
    charges, masters = _growing(escalation)
    open_ones = _still_to_bill(charges, today=today)
    some = terms_of_charges(open_ones[: MOST_GROWN + 1])
    is_few = len(some) <= MOST_GROWN
    return WithoutEscalation(
        charges=len(some) if is_few else open_ones.count(),
        master_charges=masters.count(),
        kept=len({one.charge_id for one in _kept_prices(some, today=today)}) if is_few else None,
    )


def less_without_escalation(escalation: Escalation, *, today: date) -> dict[str, int] | None:
    """Return by currency how much less is billed in twelve months if *escalation* ends *today*; None: by too many."""
    charges, _masters = _growing(escalation)
    found = terms_of_charges(_still_to_bill(charges, today=today)[: MOST_GROWN + 1])
    if len(found) > MOST_GROWN:
        return None
    kept = pl.DataFrame(
        [
            {
                "charge_id": one.charge_id,
                "valid_from": one.valid_from,
                "unit_price": None if one.unit_price is None else int(one.unit_price * STEPS),
            }
            for one in _kept_prices(found, today=today)
        ],
        schema=PRICE_CHANGES.schema,
    )

    def ended(loaded: Loaded) -> Loaded:
        here = kept.join(loaded.charges.select("charge_id"), on="charge_id", how="semi")
        return replace(
            loaded,
            escalations=loaded.escalations.filter(pl.col("escalation_id") != escalation.pk),
            price_changes=pl.concat([loaded.price_changes, here]),
        )

    charges_found = [terms.charge for terms in found]
    before, after = forecast_with_and_without(charges_found, today=today, without=ended)
    return difference_of(before, after)


def end_escalation(escalation: Escalation, *, today: date, reason: str = "") -> WithoutEscalation:
    """Take *escalation* away: prices that it has raised stay as they are *today*, set by hand.

    A thousand charges are looked at at a time, all in one transaction.
    """
    pghistory.context(reason=reason)
    charges, masters = _growing(escalation)
    with transaction.atomic():
        count = kept_count = 0
        for keys in _blocks(_still_to_bill(charges, today=today)):
            kept = _kept_prices(terms_of_charges(Charge.objects.filter(pk__in=keys)), today=today)
            price_actions.create_price_changes(kept)
            count += len(keys)
            kept_count += len({one.charge_id for one in kept})
        for keys in _blocks(Charge.objects.filter(escalation=escalation)):
            own = list(Charge.objects.filter(pk__in=keys))
            for row in own:
                row.escalation = None
            actions.change_charges(own, fields=["escalation"])
        found = list(masters)
        for master in found:
            master.escalation = None
        catalog.change_master_charges(found, fields=["escalation"])
        escalation_actions.delete_escalations([escalation])
    return WithoutEscalation(charges=count, master_charges=len(found), kept=kept_count)


def _blocks(charges: QuerySet[Charge]) -> Iterator[list[int]]:
    """Yield the keys of *charges*, as they are now, a thousand at a time."""
    keys = list(charges.order_by("pk").values_list("pk", flat=True))
    for begin in range(0, len(keys), MOST_GROWN):
        yield keys[begin : begin + MOST_GROWN]


def _charges_of(discount: Discount) -> QuerySet[Charge]:
    """Return the charges that *discount* is taken off."""
    if discount.charge_id is not None:
        return Charge.objects.filter(pk=discount.charge_id)
    rows = Charge.objects.all()
    if discount.master_charge_id is not None:
        rows = rows.filter(master_charge=discount.master_charge_id)
    if discount.customer_id is not None:
        rows = paid_by(rows, discount.customer)
    return rows


def _growing(escalation: Escalation) -> tuple[QuerySet[Charge], QuerySet[MasterCharge]]:
    """Return the charges that grow by *escalation*, their own or their master charge's, and the latter."""
    masters = MasterCharge.objects.filter(escalation=escalation)
    by_master = Q(escalation__isnull=True, master_charge__escalation=escalation)
    return Charge.objects.filter(Q(escalation=escalation) | by_master), masters


def _still_to_bill(charges: QuerySet[Charge], *, today: date) -> QuerySet[Charge]:
    """Return those of *charges* that run on *today* or later, or have ended with days that are not billed yet."""
    all_billed = Q(span__billed_to__isnull=False, span__billed_to__gte=F("ends_before"))
    return charges.filter(Q(ends_before__isnull=True) | Q(ends_before__gt=today) | ~all_billed)


def _kept_prices(found: Sequence[ChargeTerms], *, today: date) -> list[PriceChange]:
    """Return the prices by date of those of *found* that an escalation has raised by now, if only for a time.

    From the first that grew on, since periods before *today* may not be billed yet; prices of other levels that lie
    between them or are known to follow, also that there is none, are written down as well, or the charge's own would
    hide them.
    """
    changes = changes_of(found)
    own = {
        (pk, one.valid_from) for (level, pk), dated in changes.items() if level == "charge" for one in dated
    }
    return [
        PriceChange(charge=terms.charge, valid_from=step.valid_from, unit_price=_price_of(step))
        for terms, steps in zip(found, steps_of_charges(found, through=today, changes=changes), strict=True)
        for step in dropwhile(lambda one: not one.times, steps)
        if (terms.charge.pk, step.valid_from) not in own
    ]


def _price_of(step: PriceStep) -> Decimal | None:
    return None if step.unit_price_steps is None else Decimal(step.unit_price_steps) / STEPS
