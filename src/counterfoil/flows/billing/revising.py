"""Revise drafts: adjust, waive, date anew, rate anew. Each takes the place of the draft it was made of (12.7, 12.8).

A draft is never changed. The new one belongs to the same run and customer and keeps the hold; the old one says
by whom, when and why it was replaced. All of it is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from django.db import transaction

from counterfoil.core.money import (
    LARGEST_UNIT_PRICE_STEPS,
    STEPS,
    Rounding,
    format_minor,
    minor_digits,
    parse_minor,
)
from counterfoil.core.refusals import Refusal, shown
from counterfoil.core.sentences import sentence
from counterfoil.core.terms import parse_terms
from counterfoil.engine import frames
from counterfoil.engine.revising import (
    ADJUSTMENTS,
    DRAFT_LINES,
    at_rates_of,
    copied,
    sums_of,
    taxed_again,
    with_adjustments,
    with_waived,
)
from counterfoil.flows.billing.load import read
from counterfoil.flows.billing.persist import to_arrow
from counterfoil.flows.billing.review import TO_BE_RELEASED, drafts_locked, need_reason
from counterfoil.flows.closing import check_books_open
from counterfoil.records.billing import actions, queries
from counterfoil.records.billing.models import (
    DocumentType,
    Invoice,
    InvoiceLine,
    LineKind,
    LineReason,
    Run,
    RunStatus,
)
from counterfoil.records.catalog.models import TaxCategory
from counterfoil.records.charges.actions import hand_on_event_marks
from counterfoil.records.labels import small
from counterfoil.records.organisation.models import Organisation, User
from counterfoil.records.organisation.queries import the_organisation

ADJUSTABLE = ("charge", "usage", "event", "waived")


class NoSuchLine(Refusal):
    """There is no line {line}. Choose lines of drafts in review."""


class NothingToAdjust(Refusal):
    """An adjustment of 0.00 changes nothing. Give an amount above or below zero."""


class AdjustmentTooLarge(Refusal):
    """An adjustment of {amount} is too large. Give at most {most}, above or below zero."""


class LineNotAdjustable(Refusal):
    """Line {line} of draft {invoice} is {kind}, so it cannot be {verb}. Choose a line that was computed."""


class BelowZero(Refusal):
    """Draft {invoice} would come to {gross} {currency}, below zero. Take less off, or waive lines."""


class UnknownCategory(Refusal):
    """There is no tax category {category}. Known are {known}."""


class RateMissing(Refusal):
    """A tax category on draft {invoice} has no rate in force on {tax_point}. Enter the rate, or choose another date."""


@dataclass(frozen=True, kw_only=True)
class Redated:
    """What dating a draft anew does to it: date, due date and amounts, before and after."""

    invoice_id: int
    customer: str
    currency: str
    date_before: date
    date_after: date
    due_before: date
    due_after: date
    tax_before_minor: int
    tax_after_minor: int
    gross_before_minor: int
    gross_after_minor: int


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Who decides something about drafts, why and when."""

    reason: str
    by: User | None
    now: datetime


def adjust(
    line_ids: Sequence[int],
    *,
    amount: str,
    reason: str,
    by: User | None,
    now: datetime,
    tax_category: str | None = None,
) -> list[int]:
    """Add to each line of drafts a further one over *amount*, above or below zero (12.8); return the new drafts.

    *amount* is a decimal in the invoice's currency, without tax unless the line's price includes it. *tax_category*
    is a code, None for the line's own. Raises `NotADraft`, `LineNotAdjustable`, `NothingToAdjust`,
    `AdjustmentTooLarge`, `BelowZero`.
    """
    need_reason(reason)
    category = _category(tax_category)
    with transaction.atomic():
        lines = _lines_chosen(line_ids, verb=sentence("adjusted"))
        adjustments = [
            {
                "line_id": line.pk,
                "amount_minor": _amount(amount, currency=line.invoice.currency),
                "tax_category_id": category,
            }
            for line in lines
        ]
        table = pl.DataFrame(adjustments, schema=ADJUSTMENTS.schema)
        return _replace(
            sorted({line.invoice_id for line in lines}),
            verb=sentence("adjusted"),
            revise=lambda copies: _with_rates(with_adjustments(copies, adjustments=table), category=category),
            decision=Decision(reason=reason, by=by, now=now),
        )


