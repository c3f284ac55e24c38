"""Meters and their readings (billing-rules 4.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.events import NotThatNumber, number_of
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import does, reads
from counterfoil.api.seeing import seen
from counterfoil.api.shapes import BillingDate, DecimalText, Id, Key, Request, decimal_text
from counterfoil.core.money import LARGEST_QUANTITY_STEPS
from counterfoil.core.refusals import shown
from counterfoil.flows.recording import record_readings
from counterfoil.records.charges.models import Meter as MeterRow
from counterfoil.records.charges.models import Reading as ReadingRow
from counterfoil.records.organisation.models import Role

router = Router(tags=["meters"])
SEES = Need("meters:read")
READS_METERS = Need("meters:write", frozenset({Role.BILLER}))


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
        value = number_of(wanted.value, what="reading", largest_steps=LARGEST_QUANTITY_STEPS)
        if value is None or value < 0:
            raise NotThatNumber(value=shown(wanted.value), what="reading")
        reading = ReadingRow(meter=meter, read_on=wanted.read_on, value=value, is_estimate=wanted.is_estimate)
        record_readings([reading])
        return _reading(meter.readings.get(read_on=wanted.read_on))

    return once(request, act, status=201)


def _seen(request: HttpRequest) -> QuerySet[MeterRow]:
    rows = MeterRow.objects.select_related("charge")
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
