"""The only writer of events, meters and readings; what marks an event as charged stands in `actions`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import ProtectedError

from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import Sentence, sentence
from counterfoil.records.charges.models import (
    BillableEvent,
    ChargedEvent,
    EventCharge,
    EventKind,
    Meter,
    Reading,
)
from counterfoil.records.labels import english
from counterfoil.records.upserting import Stored, store_rows

ROWS_A_STATEMENT = 2_000


class EventIsCharged(Refusal):
    """{event} is charged already, so it stays as it was billed. Credit its line, or exclude its draft, first."""


class ChargeWasDrafted(Refusal):
    """A line of {event} stands on a document that was excluded or is void, so it is not removed. Set its quantity to 0
    instead.
    """


def create_events(events: Sequence[BillableEvent]) -> list[BillableEvent]:
    """Store new *events* and return them with their ids; their charges are stored by `create_event_charges`."""
    return BillableEvent.objects.bulk_create(events, batch_size=ROWS_A_STATEMENT)


def change_events(events: Sequence[BillableEvent], *, fields: Iterable[str]) -> None:
    """Store the *fields* of existing *events*. Raises `EventIsCharged` for the first with a charge that is billed.

    Locks the events, so that a run under way charges them either before or after.
    """
    lock_uncharged([event.pk for event in events])
    BillableEvent.objects.bulk_update(events, list(fields), batch_size=ROWS_A_STATEMENT)


def create_event_charges(charges: Sequence[EventCharge]) -> list[EventCharge]:
    """Store new charge lines of events that are not charged yet. Raises `EventIsCharged`."""
    lock_uncharged([charge.event_id for charge in charges])
    return EventCharge.objects.bulk_create(charges, batch_size=ROWS_A_STATEMENT)


def change_event_charges(charges: Sequence[EventCharge], *, fields: Iterable[str]) -> None:
    """Store the *fields* of existing charge lines of events. Raises `EventIsCharged`."""
    lock_uncharged([charge.event_id for charge in charges])
    EventCharge.objects.bulk_update(charges, list(fields), batch_size=ROWS_A_STATEMENT)


def delete_event_charges(charges: Sequence[EventCharge]) -> None:
    """Remove charge lines of events that are not charged. Raises `EventIsCharged` and `ChargeWasDrafted`."""
    lock_uncharged([charge.event_id for charge in charges])
    try:
        EventCharge.objects.filter(pk__in=[charge.pk for charge in charges]).delete()
    except ProtectedError as error:
        raise ChargeWasDrafted(event=charges[0].event) from error


def called(event: BillableEvent) -> Sentence:
    """Return what messages call an event: "Work order WO-7"."""
    return sentence("{kind} {key}", kind=english(EventKind(event.kind).label), key=event.key)


def lock_uncharged(event_ids: Sequence[int]) -> None:
    """Lock events for this transaction. Raises `EventIsCharged` for the first with a charge that is billed."""
    list(BillableEvent.objects.select_for_update().filter(pk__in=event_ids).order_by("pk").values_list("pk"))
    charged = ChargedEvent.objects.filter(event_charge__event_id__in=event_ids)
    first = charged.select_related("event_charge__event").order_by("event_charge__event_id").first()
    if first is not None:
        event = first.event_charge.event
        raise EventIsCharged(event=called(event))


def create_meters(meters: Sequence[Meter]) -> list[Meter]:
    """Store new *meters* and return them with their ids."""
    return Meter.objects.bulk_create(meters, batch_size=ROWS_A_STATEMENT)


def change_meters(meters: Sequence[Meter], *, fields: Iterable[str]) -> None:
    """Store the *fields* of existing *meters*. What is billed already is never rated again."""
    Meter.objects.bulk_update(meters, list(fields), batch_size=ROWS_A_STATEMENT)


def create_readings(readings: Sequence[Reading]) -> list[Reading]:
    """Store new *readings* and return them with their ids."""
    return Reading.objects.bulk_create(readings, batch_size=ROWS_A_STATEMENT)


def change_readings(readings: Sequence[Reading], *, fields: Iterable[str]) -> None:
    """Store the *fields* of existing *readings*; the next period billed settles what that changes (4.4)."""
    Reading.objects.bulk_update(readings, list(fields), batch_size=ROWS_A_STATEMENT)


def store_events(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change events from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=BillableEvent, rows=rows, columns=columns)


def store_event_charges(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change charges of events from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=EventCharge, rows=rows, columns=columns)


def store_meters(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change meters from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=Meter, rows=rows, columns=columns)


def store_readings(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change readings from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=Reading, rows=rows, columns=columns)
