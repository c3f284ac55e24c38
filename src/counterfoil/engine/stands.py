"""What meters stood at on the edges of periods, and the units between, on columns (billing-rules 4.4).

The same as `core.usage.Meter` for many meters at once. A *stand* is a reading as if the counter never began again
at 0.
"""

from __future__ import annotations

import polars as pl

from counterfoil.core.money import STEPS as STEPS_OF_ONE
from counterfoil.core.money import Rounding
from counterfoil.engine.frames import DAY, ID, STEPS, Frame
from counterfoil.engine.rounding import WIDE, round_ratio

METERS = Frame(
    name="meters",
    columns={
        "meter_id": ID,
        "charge_id": ID,
        "meter": pl.String,
        "digits": pl.Int64,
        "tolerance_days": pl.Int64,
        "may_be_estimated": pl.Boolean,
    },
    key=("meter_id",),
)

READINGS = Frame(
    name="readings",
    columns={"meter_id": ID, "read_on": DAY, "value": STEPS, "is_estimate": pl.Boolean},
    key=("meter_id", "read_on"),
)

STANDS_BILLED = Frame(
    name="stands billed",
    columns={"charge_id": ID, "meter_id": ID, "billed_to": DAY, "value": STEPS},
    key=("meter_id",),
)
"""Up to which value of its counter each meter is billed, by the line that ends where the billed span does."""

PIECE = ["charge_id", "k", "period_start"]


def meter_uses(
    *, pieces: pl.DataFrame, meters: pl.DataFrame, readings: pl.DataFrame, stands_billed: pl.DataFrame
) -> pl.DataFrame:
    """Return a row for each piece and meter of its charge: `units` between the stands at the piece's edges.

    *pieces* are PIECES. Added to its key are `meter_id`, `meter`, `start_*` and `end_*` (`stand`, `read_on`,
    `is_estimate`), `billed_to_stand`, up to which is billed afterwards, and `missing_on`, the day without a
    reading, or `goes_back`: then the units are not known. The first piece begins where billing ended, so that it
    takes up what an estimate was wrong by; units are never negative, and what was billed too much comes off later.
    """
    turns = meters.with_columns(
        turns_over_at=pl.lit(10, dtype=pl.Int64).pow(pl.col("digits")).cast(pl.Int64) * STEPS_OF_ONE
    )
    unrolled = _unrolled(readings, turns)
    used = pieces.select(*PIECE, "period_end").join(turns, on="charge_id", how="inner")
    for edge in ("start", "end"):
        stands = _stands(used.select("meter_id", pl.col(f"period_{edge}").alias("day")), turns, unrolled)
        used = used.join(
            stands.rename({name: f"{edge}_{name}" for name in ("stand", "read_on", "is_estimate")}),
            left_on=["meter_id", f"period_{edge}"],
            right_on=["meter_id", "day"],
            how="left",
        )
    billed = stands_billed.select("meter_id", "billed_to", billed_value="value")
    chained = _chained(used.join(billed, on="meter_id", how="left").sort("meter_id", "period_start"))
    missing_on = (
        pl.when("begins_chain", pl.col("begun").is_null())
        .then("period_start")
        .when(pl.col("end_stand").is_null())
        .then("period_end")
    )
    return chained.with_columns(
        units=pl.col("billed_to_stand") - pl.col("begun"),
        missing_on=missing_on,
        goes_back=(pl.col("end_stand") < pl.col("start_stand")).fill_null(value=False),
    )


def _unrolled(readings: pl.DataFrame, meters: pl.DataFrame) -> pl.DataFrame:
    """Return the readings with `stand`: the value as if the counter never began again at 0."""
    fell = (pl.col("value") < pl.col("value").shift(1).over("meter_id")).fill_null(value=False)
    return (
        readings.join(meters.select("meter_id", "turns_over_at"), on="meter_id", how="inner")
        .sort("meter_id", "read_on")
        .with_columns(turns=fell.cast(pl.Int64).cum_sum().over("meter_id"))
        .with_columns(stand=pl.col("value") + pl.col("turns") * pl.col("turns_over_at").fill_null(0))
        .select(
            "meter_id",
            "read_on",
            "stand",
            "is_estimate",
            earlier_on=pl.col("read_on").shift(1).over("meter_id"),
            earlier_stand=pl.col("stand").shift(1).over("meter_id"),
        )
    )


