"""Where and when a master charge may be used: asked when something is assigned, recorded or imported (product A1).

A run does not ask: what is assigned goes on being billed, whatever the catalogue says afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from counterfoil.core.periods import ONE_DAY
from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import sentence
from counterfoil.records.catalog.models import MasterCharge, Place
from counterfoil.records.charges.models import BillableEvent, EventCharge
from counterfoil.records.parties.models import Client

_WHERE = {
    Place.CLIENT: sentence("clients"),
    Place.CUSTOMER: sentence("billing customers themselves"),
    Place.DEALER: sentence("dealers themselves"),
    Place.ACTIVATION: sentence("activations"),
    Place.WORK_ORDER: sentence("work orders"),
    Place.DISPATCH: sentence("dispatches"),
    Place.SALE: sentence("sales"),
}


class NotUsedThere(Refusal):
    """{code} is not for {where}. Choose another master charge, or let this one be used on {where}."""


class NotActiveThen(Refusal):
    """{code} is active {days}, and not on {day}. Choose another master charge or day, or change when it is active."""


def place_of(client: Client) -> Place:
    """Return where something is used that is assigned to *client*, which may stand for a customer or a dealer."""
    if client.own_of_customer_id is not None:
        return Place.CUSTOMER
    return Place.CLIENT if client.own_of_dealer_id is None else Place.DEALER


def check_use(master: MasterCharge, *, on: Place, day: date) -> None:
    """Raise `NotUsedThere` or `NotActiveThen` unless *master* may be used *on* such a place on that *day*."""
    if master.usable_on and on not in master.usable_on:
        raise NotUsedThere(code=master.code, where=_WHERE[on])
    start, end = master.active_start, master.active_end
    if (start is not None and day < start) or (end is not None and day >= end):
        raise NotActiveThen(code=master.code, days=_days(start, end), day=day)


def check_use_on_event(event: BillableEvent, charges: Iterable[EventCharge]) -> None:
    """Raise as `check_use` does for those of *charges* that are new on *event*, or all of them where its day is."""
    before = BillableEvent.objects.filter(pk=event.pk).values_list("occurred_on", flat=True).first()
    known = {} if before != event.occurred_on else dict(event.charges.values_list("pk", "master_charge_id"))
    for charge in charges:
        master = charge.master_charge
        if master is not None and known.get(charge.pk) != master.pk:
            check_use(master, on=Place(event.kind), day=event.occurred_on)


def wrong_use(*, on: str, day: str) -> str:
    """Return SQL that says whether `master`, a master charge, may not be used *on* a place on a *day*, both SQL."""
    return f"""(
        (jsonb_array_length(master.usable_on) > 0 AND NOT master.usable_on ? {on})
        OR {day} < COALESCE(master.active_start, '-infinity') OR {day} >= COALESCE(master.active_end, 'infinity')
    )"""


def _days(start: date | None, end: date | None) -> str:
    last = None if end is None else end - ONE_DAY
    if start is None:
        return f"up to {last}"
    return f"from {start} on" if last is None else f"from {start} to {last}"
