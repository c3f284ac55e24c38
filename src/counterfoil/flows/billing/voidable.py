"""Which of several documents can be voided, and what stands against the others (billing-rules 7.5, 12.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from counterfoil.flows.billing.blockers import FOR_ISSUED, Against, standing_against
from counterfoil.flows.billing.load import read
from counterfoil.flows.billing.review import SPANS_TO_SET_BACK
from counterfoil.records.billing import queries
from counterfoil.records.billing.models import Invoice, InvoiceLine
from counterfoil.records.billing.queries import live_invoices

NOT_ISSUED, BILLED_FURTHER = "not_issued", "billed_further"


@dataclass(frozen=True, kw_only=True)
class Voidable:
    """The documents that can be voided together, and what stands against the others."""

    invoices: Sequence[int]
    against: Sequence[Against]


def voidable_among(invoice_ids: Sequence[int]) -> Voidable:
    """Return which of *invoice_ids* `void_invoices` would void at this moment; changes nothing.

    Each of the others is counted once, under the first reason of those in the order of `FOR_ISSUED`.

    A document that only another of them stands against can go together with that one, unless that one cannot go.
    """
    chosen = queries.with_state(Invoice.objects.filter(pk__in=invoice_ids)).select_related("run")
    left: dict[int, list[int]] = {}
    against: dict[str, Against] = {}
    for invoice in chosen.order_by("pk"):
        if queries.state_of(invoice, run=invoice.run) == "issued":
            left.setdefault(invoice.run_id, []).append(invoice.pk)
        else:
            _add(against, Against.of(NOT_ISSUED, [invoice.pk]))
    while found := [one for run, pks in left.items() for one in what_stands_against(run, invoices=pks)]:
        gone: set[int] = set()
        for one in found:
            new = [(pk, why) for pk, why in one.named if pk not in gone]
            gone.update(pk for pk, _why in new)
            if new:
                _add(against, Against(kind=one.kind, documents=len({pk for pk, _why in new}), named=new))
        left = {run: [pk for pk in invoices if pk not in gone] for run, invoices in left.items()}
        left = {run: invoices for run, invoices in left.items() if invoices}
    return Voidable(
        invoices=sorted(pk for invoices in left.values() for pk in invoices), against=list(against.values())
    )


def _add(against: dict[str, Against], more: Against) -> None:
    before = against.get(more.kind)
    against[more.kind] = before.with_(more) if before else more


def what_stands_against(run_id: int, *, invoices: list[int] | None, most: int | None = None) -> list[Against]:
    """Return what stands against taking back *invoices* of one run together, None for all of it.

    Of each kind the first *most* documents are named, None for all.
    """
    spans = read("spans_to_set_back", SPANS_TO_SET_BACK, run=run_id, invoices=invoices)
    return stands_against(run_id, invoices=invoices, spans=spans, most=most)


def stands_against(
    run_id: int, *, invoices: list[int] | None, spans: pl.DataFrame, most: int | None
) -> list[Against]:
    """Return what `what_stands_against` does, where the *spans* to set back are at hand."""
    found = standing_against(run_id, invoices=invoices, kinds=FOR_ISSUED, most=most)
    charges = spans.drop_nulls("blocked_by").get_column("charge_id").to_list()
    if charges:
        lines = InvoiceLine.objects.filter(invoice__in=live_invoices(run_id, invoices=invoices))
        blocked = lines.filter(charge__in=charges).values_list("invoice_id", flat=True)
        pks = sorted(set(blocked))
        named = [(pk, "") for pk in (pks if most is None else pks[:most])]
        found.append(Against(kind=BILLED_FURTHER, documents=len(pks), named=named))
    return found
