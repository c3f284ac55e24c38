"""Where each value of a charge comes from: the override chain, on columns (billing-rules 4.1)."""

from __future__ import annotations

import polars as pl

LEVELS = ("assignment", "customer", "dealer", "master")
"""Whose value counts, first that is set wins."""

VALUES = (
    "unit_price",
    "quantity",
    "description",
    "charge_period_id",
    "tax_category_id",
    "while_commissioned",
)


def resolve(
    *,
    charges: pl.DataFrame,
    masters: pl.DataFrame,
    customer_overrides: pl.DataFrame,
    dealer_overrides: pl.DataFrame,
) -> pl.DataFrame:
    """Return the charges with every value looked up separately, and `price_level`, who set the price.

    Shapes: CHARGES, MASTERS, CUSTOMER_OVERRIDES, DEALER_OVERRIDES. A value set nowhere stays null. Master
    columns `code`, `ledger_code` and `price_currency` are joined on.
    """
    assigned = charges.rename({name: f"assignment_{name}" for name in VALUES})
    joined = (
        assigned.join(_at("customer", customer_overrides), on=["master_id", "customer_id"], how="left")
        .join(_at("dealer", dealer_overrides), on=["master_id", "dealer_id"], how="left")
        .join(_at("master", masters).rename({"currency": "price_currency"}), on="master_id", how="left")
    )
    return joined.with_columns(
        *(pl.coalesce(f"{level}_{name}" for level in LEVELS).alias(name) for name in VALUES),
        price_level=_first_level_that_sets("unit_price"),
    ).drop(f"{level}_{name}" for level in LEVELS for name in VALUES)


def _at(level: str, table: pl.DataFrame) -> pl.DataFrame:
    return table.rename({name: f"{level}_{name}" for name in VALUES})


def _first_level_that_sets(name: str) -> pl.Expr:
    return pl.coalesce(
        pl.when(pl.col(f"{level}_{name}").is_not_null()).then(pl.lit(level)) for level in LEVELS
    )
