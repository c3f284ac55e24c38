"""The price in force on the day a piece is priced by: dated prices of every level, escalation (4.2 and 4.3).

Only charges with price changes or an escalation pass through here. Their prices through time are a table of
steps. What is escalated is computed by core, once per distinct history, and joined.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from counterfoil.core.price_history import SINCE_EVER, Escalation, PriceStep, escalated, explained
from counterfoil.core.pricing import Level
from counterfoil.engine.frames import DAY, ESCALATIONS, PRICE_CHANGES, STEPS
from counterfoil.engine.grids import Grids

LEVEL_KEYS = {
    Level.ASSIGNMENT: ["charge_id"],
    Level.CUSTOMER: ["master_id", "customer_id"],
    Level.DEALER: ["master_id", "dealer_id"],
    Level.MASTER: ["master_id"],
}
"""The columns of PRICE_CHANGES that name whose price it is; the others of the four are null."""

LARGEST_STORED = 2**63 - 1
"""What stands for an escalated price too large for a column; `sifting.sift_prices` sets its charge aside."""


@dataclass(frozen=True, kw_only=True)
class PriceSources:
    """Where prices come from: the levels of the chain, each with its key and `unit_price`, and what changes them."""

    levels: dict[Level, pl.DataFrame]
    changes: pl.DataFrame = field(default_factory=PRICE_CHANGES.empty)
    escalations: pl.DataFrame = field(default_factory=ESCALATIONS.empty)

    def changes_of(self, level: Level) -> pl.DataFrame:
        """Return the level's key, `valid_from` and `unit_price`, by date."""
        key = LEVEL_KEYS[level]
        others = [name for name in ("charge_id", "master_id", "customer_id", "dealer_id") if name not in key]
        of_level = pl.all_horizontal(
            *(pl.col(name).is_not_null() for name in key), *(pl.col(name).is_null() for name in others)
        )
        return self.changes.filter(of_level).select(*key, "valid_from", "unit_price").sort("valid_from")


def with_price_history(charges: pl.DataFrame, *, sources: PriceSources) -> pl.DataFrame:
    """Return the resolved *charges* with `has_price_history`: whether their price may change by date.

    Charges priced by a tariff's tiers have none.
    """
    found = [
        charges.join(sources.changes_of(level).select(key).unique(), on=key, how="semi").select("charge_id")
        for level, key in LEVEL_KEYS.items()
        if not sources.changes.is_empty()
    ]
    found += [
        charges.join(sources.escalations.select(key).drop_nulls().unique(), on=key, how="semi").select(
            "charge_id"
        )
        for key in ("charge_id", "master_id")
        if not sources.escalations.is_empty()
    ]
    if not found:
        return charges.with_columns(has_price_history=pl.lit(value=False))
    dated = pl.concat(found).unique().with_columns(has_price_history=pl.lit(value=True))
    marked = charges.join(dated, on="charge_id", how="left", maintain_order="left")
    return marked.with_columns(
        has_price_history=pl.col("has_price_history").fill_null(value=False) & ~pl.col("has_tiers")
    )


def price_steps(*, charges: pl.DataFrame, sources: PriceSources, grids: Grids, through: date) -> pl.DataFrame:
    """Return the prices of *charges* through time, by `charge_id` and `valid_from`, escalated up to *through*.

    *charges* have `charge_id`, `master_id`, `customer_id`, `dealer_id`, `grid_id`, `starts_on`, `currency`. The
    first step of each is valid since ever. Columns: `unit_price` (null: no level sets one), `price_level` and
    `details`, JSON text that tells how the price grew, or empty.
    """
    by_hand = _steps_by_hand(charges, sources)
    terms = _escalation_of(charges, sources.escalations)
    growing = by_hand.join(terms, on="charge_id", how="semi")
    constant = by_hand.join(terms, on="charge_id", how="anti").with_columns(details=pl.lit(""))
    columns = ["charge_id", "valid_from", "unit_price", "price_level", "details"]
    grown = _grown(growing, terms, grids=grids, through=through)
    return pl.concat([constant.select(columns), grown.select(columns)]).sort("valid_from")


def _steps_by_hand(charges: pl.DataFrame, sources: PriceSources) -> pl.DataFrame:
    """Return `charge_id`, `valid_from`, `unit_price`, `price_level`, `set_from`: prices as set by hand (4.2)."""
    keys = charges.select("charge_id", "master_id", "customer_id", "dealer_id")
    changes = {level: sources.changes_of(level) for level in LEVEL_KEYS}
    days = [keys.with_columns(valid_from=pl.lit(SINCE_EVER))]
    days += [
        keys.join(of_level.drop("unit_price"), on=LEVEL_KEYS[level], how="inner").select(
            *keys.columns, "valid_from"
        )
        for level, of_level in changes.items()
        if not of_level.is_empty()
    ]
    steps = pl.concat(days).unique().sort("valid_from")
    for level, of_level in changes.items():
        steps = with_level(steps, level, base=sources.levels[level], changes=of_level)
    prices = [pl.col(f"{level}_price") for level in LEVEL_KEYS]
    found = steps.sort("charge_id", "valid_from").with_columns(
        unit_price=pl.coalesce(prices),
        price_level=_first_that_sets({level: pl.lit(level.value) for level in LEVEL_KEYS}),
        set_from=_first_that_sets({level: pl.col(f"{level}_from") for level in LEVEL_KEYS}),
    )
    same_charge = pl.col("charge_id") == pl.col("charge_id").shift(1)
    goes_on = pl.all_horizontal(
        same_charge, *(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in ("price_level", "set_from"))
    ).fill_null(value=False)
    return found.filter(~goes_on).select("charge_id", "valid_from", "unit_price", "price_level", "set_from")


