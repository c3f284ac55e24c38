"""A credit note that a person gives, and the invoice that bills the same days again (billing-rules 6.4, 2.5).

Neither moves a billed span. Both follow the lines of one invoice, which go through plain Python: they are few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from counterfoil.core.money import (
    LARGEST_AMOUNT_MINOR,
    LARGEST_QUANTITY_STEPS,
    LARGEST_UNIT_PRICE_STEPS,
    PLACES,
    STEPS,
    Rounding,
    amount_of,
    format_minor,
    format_steps,
    minor_digits,
    round_ratio,
    share_out,
)
from counterfoil.core.refusals import Refusal
from counterfoil.engine.billing import Billed
from counterfoil.engine.credit_frames import CREDIT_LINES, CREDIT_NOTES, CREDIT_SPANS
from counterfoil.engine.credit_lines import rated_minor
from counterfoil.engine.credit_notes import COPIED, note_row, with_taxes
from counterfoil.engine.frames import FINDINGS, INVOICES, LINES, SPANS
from counterfoil.engine.taxing import with_tax

Row = Mapping[str, Any]


class CreditAsksForMoney(Refusal):
    """The credit note would ask for {gross} {currency}, because a rebate falls away. Credit other lines with it."""


class AgainBelowZero(Refusal):
    """Billed again the invoice would come to {gross} {currency}, below zero. Give a higher price or quantity."""


class AgainTooLarge(Refusal):
    """Line {line} is too large to be billed again at quantity {quantity} and unit price {unit_price}. Give less."""


@dataclass(frozen=True, kw_only=True)
class LineAgain:
    """How a line is billed again: None leaves quantity or unit price (millionths) as it was."""

    quantity: int | None = None
    unit_price: int | None = None


@dataclass(frozen=True, kw_only=True)
class PayerAgain:
    """Whom the days are billed to again: the customer, their branch, and the rate of each tax category in force."""

    customer_id: int
    branch_id: int
    tax_rates: Mapping[int, int]


def credit_by_hand(
    lines: pl.DataFrame,
    *,
    amounts: Mapping[int, int],
    groups: pl.DataFrame,
    originals: pl.DataFrame,
    bill_date: date,
    rounding: Rounding,
) -> Billed:
    """Return one credit note for the invoice of CREDITABLE_LINES: by line id the net to be credited (6.4, 6.6).

    Amounts have their line's sign and are within what is left of it. Discounts are credited in proportion. Raises
    `CreditAsksForMoney` if the note's gross would be above zero (5.5).
    """
    chosen = lines.filter(pl.col("line_id").is_in(list(amounts))).sort("original_line_no")
    rows = [
        _credit_row(row, amounts[row["line_id"]], bill_date=bill_date, rounding=rounding)
        for row in chosen.iter_rows(named=True)
    ]
    known = {
        (row["invoice_id"], row["tax_category_id"], row["tax_rate"], row["includes_tax"]): row
        for row in groups.iter_rows(named=True)
    }
    original = chosen.row(0, named=True)
    with_taxes(rows, invoice_id=original["invoice_id"], groups=known, rounding=rounding)
    numbered = [{**row, "invoice_no": 1, "line_no": number} for number, row in enumerate(rows, start=1)]
    note = note_row(original, rows, invoice_no=1)
    if note["gross_minor"] > 0:
        gross = format_minor(note["gross_minor"], note["currency"])
        raise CreditAsksForMoney(gross=gross, currency=note["currency"])
    return Billed(
        invoices=CREDIT_NOTES.promise(pl.DataFrame([note], schema=CREDIT_NOTES.schema)),
        lines=CREDIT_LINES.promise(pl.DataFrame(numbered, schema=CREDIT_LINES.schema)),
        findings=FINDINGS.empty(),
        spans=CREDIT_SPANS.empty(),
        originals=originals.filter(pl.col("invoice_id") == original["invoice_id"]),
    )


def in_one(notes: Sequence[Billed]) -> Billed:
    """Return credit notes of different invoices together, numbered in their order; there is at least one."""
    numbered = list(enumerate(notes, start=1))
    number = CREDIT_NOTES.schema["invoice_no"]
    return Billed(
        invoices=pl.concat(
            [one.invoices.with_columns(invoice_no=pl.lit(n, dtype=number)) for n, one in numbered]
        ),
        lines=pl.concat([one.lines.with_columns(invoice_no=pl.lit(n, dtype=number)) for n, one in numbered]),
        findings=FINDINGS.empty(),
        spans=CREDIT_SPANS.empty(),
        originals=pl.concat([one.originals for one in notes if one.originals is not None]),
    )


def _credit_row(row: Row, amount: int, *, bill_date: date, rounding: Rounding) -> dict[str, Any]:
    """Return a credit line over *amount* net: as the original if it is all of it, else quantity 1 at the amount."""
    net, discount = row["net_minor"], row["discount_minor"]
    so_far = row["credited_minor"] + amount
    gives_all = net in {so_far, 0}
    discount_so_far = discount if gives_all else round_ratio(discount * so_far, net, rounding=rounding)
    is_whole_line = gives_all and row["credited_minor"] == 0
    price = {"quantity": STEPS, "unit_price": amount * STEPS // 10 ** minor_digits(row["currency"])}
    if is_whole_line:
        price = {"quantity": row["quantity"], "unit_price": row["unit_price"]}
    return {
        **{name: row[name] for name in COPIED},
        **price,
        "kind": "credit",
        "refers_to_id": row["line_id"],
        "original_line_no": row["original_line_no"],
        "period_start": row["period_start"],
        "period_end": row["period_end"],
        "span_from": None,
        "span_to": None,
        "bill_date": bill_date,
        "fraction_num": row["fraction_num"] if is_whole_line else 1,
        "fraction_den": row["fraction_den"] if is_whole_line else 1,
        "net_minor": -amount,
        "discount_minor": row["credited_discount_minor"] - discount_so_far,
        "details": "",
    }


def bill_again(
    lines: pl.DataFrame,
    *,
    changes: Mapping[int, LineAgain],
    payer: PayerAgain,
    spans: Mapping[int, tuple[date | None, date | None]],
    document_type: str,
    rounding: Rounding,
) -> Billed:
    """Return one invoice for the same days as CREDITABLE_LINES, with *changes* by line number (2.5).

    *spans* are the billed spans of the charges as they are: these lines lie within and do not move them. A changed
    line's discount changes in proportion; usage, and what was waived, is billed as it was. Raises `AgainBelowZero`
    (5.5) and `AgainTooLarge`.
    """
    rows = []
    for number, row in enumerate(lines.sort("original_line_no").iter_rows(named=True), start=1):
        change = changes.get(row["original_line_no"], LineAgain())
        span = spans.get(row["charge_id"], (None, None))
        rows.append(_line_again(row, change, payer=payer, span=span, line_no=number, rounding=rounding))
    shape = {**LINES.columns, "amount_minor": pl.Int64}
    taxed = with_tax(lines=pl.DataFrame(rows, schema=shape), rounding=rounding)
    net, tax = sum(taxed.get_column("net_minor").to_list()), sum(taxed.get_column("tax_minor").to_list())
    first = lines.row(0, named=True)
    if net + tax < 0:
        gross = format_minor(net + tax, first["currency"])
        raise AgainBelowZero(gross=gross, currency=first["currency"])
    invoice = {
        "invoice_no": 1,
        "customer_id": payer.customer_id,
        "branch_id": payer.branch_id,
        "document_type": document_type,
        "currency": first["currency"],
        "po_number": first["po_number"] or "",
        "line_count": len(rows),
        "net_minor": net,
        "tax_minor": tax,
        "gross_minor": net + tax,
    }
    return Billed(
        invoices=INVOICES.promise(pl.DataFrame([invoice], schema=INVOICES.schema)),
        lines=LINES.promise(taxed),
        findings=FINDINGS.empty(),
        spans=SPANS.empty(),
    )


def _line_again(
    row: Row,
    change: LineAgain,
    *,
    payer: PayerAgain,
    span: tuple[date | None, date | None],
    line_no: int,
    rounding: Rounding,
) -> dict[str, Any]:
    quantity, unit_price = _price_again(row, change)
    rated, discount = rated_minor(row), row["discount_minor"]
    is_changed = (quantity, unit_price) != (row["quantity"], row["unit_price"])
    if is_changed:
        _check_size(row, quantity, unit_price)
        rated = amount_of(
            quantity_steps=quantity,
            unit_price_steps=unit_price,
            fraction=Fraction(row["fraction_num"], row["fraction_den"]),
            currency=row["currency"],
            rounding=rounding,
        )
        was = rated_minor(row)
        discount = round_ratio(discount * rated, was, rounding=rounding) if was else 0
    return {
        **{name: row[name] for name in LINES.columns if name in row},
        "invoice_no": 1,
        "line_no": line_no,
        "quantity": quantity,
        "unit_price": unit_price,
        "tax_rate": payer.tax_rates.get(row["tax_category_id"], row["tax_rate"]),
        "span_from": span[0],
        "span_to": span[1],
        "discount_minor": discount,
        "amount_minor": rated - discount,
        "net_minor": None,
        "tax_minor": None,
        "details": "" if is_changed else row["details"] or "",
    }


def _check_size(row: Row, quantity: int, unit_price: int) -> None:
    """Raise `AgainTooLarge` for what a run would set aside as too large."""
    steps_a_minor = 10 ** (2 * PLACES - minor_digits(row["currency"]))
    fits = (
        abs(quantity) <= LARGEST_QUANTITY_STEPS
        and abs(unit_price) <= LARGEST_UNIT_PRICE_STEPS
        and abs(quantity * unit_price) // steps_a_minor < LARGEST_AMOUNT_MINOR
    )
    if not fits:
        raise AgainTooLarge(
            line=row["original_line_no"], quantity=format_steps(quantity), unit_price=format_steps(unit_price)
        )


def _price_again(row: Row, change: LineAgain) -> tuple[int, int]:
    """Return quantity and unit price of a line billed again; usage and what was waived stay as they were."""
    quantity, unit_price = row["quantity"], row["unit_price"]
    if row["kind"] in {"usage", "waived"}:
        return quantity, unit_price
    return (
        quantity if change.quantity is None else change.quantity,
        unit_price if change.unit_price is None else change.unit_price,
    )


def spread(amount: int, lines: Sequence[Row]) -> dict[int, int]:
    """Return *amount* shared over *lines* by what is left of each, by line id (billing-rules 9)."""
    left = [row["net_minor"] - row["credited_minor"] for row in lines]
    return dict(zip((row["line_id"] for row in lines), share_out(amount, left), strict=True))
