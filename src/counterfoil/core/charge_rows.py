"""One charge as a row of texts, read into the values the rules work on; what cannot be read is a finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar

from counterfoil.core.crediting import CreditBasis
from counterfoil.core.findings import Finding, FindingCode, finding
from counterfoil.core.money import (
    LARGEST_AMOUNT_MINOR,
    LARGEST_QUANTITY_STEPS,
    LARGEST_UNIT_PRICE_STEPS,
    MINOR_DIGITS,
    PERCENT_STEPS,
    STEPS,
    format_steps,
    parse_steps,
)
from counterfoil.core.periods import (
    FIRST_YEAR,
    LAST_ANCHOR_DAY,
    LAST_YEAR,
    ONE_DAY,
    BillOn,
    DateOutOfRange,
    DateRange,
    DayCount,
    Grid,
    Length,
    PartCharging,
    Unit,
)
from counterfoil.core.proration import PolicyNeedsMonths, check_policy
from counterfoil.core.recurring import Charge
from counterfoil.core.refusals import shown

COLUMNS = (
    "charge", "customer", "currency", "quantity", "unit_price", "every", "starts_on", "ends_before", "anchor",
    "anchor_day", "billing_day", "part_charging", "day_count", "bill", "offset", "tax_rate", "billed_to",
    "credit",
)  # fmt: skip
REQUIRED_COLUMNS = ("charge", "unit_price", "starts_on")

# Ten years either way; a bill date further from its period is a slip of the pen.
LARGEST_OFFSET = 3660

V = TypeVar("V")
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRow:
    """One charge that can be rated, with what the rules of billing one charge do not need to know."""

    row: int
    charge_id: str
    customer: str
    tax_rate_steps: int
    credit: CreditBasis
    charge: Charge


def read_charge_row(cells: Mapping[str, str], *, row: int) -> ChargeRow | list[Finding]:
    """Return the charge that *cells* describe, by column name; or everything that is wrong with it.

    *row* is the row's number in its file. A cell that is absent or blank takes the column's default.
    """
    reader = _Cells(cells)
    read = _Read.from_cells(reader)
    if reader.findings:
        return reader.findings
    wrong = [*_dates_wrong(read), *_sizes_wrong(read)]
    grid = None if wrong else _grid_of(read, wrong)
    if wrong or grid is None:
        return wrong
    return ChargeRow(
        row=row,
        charge_id=read.charge_id,
        customer=read.customer,
        tax_rate_steps=read.tax_rate_steps,
        credit=read.credit,
        charge=_charge_of(read, grid),
    )


class _Cells:
    """Reads cells by name and keeps a finding for each that cannot be read."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = cells
        self.findings: list[Finding] = []

    def text(self, name: str) -> str:
        return self._cells.get(name, "").strip()

    def required_text(self, name: str) -> str:
        text = self.text(name)
        if not text:
            self.findings.append(finding(FindingCode.MISSING_VALUE, field=name))
        return text

    def read(self, name: str, parse: Callable[[str], V], default: V, *, expected: str) -> V:
        text = self.text(name)
        if not text:
            return default
        try:
            return parse(text)
        except ValueError:
            self.findings.append(
                finding(FindingCode.UNREADABLE_VALUE, field=name, value=shown(text), expected=expected)
            )
            return default

    def required(self, name: str, parse: Callable[[str], V], default: V, *, expected: str) -> V:
        self.required_text(name)
        return self.read(name, parse, default, expected=expected)

    def choice(self, name: str, choices: type[E], default: E) -> E:
        return self.read(name, choices, default, expected=f"one of {', '.join(choices)}")