def _stands(edges: pl.DataFrame, meters: pl.DataFrame, unrolled: pl.DataFrame) -> pl.DataFrame:
    """Return `stand`, `read_on` and `is_estimate` for each distinct (`meter_id`, `day`); nulls: none."""
    readings = unrolled.sort("read_on")
    before = readings.rename({"read_on": "before_on", "stand": "before_stand", "is_estimate": "before_est"})
    after = readings.select("meter_id", after_on="read_on", after_stand="stand", after_est="is_estimate")
    around = (
        edges.unique()
        .sort("day")
        .join_asof(
            before, left_on="day", right_on="before_on", by="meter_id", coalesce=False, check_sortedness=False
        )
        .join_asof(
            after,
            left_on="day",
            right_on="after_on",
            by="meter_id",
            strategy="forward",
            allow_exact_matches=False,
            coalesce=False,
            check_sortedness=False,
        )
        .join(meters.select("meter_id", "tolerance_days", "may_be_estimated"), on="meter_id", how="left")
    )
    return _taken(around)


def _taken(around: pl.DataFrame) -> pl.DataFrame:
    days_before = (pl.col("day") - pl.col("before_on")).dt.total_days()
    days_after = (pl.col("after_on") - pl.col("day")).dt.total_days()
    near_before = (days_before <= pl.col("tolerance_days")).fill_null(value=False)
    near_after = (days_after <= pl.col("tolerance_days")).fill_null(value=False)
    takes_before = near_before & (~near_after | (days_before <= days_after))

    # Between two readings by these; after the last by the last two.
    is_between = pl.col("after_on").is_not_null()
    left_on, left_stand = (
        pl.when(is_between).then(f"before_{name}").otherwise(f"earlier_{name}") for name in ("on", "stand")
    )
    right_on, right_stand = (
        pl.when(is_between).then(f"after_{name}").otherwise(f"before_{name}") for name in ("on", "stand")
    )
    days = (right_on - left_on).dt.total_days().cast(WIDE)
    gone = (pl.col("day") - left_on).dt.total_days().cast(WIDE)
    weighed = left_stand.cast(WIDE) * (days - gone) + right_stand.cast(WIDE) * gone
    on_the_line = round_ratio(weighed, days, rounding=Rounding.HALF_AWAY).cast(pl.Int64, strict=True)
    is_estimated = pl.col("may_be_estimated") & pl.col("before_on").is_not_null() & left_stand.is_not_null()
    return around.select(
        "meter_id",
        "day",
        stand=pl.when(takes_before)
        .then("before_stand")
        .when(near_after)
        .then("after_stand")
        .when(is_estimated)
        .then(on_the_line),
        read_on=pl.when(takes_before).then("before_on").when(near_after).then("after_on").otherwise("day"),
        is_estimate=pl.when(takes_before)
        .then("before_est")
        .when(near_after)
        .then("after_est")
        .otherwise(pl.lit(value=True)),
    )


def _chained(used: pl.DataFrame) -> pl.DataFrame:
    """Return *used* with `begun` and `billed_to_stand`: where a period follows another, it begins where that ended."""
    follows = pl.col("period_start") == pl.col("period_end").shift(1).over("meter_id")
    continues_billing = pl.col("period_start") == pl.col("billed_to")
    turns_over_at = pl.col("turns_over_at")
    # Of the stands at which the counter shows the value billed to, the one nearest to what is read now.
    turns = round_ratio(
        (pl.col("start_stand") - pl.col("billed_value")).cast(WIDE),
        turns_over_at.cast(WIDE),
        rounding=Rounding.HALF_AWAY,
    ).cast(pl.Int64, strict=True)
    billed_stand = pl.col("billed_value") + (turns * turns_over_at).fill_null(0)
    opened = used.with_columns(
        begins_chain=~follows.fill_null(value=False),
        opening=pl.when(continues_billing)
        .then(billed_stand)
        .otherwise(None)
        .fill_null(pl.col("start_stand")),
    ).with_columns(chain=pl.col("begins_chain").cast(pl.Int64).cum_sum().over("meter_id"))
    reached = pl.when("begins_chain").then(pl.max_horizontal("opening", "end_stand")).otherwise("end_stand")
    return (
        opened.with_columns(reached=reached)
        .with_columns(billed_to_stand=pl.col("reached").cum_max().over("meter_id", "chain"))
        .with_columns(
            begun=pl.when("begins_chain")
            .then("opening")
            .otherwise(pl.col("billed_to_stand").shift(1).over("meter_id", "chain"))
        )
    )
