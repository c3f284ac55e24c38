"""Rolling: a customer's next date moves by one cycle, only when somebody says so, and never twice for one (8.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from counterfoil.core.consolidation import rolled
from counterfoil.core.sentences import sentence
from counterfoil.records.parties import consolidation_actions as actions
from counterfoil.records.parties.models import ConsolidationSettings

NOBODY_IS_DUE = sentence("There are no customers that need the next consolidation date rolled forward.")


@dataclass(frozen=True, kw_only=True)
class Roll:
    """What a roll would do for one customer: its next date now and one cycle on."""

    customer_id: int
    account: str
    name: str
    cycle: str
    next_date: date
    rolled_to: date


def due_to_roll(*, cutoff: date) -> QuerySet[ConsolidationSettings]:
    """Return the settings of those a roll is offered to: with N, a cycle, and N ≤ *cutoff*, billed or not (8.6)."""
    with_cycle = ConsolidationSettings.objects.filter(is_used=True, next_date__lte=cutoff).exclude(cycle="")
    return with_cycle.select_related("customer").order_by("customer__account")


def rolls_of(settings: Sequence[ConsolidationSettings]) -> list[Roll]:
    """Return what a roll would do for each of *settings*."""
    return [
        Roll(
            customer_id=one.customer_id,
            account=one.customer.account,
            name=one.customer.name,
            cycle=one.cycle,
            next_date=one.next_date,
            rolled_to=rolled(one.rules()),
        )
        for one in settings
        if one.next_date is not None
    ]


def roll(expected: Mapping[int, date]) -> set[int]:
    """Move the next dates of customers by one cycle, each only if it is still the *expected* one. Returns whose moved.

    Customers that were rolled meanwhile, or have no cycle, stay as they are: two clicks roll once.
    """
    with transaction.atomic():
        found = ConsolidationSettings.objects.select_related("customer").filter(
            customer_id__in=list(expected), next_date__isnull=False, is_used=True
        )
        dates = [
            (one.customer_id, expected[one.customer_id], rolled(one.rules()))
            for one in found.exclude(cycle="")
            if one.next_date == expected[one.customer_id]
        ]
        return actions.roll(dates)
