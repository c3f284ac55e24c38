"""What a recurring charge owes: the days not billed yet, cut by its grid, due by the cut-off (rules 1 and 2)."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from counterfoil.core.findings import FindingCode, finding
from counterfoil.core.periods import BillOn
from counterfoil.engine.frames import FINDINGS, PIECES
from counterfoil.engine.grids import Grids
from counterfoil.engine.serving import served_runs, with_earlier_pieces

PERIODS_LISTED = 400
"""So many periods of one charge, over those allowed, are listed and counted exactly; a daily charge's year."""


def owed_pieces(
    *,
    charges: pl.DataFrame,
    grids: Grids,
    cutoff: date,
    commissionings: pl.DataFrame,
    span_edges: pl.DataFrame,
    given_up: pl.DataFrame,
) -> pl.DataFrame:
    """Return PIECES: the unbilled days of every charge whose bill date is on or before *cutoff* (2.4).

    *charges* are sifted and carry `grid_id`; COMMISSIONINGS, SPAN_EDGES, GIVEN_UP. Pieces that will cost nothing are
    still here.
    """
    runs = served_runs(charges, commissionings=commissionings)
    ranges = _owed_ranges(runs, given_up=given_up)
    numbered = _number_periods(ranges, grids=grids, cutoff=cutoff)
    exploded = numbered.with_columns(k=pl.int_ranges("k_first", pl.col("k_last") + 1)).explode(
        "k", empty_as_null=False
    )
    placed = exploded.join(grids.boundaries(exploded.select("grid_id", "k")), on=["grid_id", "k"], how="left")
    pieces = _cut(placed, span_edges=span_edges).filter(pl.col("bill_date") <= cutoff)
    return PIECES.promise(with_earlier_pieces(_without_torn(pieces), runs=runs, given_up=given_up))


