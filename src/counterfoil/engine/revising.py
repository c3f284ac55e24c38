"""What becomes of a draft that is adjusted, waived or dated anew: its lines again, with what was decided (12.7, 12.8).

A computed line is never changed. The draft that takes the place of another has copies of its lines, each
referring to the line as it was computed; what a person decided is a line of its own, or a waived one.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from counterfoil.core.currencies import MINOR_DIGITS
from counterfoil.core.money import PLACES, Rounding
from counterfoil.engine.frames import ID, LINES, MINOR, STEPS, Frame
from counterfoil.engine.rounding import WIDE
from counterfoil.engine.taxing import with_tax, with_tax_rate

_COMPUTED = {name: kind for name, kind in LINES.columns.items() if name != "invoice_no"}

DRAFT_LINES = Frame(
    name="lines of drafts",
    columns={
        "line_id": ID,
        "invoice_id": ID,
        "currency": pl.String,
        "country": pl.String,
        "tax_status": pl.String,
        "refers_to_id": ID,
        **_COMPUTED,
    },
    key=("line_id",),
)
"""Stored lines of drafts, with their invoice's currency and their customer's country and tax status."""

REVISED_LINES = Frame(
    name="revised lines",
    columns={
        "invoice_id": ID,
        "copy_of": ID,
        "adjusts": ID,
        "refers_to_id": ID,
        **_COMPUTED,
    },
    key=("invoice_id", "line_no"),
    always={
        "is a copy or an adjustment": pl.col("copy_of").is_null() != pl.col("adjusts").is_null(),
        "is waived at 0.00": (pl.col("kind") != "waived") | (pl.col("net_minor") == 0),
    },
)
"""The lines of the drafts to come. `invoice_id` is the draft replaced, `copy_of` the line that was copied.

An adjustment is a copy of nothing: `adjusts` is the line of the replaced draft whose copy it refers to.
"""

ADJUSTMENTS = Frame(
    name="adjustments",
    columns={"line_id": ID, "amount_minor": MINOR, "tax_category_id": ID},
    key=("line_id",),
)
"""By how much a line is adjusted, tax excluded unless its price includes it; the category null: the line's own."""


def copied(lines: pl.DataFrame) -> pl.DataFrame:
    """Return DRAFT_LINES as they stand on the draft to come.

    A copy refers to the line as it was first computed, so that of a charge's lines the newest stays known.
    """
    was_computed = pl.col("kind").is_in(["adjustment", "credit"]).not_()
    first = pl.coalesce("refers_to_id", "line_id")
    return lines.with_columns(
        copy_of="line_id",
        adjusts=pl.lit(None, dtype=ID),
        refers_to_id=pl.when(was_computed).then(first).otherwise("refers_to_id"),
    )


def with_adjustments(lines: pl.DataFrame, *, adjustments: pl.DataFrame) -> pl.DataFrame:
    """Return *lines* (see `copied`) with a further line for each of ADJUSTMENTS, behind the others (12.8)."""
    chosen = lines.join(
        adjustments.rename({"line_id": "copy_of", "tax_category_id": "chosen_category"}),
        on="copy_of",
        how="inner",
        maintain_order="left",
    )
    last_no = lines.group_by("invoice_id").agg(last_no=pl.col("line_no").max())
    nth = pl.int_range(pl.len(), dtype=pl.Int32).over("invoice_id") + 1
    one = 10**PLACES
    steps_a_minor = pl.col("currency").replace_strict(
        {code: 10 ** (PLACES - digits) for code, digits in MINOR_DIGITS.items()}, return_dtype=WIDE
    )
    further = chosen.join(last_no, on="invoice_id", how="left", maintain_order="left").with_columns(
        line_no=pl.col("last_no") + nth,
        kind=pl.lit("adjustment"),
        adjusts="copy_of",
        copy_of=pl.lit(None, dtype=ID),
        refers_to_id=pl.lit(None, dtype=ID),
        charge_id=pl.lit(None, dtype=ID),
        event_charge_id=pl.lit(None, dtype=ID),
        description=pl.lit("Adjustment: ") + pl.col("description").str.slice(0, LONGEST_DESCRIPTION),
        fraction_num=pl.lit(1, dtype=pl.Int64),
        fraction_den=pl.lit(1, dtype=pl.Int64),
        quantity=pl.lit(one, dtype=pl.Int64),
        unit_price=(pl.col("amount_minor").cast(WIDE) * steps_a_minor).cast(STEPS, strict=True),
        price_level=pl.lit("by hand"),
        tax_category_id=pl.coalesce("chosen_category", "tax_category_id"),
        discount_minor=pl.lit(0, dtype=MINOR),
        net_minor="amount_minor",
        tax_minor=pl.lit(0, dtype=MINOR),
        details=pl.lit(""),
    )
    return pl.concat([lines, further.select(lines.columns)])


