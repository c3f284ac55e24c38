"""Price lists: say of many master charges at once whether a customer's or a dealer's clients may have them (A3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from counterfoil.records.catalog import actions
from counterfoil.records.catalog import escalation_actions as overrides
from counterfoil.records.catalog.models import ChargeOverride, MasterCharge
from counterfoil.records.charges.models import PriceChange
from counterfoil.records.charges.queries import ChargeTerms, reached_by, terms_of_charges
from counterfoil.records.parties.models import BillingCustomer, Dealer

MOST_LOOKED_AT = 1_000


@dataclass(frozen=True, kw_only=True)
class Changed:
    """What an override would change: of the running charges it is about, those that get other values.

    *before* and *after* are what a whole period of these costs, None where prices by date or an escalation have a say;
    of those that a nearer level has priced, *priced_nearer* says how many. *is_all*: there were no more to look at.
    """

    running: int
    changed: int
    priced_nearer: int
    before: Decimal | None
    after: Decimal | None
    is_all: bool


def would_change(override: ChargeOverride, *, today: date) -> Changed:
    """Return what *override*, stored so, would change for the charges that are not over *today*; nothing is stored."""
    not_over = Q(ends_before=None) | Q(ends_before__gt=today)
    keys = list(
        reached_by(override)
        .filter(not_over)
        .order_by("pk")
        .values_list("pk", flat=True)[: MOST_LOOKED_AT + 1]
    )
    rows = reached_by(override).filter(pk__in=keys[:MOST_LOOKED_AT]).order_by("pk")
    pairs = list(zip(terms_of_charges(rows), terms_of_charges(rows, trying=override), strict=True))
    changed = [(was, will) for was, will in pairs if was.values != will.values]
    nearer = ("assignment", "customer") if override.dealer_id else ("assignment",)
    is_plain = not _grows_or_is_dated(override, [was for was, _ in pairs])
    return Changed(
        running=len(pairs),
        changed=len(changed),
        priced_nearer=sum(was.set_by.get("unit_price") in nearer for was, _ in pairs),
        before=_of_a_period(was for was, _ in changed) if is_plain else None,
        after=_of_a_period(will for _, will in changed) if is_plain else None,
        is_all=len(keys) <= MOST_LOOKED_AT,
    )


def _grows_or_is_dated(override: ChargeOverride, found: Iterable[ChargeTerms]) -> bool:
    charges = [terms.charge for terms in found]
    grows = any(charge.escalation_id or charge.master_charge.escalation_id for charge in charges)
    master = override.master_charge_id
    dated = Q(charge__in=charges) | Q(master_charge=master) | Q(override__master_charge=master)
    return grows or PriceChange.objects.filter(dated).exists()


def _of_a_period(found: Iterable[ChargeTerms]) -> Decimal:
    values = [terms.values for terms in found]
    return sum(((one["unit_price"] or 0) * (one["quantity"] or 0) for one in values), Decimal())


def let_be_assigned(
    masters: Iterable[MasterCharge], *, whose: BillingCustomer | Dealer, assignable: bool | None
) -> int:
    """Let the price list of *whose* say of *masters* whether they may be assigned; None leaves it to the next level.

    Return how many of them it now says something else of. Charges that are assigned stay.
    """
    level = "customer" if isinstance(whose, BillingCustomer) else "dealer"
    with transaction.atomic():
        wanted = {master.pk: master for master in masters}
        stored = ChargeOverride.objects.select_for_update().filter(**{level: whose}, master_charge__in=wanted)
        known = {one.master_charge_id: one for one in stored}
        changed = [one for one in known.values() if one.assignable is not assignable]
        for one in changed:
            one.assignable = assignable
        overrides.change_overrides(changed, fields=["assignable"])
        missing = [master for key, master in wanted.items() if key not in known and assignable is not None]
        actions.create_overrides(
            ChargeOverride(master_charge=master, assignable=assignable, **{level: whose})
            for master in missing
        )
        return len(changed) + len(missing)


def price_list_entry(master: MasterCharge, *, whose: BillingCustomer | Dealer) -> ChargeOverride:
    """Return what the price list of *whose* says of *master*; an entry that sets nothing yet, if there is none."""
    level = "customer" if isinstance(whose, BillingCustomer) else "dealer"
    with transaction.atomic():
        found = ChargeOverride.objects.filter(**{level: whose}, master_charge=master).first()
        if found is None:
            [found] = actions.create_overrides([ChargeOverride(master_charge=master, **{level: whose})])
    return found
