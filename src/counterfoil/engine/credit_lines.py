"""What the lines of one charge give back, line by line: days, share, net and discount (billing-rules 6.1 to 6.4).

A line is credited in the terms of its price: before its discount, and with its tax where prices include it. What
comes out is split into net and discount as the line itself is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any

from counterfoil.core.crediting import Credit, CreditableLine, CreditBasis, CreditTerms, credits_owed
from counterfoil.core.money import Rounding, amount_of, round_ratio
from counterfoil.core.periods import (
    DateRange,
    DayCount,
    Grid,
    Length,
    PartCharging,
    Unit,
    intersection,
    merged,
    remainder,
)

MONTHS_IN_YEAR = 12
Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class StoredLine:
    """A live line as it is stored, and as the rules of crediting see it.

    *adjusted_off_minor*, in the line's sign, is what a person took off it before it was issued. It counts among what
    is credited already, although no credit note says so (6.4).
    """

    row: Row
    creditable: CreditableLine
    adjusted_off_minor: int


@dataclass(frozen=True, kw_only=True)
class CreditedLine:
    """What one line gives back. *net_minor* and *discount_minor* have the sign opposite to the line's."""

    line: StoredLine
    credit: Credit
    net_minor: int
    discount_minor: int
    bill_date: date


def ranges_of(text: str | None) -> list[DateRange]:
    """Return the ranges that *text* lists: "2026-01-01/2026-02-01 2026-03-01/", an open end left out."""
    pairs = (part.split("/") for part in (text or "").split())
    return merged(
        DateRange(date.fromisoformat(start), date.fromisoformat(end) if end else None) for start, end in pairs
    )


def stored_lines(rows: Sequence[Row], *, rounding: Rounding) -> list[StoredLine]:
    """Return the lines of one charge, oldest days first, from rows of CREDITABLE_LINES.

    Days that a newer line bills are no longer those of an older one: it was credited, and billed again.
    """
    lines = []
    for row in rows:
        newer = [
            DateRange(other["period_start"], other["period_end"])
            for other in rows
            if other["line_id"] > row["line_id"]
        ]
        own = DateRange(row["period_start"], row["period_end"])
        given_up = merged([*ranges_of(row["given_up"]), *intersection([own], newer)])
        lines.append(_stored_line(row, period=own, given_up=given_up, rounding=rounding))
    return lines


def rated_minor(row: Row) -> int:
    """Return what a line came to in the terms of its price: before discounts, with its tax if that is included."""
    included = row["tax_minor"] if row["includes_tax"] else 0
    return int(row["net_minor"] + row["discount_minor"] + included)


def _stored_line(
    row: Row, *, period: DateRange, given_up: Sequence[DateRange], rounding: Rounding
) -> StoredLine:
    rated, net = rated_minor(row), row["net_minor"]
    credited = row["credited_minor"] + row["credited_discount_minor"]
    if row["includes_tax"]:
        credited = round_ratio(rated * row["credited_minor"], net, rounding=rounding) if net else 0
    adjusted_off = _adjusted_off(row, rated=rated, left=rated - credited, rounding=rounding)
    return StoredLine(
        row=row,
        adjusted_off_minor=adjusted_off,
        creditable=CreditableLine(
            k=0,
            period=period,
            fraction=Fraction(row["fraction_num"], row["fraction_den"]),
            net_minor=rated,
            credited_minor=credited + adjusted_off,
            is_lowered=row["is_credited_by_hand"] or row["kind"] == "waived" or adjusted_off != 0,
            given_up=tuple(given_up),
            credited_fraction=sum((Fraction(share) for share in row["credited_shares"].split()), Fraction(0)),
        ),
    )


def _adjusted_off(row: Row, *, rated: int, left: int, rounding: Rounding) -> int:
    """Return what adjustments took off a line, in the terms of its price; 0 where they added to it."""
    net, adjusted = row["net_minor"], row["adjusted_minor"]
    if net * adjusted >= 0:
        return 0
    off = round_ratio(rated * -adjusted, net, rounding=rounding)
    return max(min(off, left), 0) if rated > 0 else min(max(off, left), 0)


def credited_lines(
    lines: Sequence[StoredLine],
    *,
    span: DateRange,
    unserved: Sequence[DateRange],
    opening: Sequence[DateRange],
    basis: CreditBasis,
    rounding: Rounding,
) -> list[CreditedLine]:
    """Return what the lines of a charge give back for the *unserved* days of its *span*, newest line first.

    Each grid period goes by the policy and the prices its lines were rated with (6.1). *opening* are days that
    the system used before had billed.
    """
    stays = remainder([span], unserved)
    found: list[CreditedLine] = []
    for of_period in _by_grid_period(lines, unserved):
        own = {line.row["line_id"] for line in of_period}
        others = [line for line in lines if line.row["line_id"] not in own]
        elsewhere = [*opening, *(days for line in others for days in line.creditable.days)]
        if of_period[0].row["kind"] == "usage":
            found += _whole_lines(of_period, unserved, rounding=rounding)
            continue
        priced = _priced(of_period, rounding=rounding)
        given = credits_owed(
            terms=_terms(of_period[0].row, rounding=rounding),
            lines=priced,
            span=span,
            served=stays,
            basis=basis,
            elsewhere=elsewhere,
        )
        stored = {id(line): one for line, one in zip(priced, of_period, strict=True)}
        found += [
            _credited(stored[id(credit.line)], credit, unserved=unserved, rounding=rounding)
            for credit in given
        ]
    return sorted(found, key=lambda one: one.line.row["period_start"], reverse=True)


