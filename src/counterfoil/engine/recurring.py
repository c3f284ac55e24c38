"""What a recurring charge owes: the days not billed yet, cut by its grid, due by the cut-off (rules 1 and 2)."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from counterfoil.core.findings import FindingCode, finding
from counterfoil.core.periods import BillOn
from counterfoil.engine.frames import FINDINGS, PIECES
from counterfoil.engine.grids import Grids

NO_END = date(9999, 1, 1)
PERIODS_LISTED = 400
"""So many periods of one charge, over those allowed, are listed and counted exactly; a daily charge's year."""


def owed_pieces(*, charges: pl.DataFrame, grids: Grids, cutoff: date) -> pl.DataFrame:
    """Return PIECES: the unbilled days of every charge whose bill date is on or before *cutoff* (2.4).

    *charges* are sifted and carry `grid_id`. Pieces that will cost nothing are still here.
    """
    ranges = _owed_ranges(_served(charges))
    numbered = _number_periods(ranges, grids=grids, cutoff=cutoff)
    exploded = numbered.with_columns(k=pl.int_ranges("k_first", pl.col("k_last") + 1)).explode(
        "k", empty_as_null=False
    )
    placed = exploded.join(grids.boundaries(exploded.select("grid_id", "k")), on=["grid_id", "k"], how="left")
    pieces = _cut(placed).filter(pl.col("bill_date") <= cutoff)
    return PIECES.promise(_without_torn(pieces))


