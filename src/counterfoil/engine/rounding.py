"""THE one rounding, on columns: what `core.money.round_ratio` does to each row, in 128-bit integers."""

from __future__ import annotations

import polars as pl

from counterfoil.core.money import Rounding

WIDE = pl.Int128
"""Products of money are formed in this; the largest admitted ones stay far below its limit."""


def round_ratio(numerator: pl.Expr, denominator: pl.Expr, *, rounding: Rounding) -> pl.Expr:
    """Return *numerator* ÷ *denominator* rounded to whole numbers (billing-rules 3.1).

    Both are `WIDE` integers, the denominator positive; symmetric in sign. The result is `WIDE`: cast it
    strictly, so that an overflow raises and never wraps.
    """
    magnitude = numerator.abs()
    whole = magnitude // denominator
    twice_rest = (magnitude - whole * denominator) * 2
    half_goes_up = pl.lit(value=True) if rounding is Rounding.HALF_AWAY else whole % 2 == 1
    rounds_up = (twice_rest > denominator) | ((twice_rest == denominator) & half_goes_up)
    return (whole + rounds_up.cast(WIDE)) * numerator.sign()