_DECIMAL = "a decimal with at most 6 places, for example 12.50"
_DAY = "a date such as 2026-01-31"
_DAY_OF_MONTH = "a whole number from 1 to 31"
_LENGTH = "a length such as 1 month, 3 months, 1 year, 2 weeks or 30 days"
_DAYS = "a whole number of days"
_SOME_DAY = date(2000, 1, 1)
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The cells of one row, each readable by itself."""

    charge_id: str
    customer: str
    currency: str
    quantity_steps: int
    unit_price_steps: int
    every: Length
    starts_on: date
    ends_before: date | None
    anchor: date | None
    anchor_day: int | None
    billing_day: int | None
    part_charging: PartCharging
    day_count: DayCount
    bill_on: BillOn
    offset: int
    tax_rate_steps: int
    billed_to: date | None
    credit: CreditBasis = field(default=CreditBasis.NONE)

    @classmethod
    def from_cells(cls, cells: _Cells) -> _Read:
        charge_id = cells.required_text("charge")
        return cls(
            charge_id=charge_id,
            customer=cells.text("customer") or charge_id,
            currency=cells.text("currency") or "EUR",
            quantity_steps=cells.read("quantity", parse_steps, STEPS, expected=_DECIMAL),
            unit_price_steps=cells.required("unit_price", parse_steps, 0, expected=_DECIMAL),
            every=cells.read("every", Length.parse, Length(1, Unit.MONTH), expected=_LENGTH),
            starts_on=cells.required("starts_on", _parse_day, _SOME_DAY, expected=_DAY),
            ends_before=cells.read("ends_before", _parse_day, None, expected=_DAY),
            anchor=cells.read("anchor", _parse_day, None, expected=_DAY),
            anchor_day=cells.read("anchor_day", _parse_day_of_month, None, expected=_DAY_OF_MONTH),
            billing_day=cells.read("billing_day", _parse_day_of_month, None, expected=_DAY_OF_MONTH),
            part_charging=cells.choice("part_charging", PartCharging, PartCharging.DAILY),
            day_count=cells.choice("day_count", DayCount, DayCount.ACTUAL),
            bill_on=cells.choice("bill", BillOn, BillOn.ADVANCE),
            offset=cells.read("offset", _parse_whole_number, 0, expected=_DAYS),
            tax_rate_steps=cells.read("tax_rate", parse_steps, 0, expected=_DECIMAL),
            billed_to=cells.read("billed_to", _parse_day, None, expected=_DAY),
            credit=cells.choice("credit", CreditBasis, CreditBasis.NONE),
        )


def _parse_day(text: str) -> date:
    if _ISO_DATE.fullmatch(text) is None:
        raise ValueError
    return date.fromisoformat(text)


def _parse_day_of_month(text: str) -> int:
    day = _parse_whole_number(text)
    if not 1 <= day <= LAST_ANCHOR_DAY:
        raise ValueError
    return day


def _parse_whole_number(text: str) -> int:
    if _WHOLE_NUMBER.fullmatch(text) is None:
        raise ValueError
    return int(text)


def _dates_wrong(read: _Read) -> list[Finding]:
    """Return what is wrong with the dates of a row, each readable by itself."""
    wrong = []
    dates = (read.starts_on, read.ends_before, read.anchor, read.billed_to)
    if any(day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR for day in dates):
        wrong.append(date_out_of_range())
    if read.ends_before is not None and read.ends_before <= read.starts_on:
        wrong.append(
            finding(
                FindingCode.END_NOT_AFTER_START, last_day=read.ends_before - ONE_DAY, starts_on=read.starts_on
            )
        )
    if read.billing_day is not None and (read.anchor is not None or read.anchor_day is not None):
        wrong.append(finding(FindingCode.TWO_ANCHORS))
    if abs(read.offset) > LARGEST_OFFSET:
        wrong.append(finding(FindingCode.OFFSET_OUT_OF_RANGE, offset=read.offset, largest=LARGEST_OFFSET))
    names_day_of_month = read.anchor_day is not None or read.billing_day is not None
    if names_day_of_month and read.every.months is None:
        wrong.append(finding(FindingCode.ANCHOR_DAY_NEEDS_MONTHS, length=read.every))
    try:
        check_policy(length=read.every, part_charging=read.part_charging, day_count=read.day_count)
    except PolicyNeedsMonths as refusal:
        wrong.append(finding(FindingCode.POLICY_NEEDS_MONTHS, **refusal.fields))
    return wrong


def _sizes_wrong(read: _Read) -> list[Finding]:
    """Return what is wrong with the currency, the numbers and their product."""
    price, quantity = format_steps(read.unit_price_steps), format_steps(read.quantity_steps)
    wrong = []
    if read.currency not in MINOR_DIGITS:
        wrong.append(finding(FindingCode.UNKNOWN_CURRENCY, currency=shown(read.currency)))
    if abs(read.unit_price_steps) > LARGEST_UNIT_PRICE_STEPS:
        largest = format_steps(LARGEST_UNIT_PRICE_STEPS)
        wrong.append(finding(FindingCode.PRICE_OUT_OF_RANGE, unit_price=price, largest=largest))
    if abs(read.quantity_steps) > LARGEST_QUANTITY_STEPS:
        largest = format_steps(LARGEST_QUANTITY_STEPS)
        wrong.append(finding(FindingCode.QUANTITY_OUT_OF_RANGE, quantity=quantity, largest=largest))
    if not 0 <= read.tax_rate_steps <= PERCENT_STEPS:
        wrong.append(finding(FindingCode.TAX_RATE_OUT_OF_RANGE, tax_rate=format_steps(read.tax_rate_steps)))
    whole_period = abs(read.quantity_steps * read.unit_price_steps) * 10 ** MINOR_DIGITS.get(read.currency, 2)
    if not wrong and whole_period >= LARGEST_AMOUNT_MINOR * STEPS * STEPS:
        wrong.append(finding(FindingCode.AMOUNT_OVERFLOW, quantity=quantity, unit_price=price))
    return wrong


def _grid_of(read: _Read, wrong: list[Finding]) -> Grid | None:
    """Return the row's grid; where it leaves the calendar, add a finding to *wrong* and return None."""
    try:
        if read.billing_day is not None:
            return Grid.for_billing_day(
                length=read.every, billing_day=read.billing_day, starts_on=read.starts_on
            )
        return Grid(read.every, read.anchor or read.starts_on, read.anchor_day)
    except DateOutOfRange:
        wrong.append(date_out_of_range())
        return None


def _charge_of(read: _Read, grid: Grid) -> Charge:
    is_billed = read.billed_to is not None and read.billed_to > read.starts_on
    return Charge(
        quantity_steps=read.quantity_steps,
        unit_price_steps=read.unit_price_steps,
        currency=read.currency,
        grid=grid,
        starts_on=read.starts_on,
        ends_before=read.ends_before,
        part_charging=read.part_charging,
        day_count=read.day_count,
        bill_on=read.bill_on,
        offset=read.offset,
        billed=DateRange(read.starts_on, read.billed_to) if is_billed else None,
    )


def date_out_of_range() -> Finding:
    """Return the finding for a date, or a boundary computed from one, that no charge can have."""
    return finding(FindingCode.DATE_OUT_OF_RANGE, first_year=FIRST_YEAR, last_year=LAST_YEAR)
