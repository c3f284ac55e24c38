"""Explain: gather what a line's explanation is made from, as it was when the line was rated (product A8).

What the line stores is what was used. Which level set a value is read from the audit trail as it stood when the
line's part of the run was stored; where the trail and the line do not agree the explanation says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
from django.db.models import Q, QuerySet, Sum

from counterfoil.core.comparing import day_in_words
from counterfoil.core.explained import CreditSeen, EarlierPiece, Explained, Step, TaxGroup, TaxUsed
from counterfoil.core.explaining import explain
from counterfoil.core.money import STEPS, Rounding, format_minor
from counterfoil.core.periods import DateRange
from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import sentence
from counterfoil.flows.billing.preview import Preview
from counterfoil.flows.billing.run import Request
from counterfoil.flows.explaining_values import Past, past_of
from counterfoil.records.billing.models import TAKEN_BACK, Invoice, InvoiceLine, LineKind, Run, RunShard
from counterfoil.records.catalog.models import TaxCategory
from counterfoil.records.organisation.models import Organisation
from counterfoil.records.organisation.queries import the_organisation

RELATED = (
    "invoice__run",
    "invoice__number",
    "tax_category",
    "client",
    "charge__master_charge",
    "reason__given_by",
)


class NoSuchLine(Refusal):
    """Invoice {invoice} has no line {line}. It has lines 1 to {count}."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """How one line came to its net and tax."""

    line_id: int | None
    line_no: int
    description: str
    currency: str
    net_minor: int
    steps: Sequence[Step]

    @property
    def net(self) -> str:
        """Return the net with the currency's digits."""
        return format_minor(self.net_minor, self.currency)


def explain_lines(invoice: Invoice, *, line_no: int | None = None) -> list[Explanation]:
    """Return why the lines of *invoice*, or the one numbered *line_no*, cost what they cost. Raises `NoSuchLine`."""
    lines = invoice.lines.select_related(*RELATED).order_by("line_no")
    chosen = list(lines if line_no is None else lines.filter(line_no=line_no))
    if not chosen:
        raise NoSuchLine(invoice=invoice, line=line_no, count=invoice.line_count)
    return explain_stored(chosen)


def explain_line(line_id: int, *, lines: QuerySet[InvoiceLine]) -> Explanation | None:
    """Return why one of *lines* costs what it costs; None if it is none of them."""
    found = lines.filter(pk=line_id).select_related(*RELATED).first()
    return explain_stored([found])[0] if found is not None else None


def explain_stored(lines: Sequence[InvoiceLine]) -> list[Explanation]:
    """Return the explanations of *lines* of one invoice, by a number of queries that does not grow with them."""
    invoice = lines[0].invoice
    of_invoice = InvoiceLine.objects.filter(invoice=invoice.pk)
    return _explained_all(lines, moment=_moment(invoice), groups=_groups(of_invoice))


def explain_previewed(
    preview: Preview, *, request: Request, charge_id: int, now: datetime
) -> list[Explanation]:
    """Return why each line of a charge in *preview*, of *request*, would cost what it would; values as of *now*."""
    lines = _as_stored(preview.lines.filter(pl.col("charge_id") == charge_id), preview, request=request)
    if not lines:
        return []
    numbers = {line.invoice.line_count for line in lines}
    on_same = preview.lines.filter(pl.col("invoice_no").is_in(list(numbers)))
    keys = ["tax_category_id", "tax_rate", "includes_tax"]
    summed = on_same.group_by(keys).agg(pl.len().alias("lines"), pl.col("net_minor", "tax_minor").sum())
    groups = {
        (category, Decimal(rate) / STEPS, includes_tax): TaxGroup(lines=count, net_minor=net, tax_minor=tax)
        for category, rate, includes_tax, count, net, tax in summed.iter_rows()
    }
    return _explained_all(lines, moment=now, groups=groups)


