"""What share of a charge period is billed (billing-rules 3).

A whole period's share is 1 under every policy. Under `none` a partial period's share is 0, which means the
same as any other share of 0: no line. Whether its days are billed later is a question of the billed span
(recurring.py), not of the share.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from counterfoil.core.periods import DateRange, DayCount, Grid, Length, PartCharging, merged
from counterfoil.core.refusals import Refusal

ZERO = Fraction(0)
WHOLE = Fraction(1)


class PolicyNeedsMonths(Refusal):
    """{policy} cannot share out a charge period of {length}. Use daily with actual, or months or years."""


def check_policy(*, length: Length, part_charging: PartCharging, day_count: DayCount) -> None:
    """Raise `PolicyNeedsMonths` where `monthly` or `by_month` meets a period counted in days or weeks."""
    if length.months is not None:
        return
    if part_charging is PartCharging.MONTHLY:
        raise PolicyNeedsMonths(policy=part_charging, length=length)
    if part_charging is PartCharging.DAILY and day_count is DayCount.BY_MONTH:
        raise PolicyNeedsMonths(policy=day_count, length=length)


def fraction_served(
    *, grid: Grid, k: int, served: DateRange, part_charging: PartCharging, day_count: DayCount
) -> Fraction:
    """Return the share of period *k* that its days in *served* cost, from 0 to 1 (billing-rules 3.1, 3.2).

    Days of *served* outside the period do not count; None is open. Raises `PolicyNeedsMonths`.
    """
    return fraction_of_pieces(
        grid=grid, k=k, pieces=[served], part_charging=part_charging, day_count=day_count
    )


def fraction_of_pieces(
    *, grid: Grid, k: int, pieces: Iterable[DateRange], part_charging: PartCharging, day_count: DayCount
) -> Fraction:
    """Return the share of period *k* that the days of all *pieces* together cost (billing-rules 3.4).

    Pieces may come in any order, touch and overlap: a day counts once.
    """
    check_policy(length=grid.length, part_charging=part_charging, day_count=day_count)
    period = grid.period(k)
    served = merged(piece.intersect(period) for piece in pieces)
    if not served:
        return ZERO
    if served == [period]:
        return WHOLE
    if part_charging is PartCharging.NONE:
        return ZERO
    if part_charging is PartCharging.WHOLE:
        return WHOLE
    if part_charging is PartCharging.MONTHLY:
        return _share_of_months(months=grid.months_of(k), served=served)
    return _share_of_days(grid=grid, period=period, served=served, day_count=day_count)


def _share_of_months(*, months: Sequence[DateRange], served: Sequence[DateRange]) -> Fraction:
    months_served = sum(any(not month.intersect(piece).is_empty for piece in served) for month in months)
    return Fraction(months_served, len(months))


def _share_of_days(
    *, grid: Grid, period: DateRange, served: Sequence[DateRange], day_count: DayCount
) -> Fraction:
    if day_count is DayCount.BY_MONTH:
        months_served = sum((_calendar_months(piece) for piece in served), start=ZERO)
        return min(months_served / (grid.length.months or 1), WHOLE)
    if day_count is DayCount.THIRTY_360:
        return Fraction(sum(_thirty_360_days(piece) for piece in served), _thirty_360_days(period))
    return Fraction(sum(piece.days for piece in served), period.days)


def _calendar_months(piece: DateRange) -> Fraction:
    """Return Σ days of *piece* in a calendar month ÷ days in that month: 25 Jan–3 Feb is 7/31 + 3/28."""
    first, after = piece.first_day, piece.ends_before
    months_between = (after.year - first.year) * 12 + after.month - first.month
    into_last, into_first = Fraction(after.day - 1, _days_in(after)), Fraction(first.day - 1, _days_in(first))
    return months_between + into_last - into_first


def _thirty_360_days(piece: DateRange) -> int:
    """Return Σ weights: a day weighs 1, the 31st 0, the last of February 30 − its day + 1."""
    return _thirty_360_ordinal(piece.ends_before) - _thirty_360_ordinal(piece.first_day)


def _thirty_360_ordinal(day: date) -> int:
    """Return the weight of all days before *day*: 30 for each month before its own, then 1 for each day."""
    return (day.year * 12 + day.month - 1) * 30 + day.day - 1


def _days_in(day: date) -> int:
    return monthrange(day.year, day.month)[1]
