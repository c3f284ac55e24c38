"""A run or a preview as a workbook: totals, what differs from last time, customers, lines with why, exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

import polars as pl
from django.db.models import QuerySet

from counterfoil.core.counting import counted
from counterfoil.core.money import STEPS, Money
from counterfoil.core.periods import DateRange
from counterfoil.documents.workbook import Sheet, Value, safe_text
from counterfoil.engine.frames import FINDINGS, INVOICES, LINES
from counterfoil.engine.variance import PARTS, SAME
from counterfoil.flows.billing.differing import Row, words_for_preview, words_for_run
from counterfoil.flows.billing.load import read
from counterfoil.flows.billing.preview import Preview
from counterfoil.flows.billing.variance import Variance, compare_runs, together
from counterfoil.records.billing.figures import run_before
from counterfoil.records.billing.models import VISIBLE_STATUSES, Run
from counterfoil.records.catalog.models import TaxCategory
from counterfoil.records.charges.models import Charge
from counterfoil.records.parties.models import BillingCustomer, Client

ROWS_AT_ONCE = 5_000
_NO_TEXT = (type(None), int, Decimal, Money, date)

# What is stored holds credits and adjustments too, of which a run's own frames promise more than is true.
STORED_INVOICES = replace(INVOICES, always={})
STORED_LINES = replace(LINES, always={}, key=())


@dataclass(frozen=True, kw_only=True)
class _Names:
    """What the ids in the sheets are called."""

    customers: Mapping[int, tuple[str, str]]
    clients: Mapping[int, str]
    charges: Mapping[int, str]
    categories: Mapping[int, str]

    @classmethod
    def of(cls, preview: Preview, variance: Variance | None) -> _Names:
        tables = [preview.invoices, preview.lines, preview.findings]
        tables += [variance.lines] if variance is not None else []
        return cls(
            customers=_called(BillingCustomer.objects.all(), _ids(tables, "customer_id"), "account", "name"),
            clients={
                key: row[0]
                for key, row in _called(Client.objects.all(), _ids(tables, "client_id"), "name").items()
            },
            charges={
                key: row[0]
                for key, row in _called(Charge.objects.all(), _ids(tables, "charge_id"), "key").items()
            },
            categories=dict(TaxCategory.objects.values_list("pk", "code")),
        )

    def customer(self, key: int | None) -> tuple[str, str]:
        """Return the account and the name of a customer."""
        account, name = self.customers.get(key or 0, ("", ""))
        return account, name


def sheets_of_preview(preview: Preview, *, variance: Variance | None) -> list[Sheet]:
    """Return *preview*, with its *variance* if there is a run to compare it with."""

    def words(rows: Sequence[Row]) -> list[str]:
        return words_for_preview(rows, preview=preview)

    return _sheets(preview, variance=variance, words=words)


def sheets_of_run(run: Run, *, branches: Sequence[int] = ()) -> list[Sheet]:
    """Return the lines of *run* that count, and what they differ by from last time.

    With *branches* only those of customers there.
    """
    before = run_before(run) if run.status in VISIBLE_STATUSES else None
    variance = compare_runs(run, before=before) if before is not None else None
    stored = _as_preview(run)
    if branches:
        stored, variance = _limited(stored, variance, branches=branches)

    def words(rows: Sequence[Row]) -> list[str]:
        return words_for_run(rows, run=run)

    return _sheets(stored, variance=variance, words=words)


def _limited(
    stored: Preview, variance: Variance | None, *, branches: Sequence[int]
) -> tuple[Preview, Variance | None]:
    """Return the part of what is *stored*, and of its *variance*, that customers of *branches* pay."""
    ids = list(BillingCustomer.objects.filter(branch__in=branches).values_list("pk", flat=True))
    is_theirs = pl.col("customer_id").is_in(ids)
    invoices = stored.invoices.filter(is_theirs)
    lines = stored.lines.join(
        invoices.select("invoice_no"), on="invoice_no", how="semi", maintain_order="left"
    )
    part = Preview(invoices=invoices, lines=lines, findings=stored.findings.filter(is_theirs))
    return part, together([variance.lines.filter(is_theirs)], before=variance.before) if variance else None


def _as_preview(run: Run) -> Preview:
    """Return what is stored of *run* and counts, in the shape that a preview has; credits are negative."""
    return Preview(
        invoices=read("run_invoices", STORED_INVOICES, run=run.pk),
        lines=read("run_lines", STORED_LINES, run=run.pk),
        findings=read("run_findings", FINDINGS, run=run.pk),
    )


def _sheets(preview: Preview, *, variance: Variance | None, words: Any) -> list[Sheet]:
    names = _Names.of(preview, variance)
    sheets = [_totals(preview, variance)]
    if variance is not None:
        sheets.append(_differences(variance, names=names, words=words))
    sheets += [_customers(preview, variance, names=names), _lines(preview, names=names)]
    sheets.append(_exceptions(preview, names=names))
    return [replace(sheet, rows=map(_never_a_formula, sheet.rows)) for sheet in sheets]


def _never_a_formula(row: Sequence[Value]) -> list[Value]:
    """Return *row* with texts that stay texts when the sheet is saved in another form."""
    return [value if isinstance(value, _NO_TEXT) else safe_text(str(value)) for value in row]


def _totals(preview: Preview, variance: Variance | None) -> Sheet:
    differing = {} if variance is None else {row["currency"]: row for row in variance.totals.to_dicts()}
    now = {total.currency: total for total in preview.totals()}
    rows: list[Sequence[Value]] = []
    for currency in sorted({*now, *differing}):
        total, row = now.get(currency), differing.get(currency)
        counts = (total.documents, total.lines) if total else (0, 0)
        amounts = (total.net_minor, total.tax_minor, total.gross_minor) if total else (0, 0, 0)
        parts = [row[name] if row else 0 for name in _AMOUNTS] if variance is not None else []
        money = [Money(amount, currency) for amount in (*amounts, *parts)]
        rows.append([currency, *counts, *money])
    last = (
        [f"Net {name}" for name in ("last time", "difference", *_PART_NAMES)] if variance is not None else []
    )
    headings = ["Currency", "Invoices", "Lines", "Net", "Tax", "Gross", *last]
    return Sheet(title="Totals", headings=headings, rows=rows)


_PART_NAMES = [part.replace("_", " ") for part in PARTS]
_AMOUNTS = ("before_minor", "difference_minor", *(f"{part}_minor" for part in PARTS))


def _differences(variance: Variance, *, names: _Names, words: Any) -> Sheet:
    headings = [
        "Account", "Customer", "Client", "Charge", "Reason", "Why", "Currency", "Last time", "Now", "Difference",
        *(name.capitalize() for name in _PART_NAMES),
    ]  # fmt: skip
    return Sheet(title="Variance", headings=headings, rows=_rows_of_differences(variance, names, words))


def _rows_of_differences(variance: Variance, names: _Names, words: Any) -> Iterator[Sequence[Value]]:
    rows = variance.lines.filter(pl.col("reason") != SAME).iter_rows(named=True)
    while batch := [Row(row) for row in islice(rows, ROWS_AT_ONCE)]:
        for row, told in zip(batch, words(batch), strict=True):
            one = row.values
            amounts = [one[f"{name}_minor"] for name in ("before", "now", "difference", *PARTS)]
            yield [
                *names.customer(one["customer_id"]),
                names.clients.get(one["client_id"], ""),
                names.charges.get(one["charge_id"] or 0, ""),
                one["reason"],
                told,
                one["currency"],
                *(Money(amount, one["currency"]) for amount in amounts),
            ]


def _customers(preview: Preview, variance: Variance | None, *, names: _Names) -> Sheet:
    now = preview.invoices.group_by("customer_id", "currency").agg(
        pl.len().alias("invoices"), pl.col("line_count", "net_minor", "tax_minor", "gross_minor").sum()
    )
    found = {(row["customer_id"], row["currency"]): row for row in now.iter_rows(named=True)}
    differing = {} if variance is None else {
        (row["customer_id"], row["currency"]): row for row in variance.customers.iter_rows(named=True)
    }  # fmt: skip
    rows: list[Sequence[Value]] = []
    for key in sorted({*found, *differing}):
        row, other = found.get(key), differing.get(key)
        counts = (row["invoices"], row["line_count"]) if row else (0, 0)
        amounts = [row[f"{name}_minor"] if row else 0 for name in ("net", "tax", "gross")]
        if variance is not None:
            amounts += [other["before_minor"], other["difference_minor"]] if other else [0, 0]
        money = [Money(amount, key[1]) for amount in amounts]
        reason = [other["reason"] if other else ""] if variance is not None else []
        rows.append([*names.customer(key[0]), key[1], *counts, *money, *reason])
    headings = ["Account", "Customer", "Currency", "Invoices", "Lines", "Net", "Tax", "Gross"]
    headings += ["Net last time", "Difference", "Reason"] if variance is not None else []
    return Sheet(title="Customers", headings=headings, rows=rows)


def _lines(preview: Preview, *, names: _Names) -> Sheet:
    headings = [
        "Invoice", "Line", "Account", "Customer", "Client", "Charge", "Code", "Description", "First day",
        "Last day", "Bill date", "Share", "How it was counted", "Quantity", "Unit price", "Price from",
        "Tax category", "Tax rate", "Currency", "Discount", "Net", "Tax",
    ]  # fmt: skip
    payers = preview.invoices.select("invoice_no", "customer_id", "currency")
    lines = preview.lines.join(payers, on="invoice_no", how="left", maintain_order="left")
    return Sheet(
        title="Lines", headings=headings, rows=(_line(row, names) for row in lines.iter_rows(named=True))
    )


def _line(row: dict[str, Any], names: _Names) -> Sequence[Value]:
    currency, share = row["currency"], Fraction(row["fraction_num"], row["fraction_den"])
    how = counted(
        period=DateRange(row["period_start"], row["period_end"]),
        grid=DateRange(row["grid_start"], row["grid_end"]),
        fraction=share,
        part_charging=row["part_charging"],
        day_count=row["day_count"],
    )
    amounts = [Money(row[f"{name}_minor"], currency) for name in ("discount", "net", "tax")]
    return [
        row["invoice_no"],
        row["line_no"],
        *names.customer(row["customer_id"]),
        names.clients.get(row["client_id"], ""),
        names.charges.get(row["charge_id"] or 0, ""),
        row["code"],
        row["description"],
        row["period_start"],
        row["period_end"] - timedelta(days=1),
        row["bill_date"],
        str(share),
        how,
        _decimal(row["quantity"]),
        _decimal(row["unit_price"]),
        row["price_level"],
        names.categories.get(row["tax_category_id"], ""),
        _decimal(row["tax_rate"]),
        currency,
        *amounts,
    ]


def _exceptions(preview: Preview, *, names: _Names) -> Sheet:
    rows = [
        [
            names.charges.get(row["charge_id"] or 0, ""),
            names.clients.get(row["client_id"] or 0, ""),
            *names.customer(row["customer_id"]),
            row["code"],
            row["message"],
            row["remedy"],
        ]
        for row in preview.findings.iter_rows(named=True)
    ]
    headings = ["Charge", "Client", "Account", "Customer", "Code", "What is wrong", "What to do"]
    return Sheet(title="Exceptions", headings=headings, rows=rows)


def _decimal(steps: int) -> Decimal:
    number = (Decimal(steps) / STEPS).normalize()
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number


def _ids(tables: Iterable[pl.DataFrame], name: str) -> list[int]:
    columns = [table.get_column(name) for table in tables if name in table.columns]
    return pl.concat(columns).drop_nulls().unique().to_list() if columns else []


def _called(rows: QuerySet[Any], ids: Sequence[int], *names: str) -> dict[int, tuple[str, ...]]:
    """Return, by id, the values of *names* in those of *rows*, asked for in batches."""
    found: dict[int, tuple[str, ...]] = {}
    for start in range(0, len(ids), ROWS_AT_ONCE):
        some = rows.filter(pk__in=ids[start : start + ROWS_AT_ONCE])
        found.update({row[0]: tuple(row[1:]) for row in some.values_list("pk", *names)})
    return found
