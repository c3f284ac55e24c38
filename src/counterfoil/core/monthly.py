"""What a recurring charge comes to a month, whatever the length of its period (decision 0131)."""

from __future__ import annotations

from fractions import Fraction

from counterfoil.core.periods import DateRange

DAYS_A_YEAR = 365
MONTHS_A_YEAR = 12


def months_in(grid: DateRange, *, is_of_days: bool) -> Fraction:
    """Return how many months a whole period has: calendar months, or for one of days or weeks its share of a year.

    A week is 7 × 12/365 of a month.
    """
    if is_of_days:
        return Fraction(grid.days * MONTHS_A_YEAR, DAYS_A_YEAR)
    first, ends = grid.first_day, grid.ends_before
    return Fraction((ends.year - first.year) * MONTHS_A_YEAR + ends.month - first.month)


def monthly_net(net_minor: int, *, share: Fraction, months: Fraction) -> Fraction:
    """Return, in minor units and unrounded, what a line that bills a *share* of a period of *months* is a month.

    It is what the whole period comes to, by its number of months: a yearly charge of 120.00 is 10.00 a month, and so is
    one of which a part is billed.
    """
    return net_minor / share / months
