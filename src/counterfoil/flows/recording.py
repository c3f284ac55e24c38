"""What a person or a program records as it happens: events with their charge lines, readings, tariffs with tiers."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from counterfoil.core.refusals import Refusal
from counterfoil.flows.using import check_use_on_event
from counterfoil.records.catalog import actions as catalog
from counterfoil.records.catalog.models import Tariff, TariffTier
from counterfoil.records.charges import event_actions as events
from counterfoil.records.charges.event_actions import called
from counterfoil.records.charges.models import BillableEvent, EventCharge, EventKind, Meter, Reading
from counterfoil.records.organisation.queries import is_legacy


class EventNeedsACharge(Refusal):
    """{event} has nothing to charge. Give it a line with a master charge."""


class EventPaidByItsCharges(Refusal):
    """In legacy customer mode the master charges of {event} say who pays. Name no customer."""


class ActivationHasOneCharge(Refusal):
    """An activation has one charge, and {event} would have {count}. Record the others as a work order."""


def record_event(
    event: BillableEvent, *, fields: Sequence[str] = (), charges: Sequence[EventCharge]
) -> BillableEvent:
    """Store *event*, new or with *fields* changed, and let *charges* be all of its lines, numbered in their order.

    Raises `EventNeedsACharge`, `ActivationHasOneCharge`, `EventPaidByItsCharges`, `NotUsedThere`, `NotActiveThen`, and
    `EventIsCharged` for one billed.
    """
    name = called(event)
    if not charges:
        raise EventNeedsACharge(event=name)
    if event.kind == EventKind.ACTIVATION and len(charges) > 1:
        raise ActivationHasOneCharge(event=name, count=len(charges))
    if event.customer_id is not None and not event.is_invoice and is_legacy():
        raise EventPaidByItsCharges(event=name)
    check_use_on_event(event, charges)
    with transaction.atomic():
        if event.pk is None:
            events.create_events([event])
        else:
            events.change_events([event], fields=fields)
        kept = {charge.pk for charge in charges if charge.pk}
        events.delete_event_charges([one for one in event.charges.all() if one.pk not in kept])
        # First out of each other's way: line numbers are unique.
        free = max([one.line_no for one in event.charges.all()], default=0) + len(charges)
        for number, charge in enumerate(charges, start=1):
            charge.event = event
            charge.line_no = free + number
        names = [
            "line_no",
            "master_charge",
            "quantity",
            "unit_price",
            "description",
            "tax_category",
            "ledger_code",
        ]
        events.change_event_charges([one for one in charges if one.pk], fields=names)
        events.create_event_charges([one for one in charges if not one.pk])
        for number, charge in enumerate(charges, start=1):
            charge.line_no = number
        events.change_event_charges(charges, fields=["line_no"])
    return event


def mark_chargeable(event_ids: Sequence[int], *, chargeable: bool) -> int:
    """Say of many events whether they are to be charged; return how many changed.

    Raises `EventIsCharged` if one of them is billed already.
    """
    with transaction.atomic():
        changed = list(BillableEvent.objects.filter(pk__in=event_ids, is_chargeable=not chargeable))
        for event in changed:
            event.is_chargeable = chargeable
        events.change_events(changed, fields=["is_chargeable"])
    return len(changed)


def record_readings(readings: Sequence[Reading]) -> int:
    """Store *readings*; one of a meter's day that has one already replaces its value. Return how many."""
    with transaction.atomic():
        stored = {
            (one.meter_id, one.read_on): one
            for one in Reading.objects.select_for_update().filter(
                meter_id__in={reading.meter_id for reading in readings},
                read_on__in={reading.read_on for reading in readings},
            )
        }
        changed = []
        for reading in readings:
            known = stored.get((reading.meter_id, reading.read_on))
            if known is not None:
                known.value, known.is_estimate = reading.value, reading.is_estimate
                changed.append(known)
        events.change_readings(changed, fields=["value", "is_estimate"])
        events.create_readings([one for one in readings if (one.meter_id, one.read_on) not in stored])
    return len(readings)


def store_meter(meter: Meter, *, fields: Sequence[str]) -> Meter:
    """Store *meter*, new or with *fields* changed."""
    with transaction.atomic():
        if meter.pk is None:
            events.create_meters([meter])
        else:
            events.change_meters([meter], fields=fields)
    return meter


def store_tariff(tariff: Tariff, *, fields: Sequence[str], tiers: Sequence[TariffTier]) -> Tariff:
    """Store *tariff*, new or with *fields* changed, and let *tiers* be all of its tiers."""
    with transaction.atomic():
        if tariff.pk is None:
            catalog.create_tariffs([tariff])
        else:
            catalog.change_tariffs([tariff], fields=fields)
        for tier in tiers:
            tier.tariff = tariff
            tier.pk = None
        catalog.replace_tiers(tariff, tiers)
    return tariff
