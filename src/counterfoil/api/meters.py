"""Meters and their readings (billing-rules 4.4)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need
from counterfoil.api.errors import WrongValue
from counterfoil.api.events import NotThatNumber, number_of
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import does, reads
from counterfoil.api.seeing import seen
from counterfoil.api.shapes import BillingDate, DecimalText, Id, Key, Request, decimal_text
from counterfoil.core.money import LARGEST_QUANTITY_STEPS
from counterfoil.core.plausibility import Unread
from counterfoil.core.refusals import shown
from counterfoil.flows.reading_meters import MOST_AT_ONCE, OnSheet, enter_readings, on_sheet
from counterfoil.flows.recording import record_readings
from counterfoil.records.charges.meter_queries import due_on, unread
from counterfoil.records.charges.models import Meter as MeterRow
from counterfoil.records.charges.models import Reading as ReadingRow
from counterfoil.records.organisation.models import Role

router = Router(tags=["meters"])
SEES = Need("meters:read")
READS_METERS = Need("meters:write", frozenset({Role.BILLER}))


class UnknownMeter(WrongValue):
    """There is no meter {meter}. Write its identifier exactly; nothing was stored."""


class Meter(Schema):
    """What counts the usage of a charge. `digits` set: the counter begins again at 0 after so many."""

    id: int
    key: str
    charge: str
    name: str
    digits: int | None
    tolerance_days: int
    may_be_estimated: bool


class MeterFilter(Schema):
    """Which meters are asked for."""

    key: Key | None = None
    charge: Key | None = None


class Reading(Schema):
    """What a meter showed on the morning of a day."""

    id: int
    read_on: date
    value: DecimalText
    is_estimate: bool


class DueMeter(Schema):
    """A meter that is to be read for a day: what it showed last before it, and on it if somebody has read it."""

    id: int
    key: str
    name: str
    client: str
    client_name: str
    unit: str
    last_read_on: date | None
    last_value: DecimalText | None
    value: DecimalText | None


class DueFilter(Schema):
    """For which day is read, and which meters: without a reading for the `day` or since what is `billed`, or `all`."""

    on: BillingDate
    without: Unread = Unread.DAY
    client: Key | None = None
    dealer: Key | None = None


class ReadingOfMeter(Request):
    """What one of many meters showed."""

    meter: Key
    value: DecimalText


class ReadingsWanted(Request):
    """The readings of many meters on a day. One that looks wrong is refused unless they `are_right` all the same."""

    read_on: BillingDate
    readings: list[ReadingOfMeter] = Field(min_length=1, max_length=MOST_AT_ONCE)
    are_right: bool = False


class ReadingsStored(Schema):
    """How many readings are new or changed; the others were stored already."""

    stored: int


class ReadingWanted(Request):
    """A reading to be stored; a second one of a day corrects the first."""

    read_on: BillingDate
    value: DecimalText
    is_estimate: bool = False


@reads(router, "", need=SEES, answer=Page[Meter])
def list_meters(request: HttpRequest, wanted: Query[MeterFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Return the meters you may see, oldest first; of one charge's key."""
    rows = _seen(request)
    if wanted.key is not None:
        rows = rows.filter(key=wanted.key)
    if wanted.charge is not None:
        rows = rows.filter(charge__key=wanted.charge)
    return page_of(rows, paging=paging, shape=_shape)


@reads(router, "/due", need=SEES, answer=Page[DueMeter])
def list_due_meters(request: HttpRequest, wanted: Query[DueFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Return the meters that are to be read for a day, oldest first, with what they showed last."""
    rows = unread(due_on(_seen(request), wanted.on), day=wanted.on, without=wanted.without)
    if wanted.client is not None:
        rows = rows.filter(charge__client__code=wanted.client)
    if wanted.dealer is not None:
        rows = rows.filter(charge__client__dealer__code=wanted.dealer)
    found = page_of(rows, paging=paging, shape=lambda meter: meter)
    return {**found, "items": [_due(row) for row in on_sheet(found["items"], day=wanted.on)]}


@does(router, "/readings", need=READS_METERS, answer=ReadingsStored)
def add_readings(request: HttpRequest, wanted: ReadingsWanted) -> HttpResponse:
    """Store what many meters showed on a day, all of it or nothing. A reading of that day is replaced."""

    def act() -> ReadingsStored:
        meters = {
            one.key: one for one in _seen(request).filter(key__in=[one.meter for one in wanted.readings])
        }
        values = {}
        for one in wanted.readings:
            if one.meter not in meters:
                raise UnknownMeter(meter=shown(one.meter))
            values[meters[one.meter].pk] = _value(one.value)
        rows = on_sheet(list(meters.values()), day=wanted.read_on)
        return ReadingsStored(stored=enter_readings(rows, values, are_right=wanted.are_right))

    return once(request, act)


@reads(router, "/{meter_id}", need=SEES, answer=Meter)
def get_meter(request: HttpRequest, meter_id: Path[Id]) -> Meter:
    """Return one meter."""
    return _shape(get_object_or_404(_seen(request), pk=meter_id))


@reads(router, "/{meter_id}/readings", need=SEES, answer=Page[Reading])
def list_readings(request: HttpRequest, meter_id: Path[Id], paging: Query[Paging]) -> dict[str, Any]:
    """Return a meter's readings in the order in which they were stored."""
    meter = get_object_or_404(_seen(request), pk=meter_id)
    return page_of(meter.readings.order_by(), paging=paging, shape=_reading)


@does(router, "/{meter_id}/readings", need=READS_METERS, answer=Reading, status=201)
def add_reading(request: HttpRequest, meter_id: Path[Id], wanted: ReadingWanted) -> HttpResponse:
    """Store what a meter showed. What it corrects is settled by the next period that is billed."""
    meter = get_object_or_404(_seen(request), pk=meter_id)

    def act() -> Reading:
        value = _value(wanted.value)
        reading = ReadingRow(meter=meter, read_on=wanted.read_on, value=value, is_estimate=wanted.is_estimate)
        record_readings([reading])
        return _reading(meter.readings.get(read_on=wanted.read_on))

    return once(request, act, status=201)


def _value(typed: str) -> Decimal:
    value = number_of(typed, what="reading", largest_steps=LARGEST_QUANTITY_STEPS)
    if value is None or value < 0:
        raise NotThatNumber(value=shown(typed), what="reading")
    return value


def _due(row: OnSheet) -> DueMeter:
    meter, last, on_day = row.meter, row.around.last, row.around.on_day
    tariff, client = meter.charge.master_charge.tariff, meter.charge.client
    return DueMeter(
        id=meter.pk,
        key=meter.key,
        name=meter.name,
        client=client.code,
        client_name=client.name,
        unit=tariff.unit if tariff else "",
        last_read_on=last.read_on if last else None,
        last_value=decimal_text(last.value) if last else None,
        value=decimal_text(on_day.value) if on_day else None,
    )


def _seen(request: HttpRequest) -> QuerySet[MeterRow]:
    rows = MeterRow.objects.select_related("charge__client", "charge__master_charge__tariff")
    return seen(rows, request=request, path="charge__client__branch")


def _shape(meter: MeterRow) -> Meter:
    return Meter(
        id=meter.pk,
        key=meter.key,
        charge=meter.charge.key,
        name=meter.name,
        digits=meter.digits,
        tolerance_days=meter.tolerance_days,
        may_be_estimated=meter.may_be_estimated,
    )


def _reading(reading: ReadingRow) -> Reading:
    return Reading(
        id=reading.pk,
        read_on=reading.read_on,
        value=decimal_text(reading.value) or "0",
        is_estimate=reading.is_estimate,
    )
