"""What charges will bill: the stages of a run with a cut-off to come, so that the two never differ (product A8).

Known price changes, escalations, ends and what is billed already count as a run counts them. Not forecast are
usage that is not read yet, events that did not happen yet, and discounts of an amount off a whole invoice,
which depend on what else stands on it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from counterfoil.engine.billing import Loaded, Terms, owed_lines
from counterfoil.engine.events import EVENTS
from counterfoil.engine.frames import DAY, FINDINGS, ID, MINOR, STEPS, Frame

EVERY_PERIOD = 10_000
"""More past periods than any charge has in the years that are billed: a forecast sets none aside."""

FORECAST = Frame(
    name="forecast lines",
    columns={
        "charge_id": ID,
        "client_id": ID,
        "customer_id": ID,
        "currency": pl.String,
        "kind": pl.String,
        "description": pl.String,
        "period_start": DAY,
        "period_end": DAY,
        "grid_start": DAY,
        "grid_end": DAY,
        "part_charging": pl.String,
        "day_count": pl.String,
        "bill_date": DAY,
        "fraction_num": pl.Int64,
        "fraction_den": pl.Int64,
        "quantity": STEPS,
        "unit_price": STEPS,
        "price_level": pl.String,
        "net_minor": MINOR,
    },
    key=("charge_id", "period_start"),
    always={"has days": pl.col("period_start") < pl.col("period_end")},
)
"""A line that a run with that bill date would bill; what is overdue has a bill date in the past."""

MONTHS = Frame(
    name="forecast months",
    columns={"charge_id": ID, "currency": pl.String, "month": DAY, "net_minor": MINOR},
    key=("charge_id", "currency", "month"),
    always={"begins on a first": pl.col("month").dt.day() == 1},
)


def forecast(loaded: Loaded, *, terms: Terms, through: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return FORECAST of what the charges in *loaded* bill by *through*, and FINDINGS for those that cannot be."""
    off_invoices = (
        pl.col("amount").is_not_null() & pl.col("charge_id").is_null() & pl.col("master_id").is_null()
    )
    loaded = replace(loaded, events=EVENTS.empty(), discounts=loaded.discounts.filter(~off_invoices))
    terms = replace(terms, cutoff=through, past_periods_allowed=EVERY_PERIOD)
    owed = owed_lines(loaded, terms=terms)
    lines = FORECAST.promise(owed.lines.sort("bill_date", "charge_id", "period_start"))
    return lines, FINDINGS.promise(owed.findings)


def by_month(lines: pl.DataFrame, *, first: date) -> pl.DataFrame:
    """Return MONTHS: what FORECAST *lines* come to by charge and month of the bill date.

    What was due before the month of *first* is billed by the next run, so it counts in that month.
    """
    begins = pl.lit(first.replace(day=1))
    billed_in = pl.max_horizontal(pl.col("bill_date").dt.truncate("1mo"), begins).cast(DAY)
    return MONTHS.promise(
        lines.group_by("charge_id", "currency", month=billed_in)
        .agg(pl.col("net_minor").cast(pl.Int128).sum().cast(pl.Int64, strict=True))
        .sort("charge_id", "currency", "month")
    )
