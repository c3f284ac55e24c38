"""What events owe: activations, work orders, dispatches and sales that are due and not charged yet (product C14).

A charge of an event is rated once: quantity × unit price, each value from the override chain (billing-rules 4.1).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from counterfoil.core.document import DocumentType
from counterfoil.core.money import STEPS as STEPS_OF_ONE
from counterfoil.core.money import Rounding
from counterfoil.core.pricing import Level
from counterfoil.engine import pricing
from counterfoil.engine.frames import DAY, ID, STEPS, Frame
from counterfoil.engine.price_history import PriceSources, with_level
from counterfoil.engine.rounding import WIDE, round_ratio

EVENTS = Frame(
    name="charges of events",
    columns={
        "event_charge_id": ID,
        "event": pl.String,
        "event_kind": pl.String,
        "event_line": pl.Int64,
        "event_description": pl.String,
        "is_invoice": pl.Boolean,
        "occurred_on": DAY,
        "to_be_billed_on": DAY,
        "customer_id": ID,
        "client_id": ID,
        "client_branch_id": ID,
        "dealer_id": ID,
        "master_id": ID,
        "paid_by": pl.String,
        "po_number": pl.String,
        "unit_price": STEPS,
        "quantity": STEPS,
        "description": pl.String,
        "tax_category_id": ID,
        "text_ledger_code": pl.String,
    },
    key=("event_charge_id",),
)
"""The charges of chargeable events that are not charged; a null value is not set at this level.

One without `master_id` is free text on a sales invoice: it sets its own price, tax category and ledger code.
"""

SALE = "sale"
LONGEST_DESCRIPTION = 300

_LEVELS_BY_DATE = (Level.CUSTOMER, Level.DEALER, Level.MASTER)


def due_events(
    events: pl.DataFrame,
    *,
    cutoff: date,
    masters: pl.DataFrame,
    customer_overrides: pl.DataFrame,
    dealer_overrides: pl.DataFrame,
) -> pl.DataFrame:
    """Return those of EVENTS to be billed on or before *cutoff*, each value looked up in the chain (4.1).

    Free text has no code, and its ledger code is its own. Its quantity is 1 unless it says otherwise, its price is
    without tax.
    """
    due = events.filter(pl.col("to_be_billed_on") <= cutoff).with_columns(
        charge_id=pl.lit(None, dtype=ID),
        charge_period_id=pl.lit(None, dtype=ID),
        while_commissioned=pl.lit(None, dtype=pl.Boolean),
    )
    resolved = pricing.resolve(
        charges=due,
        masters=masters,
        customer_overrides=customer_overrides,
        dealer_overrides=dealer_overrides,
    )
    return resolved.with_columns(
        pl.col("code").fill_null(""),
        pl.coalesce("ledger_code", "text_ledger_code", pl.lit("")).alias("ledger_code"),
        pl.col("includes_tax").fill_null(value=False),
        pl.col("quantity").fill_null(STEPS_OF_ONE),
    ).drop("text_ledger_code")


def with_dated_prices(events: pl.DataFrame, *, sources: PriceSources) -> pl.DataFrame:
    """Return the resolved *events* at the price in force on the day they occurred (billing-rules 4.2)."""
    if sources.changes.is_empty():
        return events
    days = ["event_charge_id", "master_id", "customer_id", "dealer_id"]
    priced = events.select(*days, valid_from="occurred_on").sort("valid_from")
    for level in _LEVELS_BY_DATE:
        priced = with_level(priced, level, base=sources.levels[level], changes=sources.changes_of(level))
    found = priced.select(
        "event_charge_id",
        dated_price=pl.coalesce(f"{level}_price" for level in _LEVELS_BY_DATE),
        dated_level=pl.coalesce(
            pl.when(pl.col(f"{level}_price").is_not_null()).then(pl.lit(level.value))
            for level in _LEVELS_BY_DATE
        ),
    )
    is_own = pl.col("price_level") == Level.ASSIGNMENT.value
    return (
        events.join(found, on="event_charge_id", how="left", maintain_order="left")
        .with_columns(
            unit_price=pl.when(is_own).then("unit_price").otherwise("dated_price"),
            price_level=pl.when(is_own).then("price_level").otherwise("dated_level"),
        )
        .drop("dated_price", "dated_level")
    )


def rate_events(events: pl.DataFrame, *, rounding: Rounding) -> pl.DataFrame:
    """Return a line for each of the sifted *events*, in the columns of `rating.rate`.

    Its period is the day the event occurred, its share 1. Its text names the event, but for a sales invoice by itself.
    """
    full_price = pl.col("quantity").cast(WIDE) * pl.col("unit_price").cast(WIDE)
    amount = round_ratio(full_price, pl.col("steps_per_minor").cast(WIDE), rounding=rounding)
    day, next_day = pl.col("occurred_on"), pl.col("occurred_on") + pl.duration(days=1)
    is_sale = pl.col("event_kind") == SALE
    named = pl.concat_str(
        pl.col("description"),
        pl.lit(" ("),
        pl.concat_str(
            "event",
            pl.when(pl.col("event_description") != "").then("event_description"),
            separator=", ",
            ignore_nulls=True,
        ),
        pl.lit(")"),
    )
    details = pl.struct("event", "event_kind", "event_line", "event_description").struct.json_encode()
    return events.with_columns(
        kind=pl.lit("event"),
        document_type=pl.when(is_sale)
        .then(pl.lit(DocumentType.SALES.value))
        .otherwise(pl.lit(DocumentType.SERVICE.value)),
        description=pl.when("is_invoice")
        .then("description")
        .otherwise(named)
        .str.slice(0, LONGEST_DESCRIPTION),
        period_start=day,
        period_end=next_day,
        grid_start=day,
        grid_end=next_day,
        bill_date=pl.col("to_be_billed_on"),
        billed_from=pl.lit(None, dtype=DAY),
        billed_to=pl.lit(None, dtype=DAY),
        fraction_num=pl.lit(1, dtype=pl.Int64),
        fraction_den=pl.lit(1, dtype=pl.Int64),
        part_charging=pl.lit(""),
        day_count=pl.lit(""),
        anchor_day=pl.lit(None, dtype=pl.Int16),
        discount_minor=pl.lit(0, dtype=pl.Int64),
        amount_minor=amount.cast(pl.Int64, strict=True),
        details=details,
    )
