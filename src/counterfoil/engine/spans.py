"""How the billed span of each charge moves when its lines are stored (billing-rules 2.5)."""

from __future__ import annotations

import polars as pl

from counterfoil.engine.frames import SPANS

BILLED = ("charge_id", "billed_from", "billed_to", "starts_in_part", "ends_in_part")
"""What of a charge says how far it is billed."""


def moved_spans(*, lines: pl.DataFrame, charges: pl.DataFrame) -> pl.DataFrame:
    """Return SPANS for every charge with a line; lines of events move none.

    The span reaches to the end of its last line; days that are not billed are passed over where a line lies
    beyond them: a leading part under `none`, a gap in the service. A trailing part leaves it where it is, and so do
    days within it that are billed again.
    """
    after = ~pl.col("is_before_span") & ~pl.col("is_within_span")
    reached = (
        lines.filter(pl.col("charge_id").is_not_null())
        .with_columns(
            end_after=pl.when(after).then("period_end"), grid_end_after=pl.when(after).then("grid_end")
        )
        .group_by("charge_id")
        .agg(
            last_end=pl.col("end_after").max(),
            last_grid_end=pl.col("grid_end_after").max(),
            served_start=pl.col("served_start").first(),
            first_grid_start=pl.col("grid_start").min(),
        )
    )
    moved = reached.join(charges.select(BILLED), on="charge_id", how="left")
    starts_anew = (pl.col("served_start") < pl.col("billed_from")).fill_null(value=True)
    starts_in_part = pl.col("served_start") != pl.col("first_grid_start")
    ends_in_part = pl.col("last_end") != pl.col("last_grid_end")
    ends_anew = pl.col("last_end").is_not_null()
    return SPANS.promise(
        moved.select(
            "charge_id",
            was_from="billed_from",
            was_to="billed_to",
            billed_from=pl.when(starts_anew).then("served_start").otherwise("billed_from"),
            billed_to=pl.when(ends_anew).then("last_end").otherwise("billed_to"),
            starts_in_part=pl.when(starts_anew).then(starts_in_part).otherwise("starts_in_part"),
            ends_in_part=pl.when(ends_anew).then(ends_in_part).otherwise("ends_in_part"),
        )
    )
