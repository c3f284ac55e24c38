"""What is given back when served days fall away, and the tax that goes with it (billing-rules 6).

A credit refers to one original line and uses that line's price and policy. Within a grid period billed in
pieces, each line is credited down to what it would have cost in its place among the pieces, so the period ends
at what the days that stay would have cost from the outset (billing-rules 6.5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate

from counterfoil.core.money import PERCENT_STEPS, Rounding, differences, round_ratio
from counterfoil.core.periods import DateRange, DayCount, Grid, PartCharging, intersection, merged, remainder
from counterfoil.core.proration import ZERO, fraction_of_pieces


class CreditBasis(StrEnum):
    """How much is credited when the dates change (billing-rules 6.2, 6.3)."""

    NONE = "none"
    DAILY = "daily"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditableLine:
    """One live line of a charge: the days it billed, their share of grid period *k*, and its money.

    *credited_minor* is what credits have taken off it so far; it has the line's sign.
    """

    k: int
    period: DateRange
    fraction: Fraction
    net_minor: int
    credited_minor: int = 0

    @property
    def left_minor(self) -> int:
        """What is left of the line after its credits so far."""
        return self.net_minor - self.credited_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTerms:
    """The price and policy the lines were billed with; *cost_of* turns a share of a period into minor units."""

    grid: Grid
    part_charging: PartCharging
    day_count: DayCount
    cost_of: Callable[[Fraction], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What one line gives back: its unserved days, their share of the grid period, and the amount.

    *net_minor* has the sign opposite to the line's. A credit without unserved days is a minor unit that
    another piece of the same grid period could not give back.
    """

    line: CreditableLine
    unserved: tuple[DateRange, ...]
    fraction: Fraction
    net_minor: int


def credits_owed(
    *,
    terms: CreditTerms,
    lines: Sequence[CreditableLine],
    span: DateRange,
    served: Sequence[DateRange],
    basis: CreditBasis,
) -> list[Credit]:
    """Return the credits for days of *span* that are no longer in *served*, newest line first (6.2, 6.3).

    *lines* are the charge's live lines, oldest first: all of every grid period touched. *span* is its billed
    span. A line that keeps all its share gives no credit; one whose price is 0 gives a credit of 0.
    """
    if basis is CreditBasis.NONE:
        return []
    found: list[Credit] = []
    for k in dict.fromkeys(line.k for line in lines):
        of_period = [line for line in lines if line.k == k]
        territories = _territories(of_period, span=span, period=terms.grid.period(k))
        kept = _shares_kept(of_period, territories, terms=terms, served=served, basis=basis)
        found += _down_to(kept, of_period, territories, terms=terms, served=served)
    position = {id(line): number for number, line in enumerate(lines)}
    return sorted(found, key=lambda credit: position[id(credit.line)], reverse=True)


def credit_tax(
    *,
    group_net_minor: int,
    group_tax_minor: int,
    tax_rate_steps: int,
    credited_net_minor: int,
    credited_tax_minor: int,
    rounding: Rounding = Rounding.HALF_AWAY,
) -> int:
    """Return the tax to credit now for one tax group of an invoice (billing-rules 6.6).

    *credited_net_minor* is all credited of the group so far, this credit included, and *credited_tax_minor* the
    tax credited before it; all have the group's sign. Crediting everything gives back the group's tax exactly.
    """
    if credited_net_minor == group_net_minor:
        return group_tax_minor - credited_tax_minor
    tax_so_far = round_ratio(credited_net_minor * tax_rate_steps, PERCENT_STEPS, rounding=rounding)
    return _between_zero_and(group_tax_minor, tax_so_far) - credited_tax_minor


def within_what_is_left(amount_minor: int, *, line: CreditableLine) -> int:
    """Return *amount_minor*, but never more than is left of *line* and never of the other sign (6.4)."""
    return _between_zero_and(line.left_minor, amount_minor)


def span_after_credit(span: DateRange, served: Sequence[DateRange]) -> DateRange | None:
    """Return the billed span once the days outside *served* are credited; None if no day is left (2.5, 6.4).

    A credit given by hand, one that follows no dates, never moves the span: do not ask for one.
    """
    left = intersection([span], served)
    return DateRange(left[0].start, left[-1].end) if left else None


def _territories(
    lines: Sequence[CreditableLine], *, span: DateRange, period: DateRange
) -> list[list[DateRange]]:
    """Return, for each line of a grid period, the days it paid for.

    Days the span passed over without a line (a second piece under `whole`, a leading part under `none`) were
    paid for by the period's first line: they count as its own.
    """
    passed = remainder([span.intersect(period)], [line.period for line in lines])
    first, *others = ([line.period] for line in lines)
    return [merged(first + passed), *others]