def _as_stored(rows: pl.DataFrame, preview: Preview, *, request: Request) -> list[InvoiceLine]:
    """Return *rows* of a preview as the lines that a run would store, none of them stored."""
    payers = {row["invoice_no"]: row for row in preview.invoices.iter_rows(named=True)}
    run = Run(title=request.title, cutoff=request.cutoff, invoice_date=request.invoice_date)
    run.tax_point = request.tax_point
    categories = TaxCategory.objects.in_bulk(rows.get_column("tax_category_id").unique().to_list())
    left_out = {"invoice_no", "quantity", "unit_price", "tax_rate"}
    lines = []
    for row in rows.iter_rows(named=True):
        payer = payers[row["invoice_no"]]
        invoice = Invoice(
            run=run,
            customer_id=payer["customer_id"],
            currency=payer["currency"],
            invoice_date=request.invoice_date,
            line_count=row["invoice_no"],
        )
        exact = {name: Decimal(row[name]) / STEPS for name in ("quantity", "unit_price", "tax_rate")}
        plain = {name: value for name, value in row.items() if name not in left_out}
        line = InvoiceLine(invoice=invoice, **plain, **exact)
        line.tax_category = categories[row["tax_category_id"]]
        lines.append(line)
    return lines


def _explained_all(
    lines: Sequence[InvoiceLine], *, moment: datetime, groups: Mapping[tuple[Any, ...], TaxGroup]
) -> list[Explanation]:
    past = past_of(lines, moment=moment)
    beside = _Beside.of(lines, groups=groups)
    return [
        Explanation(
            line_id=line.pk,
            line_no=line.line_no,
            description=line.description,
            currency=line.invoice.currency,
            net_minor=line.net_minor,
            steps=explain(_explained(line, past=past, beside=beside)),
        )
        for line in lines
    ]


def _live_lines() -> QuerySet[InvoiceLine]:
    """Return the lines that count: of documents neither taken back with their run nor alone."""
    lines = InvoiceLine.objects.filter(invoice__exclusion__isnull=True, invoice__void__isnull=True)
    return lines.exclude(invoice__run__status__in=TAKEN_BACK)


def _moment(invoice: Invoice) -> datetime:
    """Return when the lines of *invoice* were stored: the trail is read as it stood then."""
    shard = RunShard.objects.filter(run=invoice.run_id, number=invoice.shard).first()
    stored = shard.done_at if shard is not None else None
    return stored or invoice.run.generated_at or invoice.run.started_at


@dataclass(frozen=True, kw_only=True)
class _Beside:
    """What lies beside some lines of one invoice: tax groups, earlier pieces, credits, what they refer to."""

    groups: Mapping[tuple[Any, ...], TaxGroup]
    earlier: Mapping[tuple[Any, ...], Sequence[InvoiceLine]]
    credits: Mapping[int, Sequence[InvoiceLine]]
    referred: Mapping[int, InvoiceLine]
    organisation: Organisation

    @classmethod
    def of(cls, lines: Sequence[InvoiceLine], *, groups: Mapping[tuple[Any, ...], TaxGroup]) -> _Beside:
        stored = [line.pk for line in lines if line.pk is not None]
        referring = _live_lines().filter(refers_to__in=stored, kind=LineKind.CREDIT)
        return cls(
            groups=groups,
            earlier=_earlier(lines),
            credits=_by(referring.select_related(*RELATED).order_by("pk"), "refers_to_id"),
            referred=InvoiceLine.objects.select_related("invoice__number").in_bulk(
                {line.refers_to_id for line in lines} - {None}
            ),
            organisation=the_organisation(),
        )


def _groups(lines: QuerySet[InvoiceLine]) -> dict[tuple[Any, ...], TaxGroup]:
    keys = ("tax_category_id", "tax_rate", "includes_tax")
    summed = lines.order_by().values(*keys).annotate(net=Sum("net_minor"), tax=Sum("tax_minor"))
    counts: dict[tuple[Any, ...], int] = {}
    for row in lines.values_list(*keys):
        counts[row] = counts.get(row, 0) + 1
    return {
        key: TaxGroup(lines=counts[key], net_minor=int(row["net"]), tax_minor=int(row["tax"]))
        for row in summed
        for key in [tuple(row[name] for name in keys)]
    }


def _earlier(lines: Sequence[InvoiceLine]) -> dict[tuple[Any, ...], list[InvoiceLine]]:
    """Return, by line, what of its grid period its charge had billed before, less what credits gave up of it."""
    partial = [line for line in lines if line.charge_id and line.kind in (LineKind.CHARGE, LineKind.USAGE)]
    partial = [
        line for line in partial if (line.period_start, line.period_end) != (line.grid_start, line.grid_end)
    ]
    if not partial:
        return {}
    billed = Q(kind__in=(LineKind.CHARGE, LineKind.USAGE))
    follows_dates = Q(kind=LineKind.CREDIT, span_from__isnull=False)
    others = _live_lines().filter(billed | follows_dates, charge__in={line.charge_id for line in partial})
    by_charge = _by(others.select_related("invoice__number").order_by("period_start"), "charge_id")
    return {
        (line.charge_id, line.period_start): [
            other
            for other in by_charge.get(line.charge_id or 0, ())
            if (line.pk is None or other.pk < line.pk)
            and (other.grid_start, other.grid_end) == (line.grid_start, line.grid_end)
        ]
        for line in partial
    }


