"""Every piece gets the price in force on its service period's first day, or is split by it (billing-rules 4.2)."""

from __future__ import annotations

from datetime import date

import polars as pl

from counterfoil.core.periods import PartCharging
from counterfoil.engine.frames import FINDINGS
from counterfoil.engine.grids import Grids
from counterfoil.engine.price_history import PriceSources, price_steps
from counterfoil.engine.sifting import sift_prices

CHARGE_COLUMNS = ["charge_id", "master_id", "customer_id", "dealer_id", "grid_id", "starts_on", "currency"]
"""What of a charge its prices through time depend on."""


def with_prices(
    pieces: pl.DataFrame, *, sources: PriceSources, grids: Grids
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return *pieces* priced, each by its own price where that changes by date, and FINDINGS for the others.

    *pieces* are PIECES with their charge's columns. `details` is added, and `goes_on`: a price change splits the
    piece from the next one, which is of the same service period. A charge with a piece that no price can be
    found for is set aside with all its pieces.
    """
    same = {"details": pl.lit(""), "goes_on": pl.lit(value=False)}
    dated = pieces.filter("has_price_history")
    if dated.is_empty():
        return pieces.with_columns(**same), FINDINGS.empty()
    constant = pieces.filter(~pl.col("has_price_history")).with_columns(**same)
    charges = dated.select(CHARGE_COLUMNS).unique("charge_id")
    steps = price_steps(charges=charges, sources=sources, grids=grids, through=_last_day(dated))
    sound, findings = sift_prices(_priced(_split(dated, steps), steps))
    return pl.concat([constant, sound.select(constant.columns)]), findings


def _priced(pieces: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """Return *pieces*, in their order, with what is in force on their `price_start`; only two columns are sorted."""
    days = pieces.select("charge_id", "price_start").with_row_index("place").sort("price_start")
    in_force = days.join_asof(
        steps, left_on="price_start", right_on="valid_from", by="charge_id", check_sortedness=False
    ).sort("place")
    return pieces.with_columns(in_force.select("unit_price", "price_level", "details").get_columns())


def _last_day(pieces: pl.DataFrame) -> date:
    last: date | None = pieces.select(pl.col("service_end").max()).item()
    return last or date.max


def _split(dated: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """Return the pieces with `price_start`, the day whose price is theirs, split where their terms say so.

    Pieces of a split service period are rated by days. Those at one price are rated together (3.4), so of the
    days billed earlier only those at their own price remain beside them.
    """
    whole = dated.with_columns(price_start="service_start", goes_on=pl.lit(value=False))
    candidates = whole.filter(_may_split())
    changes = candidates.clear() if candidates.is_empty() else _changes(candidates, steps)
    if changes.is_empty():
        return whole
    bounds = pl.concat(
        [changes, changes.with_columns(price_start="service_start").unique()],
    ).sort("charge_id", "period_start", "price_start")
    piece = ["charge_id", "period_start"]
    next_start = pl.col("price_start").shift(-1).over(piece)
    edged = bounds.with_columns(price_end=pl.coalesce(next_start, "service_end"))
    parts = whole.drop("price_start", "goes_on").join(
        edged.drop("service_start", "service_end"), on=piece, how="inner"
    )
    start = pl.max_horizontal("period_start", "price_start")
    end = pl.min_horizontal("period_end", "price_end")
    billed_start = pl.max_horizontal("billed_start", "price_start")
    billed_end = pl.min_horizontal("billed_end", "price_end")
    has_billed = billed_start < billed_end
    cut = parts.with_columns(
        part_start=start,
        part_end=end,
        goes_on=end < pl.col("period_end"),
        part_charging=pl.lit(PartCharging.DAILY.value),
        billed_start=pl.when(has_billed).then(billed_start).otherwise("grid_start"),
        billed_end=pl.when(has_billed).then(billed_end).otherwise("grid_start"),
        earlier=_clipped(parts.select("earlier", "price_start", "price_end")),
    ).filter(pl.col("part_start") < pl.col("part_end"))
    renamed = cut.drop("period_start", "period_end", "price_end").rename(
        {"part_start": "period_start", "part_end": "period_end"}
    )
    kept = whole.join(changes.select(piece).unique(), on=piece, how="anti")
    return pl.concat([kept, renamed.select(kept.columns)])


def _clipped(ranges: pl.DataFrame) -> pl.Series:
    """Return `earlier`, with of its ranges only the days from `price_start` to before `price_end`."""
    clipped: list[list[date] | None] = []
    for earlier, price_start, price_end in ranges.iter_rows():
        pairs = None if earlier is None else zip(earlier[::2], earlier[1::2], strict=True)
        cut = (
            None
            if pairs is None
            else [(max(start, price_start), min(end, price_end)) for start, end in pairs]
        )
        clipped.append(None if cut is None else [day for days in cut if days[0] < days[1] for day in days])
    return pl.Series("earlier", clipped, dtype=ranges.schema["earlier"])


def _may_split() -> pl.Expr:
    """Parts not charged by days split where the service is billed at once and alone in its grid period.

    Else one would be billed twice under `whole` (3.4), or at all under `none`. Usage is never split.
    """
    is_full = (pl.col("service_start") == pl.col("grid_start")) & (
        pl.col("service_end") == pl.col("grid_end")
    )
    is_whole_service = (pl.col("period_start") == pl.col("service_start")) & (
        pl.col("period_end") == pl.col("service_end")
    )
    nothing_billed = (pl.col("billed_start") >= pl.col("billed_end")) & (
        pl.col("earlier").list.len().fill_null(0) == 0
    )
    is_alone = is_whole_service & ~pl.col("has_neighbour") & nothing_billed
    is_billed = is_full | (pl.col("part_charging") != PartCharging.NONE.value)
    is_by_days = pl.col("part_charging") == PartCharging.DAILY.value
    return (
        pl.col("split_on_price_change")
        & pl.col("tariff_id").is_null()
        & (is_by_days | (is_alone & is_billed))
    )


def _changes(pieces: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """Return `charge_id`, `period_start`, `service_start`, `service_end` and each `price_start` within the service."""
    before = pl.col("unit_price").shift(1).over("charge_id")
    is_first = pl.col("charge_id").is_first_distinct()
    changed = steps.sort("charge_id", "valid_from").filter(
        ~is_first & pl.col("unit_price").ne_missing(before)
    )
    named = pieces.select("charge_id", "period_start", "service_start", "service_end")
    return (
        named.join(changed.select("charge_id", price_start="valid_from"), on="charge_id", how="inner")
        .filter(
            (pl.col("service_start") < pl.col("price_start"))
            & (pl.col("price_start") < pl.col("service_end"))
        )
        .select("charge_id", "period_start", "service_start", "service_end", "price_start")
    )
