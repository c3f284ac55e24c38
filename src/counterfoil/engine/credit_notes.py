"""Credit notes: one an original invoice, to its customer, with the tax that was on it (billing-rules 6.1, 6.4, 6.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import polars as pl

from counterfoil.core.crediting import credit_tax
from counterfoil.core.document import DocumentType
from counterfoil.core.money import Rounding, share_out
from counterfoil.core.periods import DateRange
from counterfoil.engine.credit_frames import CREDIT_LINES, CREDIT_NOTES
from counterfoil.engine.credit_lines import CreditedLine

Row = Mapping[str, Any]
GROUP = ("tax_category_id", "tax_rate", "includes_tax")
COPIED = (
    "charge_id", "event_charge_id", "client_id", "code", "ledger_code", "description", "grid_start", "grid_end",
    "part_charging", "day_count", "anchor_day", "quantity", "unit_price", "price_level", *GROUP,
)  # fmt: skip


def credit_note_frames(
    credited: Iterable[tuple[Row, CreditedLine]], *, groups: pl.DataFrame, rounding: Rounding
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return CREDIT_NOTES and CREDIT_LINES for *credited*: charges' rows with their credited lines.

    *groups* are CREDIT_GROUPS. Notes are numbered by customer and original invoice; their lines follow the
    original's order. Not yet promised: gross is above zero where only rebates fall away.
    """
    lines_of: dict[tuple[int, int], list[dict[str, Any]]] = {}
    originals: dict[int, Row] = {}
    for charge, one in credited:
        original = one.line.row
        originals[original["invoice_id"]] = original
        key = (original["customer_id"], original["invoice_id"])
        lines_of.setdefault(key, []).extend(line_rows(charge, one))
    known = {tuple(row[name] for name in ("invoice_id", *GROUP)): row for row in groups.iter_rows(named=True)}
    invoices, lines = [], []
    for number, key in enumerate(sorted(lines_of), start=1):
        ordered = sorted(lines_of[key], key=lambda line: (line["original_line_no"], line["period_start"]))
        with_taxes(ordered, invoice_id=key[1], groups=known, rounding=rounding)
        for line_no, line in enumerate(ordered, start=1):
            lines.append({**line, "invoice_no": number, "line_no": line_no})
        invoices.append(note_row(originals[key[1]], ordered, invoice_no=number))
    return (
        pl.DataFrame(invoices, schema=CREDIT_NOTES.schema),
        pl.DataFrame(lines, schema=CREDIT_LINES.schema),
    )


def line_rows(charge: Row, one: CreditedLine) -> list[dict[str, Any]]:
    """Return the rows of one credit: one for each run of unserved days, amounts and share split by days (9).

    A credit without unserved days, a minor unit another piece could not give back, has a share of 0.
    """
    original = one.line.row
    parts = one.credit.unserved or (DateRange(original["period_start"], original["period_end"]),)
    days = [part.days for part in parts]
    share = one.credit.fraction if one.credit.unserved else Fraction(0)
    nets, discounts = share_out(one.net_minor, days), share_out(one.discount_minor, days)
    rows = []
    for part, net, discount in zip(parts, nets, discounts, strict=True):
        of_part = share * Fraction(part.days, sum(days))
        rows.append(
            {
                **{name: original[name] for name in COPIED},
                "kind": "credit",
                "refers_to_id": original["line_id"],
                "original_line_no": original["original_line_no"],
                "period_start": max(part.first_day, original["grid_start"]),
                "period_end": min(part.ends_before, original["grid_end"]),
                "span_from": charge["billed_from"],
                "span_to": charge["billed_to"],
                "bill_date": one.bill_date,
                "fraction_num": of_part.numerator,
                "fraction_den": of_part.denominator,
                "net_minor": net,
                "discount_minor": discount,
                "details": "",
            }
        )
    return rows


def with_taxes(
    lines: Sequence[dict[str, Any]], *, invoice_id: int, groups: Mapping[Any, Row], rounding: Rounding
) -> None:
    """Set `tax_minor` of each line of a credit note: what it adds to the tax credited of its group (6.6, 5.3)."""
    so_far: dict[Any, tuple[int, int]] = {}
    for line in lines:
        key = (invoice_id, *(line[name] for name in GROUP))
        group = groups[key]
        net, tax = so_far.get(key, (group["credited_minor"], group["credited_tax_minor"]))
        net -= line["net_minor"]
        added = credit_tax(
            group_net_minor=group["net_minor"],
            group_tax_minor=group["tax_minor"],
            tax_rate_steps=group["tax_rate"],
            credited_net_minor=net,
            credited_tax_minor=tax,
            rounding=rounding,
        )
        line["tax_minor"] = -added
        so_far[key] = (net, tax + added)


def note_row(original: Row, lines: Sequence[Row], *, invoice_no: int) -> dict[str, Any]:
    """Return the row of CREDIT_NOTES of a credit note for the invoice of the line *original*."""
    net, tax = sum(line["net_minor"] for line in lines), sum(line["tax_minor"] for line in lines)
    return {
        "invoice_no": invoice_no,
        "customer_id": original["customer_id"],
        "branch_id": original["branch_id"],
        "document_type": DocumentType.CREDIT_NOTE.value,
        "currency": original["currency"],
        "po_number": original["po_number"],
        "credits_id": original["invoice_id"],
        "line_count": len(lines),
        "net_minor": net,
        "tax_minor": tax,
        "gross_minor": net + tax,
    }
