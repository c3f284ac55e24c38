"""Which lines stand together on an invoice, in which order, and what the invoice comes to."""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from counterfoil.core.document import DocumentType
from counterfoil.core.findings import FindingCode, finding
from counterfoil.core.money import format_minor
from counterfoil.engine.frames import FINDINGS, INVOICES


class Grouping(StrEnum):
    """What gets an invoice of its own, besides every customer and currency (C12)."""

    CUSTOMER = "customer"
    CLIENT = "client"
    DEALER = "dealer"


COMES_FROM = {Grouping.CUSTOMER: [], Grouping.CLIENT: ["client_id"], Grouping.DEALER: ["dealer_id"]}


def number_lines(*, rated: pl.DataFrame, grouping: Grouping) -> pl.DataFrame:
    """Return *rated* ordered by invoice, with `invoice_no` and `line_no` counted from 1.

    On an invoice lines stand by client, charge and period. Order and numbers depend on the rows alone.
    """
    invoice_key = ["customer_id", *COMES_FROM[grouping]]
    ordered = rated.sort([*invoice_key, "client_id", "charge_id", "period_start"])
    begins_invoice = pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(name).shift(1)) for name in invoice_key
    ) | (pl.int_range(pl.len()) == 0)
    row = pl.int_range(pl.len(), dtype=pl.Int32)
    first_row = pl.when(begins_invoice).then(row).forward_fill()
    return ordered.with_columns(
        invoice_no=begins_invoice.cast(pl.Int64).cum_sum(), line_no=row - first_row + 1
    )


def sum_invoices(lines: pl.DataFrame) -> pl.DataFrame:
    """Return one row an invoice, in order: what its lines come to. Not yet promised: gross may be negative."""
    return (
        lines.group_by("invoice_no", maintain_order=True)
        .agg(
            pl.col("customer_id").first(),
            pl.col("branch_id").first(),
            pl.col("currency").first(),
            pl.len().cast(pl.Int32).alias("line_count"),
            pl.col("net_minor").cast(pl.Int128).sum().cast(pl.Int64, strict=True),
            pl.col("tax_minor").cast(pl.Int128).sum().cast(pl.Int64, strict=True),
        )
        .with_columns(
            document_type=pl.lit(DocumentType.CONTRACT.value),
            po_number=pl.lit(""),
            gross_minor=pl.col("net_minor") + pl.col("tax_minor"),
        )
    )


def set_negative_aside(invoices: pl.DataFrame, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the INVOICES that may be issued, and FINDINGS for every line of those below zero (5.5)."""
    below_zero = invoices.filter(pl.col("gross_minor") < 0)
    charges = lines.join(below_zero.select("invoice_no", "gross_minor"), on="invoice_no", how="inner")
    rows = []
    for row in charges.unique(subset=["charge_id"], maintain_order=True).iter_rows(named=True):
        gross = format_minor(row["gross_minor"], row["currency"])
        found = finding(FindingCode.NEGATIVE_DOCUMENT, gross=f"{gross} {row['currency']}")
        ids = {name: row[name] for name in ("charge_id", "customer_id", "client_id")}
        rows.append({"code": found.code.value, **ids, "message": found.message, "remedy": found.remedy})
    kept = INVOICES.promise(invoices.filter(pl.col("gross_minor") >= 0))
    return kept, pl.DataFrame(rows, schema=FINDINGS.schema)
