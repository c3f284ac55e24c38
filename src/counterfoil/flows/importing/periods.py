"""The seven columns that describe a charge period, and the charge period they come to.

A master charge of kind service has one always: 1 month, from the start of the charge, daily, actual days, in
advance, as in `simulate`. A charge that fills any of the columns has one of its own; what it leaves empty is its
master charge's. Charge periods are shared: one with the same values is used again (billing-rules 1 to 3).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from counterfoil.core.charge_rows import LARGEST_OFFSET
from counterfoil.core.periods import LAST_ANCHOR_DAY, BillOn, DayCount, Length, PartCharging, Unit
from counterfoil.flows.importing.columns import Column, Gathered
from counterfoil.flows.importing.values import DAY, YES_NO, ValueType, choice, text, whole
from counterfoil.records.catalog.models import ChargePeriod, Kind

FROM_START, NO_PERIOD = "start", "none"
LONGEST_COUNT = 1200
NAMES = (
    "every",
    "anchor",
    "billing_day",
    "part_charging",
    "day_count",
    "bill",
    "offset",
    "split_on_price_change",
)


@dataclass(frozen=True, kw_only=True)
class PeriodValues:
    """What a charge period says; the defaults are those of `simulate`."""

    count: int = 1
    unit: str = Unit.MONTH.value
    anchor: date | None = None
    billing_day: int | None = None
    part_charging: str = PartCharging.DAILY.value
    day_count: str = DayCount.ACTUAL.value
    bill_on: str = BillOn.ADVANCE.value
    offset_days: int = 0
    split_on_price_change: bool = False

    @property
    def length(self) -> Length:
        """Return how long it is."""
        return Length(self.count, Unit(self.unit))

    @classmethod
    def of(cls, period: ChargePeriod) -> PeriodValues:
        """Return what a stored charge period says."""
        return cls(**{name: getattr(period, name) for name in asdict(cls())})


ATTRIBUTES = {
    "every": ("count", "unit"),
    "anchor": ("anchor",),
    "billing_day": ("billing_day",),
    "part_charging": ("part_charging",),
    "day_count": ("day_count",),
    "bill": ("bill_on",),
    "offset": ("offset_days",),
    "split_on_price_change": ("split_on_price_change",),
}


def merged(base: PeriodValues, cells: Mapping[str, Any]) -> PeriodValues:
    """Return *base* with what *cells* fill; an anchor or a billing day takes the place of either.

    Raises ValueError(why, remedy) where the result is no charge period.
    """
    values = base
    if "every" in cells:
        length = Length.parse(cells["every"])
        values = replace(values, count=length.count, unit=length.unit.value)
    if "anchor" in cells:
        is_start = cells["anchor"] == FROM_START
        values = replace(
            values, anchor=None if is_start else date.fromisoformat(cells["anchor"]), billing_day=None
        )
    if "billing_day" in cells:
        values = replace(values, billing_day=cells["billing_day"], anchor=None)
    values = replace(values, **{ATTRIBUTES[name][0]: cells[name] for name in NAMES[3:] if name in cells})
    _check(values)
    return values


def _check(values: PeriodValues) -> None:
    if values.length.months is not None:
        return
    if values.billing_day is not None:
        raise ValueError(
            f"A charge period of {values.length} has no billing day.",
            "Leave billing_day empty, or give anchor instead, or use months or years.",
        )
    by_months = {PartCharging.MONTHLY.value, DayCount.BY_MONTH.value} & {
        values.part_charging,
        values.day_count,
    }
    if by_months:
        raise ValueError(
            f"{by_months.pop()} cannot share out a charge period of {values.length}.",
            "Use part_charging daily with day_count actual, or a charge period of months or years.",
        )


def name_of(values: PeriodValues) -> str:
    """Return a name people can read that says all a charge period says."""
    grid = "from the start"
    if values.anchor is not None:
        grid = f"from {values.anchor}"
    elif values.billing_day is not None:
        grid = f"on day {values.billing_day}"
    parts = {"none": "parts not billed", "whole": "parts in full", "monthly": "parts by months"}
    days = {"by_month": "month by month", "thirty_360": "30/360"}
    offset = f"{abs(values.offset_days)} day{'' if abs(values.offset_days) == 1 else 's'}"
    said = [
        f"{values.length} in {values.bill_on}",
        grid,
        parts.get(values.part_charging, ""),
        days.get(values.day_count, ""),
        f"{offset} {'early' if values.offset_days < 0 else 'late'}" if values.offset_days else "",
        "split on price changes" if values.split_on_price_change else "",
    ]
    return ", ".join(part for part in said if part)


def _gather(*cells: Any) -> str:
    filled = {name: cell for name, cell in zip(NAMES, cells, strict=True) if cell is not None}
    if "anchor" in filled and "billing_day" in filled:
        raise ValueError(
            "The row has an anchor and a billing day; each alone fixes the charge periods.",
            "Empty one of the two.",
        )
    if filled.get("every") == NO_PERIOD and len(filled) > 1:
        raise ValueError(
            "The row says that there is no charge period, and then describes one.",
            "Give every a length, or empty the other columns of the charge period.",
        )
    return json.dumps(filled)


GATHERED = Gathered(
    name="charge_period_id",
    staged="period",
    columns=NAMES,
    holds=text(1000),
    gather=_gather,
    value="periods.charge_period_id",
)


def _read_every(cell: str) -> str:
    length = Length.parse(cell)
    if length.count > LONGEST_COUNT:
        raise ValueError
    return str(length)


def _read_every_or_none(cell: str) -> str:
    return NO_PERIOD if cell.lower() == NO_PERIOD else _read_every(cell)


def _read_anchor(cell: str) -> str:
    return FROM_START if cell.lower() == FROM_START else DAY.read(cell).isoformat()


_LENGTHS = f"a length such as 1 month, 3 months, 1 year, 2 weeks or 30 days, at most {LONGEST_COUNT} of them"


def _every_of_master(kind: str, count: int | None, unit: str | None) -> str | None:
    if count is None:
        return NO_PERIOD if kind == Kind.SERVICE else None
    return str(Length(count, Unit(unit)))


def _every_of_charge(count: int | None, unit: str | None) -> str | None:
    return None if count is None else str(Length(count, Unit(unit)))


def _anchor_of_charge(count: int | None, anchor: date | None, billing_day: int | None) -> date | str | None:
    return FROM_START if count is not None and anchor is None and billing_day is None else anchor


def _others() -> tuple[Column, ...]:
    days = whole(least=1, most=LAST_ANCHOR_DAY, expected="a whole number from 1 to 31")
    offsets = whole(
        least=-LARGEST_OFFSET,
        most=LARGEST_OFFSET,
        expected=f"a whole number of days, at most {LARGEST_OFFSET} either way",
    )
    types = {
        "billing_day": days,
        "part_charging": choice(PartCharging),
        "day_count": choice(DayCount),
        "bill": choice(BillOn),
        "offset": offsets,
        "split_on_price_change": YES_NO,
    }
    return tuple(
        Column(name=name, holds=holds, paths=(f"charge_period__{ATTRIBUTES[name][0]}",))
        for name, holds in types.items()
    )


_LENGTH_PATHS = ("charge_period__count", "charge_period__unit")
_ANCHORS = ValueType(expected=f"a date such as 2026-01-31, or {FROM_START}", read=_read_anchor)

MASTER_COLUMNS = (
    Column(
        name="every",
        holds=ValueType(expected=f"{_LENGTHS}, or {NO_PERIOD}", read=_read_every_or_none),
        paths=("kind", *_LENGTH_PATHS),
        show=_every_of_master,
    ),
    Column(name="anchor", holds=_ANCHORS, paths=("charge_period__anchor",)),
    *_others(),
)
CHARGE_COLUMNS = (
    Column(
        name="every",
        holds=ValueType(expected=_LENGTHS, read=_read_every),
        paths=_LENGTH_PATHS,
        show=_every_of_charge,
    ),
    Column(
        name="anchor",
        holds=_ANCHORS,
        paths=("charge_period__count", "charge_period__anchor", "charge_period__billing_day"),
        show=_anchor_of_charge,
    ),
    *_others(),
)
