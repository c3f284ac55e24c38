"""What was excluded from an earlier run and is billed now: its line says so (billing-rules 12.7)."""

from __future__ import annotations

import polars as pl

from counterfoil.engine.frames import DAY, ID, Frame

EXCLUDED_LINES = Frame(
    name="excluded lines",
    columns={
        "charge_id": ID,
        "event_charge_id": ID,
        "period_start": DAY,
        "period_end": DAY,
        "excluded_run": ID,
        "excluded_draft": ID,
    },
    key=(),
    always={"has days": pl.col("period_start") < pl.col("period_end")},
)
"""Lines of drafts that somebody excluded and whose days are not billed since."""


def with_exclusions(lines: pl.DataFrame, *, excluded: pl.DataFrame) -> pl.DataFrame:
    """Return *lines* with `details` naming the newest excluded draft that had some of their days, or their event."""
    if excluded.is_empty():
        return lines
    numbered = lines.with_row_index("row")
    by_charge = numbered.join(
        excluded.filter(pl.col("charge_id").is_not_null()), on="charge_id", how="inner", suffix="_before"
    ).filter(
        (pl.col("period_start_before") < pl.col("period_end"))
        & (pl.col("period_end_before") > pl.col("period_start"))
    )
    by_event = numbered.join(
        excluded.filter(pl.col("event_charge_id").is_not_null()),
        on="event_charge_id",
        how="inner",
        suffix="_before",
    )
    columns = ["row", "excluded_run", "excluded_draft"]
    found = pl.concat([by_charge.select(columns), by_event.select(columns)])
    newest = found.sort("excluded_draft").unique(subset="row", keep="last")
    noted = numbered.join(newest, on="row", how="left", maintain_order="left").with_columns(
        details=_details()
    )
    return noted.drop("row", "excluded_run", "excluded_draft")


def _details() -> pl.Expr:
    """Return the line's `details` with the excluded draft named, among whatever else it says."""
    run, draft = pl.col("excluded_run").cast(pl.String), pl.col("excluded_draft").cast(pl.String)
    named = pl.concat_str(
        pl.lit('"excluded_before": {"run": '), run, pl.lit(', "draft": '), draft, pl.lit("}}")
    )
    before = (
        pl.when(pl.col("details") == "").then(pl.lit("{")).otherwise(pl.col("details").str.head(-1) + ", ")
    )
    return pl.when(pl.col("excluded_draft").is_null()).then("details").otherwise(before + named)