def _shares_kept(
    lines: Sequence[CreditableLine],
    territories: Sequence[list[DateRange]],
    *,
    terms: CreditTerms,
    served: Sequence[DateRange],
    basis: CreditBasis,
) -> list[Fraction]:
    """Return how much of the grid period the lines together keep, up to and with each of them."""
    kept, pieces, billed = [], list[DateRange](), ZERO
    for line, territory in zip(lines, territories, strict=True):
        pieces += territory
        billed += line.fraction
        if basis is CreditBasis.MONTHLY:
            kept.append(max(billed - _unserved_months(line.k, pieces, terms=terms, served=served), ZERO))
        else:
            kept.append(_share_of(line.k, intersection(pieces, served), terms=terms))
    return _never_falling(kept)


def _never_falling(shares: Sequence[Fraction]) -> list[Fraction]:
    """Return *shares* with each at most the next: what a newer line cannot give back alone, older ones do."""
    return list(accumulate(reversed(shares), min))[::-1]


def _share_of(k: int, pieces: Sequence[DateRange], *, terms: CreditTerms) -> Fraction:
    """Return the share of grid period *k* that *pieces* would have cost; `none` counts as `daily` (6.2)."""
    prorates = terms.part_charging is not PartCharging.NONE
    return fraction_of_pieces(
        grid=terms.grid,
        k=k,
        pieces=pieces,
        part_charging=terms.part_charging if prorates else PartCharging.DAILY,
        day_count=terms.day_count,
    )


def _unserved_months(
    k: int, pieces: Sequence[DateRange], *, terms: CreditTerms, served: Sequence[DateRange]
) -> Fraction:
    """Return the complete months of grid period *k* billed but without a served day, as a share of it (6.3).

    A month counts if it was billed as a whole one. A charge period of one month, or of days, has none.
    """
    months = terms.grid.months_of(k)
    if len(months) <= 1:
        return ZERO
    unserved = sum(
        _is_billed_whole(month, pieces, terms.part_charging) and not intersection([month], served)
        for month in months
    )
    return Fraction(unserved, len(months))


def _is_billed_whole(month: DateRange, pieces: Sequence[DateRange], part_charging: PartCharging) -> bool:
    if part_charging is PartCharging.DAILY:
        return not remainder([month], pieces)
    return bool(intersection([month], pieces))


def _down_to(
    kept: Sequence[Fraction],
    lines: Sequence[CreditableLine],
    territories: Sequence[list[DateRange]],
    *,
    terms: CreditTerms,
    served: Sequence[DateRange],
) -> Iterator[Credit]:
    """Yield the credits that bring the lines of a grid period down to the shares *kept*, cumulatively."""
    kept_minor = differences([terms.cost_of(share) for share in kept])
    given_back = [
        line.fraction - (share - before)
        for line, share, before in zip(lines, kept, [ZERO, *kept], strict=False)
    ]
    amounts = _settled(lines, kept_minor, is_touched=[share > 0 for share in given_back])
    for line, share, amount, territory in zip(lines, given_back, amounts, territories, strict=True):
        is_used_up = line.left_minor == 0 and line.net_minor != 0
        if amount != 0 or (share > 0 and not is_used_up):
            yield Credit(
                line=line,
                unserved=tuple(remainder(territory, served)),
                fraction=share,
                net_minor=-amount,
            )


def _settled(
    lines: Sequence[CreditableLine], kept_minor: Sequence[int], *, is_touched: Sequence[bool]
) -> list[int]:
    """Return what each line of a grid period gives back, so that together they keep the sum of *kept_minor*.

    Pieces were rounded cumulatively, so a line can owe a minor unit more or less than it has left; the others
    settle that, those that lost days first and the newest first (billing-rules 6.4, 6.5).
    """
    all_left = sum(line.left_minor for line in lines)
    amounts = [
        within_what_is_left(line.left_minor - kept, line=line)
        for line, kept in zip(lines, kept_minor, strict=True)
    ]
    open_minor = _between_zero_and(all_left, all_left - sum(kept_minor)) - sum(amounts)
    for number in sorted(range(len(lines)), key=lambda number: (is_touched[number], number), reverse=True):
        settled = within_what_is_left(amounts[number] + open_minor, line=lines[number])
        open_minor -= settled - amounts[number]
        amounts[number] = settled
    return amounts


def _between_zero_and(limit: int, amount: int) -> int:
    return max(0, min(amount, limit)) if limit >= 0 else min(0, max(amount, limit))
