"""The shape of the tables that credits are made of, and what always holds in them (billing-rules 6)."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from counterfoil.core.document import DocumentType
from counterfoil.engine.frames import DAY, ID, INVOICES, LINES, MINOR, SPAN_MOVED, STEPS, Frame

CREDIT_CHARGES = Frame(
    name="charges to be credited",
    columns={
        "charge_id": ID,
        "customer_id": ID,
        "client_id": ID,
        "starts_on": DAY,
        "ends_before": DAY,
        "while_commissioned": pl.Boolean,
        "commissioned": pl.String,
        "billed_from": DAY,
        "billed_to": DAY,
        "starts_in_part": pl.Boolean,
        "ends_in_part": pl.Boolean,
        "opening_to": DAY,
    },
    key=("charge_id",),
    always={"is billed": pl.col("billed_from") < pl.col("billed_to")},
)
"""Charges whose billed span may hold days no longer served.

`commissioned` lists ranges as "2026-01-01/2026-02-01 2026-03-01/", an open end left out. The system used before
billed the days of the span before `opening_to`.
"""

_NOT_OF_A_LINE = {"invoice_no", "line_no", "span_from", "span_to"}

CREDITABLE_LINES = Frame(
    name="lines to be credited",
    columns={
        "line_id": ID,
        "invoice_id": ID,
        "original_line_no": pl.Int32,
        "is_issued": pl.Boolean,
        "customer_id": ID,
        "branch_id": ID,
        "currency": pl.String,
        "po_number": pl.String,
        **{name: kind for name, kind in LINES.columns.items() if name not in _NOT_OF_A_LINE},
        "credited_minor": MINOR,
        "credited_discount_minor": MINOR,
        "adjusted_minor": MINOR,
        "is_credited_by_hand": pl.Boolean,
        "credited_shares": pl.String,
        "given_up": pl.String,
    },
    key=("line_id",),
)
"""Live lines, with what live credits took off them so far (in the line's sign).

`adjusted_minor` is what the adjustments of a line still come to: below zero where a person took some of it off.
`credited_shares` lists fractions and `given_up` ranges of days of the credits that followed the dates.
"""

CUSTOMERS_BILLED = Frame(
    name="customers billed",
    columns={"charge_id": ID, "customer_id": ID},
    key=("charge_id", "customer_id"),
)
"""Whom the live lines of charges to be credited were billed to, who need not be who pays them now."""

BILLED_PARTS = Frame(
    name="parts left by credits",
    columns={
        "charge_id": ID,
        "grid_start": DAY,
        "grid_end": DAY,
        "quantity": STEPS,
        "unit_price": STEPS,
        "left_minor": MINOR,
    },
    key=("charge_id", "grid_start", "grid_end"),
)
"""What credits that followed the dates left of a grid period at the edge of a billed span (billing-rules 3.4).

In the terms of its price: before discounts, with the tax if that is included. Only where all of the period was
billed at one price; at another price the earlier pieces are counted at the new one (4.2).
"""

CREDIT_GROUPS = Frame(
    name="tax groups to be credited",
    columns={
        "invoice_id": ID,
        "tax_category_id": ID,
        "tax_rate": STEPS,
        "includes_tax": pl.Boolean,
        "net_minor": MINOR,
        "tax_minor": MINOR,
        "credited_minor": MINOR,
        "credited_tax_minor": MINOR,
    },
    key=("invoice_id", "tax_category_id", "tax_rate", "includes_tax"),
)
"""The tax groups of original invoices, with what live credit notes took off them so far (6.6)."""

ORIGINALS = Frame(
    name="invoices to be credited",
    columns={"invoice_id": ID, "notes": pl.Int64, "newest_note": ID},
    key=("invoice_id",),
)
"""Original invoices with their live credit notes, as they were when the credits were computed."""

CREDIT_NOTES = Frame(
    name="credit notes",
    columns={**INVOICES.columns, "credits_id": ID},
    key=("credits_id",),
    always={
        "has lines": INVOICES.always["has lines"],
        "adds up": INVOICES.always["adds up"],
        "credits an invoice": (pl.col("document_type") == DocumentType.CREDIT_NOTE.value)
        & pl.col("credits_id").is_not_null(),
        "asks for nothing": pl.col("gross_minor") <= 0,
    },
)
"""What a credit run stores in place of INVOICES; amounts are negative (6.4)."""

CREDIT_LINES = Frame(
    name="credit lines",
    columns={**LINES.columns, "refers_to_id": ID},
    key=("refers_to_id", "period_start"),
    always={
        "has days": LINES.always["has days"],
        "refers to its line": pl.col("refers_to_id").is_not_null() & (pl.col("kind") == "credit"),
        "has a share that is not negative": (pl.col("fraction_num") >= 0) & (pl.col("fraction_den") > 0),
        "is numbered from one": LINES.always["is numbered from one"],
    },
)
"""What a credit run stores in place of LINES. The share is that credited; 0 where no days are given up."""

CREDIT_SPANS = Frame(
    name="billed spans after credits",
    columns=SPAN_MOVED,
    key=("charge_id",),
    always={
        "only shrinks": (pl.col("billed_from").fill_null(pl.col("was_from")) >= pl.col("was_from"))
        & (pl.col("billed_to").fill_null(pl.col("was_to")) <= pl.col("was_to")),
        "is a range or nothing": (pl.col("billed_from") < pl.col("billed_to")).fill_null(
            pl.col("billed_from").is_null() & pl.col("billed_to").is_null()
        ),
    },
)
"""How the billed span of each charge moves when its credits are stored; null where nothing stays billed (2.5)."""


@dataclass(frozen=True, kw_only=True)
class Creditable:
    """What a credit run reads, each table in the shape this file names."""

    charges: pl.DataFrame
    lines: pl.DataFrame
    groups: pl.DataFrame
    originals: pl.DataFrame
