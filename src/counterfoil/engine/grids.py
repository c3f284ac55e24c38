"""Calendars are not vectorised: boundaries and shares of a period come from `core`, once per distinct key.

There are few distinct grids, days and partial periods in a run however many charges there are, so each is
computed once in plain Python and joined (architecture.md, style 12).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial

import polars as pl

from counterfoil.core.periods import DateRange, DayCount, Grid, Length, PartCharging, Unit
from counterfoil.core.proration import fraction_of_pieces

GRID_KEY = ["count", "unit", "anchor", "billing_day", "anniversary"]


@dataclass(frozen=True)
class Grids:
    """Every distinct grid of a shard, by its number."""

    by_id: list[Grid]

    def indexes(self, days: pl.DataFrame) -> pl.DataFrame:
        """Return `grid_id`, `day`, `k` for the distinct rows of *days* (`grid_id`, `day`): who holds the day."""
        distinct = days.unique()
        k = [self.by_id[grid_id].index_of(day) for grid_id, day in distinct.iter_rows()]
        return distinct.with_columns(k=pl.Series(k, dtype=pl.Int64))

    def boundaries(self, periods: pl.DataFrame) -> pl.DataFrame:
        """Return `grid_id`, `k`, `grid_start`, `grid_end` for the distinct rows of *periods* (`grid_id`, `k`)."""
        distinct = periods.unique()
        ranges = [self.by_id[grid_id].period(k) for grid_id, k in distinct.iter_rows()]
        return distinct.with_columns(
            grid_start=pl.Series([r.start for r in ranges], dtype=pl.Date),
            grid_end=pl.Series([r.end for r in ranges], dtype=pl.Date),
        )

    def anchor_days(self) -> pl.DataFrame:
        """Return `grid_id`, `anchor_day` for every grid; null where periods are counted in days or weeks."""
        days = [grid.day_of_month if grid.length.months else None for grid in self.by_id]
        return pl.DataFrame(
            {"grid_id": range(len(days)), "anchor_day": days},
            schema={"grid_id": pl.UInt32, "anchor_day": pl.Int16},
        )

    def shares(self, parts: pl.DataFrame) -> pl.DataFrame:
        """Return *parts* with the share of their period, as numerators and denominators (billing-rules 3).

        *parts*: distinct rows of `grid_id`, `k`, the piece [`period_start`, `period_end`), the days of the same
        period billed earlier [`billed_start`, `billed_end`), `part_charging`, `day_count`. Added are `together_*`
        for all of these days, `earlier_*` for the earlier ones, and `fraction_*`, what the piece adds (3.4).
        """
        return self._with_shares(parts, [self._share(*row) for row in parts.iter_rows()])

    def shares_beside(self, parts: pl.DataFrame, *, earlier: pl.Series) -> pl.DataFrame:
        """Return *parts* with the same shares, where the days billed earlier are several ranges, *earlier*.

        A row of *earlier* is start and end of each range in turn.
        """
        pairs = [tuple(zip(days[::2], days[1::2], strict=True)) for days in earlier.to_list()]
        known: dict[object, tuple[Fraction, Fraction, Fraction]] = {}
        rows = [(*row[:4], ranges, *row[6:]) for row, ranges in zip(parts.iter_rows(), pairs, strict=True)]
        for row in rows:
            if row not in known:
                known[row] = self._share_beside(*row)
        return self._with_shares(parts, [known[row] for row in rows])

    @staticmethod
    def _with_shares(parts: pl.DataFrame, shares: list[tuple[Fraction, Fraction, Fraction]]) -> pl.DataFrame:
        names = ("together", "earlier", "fraction")
        return parts.with_columns(
            pl.Series(f"{name}_{part}", [getattr(row[at], attribute) for row in shares], dtype=pl.Int64)
            for at, name in enumerate(names)
            for part, attribute in (("num", "numerator"), ("den", "denominator"))
        )

    def _share(
        self,
        grid_id: int,
        k: int,
        period_start: date,
        period_end: date,
        billed_start: date,
        billed_end: date,
        part_charging: str,
        day_count: str,
    ) -> tuple[Fraction, Fraction, Fraction]:
        earlier = ((billed_start, billed_end),)
        return self._share_beside(grid_id, k, period_start, period_end, earlier, part_charging, day_count)

    def _share_beside(
        self,
        grid_id: int,
        k: int,
        period_start: date,
        period_end: date,
        earlier: tuple[tuple[date, date], ...],
        part_charging: str,
        day_count: str,
    ) -> tuple[Fraction, Fraction, Fraction]:
        piece, before = DateRange(period_start, period_end), [DateRange(*days) for days in earlier]
        share_of = partial(
            fraction_of_pieces,
            grid=self.by_id[grid_id],
            k=k,
            part_charging=PartCharging(part_charging),
            day_count=DayCount(day_count),
        )
        together, already = share_of(pieces=[piece, *before]), share_of(pieces=before)
        return together, already, together - already


def assign_grids(charges: pl.DataFrame) -> tuple[pl.DataFrame, Grids]:
    """Return the charges with `grid_id`, and the grids.

    A charge needs `starts_on` and its charge period's `count`, `unit`, `anchor`, `billing_day`. Without anchor
    and billing day the grid begins with the charge (billing-rules 1.4).
    """
    anchored_by_start = pl.col("anchor").is_null()
    keyed = charges.with_columns(
        anniversary=pl.when(anchored_by_start)
        .then(pl.col("starts_on"))
        .otherwise(pl.lit(None, dtype=pl.Date))
    )
    distinct = keyed.select(GRID_KEY).unique().with_row_index("grid_id")
    grids = Grids([_grid(*row[1:]) for row in distinct.iter_rows()])
    return keyed.join(distinct, on=GRID_KEY, how="left", nulls_equal=True).drop("anniversary"), grids


def _grid(
    count: int, unit: str, anchor: date | None, billing_day: int | None, starts_on: date | None
) -> Grid:
    length = Length(count, Unit(unit))
    if anchor is not None:
        return Grid(length, anchor)
    if starts_on is None:
        raise ValueError("A charge without a start has no grid. Sift the charges first.")
    if billing_day is not None:
        return Grid.for_billing_day(length=length, billing_day=billing_day, starts_on=starts_on)
    return Grid(length, starts_on)
