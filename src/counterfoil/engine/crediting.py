"""Which billed days are no longer served, and what each original invoice gives back for them (billing-rules 6).

Charges to be credited are few, so each goes through `core.crediting` by itself; only sums and shapes are columns.
Pure: a preview and a credit run both call `credit`, and get what a billing run gets, so both are stored alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from counterfoil.core.crediting import CreditBasis
from counterfoil.core.findings import Finding, FindingCode, finding
from counterfoil.core.money import Rounding, format_minor
from counterfoil.core.periods import ONE_DAY, DateRange, intersection, merged, remainder
from counterfoil.engine.billing import Billed, Terms
from counterfoil.engine.credit_frames import CREDIT_LINES, CREDIT_NOTES, CREDIT_SPANS, ORIGINALS, Creditable
from counterfoil.engine.credit_lines import CreditedLine, StoredLine, credited_lines, ranges_of, stored_lines
from counterfoil.engine.credit_notes import credit_note_frames
from counterfoil.engine.frames import FINDINGS

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class CreditedCharge:
    """One charge that gives something back: its credits, newest line first, and where its span goes."""

    row: Row
    credits: Sequence[CreditedLine]
    span: DateRange | None
    starts_in_part: bool
    ends_in_part: bool


def credit(loaded: Creditable, *, terms: Terms, basis: CreditBasis) -> Billed:
    """Return the credit notes for days billed and no longer served, first unserved day by the cut-off (6.2, 6.3).

    One note an original invoice, to its customer (6.4); spans move back to what stays billed (2.5). What cannot be
    credited is among the findings.
    """
    rows_of: dict[int, list[Row]] = {}
    for row in loaded.lines.sort("charge_id", "period_start", "line_id").iter_rows(named=True):
        rows_of.setdefault(row["charge_id"], []).append(row)
    credited, findings = list[CreditedCharge](), list[dict[str, Any]]()
    for row in loaded.charges.sort("charge_id").iter_rows(named=True):
        stored = stored_lines(rows_of.get(row["charge_id"], []), rounding=terms.rounding)
        found = _credited(row, stored, terms=terms, basis=basis)
        if isinstance(found, Finding):
            findings.append(_finding_row(row, found))
        elif found is not None:
            credited.append(found)
    credited, turned = _without_turned(credited, loaded=loaded, rounding=terms.rounding)
    invoices, lines = credit_note_frames(_lines_of(credited), groups=loaded.groups, rounding=terms.rounding)
    touched = loaded.originals.join(invoices.select(invoice_id="credits_id"), on="invoice_id", how="semi")
    return Billed(
        invoices=CREDIT_NOTES.promise(invoices),
        lines=CREDIT_LINES.promise(lines),
        findings=FINDINGS.promise(pl.DataFrame([*findings, *turned], schema=FINDINGS.schema)),
        spans=CREDIT_SPANS.promise(_spans(credited)),
        originals=ORIGINALS.promise(touched),
    )


def _credited(
    row: Row, lines: Sequence[StoredLine], *, terms: Terms, basis: CreditBasis
) -> CreditedCharge | Finding | None:
    """Return what one charge gives back, why it cannot, or None where nothing is due."""
    if row["ends_before"] is not None and row["ends_before"] <= row["starts_on"]:
        return finding(
            FindingCode.END_NOT_AFTER_START, last_day=row["ends_before"] - ONE_DAY, starts_on=row["starts_on"]
        )
    span = DateRange(row["billed_from"], row["billed_to"])
    unserved = [days for days in remainder([span], _served(row)) if days.first_day <= terms.cutoff]
    if not unserved:
        return None
    touched = [line for line in lines if intersection(line.creditable.days, unserved)]
    periods = {(line.row["grid_start"], line.row["grid_end"]) for line in touched}
    for line in lines:
        if (line.row["grid_start"], line.row["grid_end"]) in periods and not line.row["is_issued"]:
            return finding(FindingCode.CREDIT_OF_DRAFT, invoice=line.row["invoice_id"])
    for line in touched:
        is_usage_in_part = line.row["kind"] == "usage" and remainder(line.creditable.days, unserved)
        if is_usage_in_part:
            return finding(
                FindingCode.CREDIT_OF_USAGE,
                billed_to=line.row["period_end"],
                ends_before=unserved[0].first_day,
            )
    opening = _opening(row)
    credits_given = credited_lines(
        lines, span=span, unserved=unserved, opening=opening, basis=basis, rounding=terms.rounding
    )
    return _with_span(row, lines, credits_given, opening=opening) if credits_given else None


def _served(row: Row) -> list[DateRange]:
    """Return the days of service: start to end, while commissioned if so set (billing-rules 2.1)."""
    whole = DateRange(row["starts_on"], row["ends_before"])
    if not row["while_commissioned"]:
        return [whole]
    return intersection([whole], ranges_of(row["commissioned"]))


def _opening(row: Row) -> list[DateRange]:
    """Return the days of the span that the system used before had billed: they are no line of ours."""
    to = row["opening_to"]
    return [] if to is None else [DateRange(row["billed_from"], min(to, row["billed_to"]))]


def _with_span(
    row: Row, lines: Sequence[StoredLine], given: Sequence[CreditedLine], *, opening: Sequence[DateRange]
) -> CreditedCharge:
    """Return the charge with the span that its lines still cover once *given* is credited (2.5, 6.4)."""
    gone = [days for one in given for days in one.credit.unserved]
    before = merged([*opening, *(days for line in lines for days in line.creditable.days)])
    after = remainder(before, gone)
    if not after:
        return CreditedCharge(row=row, credits=given, span=None, starts_in_part=False, ends_in_part=False)
    keeps_start = after[0].start == before[0].start
    keeps_end = after[-1].end == before[-1].end
    start = row["billed_from"] if keeps_start else after[0].first_day
    end = row["billed_to"] if keeps_end else after[-1].ends_before
    return CreditedCharge(
        row=row,
        credits=given,
        span=DateRange(start, end),
        starts_in_part=row["starts_in_part"]
        if keeps_start
        else not any(line.row["grid_start"] == start and _holds(line, start) for line in lines),
        ends_in_part=row["ends_in_part"]
        if keeps_end
        else not any(line.row["grid_end"] == end and line.row["period_end"] >= end for line in lines),
    )


def _holds(line: StoredLine, day: date) -> bool:
    return day in line.creditable.period


def _without_turned(
    credited: Sequence[CreditedCharge], *, loaded: Creditable, rounding: Rounding
) -> tuple[list[CreditedCharge], list[dict[str, Any]]]:
    """Return the charges whose credit notes give money back, and findings for those whose notes would ask for more.

    A charge is credited on all its invoices or on none: its span moves once.
    """
    left, findings = list(credited), list[dict[str, Any]]()
    while True:
        invoices, _lines = credit_note_frames(_lines_of(left), groups=loaded.groups, rounding=rounding)
        asking = {
            row["credits_id"]: row for row in invoices.filter(pl.col("gross_minor") > 0).iter_rows(named=True)
        }
        if not asking:
            return left, findings
        stays = []
        for charge in left:
            note = next((asking[i] for i in _invoices_of(charge) if i in asking), None)
            if note is None:
                stays.append(charge)
                continue
            gross = f"{format_minor(-note['gross_minor'], note['currency'])} {note['currency']}"
            findings.append(_finding_row(charge.row, finding(FindingCode.CREDIT_OWES_MORE, gross=gross)))
        left = stays


def _invoices_of(charge: CreditedCharge) -> list[int]:
    return [one.line.row["invoice_id"] for one in charge.credits]


def _lines_of(credited: Sequence[CreditedCharge]) -> Iterator[tuple[Row, CreditedLine]]:
    for charge in credited:
        for one in charge.credits:
            yield charge.row, one


def _finding_row(row: Row, found: Finding) -> dict[str, Any]:
    ids = {name: row[name] for name in ("charge_id", "customer_id", "client_id")}
    return {"code": found.code.value, **ids, "message": found.message, "remedy": found.remedy}


def _spans(credited: Sequence[CreditedCharge]) -> pl.DataFrame:
    rows = [
        {
            "charge_id": charge.row["charge_id"],
            "was_from": charge.row["billed_from"],
            "was_to": charge.row["billed_to"],
            "billed_from": charge.span.start if charge.span else None,
            "billed_to": charge.span.end if charge.span else None,
            "starts_in_part": charge.starts_in_part,
            "ends_in_part": charge.ends_in_part,
        }
        for charge in credited
    ]
    return pl.DataFrame(rows, schema=CREDIT_SPANS.schema)