def set_late_aside(
    *, lines: pl.DataFrame, cutoff: date, allowed: int, confirmations: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the lines to bill, and FINDINGS for charges with more than *allowed* past periods among them (2.7).

    A past period is one that ended on or before *cutoff*, however many prices it is split by, and that nobody has
    confirmed. All lines of such a charge wait until somebody does.
    """
    confirmed = lines.select("charge_id").join(
        confirmations, on="charge_id", how="left", maintain_order="left"
    )
    is_confirmed = (lines.get_column("period_end") <= confirmed.get_column("confirmed_before")).fill_null(
        value=False
    )
    past = (
        lines.filter(~is_confirmed)
        .filter((pl.col("period_end") <= cutoff) & ~pl.col("goes_on"))
        .group_by("charge_id", "customer_id", "client_id")
        .agg(periods=pl.len())
        .filter(pl.col("periods") > allowed)
        .sort("charge_id")
    )
    return lines.join(past, on="charge_id", how="anti", maintain_order="left"), _late(past, allowed=allowed)


def set_long_aside(
    *,
    charges: pl.DataFrame,
    grids: Grids,
    cutoff: date,
    allowed: int,
    commissionings: pl.DataFrame,
    confirmations: pl.DataFrame,
    given_up: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the charges whose periods may be listed, and FINDINGS for those that owe hundreds too many.

    Counted without listing them, so that starts typed as 1906 do not fill the memory with lines that
    `set_late_aside` would refuse.
    """
    runs = served_runs(charges, commissionings=commissionings)
    ranges = _not_confirmed(_owed_ranges(runs, given_up=given_up), confirmations=confirmations)
    candidates = _with_days(ranges, cutoff=cutoff, more_than=allowed + PERIODS_LISTED)
    if candidates.is_empty():
        return charges, FINDINGS.empty()
    numbered = _number_periods(candidates, grids=grids, cutoff=cutoff)
    long = (
        numbered.group_by("charge_id", "customer_id", "client_id")
        .agg(periods=(pl.col("k_last") - pl.col("k_first")).sum())
        .filter(pl.col("periods") > allowed + PERIODS_LISTED)
        .sort("charge_id")
    )
    return charges.join(long, on="charge_id", how="anti"), _late(long, allowed=allowed)


def _with_days(ranges: pl.DataFrame, *, cutoff: date, more_than: int) -> pl.DataFrame:
    """Return the *ranges* of charges that owe so many days: a charge owes no more periods than days."""
    days = (_last_due_day(cutoff) - pl.col("owed_start")).dt.total_days() + 1
    many = (
        ranges.group_by("charge_id")
        .agg(days=days.clip(lower_bound=0).sum())
        .filter(pl.col("days") > more_than)
    )
    return ranges.join(many, on="charge_id", how="semi") if many.height else ranges.clear()


def _not_confirmed(ranges: pl.DataFrame, *, confirmations: pl.DataFrame) -> pl.DataFrame:
    """Return the parts of *ranges* whose billing nobody has confirmed."""
    if confirmations.is_empty():
        return ranges
    return (
        ranges.join(confirmations, on="charge_id", how="left", maintain_order="left")
        .with_columns(owed_start=pl.max_horizontal("owed_start", "confirmed_before"))
        .filter(pl.col("owed_start") < pl.col("owed_end"))
    )


def _late(charges: pl.DataFrame, *, allowed: int) -> pl.DataFrame:
    rows = []
    for charge_id, customer_id, client_id, periods in charges.iter_rows():
        found = finding(FindingCode.TOO_MANY_PAST_PERIODS, periods=periods, allowed=allowed)
        rows.append((found.code.value, charge_id, customer_id, client_id, found.message, found.remedy))
    return pl.DataFrame(rows, schema=FINDINGS.schema, orient="row")


def with_given_up(
    *, charges: pl.DataFrame, grids: Grids, commissionings: pl.DataFrame, given_up: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return of GIVEN_UP what is billed again where it is served, and FINDINGS for what is served and cannot be.

    Nobody knows what days cost again that were usage, or that the present grid cuts otherwise (1.5).
    """
    if given_up.is_empty():
        return given_up, FINDINGS.empty()
    placed = given_up.join(charges.select("charge_id", "grid_id", "tariff_id"), on="charge_id", how="inner")
    numbered = _index(placed, grids, "given_from", "k")
    here = grids.boundaries(numbered.select("grid_id", "k")).rename(
        {"grid_start": "start", "grid_end": "end"}
    )
    is_same = (pl.col("start") == pl.col("grid_start")) & (pl.col("end") == pl.col("grid_end"))
    known = numbered.join(here, on=["grid_id", "k"], how="left").with_columns(
        is_rated_again=pl.col("is_rated_again") & pl.col("tariff_id").is_null() & is_same
    )
    others = known.filter(~pl.col("is_rated_again")).select(given_up.columns)
    concerned = charges.join(others, on="charge_id", how="semi")
    served = _within(served_runs(concerned, commissionings=commissionings), others)
    rows = []
    for row in served.sort("charge_id", "owed_start").iter_rows(named=True):
        found = finding(
            FindingCode.CREDITED_AND_SERVED_AGAIN, first_day=row["owed_start"], ends_before=row["owed_end"]
        )
        ids = {name: row[name] for name in ("charge_id", "customer_id", "client_id")}
        rows.append({"code": found.code.value, **ids, "message": found.message, "remedy": found.remedy})
    again = known.filter("is_rated_again").select(given_up.columns)
    return again, pl.DataFrame(rows, schema=FINDINGS.schema)


def _within(runs: pl.DataFrame, given_up: pl.DataFrame) -> pl.DataFrame:
    """Return the days GIVEN_UP within the billed spans of *runs* that are served, [`owed_start`, `owed_end`)."""
    return (
        runs.join(given_up, on="charge_id", how="inner")
        .with_columns(
            owed_start=pl.max_horizontal("run_start", "given_from"),
            owed_end=pl.min_horizontal("run_end", "given_to"),
            is_before_span=pl.lit(value=False),
            is_within_span=pl.lit(value=True),
            before_end=pl.lit(None, dtype=pl.Date),
        )
        .filter(pl.col("owed_start") < pl.col("owed_end"))
    )


def _owed_ranges(runs: pl.DataFrame, *, given_up: pl.DataFrame) -> pl.DataFrame:
    """Return [`owed_start`, `owed_end`) after the billed span of each charge, and before it if days were added.

    Within it those are owed that were GIVEN_UP and are served again. `before_end` is where the days before it end.
    """
    after = runs.with_columns(
        owed_start=pl.max_horizontal("run_start", pl.col("billed_to").fill_null(pl.col("run_start"))),
        owed_end=pl.col("run_end"),
        is_before_span=pl.lit(value=False),
        is_within_span=pl.lit(value=False),
        before_end=pl.lit(None, dtype=pl.Date),
    )
    before = runs.filter(pl.col("billed_from") > pl.col("run_start")).with_columns(
        owed_start=pl.col("run_start"),
        owed_end=pl.min_horizontal("run_end", "billed_from"),
        is_before_span=pl.lit(value=True),
        is_within_span=pl.lit(value=False),
    )
    last_before = before.with_columns(before_end=pl.col("owed_end").max().over("charge_id"))
    owed = pl.concat([last_before, after]).filter(pl.col("owed_start") < pl.col("owed_end"))
    return owed if given_up.is_empty() else pl.concat([owed, _within(runs, given_up).select(owed.columns)])


def _number_periods(ranges: pl.DataFrame, *, grids: Grids, cutoff: date) -> pl.DataFrame:
    """Return *ranges* with `k_first` and `k_last`: the grid periods that can be due by *cutoff*, at least."""
    bounded = ranges.with_columns(last_due_day=_last_due_day(cutoff))
    numbered = _index(_index(bounded, grids, "owed_start", "k_first"), grids, "last_due_day", "k_last")
    return numbered.filter(pl.col("k_first") <= pl.col("k_last"))


def _last_due_day(cutoff: date) -> pl.Expr:
    """Return the last owed day that a period due by *cutoff* can begin on."""
    latest_start = pl.lit(cutoff) - pl.duration(days=pl.col("offset_days"))
    return pl.min_horizontal(latest_start, pl.col("owed_end") - timedelta(days=1))


def _index(table: pl.DataFrame, grids: Grids, day: str, name: str) -> pl.DataFrame:
    indexes = grids.indexes(table.select("grid_id", day=pl.col(day))).rename({"day": day, "k": name})
    return table.join(indexes, on=["grid_id", day], how="left")


def _without_torn(pieces: pl.DataFrame) -> pl.DataFrame:
    """Return *pieces* without those of charges of which some days before the span are not due: they wait.

    The span is one range. Stored alone, they would carry it over days that are not billed.
    """
    before = pl.col("is_before_span")
    torn = (
        pieces.filter(before)
        .group_by("charge_id")
        .agg(reaches=pl.col("period_end").max(), before_end=pl.col("before_end").first())
        .filter(pl.col("reaches") < pl.col("before_end"))
    )
    return pieces.join(torn, on="charge_id", how="anti", maintain_order="left") if torn.height else pieces


def _cut(placed: pl.DataFrame, *, span_edges: pl.DataFrame) -> pl.DataFrame:
    """Return the pieces: owed days within the grid period, what of it is billed already, and the bill date."""
    in_advance = pl.col("bill_on") == BillOn.ADVANCE.value
    edged = _with_edges(placed, span_edges).with_columns(
        service_start=pl.max_horizontal("run_start", "grid_start"),
        service_end=pl.min_horizontal("run_end", "grid_end"),
    )
    counted_from = pl.when(in_advance).then("service_start").otherwise("service_end")
    # The days of the period that are billed already, or are by a piece before this one; none unless the edge
    # of the span lies within a period of the grid it was billed by (rule 1.5).
    first_billed = (
        pl.when("is_before_span")
        .then("billed_from")
        .otherwise(pl.min_horizontal("billed_from", "served_start"))
    )
    billed_start = pl.max_horizontal(first_billed, "grid_start", "billed_since")
    billed_end = pl.min_horizontal("billed_to", "grid_end")
    is_shared = pl.col("edge_is_shared") | pl.col("is_within_span")
    shares_period = (is_shared & (billed_start < billed_end)).fill_null(value=False)
    # Days before the span are billed by this grid in any case, with this run or before it.
    before_start = pl.max_horizontal("served_start", "grid_start")
    before_end = pl.min_horizontal("billed_from", "grid_end")
    is_after_span = pl.col("billed_from").is_not_null() & ~pl.col("is_before_span")
    has_days_before = is_after_span & (before_start < before_end)
    has_neighbour = (pl.col("previous_end") > pl.col("grid_start")).fill_null(value=False) | (
        pl.col("next_start") < pl.col("grid_end")
    ).fill_null(value=False)
    return edged.with_columns(
        period_start=pl.max_horizontal("owed_start", "grid_start"),
        period_end=pl.min_horizontal("owed_end", "grid_end"),
        bill_date=counted_from + pl.duration(days=pl.col("offset_days")),
        billed_start=pl.when(shares_period)
        .then(billed_start)
        .when(has_days_before)
        .then(before_start)
        .otherwise("grid_start"),
        billed_end=pl.when(shares_period)
        .then(billed_end)
        .when(has_days_before)
        .then(before_end)
        .otherwise("grid_start"),
        has_neighbour=has_neighbour,
    )


def _with_edges(placed: pl.DataFrame, span_edges: pl.DataFrame) -> pl.DataFrame:
    """Return *placed* with `edge_is_shared`: the span's edge beside the piece lies within a period of this grid.

    A charge period, anchor or billing day changed in mid-life takes effect where the billed span ends: what
    another grid billed counts in no period of this one (1.5). `billed_since` is where this grid's days begin.
    """
    is_in_part = pl.when("is_before_span").then("starts_in_part").otherwise("ends_in_part")
    nothing = pl.lit(None, dtype=pl.Date)
    if span_edges.is_empty():
        return placed.with_columns(edge_is_shared=is_in_part, billed_since=nothing)
    edged = placed.join(span_edges, on="charge_id", how="left", maintain_order="left")
    edge = {
        side: pl.when("is_before_span").then(f"start_grid_{side}").otherwise(f"end_grid_{side}")
        for side in ("start", "end")
    }
    is_same_grid = pl.all_horizontal(
        (billed_by == pl.col(f"grid_{side}")).fill_null(value=True) for side, billed_by in edge.items()
    )
    return edged.with_columns(
        edge_is_shared=is_in_part & is_same_grid,
        billed_since=pl.when("is_before_span").then(nothing).otherwise("end_grid_since"),
    )
