"""The files of usage: tariffs, a row a tier; meters; readings (billing-rules 4.4)."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from counterfoil.core.money import LARGEST_QUANTITY_STEPS, STEPS, parse_steps
from counterfoil.flows.importing.catalogue import PRICE, TARIFF
from counterfoil.flows.importing.columns import Column, Kind, Reference
from counterfoil.flows.importing.values import DAY, YES_NO, ValueType, choice, key, text, whole
from counterfoil.records.catalog import actions as catalog
from counterfoil.records.catalog.models import Counts, Tariff, TariffTier, TierMode
from counterfoil.records.charges import event_actions
from counterfoil.records.charges.models import Meter, Reading

TERMS = "tariff-terms"
SHEET = ("client", "client_name", "meter_name", "unit", "last_read_on", "last_value")
CHARGE = Reference(words="charge", table="charges_charge", key="key", kind="charges")
METER = Reference(words="meter", table="charges_meter", key="key", kind="meters")


def _read_units(cell: str) -> int:
    steps = parse_steps(cell)
    if not 0 <= steps <= LARGEST_QUANTITY_STEPS:
        raise ValueError
    return steps


UNITS = ValueType(
    expected="a decimal from 0 to 1000000000, with at most 6 places",
    read=_read_units,
    sql="bigint",
    arrow=pa.int64(),
)

_TARIFF_COLUMNS = (
    Column(name="counts", holds=choice(Counts), field="counts", default=Counts.METER.value),
    Column(name="mode", holds=choice(TierMode), field="mode", default=TierMode.GRADUATED.value),
    Column(name="unit", holds=text(40), field="unit", default=""),
    Column(name="unit_step", holds=UNITS, field="unit_step", default=STEPS),
    Column(name="allowance", holds=UNITS, field="allowance", default=0),
    Column(name="minimum", holds=UNITS, field="minimum", default=0),
)
_TIER_COLUMNS = (
    Column(
        name="tariff",
        holds=key(120),
        field="tariff_id",
        required=True,
        refers_to=replace(TARIFF, kind=TERMS),
        paths=("tariff__name",),
    ),
    Column(name="from_units", holds=UNITS, field="from_units", required=True),
    Column(name="unit_price", holds=PRICE, field="unit_price", required=True),
    Column(name="fee", holds=PRICE, field="fee", default=0),
)

TARIFFS = Kind(
    name="tariffs",
    words="tier",
    model=TariffTier,
    key=("tariff", "from_units"),
    store=catalog.store_tariff_tiers,
    columns=(
        *_TIER_COLUMNS,
        *(
            Column(name=one.name, holds=one.holds, default=one.default, paths=(f"tariff__{one.field}",))
            for one in _TARIFF_COLUMNS
        ),
    ),
    parts=(
        Kind(
            name=TERMS,
            words="tariff",
            model=Tariff,
            key=("tariff",),
            store=catalog.store_tariffs,
            columns=(
                Column(name="tariff", holds=key(120), field="name", required=True),
                *_TARIFF_COLUMNS,
            ),
        ),
        Kind(
            name="tariffs",
            words="tier",
            model=TariffTier,
            key=("tariff", "from_units"),
            store=catalog.store_tariff_tiers,
            columns=_TIER_COLUMNS,
        ),
    ),
)

METERS = Kind(
    name="meters",
    words="meter",
    model=Meter,
    key=("meter",),
    store=event_actions.store_meters,
    columns=(
        Column(name="meter", holds=key(80), field="key", required=True),
        Column(
            name="charge",
            holds=key(80),
            field="charge_id",
            required=True,
            refers_to=CHARGE,
            paths=("charge__key",),
        ),
        Column(name="name", holds=text(120), field="name", default=""),
        Column(
            name="digits",
            holds=whole(least=1, most=9, expected="a whole number from 1 to 9"),
            field="digits",
        ),
        Column(
            name="tolerance_days",
            holds=whole(least=0, most=366, expected="a whole number of days from 0 to 366"),
            field="tolerance_days",
            default=0,
        ),
        Column(name="may_be_estimated", holds=YES_NO, field="may_be_estimated", default=False),
    ),
)

READINGS = Kind(
    name="readings",
    words="reading",
    model=Reading,
    key=("meter", "read_on"),
    store=event_actions.store_readings,
    # What the sheet to be filled in says of each meter besides.
    beside=SHEET,
    waits_for="value",
    columns=(
        Column(
            name="meter",
            holds=key(80),
            field="meter_id",
            required=True,
            refers_to=METER,
            paths=("meter__key",),
        ),
        Column(name="read_on", holds=DAY, field="read_on", required=True),
        Column(name="value", holds=UNITS, field="value", required=True),
        Column(name="estimated", holds=YES_NO, field="is_estimate", default=False),
    ),
)
