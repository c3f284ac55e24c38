"""Which lines stand together on an invoice, in which order, and what the invoice comes to."""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from counterfoil.core.findings import FindingCode, finding
from counterfoil.core.money import format_minor
from counterfoil.engine.frames import FINDINGS, INVOICES


class Grouping(StrEnum):
    """What gets an invoice of its own, besides every customer and currency (C12)."""

    CUSTOMER = "customer"
    CLIENT = "client"
    DEALER = "dealer"
    BRANCH = "branch"
    PO = "po"
    EVENT = "event"


COMES_FROM = {
    Grouping.CUSTOMER: [],
    Grouping.CLIENT: ["client_id"],
    Grouping.DEALER: ["dealer_id"],
    Grouping.BRANCH: ["branch_id"],
    Grouping.PO: ["po_number"],
    Grouping.EVENT: ["event"],
}


def number_lines(*, rated: pl.DataFrame, grouping: Grouping) -> pl.DataFrame:
    """Return *rated* ordered by invoice, with `invoice_no` and `line_no` counted from 1.

    Every customer (who has one currency) and type of document has an invoice of its own. An invoice of a branch
    of the clients is that branch's; where events have their own, charges stand together. On an invoice lines stand
    by client, charge or event, and period. Order and numbers depend on the rows alone.
    """
    if grouping is Grouping.BRANCH:
        rated = rated.with_columns(branch_id="client_branch_id")
    own = [name for name in COMES_FROM[grouping] if name in rated.columns]
    invoice_key = ["customer_id", *own, *_that_differ(rated, ["document_type"])]
    # Nulls come first, so charges stand before events, and lines without a purchase order before the others.
    sources = [*_that_differ(rated, ["event_charge_id"]), "charge_id"]
    ordered = rated.sort([*invoice_key, "client_id", *sources, "period_start"])
    begins_invoice = pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(name).shift(1)) for name in invoice_key
    ) | (pl.int_range(pl.len()) == 0)
    row = pl.int_range(pl.len(), dtype=pl.Int32)
    first_row = pl.when(begins_invoice).then(row).forward_fill()
    return ordered.with_columns(
        invoice_no=begins_invoice.cast(pl.Int64).cum_sum(), line_no=row - first_row + 1
    )


def _that_differ(rows: pl.DataFrame, names: list[str]) -> list[str]:
    """Return those of the columns *names* that hold more than one value: only by them need rows be ordered."""
    return [
        name for name in names if rows.select((pl.col(name).ne_missing(pl.col(name).first())).any()).item()
    ]


def sum_invoices(lines: pl.DataFrame) -> pl.DataFrame:
    """Return one row an invoice, in order: what its lines come to. Not yet promised: gross may be negative.

    `po_number` is the purchase order that all its lines have; empty where they differ.
    """
    return (
        _with_common_po(lines)
        .group_by("invoice_no", maintain_order=True)
        .agg(
            pl.col("customer_id").first(),
            pl.col("branch_id").first(),
            pl.col("currency").first(),
            pl.col("document_type").first(),
            pl.col("common_po").first(),
            pl.col("po_differs").any(),
            pl.len().cast(pl.Int32).alias("line_count"),
            pl.col("net_minor").cast(pl.Int128).sum().cast(pl.Int64, strict=True),
            pl.col("tax_minor").cast(pl.Int128).sum().cast(pl.Int64, strict=True),
        )
        .with_columns(
            po_number=pl.when("po_differs").then(pl.lit("")).otherwise("common_po"),
            gross_minor=pl.col("net_minor") + pl.col("tax_minor"),
        )
    )


def _with_common_po(lines: pl.DataFrame) -> pl.DataFrame:
    """Return *lines*, ordered by invoice, with `common_po` and whether a line's differs from the one before."""
    po = pl.col("po_number").fill_null("")
    is_of_same = pl.col("invoice_no") == pl.col("invoice_no").shift(1)
    return lines.with_columns(
        common_po=po, po_differs=((po != po.shift(1)) & is_of_same).fill_null(value=False)
    )


def set_negative_aside(invoices: pl.DataFrame, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the INVOICES that may be issued, and FINDINGS for every charge and event of those below zero (5.5)."""
    below_zero = invoices.filter(pl.col("gross_minor") < 0)
    charges = lines.join(below_zero.select("invoice_no", "gross_minor"), on="invoice_no", how="inner")
    rows = []
    for row in charges.unique(subset=["charge_id", "event_charge_id"], maintain_order=True).iter_rows(
        named=True
    ):
        gross = format_minor(row["gross_minor"], row["currency"])
        found = finding(FindingCode.NEGATIVE_DOCUMENT, gross=f"{gross} {row['currency']}")
        ids = {name: row[name] for name in ("charge_id", "customer_id", "client_id")}
        rows.append({"code": found.code.value, **ids, "message": found.message, "remedy": found.remedy})
    kept = INVOICES.promise(invoices.filter(pl.col("gross_minor") >= 0))
    return kept, pl.DataFrame(rows, schema=FINDINGS.schema)
