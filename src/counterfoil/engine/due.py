"""What the calendar does to a run is neither won nor lost: told apart from the lines that are new and gone (C3).

A quarterly charge has a line in one month of three. Beside the months without, its line is *due again*; beside the
month with it, it is *not due* this time. `core.comparing` has the rule; here it is asked once a distinct calendar.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from counterfoil.core.comparing import next_due, reason_of_one_side
from counterfoil.core.periods import BillOn, DateRange
from counterfoil.engine.frames import DAY, ID, Frame
from counterfoil.engine.grids import Grids, assign_grids
from counterfoil.engine.variance import VARIANCES

GOING_ON = Frame(
    name="charges that may go on",
    columns={
        "charge_id": ID,
        "starts_on": DAY,
        "ends_before": DAY,
        "commissioned_on": DAY,
        "decommissioned_on": DAY,
        "while_commissioned": pl.Boolean,
        "count": pl.Int64,
        "unit": pl.String,
        "anchor": DAY,
        "billing_day": pl.Int64,
        "bill_on": pl.String,
        "offset_days": pl.Int64,
    },
    key=("charge_id",),
)
"""Charges without a line this time, with their dates and their charge period."""

BILLED_BEFORE = Frame(
    name="charges billed before",
    columns={"charge_id": ID, "customer_id": ID, "billed_to": DAY},
    key=("charge_id",),
)
"""Until when earlier runs of the same kind billed a charge, and to whom."""

_RATED = ["charge", "usage", "waived"]
_CALENDAR = ["grid_id", "served_start", "served_end", "billed_to", "bill_on", "offset_days"]


def charges_alone(variances: pl.DataFrame, reason: str) -> list[int]:
    """Return the charges of which VARIANCES have lines with that *reason*, new or gone."""
    alone = variances.filter(
        (pl.col("reason") == reason) & pl.col("kind").is_in(_RATED) & pl.col("charge_id").is_not_null()
    )
    return alone.get_column("charge_id").unique().sort().to_list()


def told_apart(
    variances: pl.DataFrame,
    *,
    now: pl.DataFrame,
    before: pl.DataFrame,
    going_on: pl.DataFrame,
    billed_before: pl.DataFrame,
    cutoff: date,
) -> pl.DataFrame:
    """Return VARIANCES with what is due again, and what is not due by *cutoff*, apart from the new and the gone.

    *now* and *before* are the COMPARED lines they were made of; GOING_ON of the charges that are gone, BILLED_BEFORE
    of those that are new.
    """
    again = _following_on(now, billed_before=billed_before)
    resting = _with_next_due(before, going_on=going_on)
    apart = (
        variances.join(again, on=["customer_id", "charge_id"], how="left", maintain_order="left")
        .join(resting, on=["customer_id", "charge_id"], how="left", maintain_order="left")
        .with_columns(follows_on=pl.col("follows_on").fill_null(value=False))
    )
    key = ["reason", "follows_on", "next_due"]
    distinct = apart.filter(pl.col("kind").is_in(_RATED)).select(key).unique()
    reasons = [
        reason_of_one_side(reason, follows_on=follows_on, next_due=due, cutoff=cutoff)
        for reason, follows_on, due in distinct.iter_rows()
    ]
    told = distinct.with_columns(told=pl.Series(reasons, dtype=pl.String))
    rated = pl.col("kind").is_in(_RATED)
    apart = apart.join(told, on=key, how="left", nulls_equal=True, maintain_order="left").with_columns(
        told=pl.when(rated).then("told").otherwise("reason")
    )
    return VARIANCES.promise(_moved(apart))


def _moved(apart: pl.DataFrame) -> pl.DataFrame:
    """Return *apart* with the amounts of lines that were told apart in the part of that name."""
    nothing = pl.lit(0, dtype=pl.Int64)
    moves = {"new": "due_again", "gone": "not_due"}
    columns = []
    for reason, other in moves.items():
        is_other = pl.col("told") == other
        columns += [
            pl.when(is_other).then(nothing).otherwise(f"{reason}_minor").alias(f"{reason}_minor"),
            pl.when(is_other).then("difference_minor").otherwise(nothing).alias(f"{other}_minor"),
        ]
    return apart.with_columns(*columns, reason=pl.col("told"))


def _following_on(now: pl.DataFrame, *, billed_before: pl.DataFrame) -> pl.DataFrame:
    """Return `customer_id`, `charge_id`, `follows_on` of the charges that were billed up to their first day now."""
    first = (
        now.filter(pl.col("kind").is_in(_RATED))
        .join(billed_before.select("charge_id"), on="charge_id", how="semi")
        .group_by("customer_id", "charge_id")
        .agg(pl.col("period_start").min())
    )
    joined = first.join(billed_before, on=["customer_id", "charge_id"], how="inner")
    return joined.select("customer_id", "charge_id", follows_on=pl.col("billed_to") == pl.col("period_start"))


def _with_next_due(before: pl.DataFrame, *, going_on: pl.DataFrame) -> pl.DataFrame:
    """Return `customer_id`, `charge_id`, `next_due`: when each charge is due next after its lines *before*."""
    last = (
        before.filter(pl.col("kind").is_in(_RATED))
        .join(going_on.select("charge_id"), on="charge_id", how="semi")
        .group_by("customer_id", "charge_id")
        .agg(billed_to=pl.col("period_end").max(), is_usage=(pl.col("kind") == "usage").any())
    )
    placed, grids = assign_grids(going_on)
    limited = pl.col("while_commissioned").fill_null(value=False)
    calendars = last.join(placed, on="charge_id", how="inner").with_columns(
        # Usage is billed once it is over, whatever its period says (4.4).
        bill_on=pl.when("is_usage").then(pl.lit(BillOn.ARREARS.value)).otherwise("bill_on"),
        served_start=pl.when(limited)
        .then(pl.max_horizontal("starts_on", "commissioned_on"))
        .otherwise("starts_on"),
        # One that waits for its client to be commissioned is not served at all.
        served_end=pl.when(limited & pl.col("commissioned_on").is_null())
        .then("starts_on")
        .when(limited)
        .then(pl.min_horizontal("ends_before", "decommissioned_on"))
        .otherwise("ends_before"),
    )
    distinct = calendars.select(_CALENDAR).unique()
    days = [_next_due(grids, *row) for row in distinct.iter_rows()]
    due = distinct.with_columns(next_due=pl.Series(days, dtype=pl.Date))
    joined = calendars.join(due, on=_CALENDAR, how="left", nulls_equal=True)
    return joined.select("customer_id", "charge_id", "next_due")


def _next_due(
    grids: Grids,
    grid_id: int,
    served_start: date,
    served_end: date | None,
    billed_to: date,
    bill_on: str,
    offset_days: int,
) -> date | None:
    return next_due(
        grid=grids.by_id[grid_id],
        served=DateRange(served_start, served_end),
        billed_to=billed_to,
        bill_on=BillOn(bill_on),
        offset=offset_days,
    )