def waive(line_ids: Sequence[int], *, reason: str, by: User | None, now: datetime) -> list[int]:
    """Bill lines of drafts at 0.00 (12.7): their days stay billed, nobody pays for them. Return the new drafts."""
    need_reason(reason)
    with transaction.atomic():
        lines = _lines_chosen(line_ids, verb=sentence("waived"))
        return _replace(
            sorted({line.invoice_id for line in lines}),
            verb=sentence("waived"),
            revise=lambda copies: with_waived(copies, line_ids=[line.pk for line in lines]),
            decision=Decision(reason=reason, by=by, now=now),
        )


def redate(
    invoice_ids: Sequence[int], *, invoice_date: date, reason: str, by: User | None, now: datetime
) -> list[int]:
    """Date drafts anew: tax at the new tax point, due dates from the new date (7.2). Return the new drafts.

    Raises `NotADraft`, `BooksClosed`, and `RateMissing` where a category has no rate in force on that day.
    """
    need_reason(reason)
    check_books_open(invoice_date)
    with transaction.atomic():
        return _replace(
            sorted(set(invoice_ids)),
            verb=sentence("dated anew"),
            revise=lambda copies: _at_date(copies, invoice_date),
            decision=Decision(reason=reason, by=by, now=now),
            invoice_date=invoice_date,
        )


def redated(invoice_ids: Sequence[int], *, invoice_date: date) -> list[Redated]:
    """Return what `redate` would do to each draft; stores nothing."""
    check_books_open(invoice_date)
    stored = Invoice.objects.select_related("customer", "run").in_bulk(list(invoice_ids))
    if not stored:
        return []
    organisation = the_organisation()
    lines = _at_date(copied(_stored_lines(sorted(stored))), invoice_date)
    sums = sums_of(taxed_again(lines, rounding=Rounding(organisation.rounding)))
    return [
        _redated(stored[row["invoice_id"]], row, invoice_date, organisation)
        for row in sums.iter_rows(named=True)
    ]


def _redated(invoice: Invoice, sums: Mapping[str, int], day: date, organisation: Organisation) -> Redated:
    terms = parse_terms(invoice.customer.payment_terms or organisation.payment_terms)
    return Redated(
        invoice_id=invoice.pk,
        customer=invoice.customer.name,
        currency=invoice.currency,
        date_before=invoice.invoice_date,
        date_after=day,
        due_before=terms.due_date(invoice.invoice_date),
        due_after=terms.due_date(day),
        tax_before_minor=invoice.tax_minor,
        tax_after_minor=sums["tax_minor"],
        gross_before_minor=invoice.gross_minor,
        gross_after_minor=sums["gross_minor"],
    )


def _replace(
    invoice_ids: list[int],
    *,
    verb: str,
    revise: Callable[[pl.DataFrame], pl.DataFrame],
    decision: Decision,
    invoice_date: date | None = None,
) -> list[int]:
    """Store the drafts that *revise* makes of the copied lines in the place of the old ones; return their ids."""
    drafts = {draft.pk: draft for draft in drafts_locked(invoice_ids, verb=verb)}
    if not drafts:
        return []
    organisation = the_organisation()
    lines = taxed_again(revise(copied(_stored_lines(list(drafts)))), rounding=Rounding(organisation.rounding))
    sums = sums_of(lines)
    _check_signs(drafts, sums)
    new_ids = _store(drafts, lines=lines, sums=sums, decision=decision, invoice_date=invoice_date)
    replace_drafts(drafts, by_drafts=new_ids, decision=decision)
    return [new_ids[pk] for pk in sorted(new_ids)]


def replace_drafts(
    drafts: Mapping[int, Invoice], *, by_drafts: Mapping[int, int], decision: Decision
) -> None:
    """Note which draft took the place of which, and hand the holds on.

    Under four eyes what is revised once its run is authorised is held, until somebody else releases it.
    """
    actions.replace(
        by_drafts, reason=decision.reason, by=decision.by, now=decision.now, drafts=list(drafts.values())
    )
    if not the_organisation().four_eyes:
        return
    runs = Run.objects.in_bulk({draft.run_id for draft in drafts.values()})
    unseen = [
        by_drafts[pk]
        for pk, draft in drafts.items()
        if pk in by_drafts
        and runs[draft.run_id].status in (RunStatus.AUTHORISED, RunStatus.ISSUED)
        and not queries.is_held(draft)
    ]
    actions.hold(
        Invoice.objects.filter(pk__in=unseen), reason=TO_BE_RELEASED, by=decision.by, now=decision.now
    )


