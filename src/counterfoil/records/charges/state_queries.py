"""Questions about many charges: who pays, whether they run on a day, which end soon, which have their own price."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import BooleanField, F, Field, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from counterfoil.records.catalog.models import ChargeOverride, MasterCharge
from counterfoil.records.charges.models import Charge, ChargeAndPayer, PriceChange
from counterfoil.records.charges.queries import ChargeTerms
from counterfoil.records.parties.models import BillingCustomer, Client


class ChargeState(StrEnum):
    """How a charge stands on a day; one that is billed only while commissioned is paused while its client is not."""

    RUNNING = "running"
    PAUSED = "paused"
    TO_BEGIN = "to_begin"
    ENDED = "ended"


def state_of(terms: ChargeTerms, *, on: date) -> ChargeState:
    """Return how the charge stands on the day *on*."""
    charge = terms.charge
    if charge.ends_before is not None and charge.ends_before <= on:
        return ChargeState.ENDED
    if charge.starts_on > on:
        return ChargeState.TO_BEGIN
    is_paused = terms.values["while_commissioned"] and not _is_commissioned(charge.client, on=on)
    return ChargeState.PAUSED if is_paused else ChargeState.RUNNING


def in_state(
    rows: QuerySet[Charge], state: ChargeState, *, on: date, in_legacy_mode: bool
) -> QuerySet[Charge]:
    """Return those of *rows* for which `state_of` is *state*."""
    ended, to_begin = Q(ends_before__lte=on), Q(starts_on__gt=on)
    if state is ChargeState.ENDED:
        return rows.filter(ended)
    rows = rows.filter(Q(ends_before__isnull=True) | Q(ends_before__gt=on))
    if state is ChargeState.TO_BEGIN:
        return rows.filter(to_begin)
    rows = rows.filter(starts_on__lte=on)
    away = Q(client__commissioned_on__isnull=True) | Q(client__commissioned_on__gt=on)
    away |= Q(client__decommissioned_on__lte=on)
    paused = away & Q(is_only_while_commissioned=True)
    only_then = by_levels("while_commissioned", holds=BooleanField(), in_legacy_mode=in_legacy_mode)
    rows = rows.annotate(is_only_while_commissioned=only_then)
    return rows.filter(_may_pause(), paused) if state is ChargeState.PAUSED else rows.exclude(paused)


def _may_pause() -> Q:
    """Return the condition for charges that some level may bill only while commissioned, by the indexes there are.

    Few master charges do so, or all: which is known before a million charges are asked one by one.
    """
    masters = MasterCharge.objects.filter(while_commissioned=True).order_by().values_list("pk", flat=True)
    overrides = ChargeOverride.objects.filter(while_commissioned=True).order_by()
    known = list(masters.union(overrides.values_list("master_charge_id", flat=True)))
    return Q(while_commissioned=True) | Q(while_commissioned__isnull=True, master_charge__in=known)


def ending_within(rows: QuerySet[Charge], days: int, *, on: date) -> QuerySet[Charge]:
    """Return those of *rows* whose last day is the day *on*, or one of so many *days* after it."""
    return rows.filter(ends_before__gt=on, ends_before__lte=on + timedelta(days=days + 1))


def paid_by(rows: QuerySet[Charge], customer: BillingCustomer) -> QuerySet[Charge]:
    """Return those of *rows* that *customer* pays, as the view of payers says."""
    return rows.filter(pk__in=ChargeAndPayer.objects.filter(payer=customer).values("charge_id"))


def with_own_price(rows: QuerySet[Charge], *, own: bool) -> QuerySet[Charge]:
    """Return those of *rows* that have a price of their *own*, by date or not; or those that have none."""
    dated = PriceChange.objects.filter(charge__isnull=False).order_by().values("charge_id")
    if own:
        return rows.filter(Q(unit_price__isnull=False) | Q(pk__in=dated))
    return rows.filter(unit_price__isnull=True).exclude(pk__in=dated)


def _is_commissioned(client: Client, *, on: date) -> bool:
    start, end = client.commissioned_on, client.decommissioned_on
    return start is not None and start <= on and (end is None or end > on)


def by_levels(name: str, *, holds: Field[Any, Any], in_legacy_mode: bool) -> Coalesce:
    """Return the column *name* of a charge, or of the first level below that sets it (billing-rules 4.1)."""
    payer = Coalesce(OuterRef("customer_id"), OuterRef("client__customer_id"))
    levels = [{"dealer_id": OuterRef("client__dealer_id")}]
    if not in_legacy_mode:
        levels.insert(0, {"customer_id": payer})
    said = [
        Subquery(
            ChargeOverride.objects.filter(master_charge=OuterRef("master_charge_id"), **level).values(name)[
                :1
            ],
            output_field=holds,
        )
        for level in levels
    ]
    return Coalesce(F(name), *said, F(f"master_charge__{name}"), output_field=holds)