def _by(lines: Iterable[InvoiceLine], name: str) -> dict[int, list[InvoiceLine]]:
    found: dict[int, list[InvoiceLine]] = {}
    for line in lines:
        found.setdefault(getattr(line, name), []).append(line)
    return found


def _explained(line: InvoiceLine, *, past: Past, beside: _Beside) -> Explained:
    group_key = (line.tax_category_id, line.tax_rate, line.includes_tax)
    referred = beside.referred.get(line.refers_to_id or 0)
    return Explained(
        kind=line.kind,
        currency=line.invoice.currency,
        period=DateRange(line.period_start, line.period_end),
        grid=DateRange(line.grid_start, line.grid_end),
        bill_date=line.bill_date,
        fraction=Fraction(line.fraction_num, line.fraction_den),
        part_charging=line.part_charging,
        day_count=line.day_count,
        quantity_steps=int(line.quantity * STEPS),
        unit_price_steps=int(line.unit_price * STEPS),
        discount_minor=line.discount_minor,
        net_minor=line.net_minor,
        tax_minor=line.tax_minor,
        rounding=Rounding(beside.organisation.rounding),
        tax=_tax(line, past=past, organisation=beside.organisation),
        group=beside.groups[group_key],
        values=past.values_of(line),
        earlier=[_piece(other) for other in beside.earlier.get((line.charge_id, line.period_start), ())],
        details=json.loads(line.details) if line.details else {},
        document=_document(line) if line.pk is not None else None,
        run=_run(line),
        said=_said(line),
        refers_to=sentence(
            "line {line} of {document}", line=referred.line_no, document=name_of(referred.invoice)
        )
        if referred
        else None,
        credits=[_credit(credit) for credit in beside.credits.get(line.pk, ())],
    )


def _tax(line: InvoiceLine, *, past: Past, organisation: Organisation) -> TaxUsed:
    run = line.invoice.run
    tax_point = run.tax_point or line.invoice.invoice_date
    rate = past.tax_rate(line, tax_point=tax_point, seller_country=organisation.country)
    return TaxUsed(
        category=line.tax_category.name or line.tax_category.code,
        rate_steps=int(line.tax_rate * STEPS),
        tax_point=tax_point,
        valid_from=rate.valid_from if rate is not None else None,
        country=rate.country if rate is not None else None,
        customer_status=past.customer_tax_status,
        seller_status=organisation.tax_status,
        includes_tax=line.includes_tax,
    )


def _piece(line: InvoiceLine) -> EarlierPiece:
    share = Fraction(line.fraction_num, line.fraction_den)
    return EarlierPiece(
        period=DateRange(line.period_start, line.period_end),
        fraction=-share if line.kind == LineKind.CREDIT else share,
        net_minor=line.net_minor,
        document=name_of(line.invoice),
    )


def _credit(line: InvoiceLine) -> CreditSeen:
    return CreditSeen(
        document=name_of(line.invoice),
        dated=line.invoice.invoice_date,
        net_minor=line.net_minor,
        reason=_said(line) or "",
    )


def name_of(invoice: Invoice) -> str:
    """Return the number of *invoice*, or what a draft is called."""
    return (
        invoice.number.number
        if hasattr(invoice, "number")
        else sentence("draft {invoice}", invoice=invoice.pk)
    )


def _document(line: InvoiceLine) -> str:
    return sentence(
        "{document}, line {line}, {day}",
        document=name_of(line.invoice),
        line=line.line_no,
        day=day_in_words(line.invoice.invoice_date),
    )


def _run(line: InvoiceLine) -> str:
    run = line.invoice.run
    return sentence(
        "run {run}, {title}, cut-off {day}", run=run.pk, title=run.title, day=day_in_words(run.cutoff)
    )


def _said(line: InvoiceLine) -> str | None:
    reason = getattr(line, "reason", None)
    if reason is None:
        return None
    return f"{reason.reason} ({reason.given_by})" if reason.given_by else str(reason.reason)