def _stored_lines(invoice_ids: list[int]) -> pl.DataFrame:
    lines = read("draft_lines", DRAFT_LINES, invoices=invoice_ids)
    texts = [name for name, kind in DRAFT_LINES.columns.items() if kind == pl.String]
    return lines.with_columns(pl.col(texts).fill_null(""))


def _lines_chosen(line_ids: Sequence[int], *, verb: str) -> list[InvoiceLine]:
    """Return the lines, in their order. Raises `NoSuchLine`, and `LineNotAdjustable` for one that was not computed."""
    found = InvoiceLine.objects.select_related("invoice").in_bulk(list(line_ids))
    for line_id in line_ids:
        line = found.get(line_id)
        if line is None:
            raise NoSuchLine(line=line_id)
        if line.kind not in ADJUSTABLE:
            kind = small(LineKind(line.kind).label)
            raise LineNotAdjustable(line=line.line_no, invoice=line.invoice_id, kind=kind, verb=verb)
    return [found[pk] for pk in sorted(found)]


def _amount(text: str, *, currency: str) -> int:
    minor = parse_minor(text, currency)
    if minor == 0:
        raise NothingToAdjust
    most = LARGEST_UNIT_PRICE_STEPS // STEPS
    if abs(minor) > most * 10 ** minor_digits(currency):
        raise AdjustmentTooLarge(amount=shown(text), most=most)
    return minor


def _category(code: str | None) -> int | None:
    if not code:
        return None
    found = TaxCategory.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        known = TaxCategory.objects.order_by("code").values_list("code", flat=True)
        raise UnknownCategory(category=shown(code), known=", ".join(known))
    return found


def _with_rates(lines: pl.DataFrame, *, category: int | None) -> pl.DataFrame:
    """Return *lines* with the rate of the *category* chosen for the adjustments; the others keep theirs."""
    if category is None:
        return lines
    is_new = pl.col("adjusts").is_not_null()
    chosen = lines.filter(is_new)
    dates = _tax_points(chosen)
    parts = [lines.filter(~is_new)]
    for day in sorted(set(dates.values())):
        ids = [pk for pk, its_day in dates.items() if its_day == day]
        parts.append(_at_rates(chosen.filter(pl.col("invoice_id").is_in(ids)), day))
    return pl.concat(parts)


def _tax_points(lines: pl.DataFrame) -> dict[int, date]:
    ids = lines.get_column("invoice_id").unique().to_list()
    invoices = Invoice.objects.filter(pk__in=ids).values_list("pk", "run__tax_point", "invoice_date")
    return {pk: tax_point or invoice_date for pk, tax_point, invoice_date in invoices}


def _at_date(lines: pl.DataFrame, invoice_date: date) -> pl.DataFrame:
    """Return *lines* taxed at *invoice_date*, unless their run says a tax point of its own (5.1)."""
    fixed = _tax_points(lines)
    own = set(
        Run.objects.filter(invoice__in=list(fixed), tax_point__isnull=False).values_list("invoice", flat=True)
    )
    keeps = pl.col("invoice_id").is_in(sorted(own))
    return pl.concat([lines.filter(keeps), _at_rates(lines.filter(~keeps), invoice_date)])


def _at_rates(lines: pl.DataFrame, tax_point: date) -> pl.DataFrame:
    if lines.is_empty():
        return lines
    organisation = the_organisation()
    rated = at_rates_of(
        lines,
        tax_rates=read("tax_rates", frames.TAX_RATES),
        tax_point=tax_point,
        seller_country=organisation.country,
        seller_tax_status=organisation.tax_status,
    )
    without = rated.filter(pl.col("tax_rate").is_null())
    if not without.is_empty():
        raise RateMissing(invoice=without.item(0, "invoice_id"), tax_point=tax_point)
    return rated


