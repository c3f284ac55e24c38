"""When a charge is served: its dates, and while its client is commissioned, several times perhaps (2.1, 2.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import chain, groupby, pairwise
from operator import itemgetter

import polars as pl

from counterfoil.core.periods import DateRange, merged, remainder

NO_END = date(9999, 1, 1)

LONE_RUN = {
    "previous_end": pl.lit(None, dtype=pl.Date),
    "next_start": pl.lit(None, dtype=pl.Date),
    "is_one_of_several": pl.lit(value=False),
}


def served_runs(charges: pl.DataFrame, *, commissionings: pl.DataFrame) -> pl.DataFrame:
    """Return the *charges* with each run of days they are served, [`run_start`, `run_end`): a row for each.

    Their dates; only while commissioned where so set. `served_start` is the first day of all; `previous_end` and
    `next_start` are those of the runs beside it; `is_one_of_several` says that the client was commissioned before
    (COMMISSIONINGS).
    """
    while_commissioned = pl.col("while_commissioned").fill_null(value=False)
    if commissionings.is_empty():
        return _one_run(charges, while_commissioned)
    clients = commissionings.select("client_id").unique()
    limited = charges.filter(while_commissioned).join(clients, on="client_id", how="semi")
    others = charges.join(limited, on="charge_id", how="anti", maintain_order="left")
    several = _several_runs(limited, commissionings)
    one = _one_run(others, while_commissioned)
    return pl.concat([one, several.select(one.columns)])


def _one_run(charges: pl.DataFrame, while_commissioned: pl.Expr) -> pl.DataFrame:
    start, end = pl.col("starts_on"), pl.col("ends_before").fill_null(NO_END)
    commissioned_end = pl.col("decommissioned_on").fill_null(NO_END)
    commissioned_start = pl.col("commissioned_on").fill_null(NO_END)
    return (
        charges.with_columns(
            run_start=pl.when(while_commissioned)
            .then(pl.max_horizontal(start, commissioned_start))
            .otherwise(start),
            run_end=pl.when(while_commissioned).then(pl.min_horizontal(end, commissioned_end)).otherwise(end),
        )
        .filter(pl.col("run_start") < pl.col("run_end"))
        .with_columns(served_start="run_start", **LONE_RUN)
    )


def _several_runs(charges: pl.DataFrame, commissionings: pl.DataFrame) -> pl.DataFrame:
    intervals = _intervals(charges, commissionings)
    runs = (
        charges.join(intervals, on="client_id", how="inner")
        .with_columns(
            run_start=pl.max_horizontal("starts_on", "interval_start"),
            run_end=pl.min_horizontal(pl.col("ends_before").fill_null(NO_END), "interval_end"),
        )
        .filter(pl.col("run_start") < pl.col("run_end"))
        .sort("charge_id", "run_start")
    )
    return runs.with_columns(
        served_start=pl.col("run_start").min().over("charge_id"),
        previous_end=pl.col("run_end").shift(1).over("charge_id"),
        next_start=pl.col("run_start").shift(-1).over("charge_id"),
        is_one_of_several=pl.lit(value=True),
    )


def _intervals(charges: pl.DataFrame, commissionings: pl.DataFrame) -> pl.DataFrame:
    """Return `client_id`, `interval_start`, `interval_end`: all times each client is commissioned, none touching."""
    present = charges.filter(pl.col("commissioned_on").is_not_null()).select(
        "client_id", starts_on="commissioned_on", ends_before=pl.col("decommissioned_on").fill_null(NO_END)
    )
    wanted = commissionings.join(charges.select("client_id").unique(), on="client_id", how="semi")
    times: defaultdict[int, list[DateRange]] = defaultdict(list)
    for client, start, end in pl.concat([wanted, present.unique()]).iter_rows():
        times[client].append(DateRange(start, end))
    rows = [(client, days.start, days.end) for client, ranges in times.items() for days in merged(ranges)]
    schema = {"client_id": pl.Int64, "interval_start": pl.Date, "interval_end": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def with_earlier_pieces(pieces: pl.DataFrame, *, runs: pl.DataFrame, given_up: pl.DataFrame) -> pl.DataFrame:
    """Return *pieces* with `earlier`: the days of the same grid period that are billed before it (3.4).

    For pieces of charges with several runs or days GIVEN_UP only, null for the others: start and end of each range in
    turn. A pause between two runs was passed over and not billed; what was given up is not billed any more.
    """
    has_holes = pl.col("is_one_of_several") | pl.col("charge_id").is_in(
        given_up.get_column("charge_id").implode()
    )
    several = pieces.filter(has_holes)
    nothing = pl.lit(None, dtype=pl.List(pl.Date))
    if several.is_empty():
        return pieces.with_columns(earlier=nothing)
    pauses = defaultdict(list, _pauses(runs.filter("is_one_of_several")))
    for charge, start, end in given_up.select("charge_id", "given_from", "given_to").iter_rows():
        pauses[charge].append(DateRange(start, end))
    ordered = several.sort("charge_id", "period_start")
    wanted = ordered.select("charge_id", "k", "period_start", "period_end", "billed_start", "billed_end")
    earlier = pl.Series("earlier", list(_earlier(wanted, pauses)), dtype=pl.List(pl.Date))
    told = ordered.with_columns(earlier, billed_start="grid_start", billed_end="grid_start")
    alone = pieces.filter(~has_holes).with_columns(earlier=nothing)
    return pl.concat([alone, told])


def _pauses(runs: pl.DataFrame) -> dict[int, list[DateRange]]:
    """Return the ranges between two runs of each charge."""
    rows = runs.sort("charge_id", "run_start").select("charge_id", "run_start", "run_end").iter_rows()
    return {
        charge: [DateRange(earlier[2], later[1]) for earlier, later in pairwise(of_charge)]
        for charge, of_charge in groupby(rows, key=itemgetter(0))
    }


def _earlier(pieces: pl.DataFrame, pauses: dict[int, list[DateRange]]) -> Iterator[list[date]]:
    of_period: list[DateRange] = []
    last: tuple[int, int] | None = None
    for charge, k, start, end, billed_start, billed_end in pieces.iter_rows():
        if (charge, k) != last:
            of_period, last = [], (charge, k)
        billed = remainder([DateRange(billed_start, billed_end)], pauses[charge])
        ranges = merged([*of_period, *billed])
        yield list(chain.from_iterable((days.first_day, days.ends_before) for days in ranges))
        of_period.append(DateRange(start, end))
