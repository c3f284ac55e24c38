"""Tax: the rate in force, and a group's tax rounded once and shared out over its lines (billing-rules 5)."""

from __future__ import annotations

from datetime import date

import polars as pl

from counterfoil.core.money import STEPS, Rounding
from counterfoil.engine.rounding import WIDE, round_ratio

STANDARD = "standard"
GROUP = ["invoice_no", "tax_category_id", "tax_rate"]
PERCENT_STEPS = 100 * STEPS


def with_tax_rate(
    *, charges: pl.DataFrame, tax_rates: pl.DataFrame, tax_point: date, seller_country: str
) -> pl.DataFrame:
    """Return *charges* with `tax_rate` (percent, in steps): the newest valid at *tax_point* (5.1).

    A rate for the customer's country goes before one for every country (`country` empty). Customers that are not
    taxed as standard have rate 0. Null: no rate in force, which sifting reports.
    """
    in_force = (
        tax_rates.filter(pl.col("valid_from") <= tax_point)
        .sort("valid_from")
        .group_by("tax_category_id", "country")
        .agg(pl.col("tax_rate").last())
    )
    everywhere = (
        in_force.filter(pl.col("country") == "").drop("country").rename({"tax_rate": "rate_everywhere"})
    )
    country = pl.when(pl.col("country") == "").then(pl.lit(seller_country)).otherwise(pl.col("country"))
    is_taxed = pl.col("tax_status") == STANDARD
    return (
        charges.with_columns(tax_country=country)
        .join(
            in_force.rename({"country": "tax_country", "tax_rate": "rate_there"}),
            on=["tax_category_id", "tax_country"],
            how="left",
        )
        .join(everywhere, on="tax_category_id", how="left")
        .with_columns(tax_rate=pl.coalesce("rate_there", "rate_everywhere"))
        .with_columns(
            tax_rate=pl.when(~is_taxed & pl.col("tax_rate").is_not_null())
            .then(0)
            .otherwise(pl.col("tax_rate"))
        )
        .drop("tax_country", "rate_there", "rate_everywhere")
    )


def with_tax(*, lines: pl.DataFrame, rounding: Rounding) -> pl.DataFrame:
    """Return *lines*, in the order they stand on their invoices, with `tax_minor` (5.2, 5.3).

    A line's tax is what it adds to the rounded tax of the lines of its group so far, so a group's lines sum to
    round(Σ net × rate), rounded once.
    """
    begins_group = pl.any_horizontal(pl.col(name) != pl.col(name).shift(1) for name in GROUP).fill_null(
        value=True
    )
    by_group = lines.sort([*GROUP, "line_no"]).with_columns(
        begins_group=begins_group, net_of_all_so_far=pl.col("net_minor").cast(WIDE).cum_sum()
    )
    # Sums within a group are differences of sums over the whole table: far cheaper than a window a group.
    net_before_group = (
        pl.when("begins_group")
        .then(pl.col("net_of_all_so_far") - pl.col("net_minor").cast(WIDE))
        .forward_fill()
    )
    net_so_far = pl.col("net_of_all_so_far") - net_before_group
    tax_so_far = round_ratio(
        net_so_far * pl.col("tax_rate").cast(WIDE), pl.lit(PERCENT_STEPS, dtype=WIDE), rounding=rounding
    ).cast(pl.Int64, strict=True)
    tax_of_group_before = pl.when("begins_group").then(0).otherwise(pl.col("tax_so_far").shift(1))
    return (
        by_group.with_columns(tax_so_far=tax_so_far)
        .with_columns(tax_minor=pl.col("tax_so_far") - tax_of_group_before)
        .sort("invoice_no", "line_no")
    )
