"""Rate charges given as rows of texts: lines, totals per currency, findings. No database, no file, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any

from counterfoil.core.charge_rows import ChargeRow, date_out_of_range, read_charge_row
from counterfoil.core.crediting import CreditableLine, CreditBasis, CreditTerms, credits_owed
from counterfoil.core.findings import Finding, FindingCode, finding
from counterfoil.core.money import format_minor, format_steps, format_unit_price
from counterfoil.core.periods import DateOutOfRange, DateRange
from counterfoil.core.recurring import Charge, iter_owed_lines
from counterfoil.core.refusals import Refusal, shown
from counterfoil.core.taxes import tax_on

Row = Mapping[str, str] | Finding


class LineKind(StrEnum):
    """Whether a line charges or credits."""

    CHARGE = "charge"
    CREDIT = "credit"


class CutOffMissing(Refusal):
    """The charge {charge} in row {row} has no end. Give the date through which to bill with --through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedLine:
    """One line as a run would store it, or one credit of a line."""

    charge_row: ChargeRow
    kind: LineKind
    period: DateRange
    fraction: Fraction
    net_minor: int
    bill_date: date

    def as_json(self) -> dict[str, str]:
        """Return the line by the names of the program's contract; amounts, quantities and dates as texts."""
        charge = self.charge_row.charge
        return {
            "charge": self.charge_row.charge_id,
            "customer": self.charge_row.customer,
            "kind": self.kind.value,
            "period_start": self.period.first_day.isoformat(),
            "period_end": self.period.ends_before.isoformat(),
            "fraction": str(self.fraction),
            "quantity": format_steps(charge.quantity_steps),
            "unit_price": format_unit_price(charge.unit_price_steps, charge.currency),
            "amount": format_minor(self.net_minor, charge.currency),
            "currency": charge.currency,
            "bill_date": self.bill_date.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFinding:
    """What is wrong with one row; *row* counts the rows of charges from 1."""

    row: int
    charge_id: str
    finding: Finding

    def as_json(self) -> dict[str, Any]:
        """Return the finding by the names of the program's contract."""
        return {
            "row": self.row,
            "charge": self.charge_id,
            "code": self.finding.code.value,
            "message": self.finding.message,
            "remedy": self.finding.remedy,
        }


@dataclass(frozen=True, slots=True)
class Total:
    """Net and tax in one currency."""

    net_minor: int = 0
    tax_minor: int = 0

    def as_json(self, currency: str) -> dict[str, str]:
        """Return the total by the names of the program's contract."""
        amounts = {"net": self.net_minor, "tax": self.tax_minor, "gross": self.net_minor + self.tax_minor}
        return {name: format_minor(minor, currency) for name, minor in amounts.items()}


@dataclass(slots=True)
class Simulation:
    """What came of it: lines by charge then period, totals by currency, findings by row."""

    lines: list[SimulatedLine] = field(default_factory=list)
    findings: list[RowFinding] = field(default_factory=list)

    def totals(self) -> dict[str, Total]:
        """Return net and tax by currency; tax is rounded per customer, currency and rate (billing-rules 5.2)."""
        nets: dict[tuple[str, str, int], int] = {}
        for line in self.lines:
            row = line.charge_row
            key = (row.charge.currency, row.customer, row.tax_rate_steps)
            nets[key] = nets.get(key, 0) + line.net_minor
        totals: dict[str, Total] = {}
        for (currency, _, rate_steps), net in sorted(nets.items()):
            so_far = totals.get(currency, Total())
            tax = tax_on(net, rate_steps=rate_steps)
            totals[currency] = Total(so_far.net_minor + net, so_far.tax_minor + tax)
        return totals

    def as_json(self) -> dict[str, Any]:
        """Return all of it as the one document of the program's contract."""
        return {
            "lines": [line.as_json() for line in self.lines],
            "totals": {currency: total.as_json(currency) for currency, total in self.totals().items()},
            "findings": [found.as_json() for found in self.findings],
        }


def simulate_charges(rows: Iterable[Row], *, through: date | None) -> Simulation:
    """Rate *rows* through *through* (billing-rules 2.4); a row that cannot be rated becomes a finding.

    A row is its cells by column name, or the finding that says why it could not even be split into cells.
    Raises `CutOffMissing` if a charge is open and *through* is None.
    """
    simulation = Simulation()
    first_rows: dict[str, int] = {}
    for number, cells in enumerate(rows, start=1):
        charge_id = "" if isinstance(cells, Finding) else cells.get("charge", "").strip()
        outcome = _rate_row(cells, row=number, through=through, seen_in=first_rows.get(charge_id))
        first_rows.setdefault(charge_id, number)
        for part in outcome:
            if isinstance(part, Finding):
                simulation.findings.append(RowFinding(row=number, charge_id=charge_id, finding=part))
            else:
                simulation.lines.append(part)
    simulation.lines.sort(key=lambda line: (line.charge_row.charge_id, line.period.first_day))
    return simulation


def simulate_rows(rows: Iterable[Row], through: date | None) -> dict[str, Any]:
    """Return what `simulate_charges` finds as one JSON document: lines, totals, findings."""
    return simulate_charges(rows, through=through).as_json()


def _rate_row(
    cells: Row, *, row: int, through: date | None, seen_in: int | None
) -> list[SimulatedLine] | list[Finding]:
    if isinstance(cells, Finding):
        return [cells]
    read = read_charge_row(cells, row=row)
    if not isinstance(read, ChargeRow):
        return read
    if seen_in is not None:
        return [finding(FindingCode.DUPLICATE_CHARGE, charge=shown(read.charge_id), first_row=seen_in)]
    if through is None and read.charge.ends_before is None:
        raise CutOffMissing(charge=shown(read.charge_id), row=row)
    try:
        return [*_charge_lines(read, through=through), *_credit_lines(read, through=through)]
    except DateOutOfRange:
        return [date_out_of_range()]


def _charge_lines(row: ChargeRow, *, through: date | None) -> Iterator[SimulatedLine]:
    for line in iter_owed_lines(row.charge, through=through):
        yield SimulatedLine(
            charge_row=row,
            kind=LineKind.CHARGE,
            period=line.period,
            fraction=line.fraction,
            net_minor=line.net_minor,
            bill_date=line.bill_date,
        )


def _credit_lines(row: ChargeRow, *, through: date | None) -> Iterator[SimulatedLine]:
    """Yield a credit for each line that what is billed ran beyond the charge's end (billing-rules 6.2, 6.3)."""
    charge, billed = row.charge, row.charge.billed
    ends_before = charge.ends_before
    if row.credit is CreditBasis.NONE or billed is None or ends_before is None:
        return
    is_due = through is None or ends_before <= through
    if billed.ends_before <= ends_before or not is_due:
        return
    credited = credits_owed(
        terms=CreditTerms(
            grid=charge.grid,
            part_charging=charge.part_charging,
            day_count=charge.day_count,
            cost_of=charge.cost_of,
        ),
        lines=list(_lines_beyond(charge, billed=billed, ends_before=ends_before)),
        span=billed,
        served=[DateRange(charge.starts_on, ends_before)],
        basis=row.credit,
    )
    for credit in credited:
        yield SimulatedLine(
            charge_row=row,
            kind=LineKind.CREDIT,
            period=credit.unserved[0],
            fraction=credit.fraction,
            net_minor=credit.net_minor,
            bill_date=ends_before,
        )


def _lines_beyond(charge: Charge, *, billed: DateRange, ends_before: date) -> Iterator[CreditableLine]:
    """Yield the lines that billed *billed*, oldest first, from the grid period that holds *ends_before* on."""
    touched = charge.grid.period(charge.grid.index_of(ends_before)).first_day
    as_billed = replace(
        charge,
        starts_on=max(billed.first_day, touched),
        ends_before=billed.ends_before,
        billed=None,
    )
    for line in iter_owed_lines(as_billed, through=None):
        yield CreditableLine(k=line.k, period=line.period, fraction=line.fraction, net_minor=line.net_minor)