def _check_signs(drafts: Mapping[int, Invoice], sums: pl.DataFrame) -> None:
    """Raise `BelowZero` for an invoice below zero, or a credit note above it (5.5)."""
    for row in sums.iter_rows(named=True):
        draft = drafts[row["invoice_id"]]
        sign = -1 if draft.document_type == DocumentType.CREDIT_NOTE else 1
        if row["gross_minor"] * sign < 0:
            gross = format_minor(row["gross_minor"], draft.currency)
            raise BelowZero(invoice=draft.pk, gross=gross, currency=draft.currency)


def _store(
    drafts: Mapping[int, Invoice],
    *,
    lines: pl.DataFrame,
    sums: pl.DataFrame,
    decision: Decision,
    invoice_date: date | None,
) -> dict[int, int]:
    """Store the new drafts with their lines and reasons; return the new id by the old one."""
    first_invoice = actions.reserve_ids("billing_invoice_ids", count=len(drafts))
    new_ids = {pk: first_invoice + place for place, pk in enumerate(sorted(drafts))}
    first_line = actions.reserve_ids("billing_invoiceline_ids", count=lines.height)
    numbered = lines.sort("invoice_id", "line_no").with_columns(id=pl.int_range(pl.len()) + first_line)
    numbered = _referring(numbered)
    actions.store_documents(
        invoices=to_arrow(_invoice_rows(drafts, sums=sums, new_ids=new_ids, invoice_date=invoice_date)),
        lines=to_arrow(
            numbered.with_columns(
                invoice_id=pl.col("invoice_id").replace_strict(new_ids, return_dtype=pl.Int64)
            ).drop("copy_of", "adjusts")
        ),
    )
    _store_reasons(numbered, decision=decision)
    hand_on_event_marks(
        dict(
            numbered.filter(pl.col("event_charge_id").is_not_null() & pl.col("copy_of").is_not_null())
            .select("copy_of", "id")
            .rows()
        )
    )
    return new_ids


def _referring(numbered: pl.DataFrame) -> pl.DataFrame:
    """Return the lines with adjustments, new and copied ones, referring to the lines beside them."""
    new_of = numbered.filter(pl.col("copy_of").is_not_null()).select("copy_of", new_id="id")
    refers_here = pl.coalesce("adjusts", pl.when(pl.col("kind") == "adjustment").then("refers_to_id"))
    return (
        numbered.with_columns(beside=refers_here)
        .join(new_of, left_on="beside", right_on="copy_of", how="left", maintain_order="left")
        .with_columns(refers_to_id=pl.coalesce("new_id", "refers_to_id"))
        .drop("beside", "new_id")
    )


def _store_reasons(numbered: pl.DataFrame, *, decision: Decision) -> None:
    """Store why lines were added or waived: the reason given now, and for copies the one they have."""
    copies = dict(
        numbered.filter(pl.col("kind").is_in(["adjustment", "waived"]) & pl.col("copy_of").is_not_null())
        .select("copy_of", "id")
        .rows()
    )
    known = LineReason.objects.in_bulk(list(copies))
    new = numbered.filter(pl.col("adjusts").is_not_null()).get_column("id").to_list()
    new += [line_id for old, line_id in copies.items() if old not in known]
    actions.give_reasons(
        [
            *(
                LineReason(
                    line_id=copies[old], reason=one.reason, given_by_id=one.given_by_id, given_at=one.given_at
                )
                for old, one in known.items()
            ),
            *(
                LineReason(
                    line_id=line_id, reason=decision.reason, given_by=decision.by, given_at=decision.now
                )
                for line_id in new
            ),
        ]
    )


def _invoice_rows(
    drafts: Mapping[int, Invoice],
    *,
    sums: pl.DataFrame,
    new_ids: Mapping[int, int],
    invoice_date: date | None,
) -> pl.DataFrame:
    """Return the rows of the new drafts: like the old ones, but for id, date and sums."""
    rows = []
    for row in sums.iter_rows(named=True):
        draft = drafts[row["invoice_id"]]
        facts = {field.attname: getattr(draft, field.attname) for field in Invoice._meta.concrete_fields}
        changed = {"id": new_ids[draft.pk], "invoice_date": invoice_date or draft.invoice_date}
        rows.append({**facts, **{name: row[name] for name in _SUMS}, **changed})
    return pl.DataFrame(
        rows, schema_overrides={"shard": pl.Int32, "line_count": pl.Int32, "credits_id": pl.Int64}
    )


_SUMS = ("line_count", "net_minor", "tax_minor", "gross_minor")