def _first_that_sets(values: dict[Level, pl.Expr]) -> pl.Expr:
    return pl.coalesce(
        pl.when(pl.col(f"{level}_price").is_not_null()).then(value) for level, value in values.items()
    )


def with_level(
    steps: pl.DataFrame, level: Level, *, base: pl.DataFrame, changes: pl.DataFrame
) -> pl.DataFrame:
    """Return *steps*, ordered by their day `valid_from`, with what *level* says on it and since when (4.2).

    Those are the columns `…_price`, null where the level sets none, and `…_from`.
    """
    key = LEVEL_KEYS[level]
    price, since = f"{level}_price", f"{level}_from"
    based = steps.join(base.select(*key, base_price="unit_price"), on=key, how="left", maintain_order="left")
    if changes.is_empty():
        return based.rename({"base_price": price}).with_columns(pl.lit(SINCE_EVER).alias(since))
    dated = based.join_asof(
        changes.with_columns(begun="valid_from").rename({"unit_price": "dated_price"}),
        on="valid_from",
        by=key,
        check_sortedness=False,
    )
    return dated.with_columns(
        pl.when(pl.col("begun").is_null()).then("base_price").otherwise("dated_price").alias(price),
        pl.col("begun").fill_null(SINCE_EVER).alias(since),
    ).drop("begun", "base_price", "dated_price")


ESCALATION = ["escalation_id", "rate", "step", "every_periods", "on_date", "yearly"]


def _escalation_of(charges: pl.DataFrame, escalations: pl.DataFrame) -> pl.DataFrame:
    """Return the *charges* that have an escalation, their own or else their master charge's, with its columns."""
    known = charges.select("charge_id", "master_id", "grid_id", "starts_on", "currency")
    own = known.join(escalations.drop("master_id"), on="charge_id", how="inner")
    others = known.join(own, on="charge_id", how="anti")
    of_masters = others.join(
        escalations.filter(pl.col("charge_id").is_null()).drop("charge_id"), on="master_id", how="inner"
    )
    return pl.concat(
        [own.select(*known.columns, *ESCALATION), of_masters.select(*known.columns, *ESCALATION)]
    )


def _grown(growing: pl.DataFrame, terms: pl.DataFrame, *, grids: Grids, through: date) -> pl.DataFrame:
    """Return the steps of *growing* with their escalations between them: each distinct history once, in core."""
    as_text = pl.concat_str("valid_from", "unit_price", "price_level", separator=" ", ignore_nulls=True)
    told = growing.sort("charge_id", "valid_from").group_by("charge_id", maintain_order=True)
    histories = told.agg("valid_from", "unit_price", "price_level", history=as_text.str.join(","))
    known = terms.join(histories, on="charge_id", how="inner")
    distinct_by = ["grid_id", "starts_on", "currency", "escalation_id", "history"]
    distinct = known.unique(distinct_by, maintain_order=True)
    rows = [
        (*(history[name] for name in distinct_by), *step)
        for history in distinct.iter_rows(named=True)
        for step in _escalated(history, grids=grids, through=through)
    ]
    steps = pl.DataFrame(
        rows,
        schema={
            **{name: known.schema[name] for name in distinct_by},
            "valid_from": DAY,
            "unit_price": STEPS,
            "price_level": pl.String,
            "details": pl.String,
        },
        orient="row",
    )
    return known.select("charge_id", *distinct_by).join(steps, on=distinct_by, how="inner")


def _escalated(
    history: dict[str, Any], *, grids: Grids, through: date
) -> Iterator[tuple[date, int | None, str | None, str]]:
    """Yield the steps of one distinct history: day, price, level and how it grew."""
    names = ("valid_from", "unit_price", "price_level")
    by_hand = [
        PriceStep(day, price, Level(level) if level else None)
        for day, price, level in zip(*(history[name] for name in names), strict=True)
    ]
    escalation = Escalation(
        rate_steps=history["rate"],
        step_steps=history["step"],
        every_periods=history["every_periods"],
        on_date=history["on_date"],
        yearly=history["yearly"],
    )
    starts_on = history["starts_on"]
    steps = escalated(
        by_hand,
        escalation=escalation,
        grid=grids.by_id[history["grid_id"]],
        starts_on=starts_on,
        through=through,
    )
    for index, step in enumerate(steps):
        told = explained(
            steps, index, escalation=escalation, starts_on=starts_on, currency=history["currency"]
        )
        price = step.unit_price_steps
        within = None if price is None else max(min(price, LARGEST_STORED), -LARGEST_STORED)
        yield step.valid_from, within, step.set_by, json.dumps(told) if told else ""