def _by_grid_period(lines: Sequence[StoredLine], unserved: Sequence[DateRange]) -> list[list[StoredLine]]:
    """Return the lines of every grid period with unserved days, by period, policy and kind."""
    periods: dict[tuple[Any, ...], list[StoredLine]] = {}
    for line in lines:
        row = line.row
        if intersection([DateRange(row["grid_start"], row["grid_end"])], unserved):
            is_usage = row["kind"] == "usage"
            key = (row["grid_start"], row["grid_end"], row["part_charging"], row["day_count"], is_usage)
            periods.setdefault(key, []).append(line)
    return list(periods.values())


def _terms(row: Row, *, rounding: Rounding) -> CreditTerms:
    """Return the policy and the price that a line was rated with; its grid period is the one numbered 0."""
    return CreditTerms(
        grid=_grid(row),
        part_charging=PartCharging(row["part_charging"] or PartCharging.DAILY),
        day_count=DayCount(row["day_count"] or DayCount.ACTUAL),
        cost_of=_cost_of(row, rounding=rounding),
    )


def _grid(row: Row) -> Grid:
    start, end, anchor_day = row["grid_start"], row["grid_end"], row["anchor_day"]
    if anchor_day is None:
        return Grid(Length((end - start).days, Unit.DAY), start)
    months = (end.year - start.year) * MONTHS_IN_YEAR + end.month - start.month
    return Grid(Length(months, Unit.MONTH), start, anchor_day)


def _cost_of(row: Row, *, rounding: Rounding) -> partial[int]:
    return partial(
        _cost,
        quantity=row["quantity"],
        unit_price=row["unit_price"],
        currency=row["currency"],
        rounding=rounding,
    )


def _cost(fraction: Fraction, *, quantity: int, unit_price: int, currency: str, rounding: Rounding) -> int:
    return amount_of(
        quantity_steps=quantity,
        unit_price_steps=unit_price,
        fraction=fraction,
        currency=currency,
        rounding=rounding,
    )


def _priced(lines: Sequence[StoredLine], *, rounding: Rounding) -> list[CreditableLine]:
    """Return the lines of a grid period, each with its own price where they have several."""
    prices = {(line.row["quantity"], line.row["unit_price"]) for line in lines}
    if len(prices) == 1:
        return [line.creditable for line in lines]
    return [replace(line.creditable, cost_of=_cost_of(line.row, rounding=rounding)) for line in lines]


def _whole_lines(
    lines: Sequence[StoredLine], unserved: Sequence[DateRange], *, rounding: Rounding
) -> list[CreditedLine]:
    """Return all that is left of each usage line whose days are unserved, every one of them (6.2)."""
    found = []
    for line in lines:
        days = line.creditable.days
        if intersection(days, unserved):
            credit = Credit(
                line=line.creditable,
                unserved=tuple(days),
                fraction=line.creditable.fraction - line.creditable.credited_fraction,
                net_minor=-line.creditable.left_minor,
            )
            found.append(_credited(line, credit, unserved=unserved, rounding=rounding))
    return found


def _credited(
    line: StoredLine, credit: Credit, *, unserved: Sequence[DateRange], rounding: Rounding
) -> CreditedLine:
    """Return *credit* split into net and discount in the proportion of its line, never more than is left (6.4)."""
    row = line.row
    net, discount = net_and_discount(
        row,
        rated_so_far=line.creditable.credited_minor - line.adjusted_off_minor - credit.net_minor,
        rounding=rounding,
    )
    first = credit.unserved[0].first_day if credit.unserved else unserved[0].first_day
    due = next((days.first_day for days in unserved if first in days), unserved[0].first_day)
    return CreditedLine(
        line=line,
        credit=credit,
        net_minor=row["credited_minor"] - net,
        discount_minor=row["credited_discount_minor"] - discount,
        bill_date=due,
    )


def net_and_discount(row: Row, *, rated_so_far: int, rounding: Rounding) -> tuple[int, int]:
    """Return how much of a line's net and discount is credited once *rated_so_far* of what it came to is.

    Both have the line's sign and are cumulative; all of it gives back both in full.
    """
    rated, net, discount = rated_minor(row), row["net_minor"], row["discount_minor"]
    if rated in {rated_so_far, 0}:
        return net, discount
    net_so_far = round_ratio(net * rated_so_far, rated, rounding=rounding)
    if row["includes_tax"]:
        return net_so_far, round_ratio(discount * rated_so_far, rated, rounding=rounding)
    return net_so_far, rated_so_far - net_so_far
