"""In words why lines differ from last time: what is gathered from the records for some rows at once (C3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import polars as pl
from django.db.models import Model, QuerySet

from counterfoil.core.comparing import Circumstances, LineSeen, difference_in_words
from counterfoil.core.money import STEPS
from counterfoil.core.periods import DateRange
from counterfoil.engine.variance import PARTS
from counterfoil.flows.billing.preview import Preview
from counterfoil.records.billing.models import BillingException, InvoiceLine, Run
from counterfoil.records.charges.models import Charge


class Differing(Protocol):
    """One row of a comparison, stored (`LineVariance`) or just computed (`Row`)."""

    line_id: int | None
    before_line_id: int | None
    charge_id: int | None
    reason: str

    def parts(self) -> dict[str, int]:
        """Return the parts of the difference that are not 0."""
        ...


@dataclass(frozen=True)
class Row:
    """A row of engine.variance.VARIANCES, with its columns as attributes."""

    values: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        """Return the value of column *name*."""
        try:
            return self.values[name]
        except KeyError as error:
            raise AttributeError(name) from error

    def parts(self) -> dict[str, int]:
        """Return the parts of the difference that are not 0."""
        amounts = {part: self.values[f"{part}_minor"] for part in PARTS}
        return {part: amount for part, amount in amounts.items() if amount}


def lines_of(
    rows: Iterable[Differing], *, among: QuerySet[InvoiceLine] | None = None
) -> dict[int, InvoiceLine]:
    """Return by id the stored lines that *rows* compare, with their invoices and what people said of them.

    They are *among* those, which have more at hand; None for all.
    """
    wanted = {one for row in rows for one in (row.line_id, row.before_line_id) if one is not None}
    lines = InvoiceLine.objects.all() if among is None else among
    return lines.select_related("invoice", "reason").in_bulk(wanted) if wanted else {}


def words_for_run(
    rows: Sequence[Differing], *, run: Run, lines: Mapping[int, InvoiceLine] | None = None
) -> list[str]:
    """Return why each of *rows*, of the stored *run*, differs; some queries for all of them together.

    *lines* are what `lines_of` returns for *rows*, where the caller has them already.
    """
    lines = lines_of(rows) if lines is None else lines
    seen = {pk: line_seen(line) for pk, line in lines.items()}
    said = {pk: line.reason.reason for pk, line in lines.items() if hasattr(line, "reason")}
    set_aside = _set_aside(rows, run=run)
    charges = _charges([*rows, *lines.values()])
    return _words(rows, now=seen, before=seen, said=said, set_aside=set_aside, charges=charges, run_id=run.pk)


def words_for_preview(rows: Sequence[Differing], *, preview: Preview) -> list[str]:
    """Return why each of *rows* of a comparison of *preview* differs."""
    places = sorted({row.line_id for row in rows if row.line_id is not None})
    payers = preview.invoices.select("invoice_no", "currency")
    chosen = preview.lines[places].join(payers, on="invoice_no", how="left", maintain_order="left")
    lines = dict(zip(places, map(_rated, chosen.iter_rows(named=True)), strict=True))
    found = preview.findings.filter(pl.col("charge_id").is_not_null()).select("charge_id", "message")
    before = _stored(row.before_line_id for row in rows)
    aside = dict(found.iter_rows())
    return _words(
        rows, now=lines, before=before, said={}, set_aside=aside, charges=_charges(rows), run_id=None
    )


def _words(
    rows: Sequence[Differing],
    *,
    now: Mapping[int, LineSeen],
    before: Mapping[int, LineSeen],
    said: Mapping[int, str],
    set_aside: Mapping[int, str],
    charges: Mapping[int, Charge],
    run_id: int | None,
) -> list[str]:
    excluded = _excluded(
        {row.charge_id for row in rows if row.before_line_id is None} - {None}, run_id=run_id
    )
    told = []
    for row in rows:
        line = now.get(row.line_id) if row.line_id is not None else None
        earlier = before.get(row.before_line_id) if row.before_line_id is not None else None
        about = _circumstances(
            charges.get(row.charge_id or 0),
            excluded_from=_excluded_run(excluded.get(row.charge_id or 0, ()), line),
            said=said.get(row.line_id or 0),
            set_aside=set_aside.get(row.charge_id or 0),
        )
        told.append(
            difference_in_words(reason=row.reason, parts=row.parts(), now=line, before=earlier, about=about)
        )
    return told


def _stored(ids: Iterable[int | None]) -> dict[int, LineSeen]:
    wanted = {one for one in ids if one is not None}
    lines = InvoiceLine.objects.filter(pk__in=wanted).select_related("invoice") if wanted else ()
    return {line.pk: line_seen(line) for line in lines}


def line_seen(line: InvoiceLine) -> LineSeen:
    """Return a stored *line*, whose invoice is at hand, as the words need it."""
    return LineSeen(
        kind=line.kind,
        currency=line.invoice.currency,
        period=DateRange(line.period_start, line.period_end),
        fraction=Fraction(line.fraction_num, line.fraction_den),
        quantity_steps=int(line.quantity * STEPS),
        unit_price_steps=int(line.unit_price * STEPS),
        discount_minor=line.discount_minor,
        net_minor=line.net_minor,
        grid=DateRange(line.grid_start, line.grid_end),
        part_charging=line.part_charging,
        day_count=line.day_count,
    )


def _rated(row: dict[str, Any]) -> LineSeen:
    return LineSeen(
        kind=row["kind"],
        currency=row["currency"],
        period=DateRange(row["period_start"], row["period_end"]),
        fraction=Fraction(row["fraction_num"], row["fraction_den"]),
        quantity_steps=row["quantity"],
        unit_price_steps=row["unit_price"],
        discount_minor=row["discount_minor"],
        net_minor=row["net_minor"],
        grid=DateRange(row["grid_start"], row["grid_end"]),
        part_charging=row["part_charging"] or "",
        day_count=row["day_count"] or "",
    )


def _set_aside(rows: Sequence[Differing], *, run: Run) -> dict[int, str]:
    """Return by charge why *run* set it aside, where it did; rows may say so themselves as `set_aside`."""
    if rows and all(hasattr(row, "set_aside") for row in rows):
        return {row.charge_id: row.set_aside for row in rows if row.charge_id and row.set_aside}  # type: ignore[attr-defined]
    found = BillingException.objects.filter(run=run, charge__in={row.charge_id for row in rows} - {None})
    return dict(found.values_list("charge_id", "message"))


def _charges(rows: Iterable[Any]) -> dict[int, Charge]:
    """Return by id the charges of *rows* and lines, those that are at hand, with client and span, as they are."""
    known: dict[int, Charge] = {}
    wanted: set[int] = set()
    for row in rows:
        if row.charge_id is not None:
            wanted.add(row.charge_id)
            if isinstance(row, Model) and row._meta.get_field("charge").is_cached(row):
                known[row.charge_id] = row.charge
    if wanted <= known.keys():
        return known
    return Charge.objects.select_related("client", "span").in_bulk(wanted)


def _excluded(charge_ids: Iterable[int | None], *, run_id: int | None) -> dict[int, list[InvoiceLine]]:
    """Return, by charge, the lines on drafts that were excluded from other runs, the newest first."""
    wanted = {one for one in charge_ids if one is not None}
    if not wanted:
        return {}
    lines = InvoiceLine.objects.filter(
        charge__in=wanted, invoice__exclusion__isnull=False, invoice__exclusion__replaced_by=None
    )
    found: dict[int, list[InvoiceLine]] = {}
    for line in lines.exclude(invoice__run=run_id).select_related("invoice__run").order_by("-pk"):
        found.setdefault(line.charge_id or 0, []).append(line)
    return found


def _excluded_run(dropped: Sequence[InvoiceLine], line: LineSeen | None) -> str | None:
    if line is None:
        return None
    for one in dropped:
        if not line.period.intersect(DateRange(one.period_start, one.period_end)).is_empty:
            return f"run {one.invoice.run_id} ({one.invoice.run.title}, cut-off {one.invoice.run.cutoff})"
    return None


def _circumstances(
    charge: Charge | None, *, excluded_from: str | None, said: str | None, set_aside: str | None
) -> Circumstances:
    if charge is None:
        return Circumstances(excluded_from=excluded_from, said=said, set_aside=set_aside)
    span = getattr(charge, "span", None)
    return Circumstances(
        starts_on=charge.starts_on,
        ends_before=charge.ends_before,
        commissioned_on=charge.client.commissioned_on,
        decommissioned_on=charge.client.decommissioned_on,
        billed_to=span.billed_to if span else None,
        excluded_from=excluded_from,
        said=said,
        set_aside=set_aside,
    )
