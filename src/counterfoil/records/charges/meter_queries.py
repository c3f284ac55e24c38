"""Questions about meters: which are to be read for a day, and what they showed before and after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import DateField, Exists, Expression, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from counterfoil.core.plausibility import Unread
from counterfoil.records.charges.models import Meter, Reading

MOST_EARLIER = 13

# The last readings before a day, and those from it on: a few of each meter by its index, however many it has.
_BEFORE = """
SELECT found.* FROM unnest(%s::bigint[]) AS meter(id) CROSS JOIN LATERAL (
    SELECT reading.* FROM charges_reading AS reading
    WHERE reading.meter_id = meter.id AND reading.read_on < %s AND NOT reading.is_estimate
    ORDER BY reading.read_on DESC LIMIT %s
) AS found
"""
_FROM = """
SELECT found.* FROM unnest(%s::bigint[]) AS meter(id) CROSS JOIN LATERAL (
    SELECT reading.* FROM charges_reading AS reading
    WHERE reading.meter_id = meter.id AND reading.read_on >= %s AND NOT reading.is_estimate
    ORDER BY reading.read_on LIMIT 2
) AS found
"""


@dataclass(frozen=True, kw_only=True)
class Around:
    """What a meter showed around a day, estimates left out: before it, oldest first, on it, and the next time after."""

    earlier: Sequence[Reading] = ()
    on_day: Reading | None = None
    later: Reading | None = None

    @property
    def last(self) -> Reading | None:
        """Return the newest reading before the day."""
        return self.earlier[-1] if self.earlier else None


def due_on(meters: QuerySet[Meter], day: date) -> QuerySet[Meter]:
    """Return those of *meters* whose charge has begun by *day* and has not ended, or is not billed to its end yet."""
    charge_goes_on = Q(charge__ends_before__isnull=True) | Q(charge__ends_before__gte=day)
    is_not_billed = Q(charge__span__billed_to__isnull=True) | Q(
        charge__span__billed_to__lt=F("charge__ends_before")
    )
    return meters.filter(charge_goes_on | is_not_billed, charge__starts_on__lte=day)


def unread(meters: QuerySet[Meter], *, day: date, without: Unread) -> QuerySet[Meter]:
    """Return those of *meters* that are *without* a reading on or by *day*."""
    match without:
        case Unread.DAY:
            return _without_reading_for(meters, day)
        case Unread.BILLED:
            return _without_reading_since_billed(meters, day)
        case Unread.ALL:
            return meters


def _without_reading_for(meters: QuerySet[Meter], day: date) -> QuerySet[Meter]:
    """Return those of *meters* that nobody has read on *day*, or so near that it counts as taken on it (4.4)."""
    read = Reading.objects.filter(
        meter=OuterRef("pk"),
        is_estimate=False,
        read_on__gte=_days(Value(day), "-", OuterRef("tolerance_days")),
        read_on__lte=_days(Value(day), "+", OuterRef("tolerance_days")),
    )
    return meters.filter(~Exists(read))


def _without_reading_since_billed(meters: QuerySet[Meter], day: date) -> QuerySet[Meter]:
    """Return those of *meters* that nobody has read, up to *day*, after the days that their charge has billed."""
    billed_to = Coalesce(F("charge__span__billed_to"), F("charge__starts_on"))
    read = Reading.objects.filter(
        meter=OuterRef("pk"),
        is_estimate=False,
        read_on__gt=_days(OuterRef("billed_to"), "+", OuterRef("tolerance_days")),
        read_on__lte=day,
    )
    return meters.annotate(billed_to=billed_to).filter(~Exists(read))


def readings_around(meters: Sequence[Meter], day: date) -> dict[int, Around]:
    """Return what each of *meters*, by id, showed around *day*: two queries for all of them."""
    keys = [meter.pk for meter in meters]
    before, since = defaultdict(list), defaultdict(list)
    for reading in Reading.objects.raw(_BEFORE, [keys, day, MOST_EARLIER]):
        before[reading.meter_id].append(reading)
    for reading in Reading.objects.raw(_FROM, [keys, day]):
        since[reading.meter_id].append(reading)
    return {key: _around(before[key], since[key], day=day) for key in keys}


def _around(before: Sequence[Reading], since: Sequence[Reading], *, day: date) -> Around:
    on_day = next((one for one in since if one.read_on == day), None)
    later = next((one for one in since if one.read_on != day), None)
    earlier = sorted(before, key=lambda one: one.read_on)
    return Around(earlier=earlier, on_day=on_day, later=later)


def _days(day: Expression, sign: str, days: OuterRef) -> Func:
    """Return SQL for the *day* so many *days* before or after."""
    return Func(day, days, template="(%(expressions)s)", arg_joiner=f" {sign} ", output_field=DateField())
