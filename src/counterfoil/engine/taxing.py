"""Tax: the rate in force, and a group's tax rounded once and shared out over its lines (billing-rules 5)."""

from __future__ import annotations

from datetime import date

import polars as pl

from counterfoil.core.money import PERCENT_STEPS, Rounding
from counterfoil.core.taxes import TaxStatus, applicable_status
from counterfoil.engine.rounding import WIDE, round_ratio

GROUP = ["invoice_no", "tax_category_id", "tax_rate"]


def with_tax_rate(
    *,
    charges: pl.DataFrame,
    tax_rates: pl.DataFrame,
    tax_point: date,
    seller_country: str,
    seller_tax_status: str,
) -> pl.DataFrame:
    """Return *charges* with `tax_rate` (percent, in steps): the newest valid at *tax_point* (5.1).

    A rate for the customer's country goes before one for every country (`country` empty). Where seller and
    customer are not both taxed as standard the rate is 0. Null: no rate in force, which sifting reports.
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
    is_taxed = pl.col("tax_status").is_in(_taxed_statuses(seller_tax_status))
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


def _taxed_statuses(seller_tax_status: str) -> list[str]:
    """Return the tax statuses of the customers whom a seller of *seller_tax_status* charges tax (5.1)."""
    seller = TaxStatus(seller_tax_status)
    return [
        customer.value
        for customer in TaxStatus
        if applicable_status(seller=seller, customer=customer) is TaxStatus.STANDARD
    ]


def with_tax(*, lines: pl.DataFrame, rounding: Rounding) -> pl.DataFrame:
    """Return *lines*, in the order they stand on their invoices, with `net_minor` and `tax_minor`.

    `amount_minor` is a line's net, or with `includes_tax` its gross; lines of either kind form groups of their
    own (billing-rules 5.4).
    """
    exclusive = lines.filter(~pl.col("includes_tax"))
    if exclusive.height == lines.height:
        return _tax_on_top(lines, rounding=rounding).sort("invoice_no", "line_no")
    inclusive = lines.filter(pl.col("includes_tax"))
    taxed = [_tax_on_top(exclusive, rounding=rounding), _tax_out_of(inclusive, rounding=rounding)]
    return pl.concat(taxed, how="diagonal").sort("invoice_no", "line_no")


def _tax_out_of(lines: pl.DataFrame, *, rounding: Rounding) -> pl.DataFrame:
    """Return lines whose amounts include tax with their part of the group's net, shared by gross (5.4, 9).

    Where the grosses cancel the running gross is turned into net line by line, as `core.taxes` does.
    """
    gross = pl.col("amount_minor").cast(WIDE)
    by_group = lines.sort([*GROUP, "line_no"]).with_columns(
        gross_of_group=gross.sum().over(GROUP).cast(pl.Int64, strict=True).cast(WIDE),
        gross_so_far=gross.cum_sum().over(GROUP).cast(pl.Int64, strict=True).cast(WIDE),
    )
    net_of_group = _net_of(pl.col("gross_of_group"), rounding=rounding)
    cancels = pl.col("gross_of_group") == 0
    whole = pl.when(cancels).then(pl.lit(1, dtype=WIDE)).otherwise(pl.col("gross_of_group"))
    shared = round_ratio(net_of_group * pl.col("gross_so_far") * whole.sign(), whole.abs(), rounding=rounding)
    net_so_far = pl.when(cancels).then(_net_of(pl.col("gross_so_far"), rounding=rounding)).otherwise(shared)
    return (
        by_group.with_columns(net_so_far=net_so_far.cast(pl.Int64, strict=True))
        .with_columns(
            net_minor=pl.col("net_so_far") - pl.col("net_so_far").shift(1, fill_value=0).over(GROUP)
        )
        .with_columns(tax_minor=pl.col("amount_minor") - pl.col("net_minor"))
        .drop("gross_of_group", "gross_so_far", "net_so_far")
    )


def _net_of(gross: pl.Expr, *, rounding: Rounding) -> pl.Expr:
    hundred_percent = pl.lit(PERCENT_STEPS, dtype=WIDE)
    return round_ratio(
        gross * hundred_percent, hundred_percent + pl.col("tax_rate").cast(WIDE), rounding=rounding
    )


def _tax_on_top(lines: pl.DataFrame, *, rounding: Rounding) -> pl.DataFrame:
    """Return lines of net amounts, by group, with `tax_minor` (5.2, 5.3).

    A line's tax is what it adds to the rounded tax of the lines of its group so far, so a group's lines sum to
    round(Σ net × rate), rounded once.
    """
    begins_group = pl.any_horizontal(pl.col(name) != pl.col(name).shift(1) for name in GROUP).fill_null(
        value=True
    )
    by_group = lines.sort([*GROUP, "line_no"]).with_columns(
        begins_group=begins_group,
        net_minor="amount_minor",
        net_of_all_so_far=pl.col("amount_minor").cast(WIDE).cum_sum(),
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
        .drop("begins_group", "net_of_all_so_far", "tax_so_far")
    )
