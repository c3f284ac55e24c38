"""What each piece costs: quantity × price × the share of its period, rounded once (billing-rules 3)."""

from __future__ import annotations

import polars as pl

from counterfoil.core.money import Rounding
from counterfoil.engine.grids import Grids
from counterfoil.engine.rounding import WIDE, round_ratio


def rate(
    *, pieces: pl.DataFrame, grids: Grids, rounding: Rounding, billed_parts: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the *pieces* that cost a share above 0, with the share and `amount_minor`.

    *pieces* have their charge's columns and their own price and `details` (price_pieces.with_prices).

    Where a grid period is billed in pieces, a piece costs what it adds: the cost of all of them together less
    the cost of the earlier ones (3.4), or what BILLED_PARTS say credits left of them. A share of 0 gives no line, a
    price of 0 does (3.2). `amount_minor` is in the price's terms: with the tax where the price includes it.
    """
    shared = with_shares(pieces, grids=grids)
    costs = shared.with_columns(
        cost_together=_cost("together_num", "together_den", rounding=rounding),
        cost_of_earlier=_cost("earlier_num", "earlier_den", rounding=rounding),
    )
    if billed_parts is not None and not billed_parts.is_empty():
        costs = _with_what_is_left(costs, billed_parts)
    amount = (pl.col("cost_together") - pl.col("cost_of_earlier")).cast(pl.Int64, strict=True)
    # Where credits took more than days, a piece may cost something though it adds no share.
    rated = costs.with_columns(amount_minor=amount).filter(
        (pl.col("fraction_num") > 0) | (pl.col("amount_minor") != 0)
    )
    return (
        rated.drop("cost_together", "cost_of_earlier")
        .join(grids.anchor_days(), on="grid_id", how="left")
        .with_columns(**LINE_OF_A_CHARGE)
    )


def _with_what_is_left(costs: pl.DataFrame, billed_parts: pl.DataFrame) -> pl.DataFrame:
    """Return *costs* with the pieces billed before at what credits left of them.

    A piece is never below zero: credits alone give money back (decision 0002). So what was billed before the
    second of two pieces is the larger of what was left and the cost up to and with the first.
    """
    known = costs.join(billed_parts, on=BILLED_PART_KEY, how="left").sort("charge_id", "period_start")
    upwards = pl.col("quantity").cast(WIDE).sign() * pl.col("unit_price").cast(WIDE).sign()
    together, left = upwards * pl.col("cost_together"), upwards * pl.col("left_minor").cast(WIDE)
    up_to_piece_before = together.shift(1).over("charge_id", "grid_start")
    billed_before = pl.when(up_to_piece_before > left).then(up_to_piece_before).otherwise(left)
    at_most_together = pl.when(billed_before > together).then(together).otherwise(billed_before)
    is_known = pl.col("left_minor").is_not_null()
    return known.with_columns(
        cost_of_earlier=pl.when(is_known).then(upwards * at_most_together).otherwise("cost_of_earlier")
    ).drop("left_minor")


def _cost(share_num: str, share_den: str, *, rounding: Rounding) -> pl.Expr:
    """Return what that share of the charge's period costs, in minor units of its currency (3.1)."""
    full_price = pl.col("quantity").cast(WIDE) * pl.col("unit_price").cast(WIDE)
    steps_per_minor = pl.col("steps_per_minor").cast(WIDE)
    return round_ratio(
        full_price * pl.col(share_num).cast(WIDE),
        steps_per_minor * pl.col(share_den).cast(WIDE),
        rounding=rounding,
    )


def with_shares(priced: pl.DataFrame, *, grids: Grids) -> pl.DataFrame:
    """Return *priced* pieces with the shares that `Grids.shares` gives."""
    is_whole = (pl.col("period_start") == pl.col("grid_start")) & (pl.col("period_end") == pl.col("grid_end"))
    whole = priced.filter(is_whole).with_columns(
        **{name: pl.lit(number, dtype=pl.Int64) for name, number in WHOLE_SHARE.items()}
    )
    parts = priced.filter(~is_whole)
    alone = parts.filter(pl.col("earlier").is_null())
    distinct = grids.shares(alone.select(PART_KEY).unique())
    shared = [whole, alone.join(distinct, on=PART_KEY, how="left")]
    beside = parts.filter(pl.col("earlier").is_not_null())
    if not beside.is_empty():
        shares = grids.shares_beside(beside.select(PART_KEY), earlier=beside.get_column("earlier"))
        shared.append(pl.concat([beside, shares.drop(PART_KEY)], how="horizontal"))
    return pl.concat(shared)


LINE_OF_A_CHARGE = {
    "kind": pl.lit("charge"),
    "document_type": pl.lit("contract"),
    "event_charge_id": pl.lit(None, dtype=pl.Int64),
    "discount_minor": pl.lit(0, dtype=pl.Int64),
}

BILLED_PART_KEY = ["charge_id", "grid_start", "grid_end", "quantity", "unit_price"]

PART_KEY = [
    "grid_id", "k", "period_start", "period_end", "billed_start", "billed_end", "part_charging", "day_count",
]  # fmt: skip

WHOLE_SHARE = {
    "together_num": 1,
    "together_den": 1,
    "earlier_num": 0,
    "earlier_den": 1,
    "fraction_num": 1,
    "fraction_den": 1,
}
