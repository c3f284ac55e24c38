"""Discounts on columns: off lines, then off whole invoices, each rounded and named (billing-rules 4.5).

Only lines that a discount is for are touched; without discounts nothing is computed at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import polars as pl

from counterfoil.core.currencies import MINOR_DIGITS
from counterfoil.core.money import PERCENT_STEPS, STEPS, Rounding, format_steps
from counterfoil.engine.rounding import WIDE, round_ratio

MINOR_A_UNIT = {code: 10**digits for code, digits in MINOR_DIGITS.items()}
LINE = ["invoice_no", "line_no"]
BESIDE = ["percent", "amount", "named"]

Off = Callable[[pl.DataFrame, Rounding], pl.DataFrame]
"""Adds to lines with a discount beside them the column `off`: what it takes off each."""


def with_discounts(
    *, lines: pl.DataFrame, discounts: pl.DataFrame, invoice_date: date, rounding: Rounding
) -> pl.DataFrame:
    """Return *lines*, ordered by `invoice_no` and `line_no`, with DISCOUNTS taken from `amount_minor` (4.5).

    What was taken is added to `discount_minor`, and `details` names every discount with its part. Those of a
    charge or a master charge are off each line whose first day lies in their days; those of a customer alone are
    off the whole invoice, if *invoice_date* does.
    """
    if discounts.is_empty() or lines.is_empty():
        return lines
    is_of_lines = pl.col("charge_id").is_not_null() | pl.col("master_id").is_not_null()
    for_lines = _for_lines(lines, discounts.filter(is_of_lines))
    on_the_day = discounts.filter(~is_of_lines & _is_taken_on(pl.lit(invoice_date)))
    for_invoices = _ranked(on_the_day, by=["customer_id"])
    marked = _marked(_marked(lines, for_lines, by=LINE), for_invoices, by=["customer_id"])
    touched = marked.filter("is_touched").with_columns(off_named=pl.lit(""))
    touched = _take_each(touched, for_lines, by=LINE, off=_off_a_line, rounding=rounding)
    touched = _take_each(touched, for_invoices, by=["customer_id"], off=_off_an_invoice, rounding=rounding)
    named = touched.with_columns(details=_details()).drop("off_named")
    together = pl.concat([marked.filter(~pl.col("is_touched")), named])
    return together.drop("is_touched").sort(LINE)


def _is_taken_on(day: pl.Expr) -> pl.Expr:
    has_begun = (pl.col("starts_on") <= day).fill_null(value=True)
    return has_begun & (pl.col("ends_before") > day).fill_null(value=True)


def _marked(lines: pl.DataFrame, chosen: pl.DataFrame, *, by: list[str]) -> pl.DataFrame:
    """Return *lines* with `is_touched` true, besides where it was, where *by* is among the *chosen*."""
    keys = chosen.select(by).unique().with_columns(is_chosen=pl.lit(value=True))
    was = pl.col("is_touched") if "is_touched" in lines.columns else pl.lit(value=False)
    beside = lines.join(keys, on=by, how="left", maintain_order="left")
    return beside.with_columns(is_touched=was | pl.col("is_chosen").fill_null(value=False)).drop("is_chosen")


def _for_lines(lines: pl.DataFrame, discounts: pl.DataFrame) -> pl.DataFrame:
    """Return the *discounts* ranked for every line, by `invoice_no` and `line_no`, that they are for."""
    says = [*LINE, "discount_id", "name", "percent", "amount"]
    day = pl.col("period_start")
    of_charges = discounts.filter(pl.col("charge_id").is_not_null()).drop("master_id", "customer_id")
    of_masters = discounts.filter(pl.col("charge_id").is_null()).drop("charge_id")
    is_its_customer = (pl.col("customer_id") == pl.col("payer")).fill_null(value=True)
    by_charge = lines.select(*LINE, day, "charge_id").join(of_charges, on="charge_id")
    by_master = (
        lines.select(*LINE, day, "master_id", payer="customer_id")
        .join(of_masters, on="master_id")
        .filter(is_its_customer)
    )
    met = [table.filter(_is_taken_on(day)).select(says) for table in (by_charge, by_master)]
    return _ranked(pl.concat(met), by=LINE)


def _ranked(discounts: pl.DataFrame, *, by: list[str]) -> pl.DataFrame:
    """Return *discounts* with their `rank` from 0 among those of the same *by*, and `named`, for `details`.

    Percentages before amounts, each kind in the order they were stored.
    """
    names = discounts.select("discount_id", "name", "percent").unique("discount_id")
    named = {number: _named(name, percent) for number, name, percent in names.iter_rows()}
    row = pl.int_range(pl.len())
    begins = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in by) | (row == 0)
    return (
        discounts.with_columns(is_amount=pl.col("percent").is_null())
        .sort([*by, "is_amount", "discount_id"])
        .select(
            *by,
            "percent",
            "amount",
            rank=row - pl.when(begins).then(row).forward_fill(),
            named=pl.col("discount_id").replace_strict(named, return_dtype=pl.String),
        )
    )


def _named(name: str, percent: int | None) -> str:
    """Return what `details` says of a discount, as JSON, up to what it took."""
    says = {"name": name} if percent is None else {"name": name, "percent": format_steps(percent)}
    return json.dumps(says, ensure_ascii=False)[:-1]


def _take_each(
    lines: pl.DataFrame, chosen: pl.DataFrame, *, by: list[str], off: Off, rounding: Rounding
) -> pl.DataFrame:
    """Return *lines* with the first of the discounts *chosen* for each taken, then the second, and so on."""
    ranks = chosen.get_column("rank").max() if not chosen.is_empty() else None
    for rank in range(0 if ranks is None else int(str(ranks)) + 1):
        nth = chosen.filter(pl.col("rank") == rank).drop("rank")
        others = lines.join(nth, on=by, how="anti")
        beside = lines.join(nth, on=by, how="inner").sort(LINE)
        lines = pl.concat([others, _taken(off(beside, rounding)).drop(BESIDE)])
    return lines


def _taken(lines: pl.DataFrame) -> pl.DataFrame:
    """Return *lines* with `off` moved from the amount to the discount, and named if it is anything."""
    comma = pl.when(pl.col("off_named") == "").then(pl.lit("")).otherwise(pl.lit(", "))
    entry = pl.format('{}, "minor": "{}"}}', pl.col("named"), pl.col("off"))
    return lines.with_columns(
        amount_minor=pl.col("amount_minor") - pl.col("off"),
        discount_minor=pl.col("discount_minor") + pl.col("off"),
        off_named=pl.when(pl.col("off") != 0)
        .then(pl.col("off_named") + comma + entry)
        .otherwise("off_named"),
    ).drop("off")


def _off_a_line(lines: pl.DataFrame, rounding: Rounding) -> pl.DataFrame:
    """Return *lines* with `off`: what the discount beside each takes, an amount times the share billed."""
    amount = pl.col("amount").cast(WIDE) * _minor_a_unit() * pl.col("fraction_num").cast(WIDE)
    per = pl.col("fraction_den").cast(WIDE) * _wide(STEPS)
    off = _off(
        pl.col("amount_minor").cast(WIDE),
        of_amount=round_ratio(amount, per, rounding=rounding),
        rounding=rounding,
    )
    return lines.with_columns(off=off.fill_null(0).cast(pl.Int64, strict=True))


def _off_an_invoice(lines: pl.DataFrame, rounding: Rounding) -> pl.DataFrame:
    """Return *lines* with `off`: its part, by cumulative rounding (9), of what the discount takes off all.

    Nothing is taken off an invoice that is not above zero.
    """
    amount = pl.col("amount_minor").cast(WIDE)
    summed = lines.with_columns(
        whole=amount.sum().over("invoice_no").cast(pl.Int64, strict=True).cast(WIDE),
        so_far=amount.cum_sum().over("invoice_no").cast(pl.Int64, strict=True).cast(WIDE),
    )
    exact = pl.col("amount").cast(WIDE) * _minor_a_unit()
    of_amount = round_ratio(exact, _wide(STEPS), rounding=rounding)
    is_above_zero = pl.col("whole") > 0
    off_all = pl.when(is_above_zero).then(_off(pl.col("whole"), of_amount=of_amount, rounding=rounding))
    share_by = pl.when(is_above_zero).then("whole").otherwise(_wide(1))
    reached = round_ratio(off_all.fill_null(_wide(0)) * pl.col("so_far"), share_by, rounding=rounding)
    return (
        summed.with_columns(reached=reached)
        .with_columns(off=pl.col("reached") - pl.col("reached").shift(1, fill_value=0).over("invoice_no"))
        .with_columns(pl.col("off").cast(pl.Int64, strict=True))
        .drop("whole", "so_far", "reached")
    )


def _off(left: pl.Expr, *, of_amount: pl.Expr, rounding: Rounding) -> pl.Expr:
    """Return the percentage beside a row of what is *left*, else *of_amount*, at most what is left; null for none."""
    of_percent = round_ratio(left * pl.col("percent").cast(WIDE), _wide(PERCENT_STEPS), rounding=rounding)
    at_most = pl.when(left > 0).then(left).otherwise(_wide(0))
    capped = pl.when(of_amount > at_most).then(at_most).otherwise(of_amount)
    return pl.when(pl.col("percent").is_not_null()).then(of_percent).otherwise(capped)


def _minor_a_unit() -> pl.Expr:
    return pl.col("currency").replace_strict(MINOR_A_UNIT, return_dtype=pl.Int64).cast(WIDE)


def _wide(number: int) -> pl.Expr:
    return pl.lit(number, dtype=WIDE)


def _details() -> pl.Expr:
    """Return the line's `details` with the discounts named, among whatever else it says."""
    named = pl.format('"discounts": [{}]}}', pl.col("off_named"))
    before = (
        pl.when(pl.col("details") == "")
        .then(pl.lit("{"))
        .otherwise(pl.col("details").str.head(-1) + pl.lit(", "))
    )
    return pl.when(pl.col("off_named") == "").then("details").otherwise(before + named)