def set_late_aside(*, lines: pl.DataFrame, cutoff: date, allowed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the lines to bill, and FINDINGS for charges with more than *allowed* past periods among them (2.7).

    A past period is one that ended on or before *cutoff*. All lines of such a charge wait until somebody confirms.
    """
    past = (
        lines.filter(pl.col("period_end") <= cutoff)
        .group_by("charge_id", "customer_id", "client_id")
        .agg(periods=pl.len())
        .filter(pl.col("periods") > allowed)
        .sort("charge_id")
    )
    return lines.join(past, on="charge_id", how="anti", maintain_order="left"), _late(past, allowed=allowed)


def set_long_aside(
    *, charges: pl.DataFrame, grids: Grids, cutoff: date, allowed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the charges whose periods may be listed, and FINDINGS for those that owe hundreds too many.

    Counted without listing them, so that starts typed as 1906 do not fill the memory with lines that
    `set_late_aside` would refuse.
    """
    numbered = _number_periods(_owed_ranges(_served(charges)), grids=grids, cutoff=cutoff)
    long = (
        numbered.group_by("charge_id", "customer_id", "client_id")
        .agg(periods=(pl.col("k_last") - pl.col("k_first")).sum())
        .filter(pl.col("periods") > allowed + PERIODS_LISTED)
        .sort("charge_id")
    )
    return charges.join(long, on="charge_id", how="anti"), _late(long, allowed=allowed)


def _late(charges: pl.DataFrame, *, allowed: int) -> pl.DataFrame:
    rows = []
    for charge_id, customer_id, client_id, periods in charges.iter_rows():
        found = finding(FindingCode.TOO_MANY_PAST_PERIODS, periods=periods, allowed=allowed)
        rows.append((found.code.value, charge_id, customer_id, client_id, found.message, found.remedy))
    return pl.DataFrame(rows, schema=FINDINGS.schema, orient="row")


def _served(charges: pl.DataFrame) -> pl.DataFrame:
    """Return the charges with [`served_start`, `served_end`): their dates, commissioned days only if so set."""
    commissioned_only = pl.col("while_commissioned").fill_null(value=False)
    start, end = pl.col("starts_on"), pl.col("ends_before").fill_null(NO_END)
    commissioned_end = pl.col("decommissioned_on").fill_null(NO_END)
    commissioned_start = pl.col("commissioned_on").fill_null(NO_END)
    return charges.with_columns(
        served_start=pl.when(commissioned_only)
        .then(pl.max_horizontal(start, commissioned_start))
        .otherwise(start),
        served_end=pl.when(commissioned_only).then(pl.min_horizontal(end, commissioned_end)).otherwise(end),
    ).filter(pl.col("served_start") < pl.col("served_end"))


def _owed_ranges(served: pl.DataFrame) -> pl.DataFrame:
    """Return [`owed_start`, `owed_end`) after the billed span of each charge, and before it if days were added."""
    after = served.with_columns(
        owed_start=pl.max_horizontal("served_start", pl.col("billed_to").fill_null(pl.col("served_start"))),
        owed_end=pl.col("served_end"),
        is_before_span=pl.lit(value=False),
    )
    before = served.filter(pl.col("billed_from") > pl.col("served_start")).with_columns(
        owed_start=pl.col("served_start"),
        owed_end=pl.min_horizontal("served_end", "billed_from"),
        is_before_span=pl.lit(value=True),
    )
    return pl.concat([before, after]).filter(pl.col("owed_start") < pl.col("owed_end"))


def _number_periods(ranges: pl.DataFrame, *, grids: Grids, cutoff: date) -> pl.DataFrame:
    """Return *ranges* with `k_first` and `k_last`: the grid periods that can be due by *cutoff*, at least."""
    latest_start = pl.lit(cutoff) - pl.duration(days=pl.col("offset_days"))
    last_owed_day = pl.col("owed_end") - timedelta(days=1)
    bounded = ranges.with_columns(last_due_day=pl.min_horizontal(latest_start, last_owed_day))
    numbered = _index(_index(bounded, grids, "owed_start", "k_first"), grids, "last_due_day", "k_last")
    return numbered.filter(pl.col("k_first") <= pl.col("k_last"))


def _index(table: pl.DataFrame, grids: Grids, day: str, name: str) -> pl.DataFrame:
    indexes = grids.indexes(table.select("grid_id", day=pl.col(day))).rename({"day": day, "k": name})
    return table.join(indexes, on=["grid_id", day], how="left")


def _without_torn(pieces: pl.DataFrame) -> pl.DataFrame:
    """Return *pieces* without those before a span that do not reach up to it: they wait until all are due.

    The span is one range. Stored alone, they would carry it over days that are not billed.
    """
    before = pl.col("is_before_span")
    torn = (
        pieces.filter(before)
        .group_by("charge_id")
        .agg(reaches=pl.col("period_end").max(), billed_from=pl.col("billed_from").first())
        .filter(pl.col("reaches") < pl.col("billed_from"))
    )
    return pieces.join(torn, on="charge_id", how="anti", maintain_order="left") if torn.height else pieces


def _cut(placed: pl.DataFrame) -> pl.DataFrame:
    """Return the pieces: owed days within the grid period, what of it is billed already, and the bill date."""
    in_advance = pl.col("bill_on") == BillOn.ADVANCE.value
    service_start = pl.max_horizontal("served_start", "grid_start")
    service_end = pl.min_horizontal("served_end", "grid_end")
    counted_from = pl.when(in_advance).then(service_start).otherwise(service_end)
    continues_span = pl.col("ends_in_part") & ~pl.col("is_before_span")
    precedes_span = pl.col("starts_in_part") & pl.col("is_before_span")
    # The days of the period that are billed already, or are by a piece before this one; none unless the edge
    # of the span lies within a period of the grid it was billed by (rule 1.5).
    first_billed = (
        pl.when("is_before_span")
        .then("billed_from")
        .otherwise(pl.min_horizontal("billed_from", "served_start"))
    )
    billed_start = pl.max_horizontal(first_billed, "grid_start")
    billed_end = pl.min_horizontal("billed_to", "grid_end")
    shares_period = (continues_span | precedes_span) & (billed_start < billed_end)
    return placed.with_columns(
        period_start=pl.max_horizontal("owed_start", "grid_start"),
        period_end=pl.min_horizontal("owed_end", "grid_end"),
        bill_date=counted_from + pl.duration(days=pl.col("offset_days")),
        billed_start=pl.when(shares_period).then(billed_start).otherwise(pl.col("grid_start")),
        billed_end=pl.when(shares_period).then(billed_end).otherwise(pl.col("grid_start")),
    )
