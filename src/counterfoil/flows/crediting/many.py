"""Credit many invoices in full: one run with a credit note each, reviewed like every run (billing-rules 6.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import transaction

from counterfoil.core.money import Rounding
from counterfoil.core.refusals import Refusal
from counterfoil.engine.billing import Billed
from counterfoil.engine.credit_by_hand import CreditAsksForMoney, credit_by_hand, in_one
from counterfoil.flows.billing.persist import store_billed
from counterfoil.flows.billing.review import need_reason
from counterfoil.flows.billing.selection import Selection
from counterfoil.flows.closing import check_books_open
from counterfoil.flows.crediting.by_hand import is_left
from counterfoil.flows.crediting.loading import lines_of_invoices, originals, tax_groups
from counterfoil.records.billing import actions, queries
from counterfoil.records.billing.models import DocumentType, Invoice, InvoiceLine, LineReason, Run, RunShard
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import the_organisation

MOST_AT_ONCE = 1_000
CREDIT_NOTE, CREDITED, ASKS_FOR_MONEY = "credit_note", "credited", "asks_for_money"


class TooManyToCredit(Refusal):
    """{count} invoices are too many to credit at once. Credit up to {most}, then the others."""


class NothingToCredit(Refusal):
    """None of these documents can be credited: only issued invoices of which something is left. Nothing was stored."""


class WentDifferentWays(Refusal):
    """A run sends its credit notes one way, and these invoices went several: {ways}. Credit those of each way apart."""


@dataclass(frozen=True, kw_only=True)
class CreditOfMany:
    """What `credit_in_full` would store: the notes, of which *invoices*, and what is left out, by why.

    A reason is the state of a document, or `credit_note`, `credited` (nothing is left) or `asks_for_money` (5.5).
    """

    notes: Billed | None
    invoices: Sequence[int]
    left_out: Mapping[str, int]

    def totals(self) -> dict[str, tuple[int, int]]:
        """Return number and gross of the notes, by currency."""
        if self.notes is None:
            return {}
        summed = self.notes.invoices.group_by("currency").agg(pl.len(), pl.col("gross_minor").sum())
        return {code: (count, gross) for code, count, gross in summed.sort("currency").iter_rows()}


def show_credit_of_many(invoice_ids: Sequence[int], *, invoice_date: date) -> CreditOfMany:
    """Return what `credit_in_full` would store; stores nothing. Raises `TooManyToCredit` and `WentDifferentWays`."""
    if len(invoice_ids) > MOST_AT_ONCE:
        raise TooManyToCredit(count=len(invoice_ids), most=MOST_AT_ONCE)
    left_out: Counter[str] = Counter()
    chosen = _creditable(invoice_ids, left_out)
    selection_of_all(chosen)
    notes = _notes(chosen, left_out, bill_date=invoice_date)
    return CreditOfMany(
        notes=in_one(list(notes.values())) if notes else None, invoices=list(notes), left_out=left_out
    )


def credit_in_full(
    invoice_ids: Sequence[int], *, invoice_date: date, reason: str, by: User | None, now: datetime
) -> Run:
    """Store a credit note of all that is left of each invoice that can be credited, as drafts of one run in review.

    Their days stay billed. Raises as `show_credit_of_many` does, `ReasonMissing`, `BooksClosed` and `NothingToCredit`.
    """
    need_reason(reason)
    check_books_open(invoice_date)
    with transaction.atomic():
        actions.lock_invoices(list(invoice_ids))
        shown = show_credit_of_many(invoice_ids, invoice_date=invoice_date)
        if shown.notes is None:
            raise NothingToCredit
        run = _open_run(shown.invoices, invoice_date=invoice_date, by=by, now=now)
        stored = store_billed(shown.notes, run=run, shard=1)
        actions.mark_shard_done(
            run_id=run.pk,
            shard=1,
            now=now,
            first_invoice=stored.first_invoice,
            invoices=stored.invoices,
            lines=stored.lines,
            exceptions=0,
        )
        lines = InvoiceLine.objects.filter(invoice__run=run)
        actions.give_reasons(LineReason(line=one, reason=reason, given_by=by, given_at=now) for one in lines)
        return actions.finish_generating(run.pk, now=now)


def selection_of_all(invoices: Sequence[Invoice]) -> Selection:
    """Return how the notes of *invoices* are sent: as those were. Raises `WentDifferentWays`."""
    found = {
        replace(
            Selection(),
            connector=selection.connector,
            send_email=selection.send_email,
            kinds=(),
        )
        for selection in (Selection.from_json(one.run.selection) for one in invoices)
    }
    if len(found) > 1:
        raise WentDifferentWays(ways="; ".join(sorted(map(_way, found))))
    return found.pop() if found else Selection(kinds=())


def _way(selection: Selection) -> str:
    by_mail = "by e-mail" if selection.send_email else "not by e-mail"
    return f"{selection.connector or 'nowhere'}, {by_mail}"


def _creditable(invoice_ids: Sequence[int], left_out: Counter[str]) -> list[Invoice]:
    """Return the issued invoices among *invoice_ids*, and count the others by what they are."""
    chosen = queries.with_state(Invoice.objects.filter(pk__in=invoice_ids)).select_related("run")
    found = []
    for invoice in chosen.order_by("pk"):
        state = queries.state_of(invoice, run=invoice.run)
        if invoice.document_type == DocumentType.CREDIT_NOTE:
            state = CREDIT_NOTE
        if state == "issued":
            found.append(invoice)
        else:
            left_out[state] += 1
    return found


def _notes(invoices: Sequence[Invoice], left_out: Counter[str], *, bill_date: date) -> dict[int, Billed]:
    """Return by invoice the note over all that is left of it, and count those of which there is none."""
    ids = [invoice.pk for invoice in invoices]
    rounding = Rounding(the_organisation().rounding)
    groups, known = tax_groups(ids), originals(ids)
    by_invoice: dict[Any, pl.DataFrame] = lines_of_invoices(ids).partition_by("invoice_id", as_dict=True)
    notes = {}
    for invoice in invoices:
        lines = by_invoice[(invoice.pk,)]
        rows = [
            {**row, "left_minor": row["net_minor"] - row["credited_minor"]}
            for row in lines.iter_rows(named=True)
        ]
        amounts = {row["line_id"]: row["left_minor"] for row in rows if is_left(row)}
        if sum(amounts.values()) <= 0:
            left_out[CREDITED] += 1
            continue
        try:
            notes[invoice.pk] = credit_by_hand(
                lines,
                amounts=amounts,
                groups=groups.filter(pl.col("invoice_id") == invoice.pk),
                originals=known,
                bill_date=bill_date,
                rounding=rounding,
            )
        except CreditAsksForMoney:
            left_out[ASKS_FOR_MONEY] += 1
    return notes


def _open_run(invoice_ids: Sequence[int], *, invoice_date: date, by: User | None, now: datetime) -> Run:
    invoices = list(Invoice.objects.filter(pk__in=invoice_ids).select_related("run", "number"))
    payers = [invoice.customer_id for invoice in invoices]
    count = len(invoices)
    what = invoices[0].number.number if count == 1 else f"{count} invoices"
    return actions.open_run(
        Run(
            title=f"Credit of {what}",
            selection=selection_of_all(invoices).to_json(),
            cutoff=invoice_date,
            invoice_date=invoice_date,
            generated_by=by,
            started_at=now,
        ),
        shards=[RunShard(number=1, first_customer=min(payers), last_customer=max(payers), charges=0)],
    )
