"""Price lists: say of many master charges at once whether a customer's or a dealer's clients may have them (A3)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from counterfoil.records.catalog import actions
from counterfoil.records.catalog import escalation_actions as overrides
from counterfoil.records.catalog.models import ChargeOverride, MasterCharge
from counterfoil.records.parties.models import BillingCustomer, Dealer


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
