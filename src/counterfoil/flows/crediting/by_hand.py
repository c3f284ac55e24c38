"""Credit by hand: one invoice, some of its lines or all, and bill the same days again if wanted (rules 2.5, 6.4, 6.6).

The credit note, and the invoice that bills again, are drafts of a run of their own: reviewed, authorised, issued and
delivered like every other. No billed span moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import transaction

from counterfoil.core.money import Rounding, format_minor
from counterfoil.core.refusals import Refusal
from counterfoil.engine.billing import Billed
from counterfoil.engine.credit_by_hand import LineAgain, bill_again, credit_by_hand, spread
from counterfoil.flows.billing.persist import store_billed
from counterfoil.flows.billing.review import need_reason
from counterfoil.flows.billing.selection import Selection
from counterfoil.flows.closing import check_books_open
from counterfoil.flows.crediting.loading import lines_of_invoices, originals, tax_groups
from counterfoil.flows.crediting.payers import payer_again
from counterfoil.records.billing import actions, queries
from counterfoil.records.billing.models import DocumentType, Invoice, InvoiceLine, LineReason, Run, RunShard
from counterfoil.records.charges.actions import unmark_charged
from counterfoil.records.charges.models import ChargeSpan
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer

REPEATED = ("charge", "usage", "event", "waived")
"""Kinds of line that are billed again; what a person added by adjusting is not."""


class NotCreditable(Refusal):
    """{name} is {state}, so it cannot be credited. Only issued invoices can; exclude a draft instead."""


class NoSuchLineToCredit(Refusal):
    """{name} has no line {line}. Its lines are {lines}."""


class NothingLeft(Refusal):
    """All of {what} is credited already. Nothing was changed."""


class MoreThanIsLeft(Refusal):
    """Of {what} {left} {currency} are left to be credited, so {amount} cannot be. Give more than 0, up to that."""


class DaysGivenUp(Refusal):
    """Line {line} of {name} no longer stands for all of its days: they were credited when the charge's dates changed,
    so it cannot be billed again. Void that credit note first, or credit an amount without billing again.
    """


@dataclass(frozen=True, kw_only=True)
class CreditAsked:
    """What somebody wants credited: *amounts* by line number, or one *amount* of the whole invoice, or all of it.

    Amounts are net, in minor units and positive; None for a line is all that is left of it. With *again* the same
    days are billed once more in the same run, with changes by line number, to *customer* if that is set.
    """

    invoice_id: int
    invoice_date: date
    amounts: Mapping[int, int | None] = field(default_factory=dict)
    amount: int | None = None
    bills_again: bool = False
    again: Mapping[int, LineAgain] = field(default_factory=dict)
    customer: BillingCustomer | None = None


@dataclass(frozen=True, kw_only=True)
class CreditShown:
    """What would be stored: the credit note, and the invoice that bills again if that is wanted."""

    note: Billed
    again: Billed | None


def left_of(invoice_id: int) -> pl.DataFrame:
    """Return the lines of an issued invoice as CREDITABLE_LINES with `left_minor`, in their order."""
    lines = lines_of_invoices([invoice_id]).sort("original_line_no")
    return lines.with_columns(left_minor=pl.col("net_minor") - pl.col("credited_minor"))


def show_credit(asked: CreditAsked) -> CreditShown:
    """Return what `credit_invoice` would store; stores nothing. Raises what it does."""
    with transaction.atomic():
        return _computed(asked)


def credit_invoice(asked: CreditAsked, *, reason: str, by: User | None, now: datetime) -> Run:
    """Store a credit note for one invoice, and what bills it again, as drafts of a new run in review.

    Raises `NotCreditable`, `NothingLeft`, `MoreThanIsLeft`, `NoSuchLineToCredit`, `ReasonMissing`, `BooksClosed`,
    `CreditAsksForMoney`; `DaysGivenUp`, `AgainBelowZero` and `AgainTooLarge` where the days cannot be billed again,
    `CustomerDiffers` and `NoRateForCustomer` where they cannot be billed to that customer.
    """
    need_reason(reason)
    check_books_open(asked.invoice_date)
    with transaction.atomic():
        actions.lock_invoices([asked.invoice_id])
        shown = _computed(asked)
        run = _open_run(asked, by=by, now=now)
        stored = [store_billed(shown.note, run=run, shard=1)]
        if shown.again is not None:
            unmark_charged(
                list(InvoiceLine.objects.filter(invoice=asked.invoice_id).values_list("pk", flat=True))
            )
            stored.append(store_billed(shown.again, run=run, shard=1))
        actions.mark_shard_done(
            run_id=run.pk,
            shard=1,
            now=now,
            first_invoice=stored[0].first_invoice,
            invoices=sum(one.invoices for one in stored),
            lines=sum(one.lines for one in stored),
            exceptions=0,
        )
        credit_lines = InvoiceLine.objects.filter(invoice__run=run, kind="credit")
        actions.give_reasons(
            LineReason(line=line, reason=reason, given_by=by, given_at=now) for line in credit_lines
        )
        return actions.finish_generating(run.pk, now=now)


def _open_run(asked: CreditAsked, *, by: User | None, now: datetime) -> Run:
    """Open a run for the note that goes where its invoice went."""
    invoice = Invoice.objects.select_related("run", "number").get(pk=asked.invoice_id)
    selection = replace(
        Selection.from_json(invoice.run.selection),
        credit_basis="none",
        authorised=False,
        amalgamated=False,
        bills_again=asked.bills_again,
    )
    verb = "Credit and bill again" if asked.bills_again else "Credit of"
    return actions.open_run(
        Run(
            title=f"{verb} {invoice.number.number}",
            selection=selection.to_json(),
            cutoff=asked.invoice_date,
            invoice_date=asked.invoice_date,
            generated_by=by,
            started_at=now,
        ),
        shards=[
            RunShard(
                number=1, first_customer=invoice.customer_id, last_customer=invoice.customer_id, charges=0
            )
        ],
    )


def _computed(asked: CreditAsked) -> CreditShown:
    invoice = _creditable_invoice(asked.invoice_id)
    rounding = Rounding(the_organisation().rounding)
    lines = left_of(invoice.pk)
    note = credit_by_hand(
        lines.drop("left_minor"),
        amounts=_within_the_invoice(_amounts(asked, invoice, lines), invoice, lines),
        groups=tax_groups([invoice.pk]),
        originals=originals([invoice.pk]),
        bill_date=asked.invoice_date,
        rounding=rounding,
    )
    if not asked.bills_again:
        return CreditShown(note=note, again=None)
    repeated = lines.drop("left_minor").filter(pl.col("kind").is_in(REPEATED))
    charges = repeated.get_column("charge_id").drop_nulls().to_list()
    spans = {
        charge_id: (start, end)
        for charge_id, start, end in ChargeSpan.objects.filter(charge__in=charges).values_list(
            "charge_id", "billed_from", "billed_to"
        )
    }
    _check_days_stand(repeated, spans, name=invoice.number.number)
    again = bill_again(
        repeated,
        changes=asked.again,
        payer=payer_again(asked.customer or invoice.customer, invoice=invoice, tax_point=asked.invoice_date),
        spans=spans,
        document_type=invoice.document_type,
        rounding=rounding,
    )
    return CreditShown(note=note, again=again)


def _check_days_stand(
    repeated: pl.DataFrame, spans: Mapping[int, tuple[date | None, date | None]], *, name: str
) -> None:
    """Raise `DaysGivenUp` for a line some of whose days a credit that followed the dates set free (2.5, 2.6).

    The next run bills such days where they are served again, so the line is not to bill them as well.
    """
    for row in repeated.filter(pl.col("charge_id").is_not_null()).iter_rows(named=True):
        start, end = spans[row["charge_id"]]
        is_within = (
            start is not None and end is not None and start <= row["period_start"] < row["period_end"] <= end
        )
        if row["given_up"] or not is_within:
            raise DaysGivenUp(line=row["original_line_no"], name=name)


def _creditable_invoice(invoice_id: int) -> Invoice:
    """Return an invoice that is issued and no credit note itself. Raises `NotCreditable`."""
    chosen = queries.with_state(Invoice.objects.filter(pk=invoice_id)).select_related("run", "customer")
    invoice = chosen.get()
    state = queries.state_of(invoice, run=invoice.run)
    if invoice.document_type == DocumentType.CREDIT_NOTE:
        state = "a credit note"
    if state != "issued":
        raise NotCreditable(
            name=queries.names_of([invoice_id])[invoice_id], state=queries.STATE_WORDS.get(state, state)
        )
    return invoice


def _amounts(asked: CreditAsked, invoice: Invoice, lines: pl.DataFrame) -> dict[int, int]:
    """Return what is credited of each line by its id, in the line's sign; all that is left where nothing is said."""
    name = invoice.number.number
    rows = {row["original_line_no"]: row for row in lines.iter_rows(named=True)}
    unknown = sorted(set(asked.amounts) - set(rows))
    if unknown:
        raise NoSuchLineToCredit(name=name, line=unknown[0], lines=", ".join(map(str, rows)))
    if asked.bills_again or not asked.amounts:
        left = {number: row for number, row in rows.items() if is_left(row)}
        return _of_invoice(asked, name=name, currency=invoice.currency, rows=list(left.values()))
    return {
        rows[number]["line_id"]: _of_line(rows[number], amount, name=f"line {number} of {name}")
        for number, amount in asked.amounts.items()
    }


