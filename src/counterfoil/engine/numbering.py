"""Numbers and due dates for many drafts at once (billing-rules 7)."""

from __future__ import annotations

from datetime import date

import polars as pl

from counterfoil.core.numbering import NumberPattern
from counterfoil.core.terms import parse_terms
from counterfoil.engine.frames import DAY, ID, Frame

DRAFTS = Frame(
    name="drafts",
    columns={"invoice_id": ID, "series_id": ID, "payment_terms": pl.String},
    key=("invoice_id",),
)
"""Drafts about to be issued, in the order in which they take their numbers."""

NUMBERS = Frame(
    name="numbers",
    columns={"invoice_id": ID, "series_id": ID, "seq": pl.Int64, "number": pl.String, "due_on": DAY},
    key=("series_id", "seq"),
)


def number_drafts(
    drafts: pl.DataFrame,
    *,
    next_seq: dict[int, int],
    patterns: dict[int, NumberPattern],
    branches: dict[int, str],
    invoice_date: date,
) -> pl.DataFrame:
    """Return NUMBERS for DRAFTS: consecutive in each series from `next_seq`, due by each one's terms.

    *next_seq*, *patterns* and *branches* (codes) are by `series_id`.
    """
    counted = drafts.with_columns(
        seq=pl.col("series_id").replace_strict(next_seq, return_dtype=pl.Int64)
        + pl.int_range(pl.len()).over("series_id")
    )
    around = [
        (series, *pattern.around_seq(year=invoice_date.year, branch=branches[series]))
        for series, pattern in patterns.items()
    ]
    schema = {"series_id": pl.Int64, "before": pl.String, "digits": pl.UInt32, "after": pl.String}
    written = counted.join(
        pl.DataFrame(around, schema=schema, orient="row"), on="series_id", how="left", maintain_order="left"
    )
    terms = drafts.get_column("payment_terms").unique().to_list()
    due_dates = {text: parse_terms(text).due_date(invoice_date) for text in terms}
    return NUMBERS.promise(
        written.with_columns(
            number=pl.concat_str("before", pl.col("seq").cast(pl.String).str.zfill("digits"), "after"),
            due_on=pl.col("payment_terms").replace_strict(due_dates, return_dtype=pl.Date),
        )
    )