LONGEST_DESCRIPTION = 280


def with_waived(lines: pl.DataFrame, *, line_ids: list[int]) -> pl.DataFrame:
    """Return *lines* (see `copied`) with those of *line_ids* at 0.00; their days stay passed over (12.7).

    Adjustments of a waived line go with it: nobody pays for it, and nobody gets anything back.
    """
    is_waived = pl.col("copy_of").is_in(line_ids)
    goes_with_it = (pl.col("kind") == "adjustment") & pl.col("refers_to_id").is_in(line_ids)
    nothing = pl.lit(0, dtype=MINOR)
    return lines.filter(~goes_with_it.fill_null(value=False)).with_columns(
        kind=pl.when(is_waived).then(pl.lit("waived")).otherwise("kind"),
        line_no=pl.col("line_no").rank("ordinal").over("invoice_id").cast(pl.Int32),
        **{
            name: pl.when(is_waived).then(nothing).otherwise(name)
            for name in ("unit_price", "discount_minor", "net_minor", "tax_minor")
        },
    )


def at_rates_of(
    lines: pl.DataFrame,
    *,
    tax_rates: pl.DataFrame,
    tax_point: date,
    seller_country: str,
    seller_tax_status: str,
) -> pl.DataFrame:
    """Return *lines* with the tax rates in force at *tax_point* (5.1); null where a category has none.

    Credits keep the rate of the line they are about (6.1).
    """
    is_credit = pl.col("kind") == "credit"
    rated = with_tax_rate(
        charges=lines.filter(~is_credit).drop("tax_rate"),
        tax_rates=tax_rates,
        tax_point=tax_point,
        seller_country=seller_country,
        seller_tax_status=seller_tax_status,
    )
    return pl.concat([lines.filter(is_credit), rated.select(lines.columns)])


def taxed_again(lines: pl.DataFrame, *, rounding: Rounding) -> pl.DataFrame:
    """Return REVISED_LINES: *lines* with the tax of their groups, each rounded once and shared out (5.2 to 5.4).

    What a line comes to stays: its net, or its gross where its price includes tax. Credit notes keep their tax,
    which follows from the invoice they are for (6.6).
    """
    credited = (pl.col("kind") == "credit").any().over("invoice_id")
    amount = pl.col("net_minor") + pl.when("includes_tax").then("tax_minor").otherwise(0)
    numbered = lines.filter(~credited).with_columns(invoice_no="invoice_id", amount_minor=amount)
    taxed = with_tax(lines=numbered, rounding=rounding).select(lines.columns)
    return REVISED_LINES.promise(pl.concat([lines.filter(credited), taxed]))


def sums_of(lines: pl.DataFrame) -> pl.DataFrame:
    """Return by `invoice_id` what REVISED_LINES come to: `line_count`, `net_minor`, `tax_minor`, `gross_minor`."""
    exact = [pl.col(name).cast(WIDE).sum().cast(MINOR, strict=True) for name in ("net_minor", "tax_minor")]
    return (
        lines.group_by("invoice_id", maintain_order=True)
        .agg(pl.len().cast(pl.Int32).alias("line_count"), *exact)
        .with_columns(gross_minor=pl.col("net_minor") + pl.col("tax_minor"))
    )