def _within_the_invoice(amounts: dict[int, int], invoice: Invoice, lines: pl.DataFrame) -> dict[int, int]:
    """Return *amounts*. Raises `MoreThanIsLeft`: a line that was adjusted down has more left than its invoice (6.4)."""
    left, credited = sum(lines.get_column("left_minor").to_list()), sum(amounts.values())
    if credited > max(left, 0):
        raise MoreThanIsLeft(
            what=invoice.number.number,
            left=format_minor(left, invoice.currency),
            amount=format_minor(credited, invoice.currency),
            currency=invoice.currency,
        )
    return amounts


def is_left(row: Mapping[str, Any]) -> bool:
    """Return whether something of a line is left to be credited: a line over 0.00 once."""
    return row["left_minor"] != 0 or (row["net_minor"] == 0 and row["credited_minor"] == 0)


def _of_invoice(
    asked: CreditAsked, *, name: str, currency: str, rows: Sequence[Mapping[str, int]]
) -> dict[int, int]:
    """Return all that is left of the invoice, or its *amount* spread over the lines by what is left of each."""
    left = sum(row["left_minor"] for row in rows)
    if not any(row["left_minor"] for row in rows):
        raise NothingLeft(what=name)
    if asked.amount is None or asked.bills_again:
        return {row["line_id"]: row["left_minor"] for row in rows}
    if not 0 < asked.amount <= left:
        raise MoreThanIsLeft(
            what=name,
            left=format_minor(left, currency),
            amount=format_minor(asked.amount, currency),
            currency=currency,
        )
    return {line: amount for line, amount in spread(asked.amount, rows).items() if amount}


def _of_line(row: Mapping[str, int], amount: int | None, *, name: str) -> int:
    left, currency = row["left_minor"], str(row["currency"])
    if not is_left(row):
        raise NothingLeft(what=name)
    if amount is None:
        return left
    if not 0 < amount <= abs(left):
        raise MoreThanIsLeft(
            what=name,
            left=format_minor(abs(left), currency),
            amount=format_minor(amount, currency),
            currency=currency,
        )
    return amount if left > 0 else -amount
