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
from counterfoil.core.proration import WHOLE, ZERO, fraction_of_pieces


class CreditBasis(StrEnum):
    """How much is credited when the dates change (billing-rules 6.2, 6.3)."""

    NONE = "none"
    DAILY = "daily"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditableLine:
    """One live line of a charge: the days it billed, their share of grid period *k*, and its money.

    *credited_minor* is what credits have taken off it so far; it has the line's sign. *is_lowered*: a person
    credited or waived some of it. *given_up* are its days that earlier credits took off it, or that a newer line
    billed again; *credited_fraction* is their share. *cost_of* is its own price where the period's lines have
    several (4.2); None: that of the terms.
    """

    k: int
    period: DateRange
    fraction: Fraction
    net_minor: int
    credited_minor: int = 0
    is_lowered: bool = False
    given_up: tuple[DateRange, ...] = ()
    credited_fraction: Fraction = ZERO
    cost_of: Callable[[Fraction], int] | None = None

    @property
    def left_minor(self) -> int:
        """What is left of the line after its credits so far."""
        return self.net_minor - self.credited_minor

    @property
    def days(self) -> list[DateRange]:
        """The days it still bills."""
        return remainder([self.period], self.given_up)


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
    elsewhere: Sequence[DateRange] = (),
) -> list[Credit]:
    """Return the credits for days of *span* that are no longer in *served*, newest line first (6.2, 6.3).

    *lines* are the charge's live lines, oldest first: all of every grid period touched. *span* is its billed
    span; *elsewhere* are days of it that others billed, another grid's lines or the system used before. A line
    that keeps all its share gives no credit; one whose price is 0 gives a credit of 0.
    """
    if basis is CreditBasis.NONE:
        return []
    found: list[Credit] = []
    for k in dict.fromkeys(line.k for line in lines):
        of_period = [line for line in lines if line.k == k and (line.days or line.left_minor)]
        passed = _passed_days(of_period, span=span, period=terms.grid.period(k), elsewhere=elsewhere)
        territories = _with_first([line.days for line in of_period], passed)
        if not any(remainder(territory, served) for territory in territories):
            continue
        if basis is CreditBasis.MONTHLY:
            paid_for = _with_first([[line.period] for line in of_period], passed)
            kept = _shares_less_months(of_period, paid_for, terms=terms, served=served)
        else:
            kept = _shares_of_days(of_period, territories, terms=terms, served=served)
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


def _passed_days(
    lines: Sequence[CreditableLine], *, span: DateRange, period: DateRange, elsewhere: Sequence[DateRange]
) -> list[DateRange]:
    """Return the days of a grid period that the span passed over without a line.

    They were paid for by the period's first line: a second piece under `whole`, a leading part under `none`.
    """
    return remainder([span.intersect(period)], [*(line.period for line in lines), *elsewhere])


def _with_first(days: Sequence[list[DateRange]], passed: Sequence[DateRange]) -> list[list[DateRange]]:
    """Return for each line of a grid period the days it paid for, those *passed* among the first one's."""
    first = next((number for number, own in enumerate(days) if own), 0)
    return [merged([*own, *passed]) if number == first else own for number, own in enumerate(days)]


def _shares_of_days(
    lines: Sequence[CreditableLine],
    territories: Sequence[list[DateRange]],
    *,
    terms: CreditTerms,
    served: Sequence[DateRange],
) -> list[Fraction]:
    """Return what the served days of the lines together cost, up to and with each of them (6.2)."""
    kept, pieces = [], list[DateRange]()
    for line, territory in zip(lines, territories, strict=True):
        pieces += territory
        kept.append(_share_of(line.k, intersection(pieces, served), terms=terms))
    return _never_falling(kept)


def _shares_less_months(
    lines: Sequence[CreditableLine],
    paid_for: Sequence[list[DateRange]],
    *,
    terms: CreditTerms,
    served: Sequence[DateRange],
) -> list[Fraction]:
    """Return the shares billed less the complete unserved months, up to and with each line (6.3)."""
    kept, pieces, billed = [], list[DateRange](), ZERO
    for line, days in zip(lines, paid_for, strict=True):
        pieces += days
        billed = min(billed + line.fraction, WHOLE)
        kept.append(max(billed - _unserved_months(line.k, pieces, terms=terms, served=served), ZERO))
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
    given_back = [
        max(line.fraction - line.credited_fraction - (share - before), ZERO)
        for line, share, before in zip(lines, kept, [ZERO, *kept], strict=False)
    ]
    is_touched = [share > 0 for share in given_back]
    kept_minor = _kept_minor(kept, lines, terms=terms, is_touched=is_touched)
    amounts = _settled(lines, kept_minor, is_touched=is_touched)
    for line, share, amount, territory in zip(lines, given_back, amounts, territories, strict=True):
        unserved = tuple(remainder(territory, served))
        is_used_up = line.left_minor == 0 and line.net_minor != 0
        if amount != 0 or (unserved and share > 0 and not is_used_up):
            yield Credit(line=line, unserved=unserved, fraction=share, net_minor=-amount)


def _kept_minor(
    kept: Sequence[Fraction],
    lines: Sequence[CreditableLine],
    *,
    terms: CreditTerms,
    is_touched: Sequence[bool],
) -> list[int]:
    """Return what each line's part of the shares *kept* costs.

    Where the lines have several prices, each by its own; a line that keeps all its share keeps its amount.
    """
    if all(line.cost_of is None for line in lines):
        return differences([terms.cost_of(share) for share in kept])
    costs = [line.cost_of or terms.cost_of for line in lines]
    return [
        cost_of(share) - cost_of(before) if touched else line.left_minor
        for cost_of, share, before, touched, line in zip(
            costs, kept, [ZERO, *kept], is_touched, lines, strict=False
        )
    ]


def _settled(
    lines: Sequence[CreditableLine], kept_minor: Sequence[int], *, is_touched: Sequence[bool]
) -> list[int]:
    """Return what each line of a grid period gives back, so that together they keep the sum of *kept_minor*.

    Pieces were rounded cumulatively, so a line can owe a minor unit more or less than it has left; the others
    settle that, those that lost days first and the newest first (billing-rules 6.4, 6.5). What a person took
    off one line is not taken back from another.
    """
    all_left = sum(line.left_minor for line in lines)
    stays = sum(
        within_what_is_left(kept, line=line) if line.is_lowered else kept
        for line, kept in zip(lines, kept_minor, strict=True)
    )
    amounts = [
        within_what_is_left(line.left_minor - kept, line=line)
        for line, kept in zip(lines, kept_minor, strict=True)
    ]
    open_minor = _between_zero_and(all_left, all_left - stays) - sum(amounts)
    for number in sorted(range(len(lines)), key=lambda number: (is_touched[number], number), reverse=True):
        settled = within_what_is_left(amounts[number] + open_minor, line=lines[number])
        open_minor -= settled - amounts[number]
        amounts[number] = settled
    return amounts


def _between_zero_and(limit: int, amount: int) -> int:
    return max(0, min(amount, limit)) if limit >= 0 else min(0, max(amount, limit))
